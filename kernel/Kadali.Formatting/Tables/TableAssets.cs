namespace Kadali.Formatting;

/// <summary>
/// The one style and script block of a notebook. It goes with the first table of a session; the script then serves all tables that follow. A
/// table without it, on GitHub for instance, is a plain table.
/// </summary>
public static class TableAssets
{
    private const string Block = """
        <style>
        .kadali-table{max-width:100%;overflow-x:auto;font-size:var(--jp-code-font-size,13px);color:var(--jp-ui-font-color1,inherit)}
        .kadali-table table{border-collapse:collapse;margin:0;border:0}
        .kadali-table th,.kadali-table td{padding:3px 10px;border:0;border-bottom:1px solid var(--jp-border-color2,#8884);text-align:left!important;white-space:pre;max-width:40em;overflow:hidden;text-overflow:ellipsis}
        .kadali-table th.n,.kadali-table td.n{text-align:right!important;font-variant-numeric:tabular-nums}
        .kadali-table th{cursor:pointer;user-select:none;font-weight:600;border-bottom:2px solid var(--jp-border-color1,#8888)}
        .kadali-table th[aria-sort=ascending]::after{content:" ▲"}.kadali-table th[aria-sort=descending]::after{content:" ▼"}
        .kadali-table tbody tr:hover{background:var(--jp-layout-color2,#8882)}
        .kadali-table td i{opacity:.5}
        .kadali-foot{display:flex;gap:.8em;align-items:center;padding:5px 2px;opacity:.85;font-size:90%}
        .kadali-foot input,.kadali-foot button{font:inherit;color:inherit;background:var(--jp-layout-color1,transparent);border:1px solid var(--jp-border-color1,#8888);border-radius:3px;padding:1px 7px}
        .kadali-foot button:disabled{opacity:.4}
        </style>
        <script>
        (()=>{if(window.kadaliTables)return;const PAGE=20;
        const set=root=>{if(root.dataset.on)return;root.dataset.on=1;
          const body=root.querySelector('tbody'),heads=[...root.querySelectorAll('th')],foot=root.querySelector('.kadali-foot'),all=[...body.rows];
          if(all.length<2)return;let rows=all,page=0,sort=-1,down=false;
          const make=(tag,text,on)=>{const e=document.createElement(tag);e.textContent=text;if(on)e.onclick=on;foot.append(e);return e};
          const find=document.createElement('input');find.type='search';find.placeholder='filter';find.setAttribute('aria-label','filter rows');foot.append(find);
          const prev=make('button','‹',()=>{page--;show()}),at=make('span',''),next=make('button','›',()=>{page++;show()});
          prev.setAttribute('aria-label','previous page');next.setAttribute('aria-label','next page');
          make('button','copy',async e=>{const t=[heads.map(h=>h.textContent),...rows.map(r=>[...r.cells].map(c=>c.textContent))].map(r=>r.join('\t')).join('\n');
            try{await navigator.clipboard.writeText(t)}catch{const a=document.createElement('textarea');a.value=t;root.append(a);a.select();document.execCommand('copy');a.remove()}
            e.target.textContent='copied';setTimeout(()=>e.target.textContent='copy',1200)});
          const val=(r,i)=>{const c=r.cells[i];return c.classList.contains('n')?(c.querySelector('i')?-Infinity:parseFloat(c.textContent.replace(/[,\s_]/g,''))):c.textContent};
          const show=()=>{const pages=Math.max(1,Math.ceil(rows.length/PAGE));page=Math.min(Math.max(0,page),pages-1);
            body.replaceChildren(...rows.slice(page*PAGE,page*PAGE+PAGE));at.textContent=`${page+1} / ${pages}`;prev.disabled=page<1;next.disabled=page>=pages-1;
            for(const e of[prev,at,next])e.style.display=pages>1?'':'none'};
          const order=()=>{const q=find.value.toLowerCase();rows=all.filter(r=>!q||r.textContent.toLowerCase().includes(q));
            if(sort>=0)rows.sort((a,b)=>{const x=val(a,sort),y=val(b,sort);return(x<y?-1:x>y?1:0)*(down?-1:1)});page=0;show()};
          find.oninput=order;
          heads.forEach((h,i)=>{h.tabIndex=0;const go=()=>{down=sort===i&&!down;sort=i;heads.forEach(x=>x.removeAttribute('aria-sort'));h.setAttribute('aria-sort',down?'descending':'ascending');order()};
            h.onclick=go;h.onkeydown=e=>{if(e.key==='Enter'||e.key===' '){e.preventDefault();go()}}});
          show()};
        const scan=()=>document.querySelectorAll('.kadali-table').forEach(set);
        window.kadaliTables=new MutationObserver(scan);window.kadaliTables.observe(document.body,{childList:true,subtree:true});scan()})();
        </script>
        """;

    private static readonly Lock Lock = new();
    private static string? _owner;
    private static string? _cell;
    private static bool _sent;

    /// <summary>A cell begins; running the one again that holds the block replaces its output, so the block goes with it again.</summary>
    /// <param name="cell">What tells cells apart: the front end's id, or the text.</param>
    public static void Begin(string cell)
    {
        lock (Lock)
        {
            _cell = cell;
            _sent &= _owner != cell;
        }
    }

    /// <summary>Sends the block again with the next table, as when the outputs were cleared.</summary>
    public static void Reset()
    {
        lock (Lock)
        {
            _sent = false;
        }
    }

    /// <summary>The block, or nothing where the session has sent it already.</summary>
    internal static string ForThisOutput()
    {
        lock (Lock)
        {
            if (_sent)
            {
                return "";
            }

            (_sent, _owner) = (true, _cell);
            return Block;
        }
    }
}
