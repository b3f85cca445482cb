// What tables do in a browser: sort, filter, page, copy, profile and download. By themselves over the rows in the page; where something
// connects them to their kernel (the JupyterLab extension), over all rows.
(() => {
  if (window.kadaliTables) {
    window.kadaliTables.scan();
    return;
  }

  const PAGE = 20;
  const COPIED = 10000;
  const LABELS = { first: 'first page', previous: 'previous page', next: 'next page', last: 'last page' };
  const number = new Intl.NumberFormat('en-US');
  const seen = new WeakSet();
  const views = new Set();

  const tables = window.kadaliTables = {
    connect: null,
    scan: () => document.querySelectorAll('.kadali-table').forEach(root => {
      // The line below the table comes last: a page that is still being read has no whole table yet.
      if (!seen.has(root) && root.querySelector('.kadali-count')) {
        seen.add(root);
        views.add(new View(root));
      }
    }),
    // Gives tables a way to their kernel: connect(root) resolves to an object with ask(body, onProgress), or to null where there is none.
    attach: connect => {
      tables.connect = connect;
      for (const view of views) view.root.isConnected ? view.tools() : views.delete(view);
      tables.scan();
    },
  };

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  class View {
    constructor(root) {
      this.root = root;
      this.body = root.querySelector('tbody');
      this.heads = [...root.querySelectorAll('thead th')];
      this.foot = root.querySelector('.kadali-foot');
      this.embedded = [...this.body.rows];
      this.plain = root.querySelector('.kadali-count').textContent;
      this.more = root.dataset.more !== undefined;
      this.total = this.embedded.length;
      Object.assign(this, { page: 0, sort: -1, down: false, filter: '', turn: 0, rows: this.embedded, remote: false, busy: false });
      // Keys pressed here are not the notebook's: 'd d' would delete the cell.
      root.setAttribute('data-lm-suppress-shortcuts', 'true');
      const scroll = root.querySelector('.kadali-scroll');
      Object.assign(scroll, { tabIndex: 0 });
      scroll.setAttribute('role', 'region');
      scroll.setAttribute('aria-label', `Table, ${this.plain}`);
      this.heads.forEach((head, i) => this.heading(head, i));
      this.wholes();
      this.count = root.querySelector('.kadali-count');
      this.count.setAttribute('aria-live', 'polite');
      this.tools();
      this.local();
    }

    heading(head, i) {
      const order = () => {
        // Up, down, and back to the table's own order.
        const off = this.sort === i && this.down;
        this.down = this.sort === i && !this.down;
        this.sort = off ? -1 : i;
        this.heads.forEach(other => other.removeAttribute('aria-sort'));
        if (!off) head.setAttribute('aria-sort', this.down ? 'descending' : 'ascending');
        this.page = 0;
        this.show();
      };
      head.tabIndex = 0;
      head.onclick = order;
      head.onkeydown = event => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          order();
        }
      };
    }

    // A value too long for its column is told whole where it is pointed at, and shown whole where it is clicked.
    wholes() {
      const isCut = cell => cell.scrollWidth > cell.clientWidth;
      this.body.onmouseover = event => {
        const cell = event.target.closest('td');
        if (cell && isCut(cell)) cell.title = cell.textContent;
      };
      this.body.onclick = event => {
        const cell = event.target.closest('td');
        const selects = !getSelection().isCollapsed;
        if (cell && !selects && (isCut(cell) || cell.classList.contains('whole'))) cell.classList.toggle('whole');
      };
    }

    tools() {
      const button = (text, label, act) => {
        const made = make('button', { type: 'button', textContent: text, title: label, onclick: act });
        made.setAttribute('aria-label', label);
        return made;
      };
      const go = page => () => { this.page = page(); this.show(); };
      this.buttons = {
        first: button('«', LABELS.first, go(() => 0)),
        previous: button('‹', LABELS.previous, go(() => this.page - 1)),
        next: button('›', LABELS.next, go(() => this.page + 1)),
        last: button('»', LABELS.last, () => this.toLast()),
      };
      this.find = make('input', { type: 'search', placeholder: 'filter', value: this.filter });
      this.find.setAttribute('aria-label', 'filter rows');
      let pause;
      this.find.oninput = () => {
        clearTimeout(pause);
        pause = setTimeout(() => {
          this.filter = this.find.value;
          this.page = 0;
          this.show();
        }, this.reaches() ? 250 : 0);
      };
      this.note = make('span', { className: 'kadali-note' });
      this.note.setAttribute('role', 'status');
      const tools = [...Object.values(this.buttons)];
      if (this.embedded.length > 1 || this.more) tools.push(this.find, button('Copy', 'copy rows', event => this.copy(event.target)));
      if (this.reachable()) {
        const profile = button('Profile', 'profile of each column', () => this.profile(profile));
        profile.setAttribute('aria-pressed', 'false');
        tools.push(profile, button('CSV', 'download as CSV', () => this.download('csv')));
        if (this.root.dataset.formats?.includes('parquet')) {
          tools.push(button('Parquet', 'download as Parquet', () => this.download('parquet')));
        }
      }
      this.foot.replaceChildren(this.count, ...tools, this.note);
      this.status();
    }

    // Whether there is a kernel to ask about this table.
    reachable() {
      return tables.connect !== null && this.root.dataset.kadaliTable !== undefined;
    }

    // Whether there is something to ask it for: rows that are not in the page.
    reaches() {
      return this.reachable() && this.more;
    }

    // Where nobody knows yet how many rows there are, the kernel reads them all to tell.
    toLast() {
      return this.doing(async () => {
        if (!Number.isFinite(this.total)) {
          this.say('Counting rows …');
          this.total = (await this.ask({ do: 'count', ...this.order() })).total;
        }
        this.page = Math.ceil(this.total / PAGE) - 1;
        await this.show();
      });
    }

    async show() {
      const turn = ++this.turn;
      const beyond = this.sort >= 0 || this.filter || (this.page + 1) * PAGE > this.embedded.length || this.remote;
      if (!this.reaches() || !beyond) {
        this.local();
        return;
      }
      try {
        const reply = await this.ask({ do: 'page', offset: this.page * PAGE, count: PAGE, ...this.order() });
        if (turn !== this.turn) return;
        Object.assign(this, { remote: true, total: reply.total ?? Infinity, end: reply.end, matching: reply.matching });
        this.body.replaceChildren(...reply.rows.map(row => this.row(row)));
        this.say(reply.note ?? '');
        this.shown = reply.rows.length;
        this.status();
      } catch (error) {
        if (turn !== this.turn) return;
        this.remote = false;
        this.page = Math.min(this.page, Math.ceil(this.embedded.length / PAGE) - 1);
        this.local();
        this.say(error.message, true);
      }
    }

    local() {
      const wanted = this.filter.toLowerCase();
      const rows = this.embedded.filter(row => !wanted || [...row.cells].some(cell => cell.textContent.toLowerCase().includes(wanted)));
      if (this.sort >= 0) {
        const value = row => {
          const cell = row.cells[this.sort];
          return cell.querySelector('i') ? null : cell.classList.contains('n') ? parseFloat(cell.textContent) : cell.textContent;
        };
        const sign = this.down ? -1 : 1;
        rows.sort((one, other) => {
          const [a, b] = [value(one), value(other)];
          // No value comes last, whichever way.
          return a === null || b === null ? (a === null) - (b === null) : a < b ? -sign : a > b ? sign : 0;
        });
      }
      Object.assign(this, { rows, total: rows.length, matching: !!wanted, end: true, remote: false });
      this.page = Math.max(0, Math.min(this.page, Math.ceil(rows.length / PAGE) - 1));
      const page = rows.slice(this.page * PAGE, (this.page + 1) * PAGE);
      this.shown = page.length;
      this.body.replaceChildren(...page);
      this.say(this.more && (this.sort >= 0 || wanted) ? `Among the first ${number.format(this.embedded.length)} rows only.` : '');
      this.status();
    }

    status() {
      const { first, previous, next, last } = this.buttons;
      const pages = this.reaches() && !this.remote && !this.filter && this.sort < 0 ? Infinity : Math.ceil(this.total / PAGE);
      const known = this.remote ? this.total : this.more && this.root.dataset.more ? Number(this.root.dataset.more) : this.total;
      if (this.reaches() && !this.remote && !this.filter && this.sort < 0) this.total = this.root.dataset.more ? known : Infinity;
      first.disabled = previous.disabled = this.page < 1;
      next.disabled = this.page >= pages - 1 || (this.remote && this.end);
      last.disabled = next.disabled;
      const paged = pages > 1 || this.page > 0;
      for (const button of [first, previous, next, last]) button.hidden = !paged;
      if (!paged && !this.matching) {
        this.count.textContent = this.plain;
        return;
      }
      const from = this.page * PAGE;
      const range = this.shown ? `${number.format(from + 1)}–${number.format(from + this.shown)}` : 'none';
      const rows = Number.isFinite(this.total) ? number.format(this.total) : 'many';
      this.count.textContent = this.matching ? `${range} of ${rows} that match`
        : this.reaches() ? `${range} of ${rows} rows`
        : this.more ? `${range} · ${this.plain}` : `${range} of ${this.plain}`;
    }

    row(values) {
      const row = document.createElement('tr');
      values.forEach((value, i) => {
        const cell = row.insertCell();
        cell.className = this.heads[i]?.className ?? '';
        cell.append(value === null ? make('i', { textContent: 'null' }) : value);
      });
      return row;
    }

    order() {
      return { ...(this.sort >= 0 && { sort: this.sort, descending: this.down }), ...(this.filter && { filter: this.filter }) };
    }

    async ask(body, onProgress) {
      this.channel = this.channel?.open ? this.channel : await tables.connect(this.root);
      if (!this.channel) throw new Error('The kernel of this table is not running: run the cell again.');
      return this.channel.ask(body, onProgress);
    }

    say(text, bad = false) {
      this.note.textContent = text;
      this.note.classList.toggle('bad', bad);
    }

    // One thing at a time; what fails says why under the table.
    async doing(act) {
      if (this.busy) return;
      this.busy = true;
      try {
        await act();
      } catch (error) {
        this.say(error.message, true);
      }
      this.busy = false;
    }

    copy(button) {
      return this.doing(async () => {
        const rows = this.remote
          ? (await this.ask({ do: 'page', offset: 0, count: COPIED, ...this.order() })).rows.map(row => row.map(value => value ?? ''))
          : this.rows.map(row => [...row.cells].map(cell => (cell.querySelector('i') ? '' : cell.textContent)));
        const flat = value => value.replace(/[\t\r\n]+/g, ' ');
        const text = [this.heads.map(head => head.textContent), ...rows].map(row => row.map(flat).join('\t')).join('\n');
        try {
          await navigator.clipboard.writeText(text);
        } catch {
          // A page without https has no clipboard but this one.
          const area = make('textarea', { value: text });
          this.root.append(area);
          area.select();
          document.execCommand('copy');
          area.remove();
        }
        button.textContent = `Copied ${number.format(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`;
        setTimeout(() => { button.textContent = 'Copy'; }, 1500);
      });
    }

    download(format) {
      return this.doing(async () => {
        const parts = [];
        let size = 0;
        this.say(`Writing ${format === 'csv' ? 'CSV' : 'Parquet'} …`);
        let reply = await this.ask({ do: 'export', format, ...this.order() });
        while (!reply.end) {
          parts.push(...reply.buffers);
          size += reply.buffers.reduce((sum, part) => sum + part.byteLength, 0);
          this.say(`${(size / 1e6).toFixed(1)} MB …`);
          reply = await this.ask({ do: 'more' });
        }
        const link = make('a', { href: URL.createObjectURL(new Blob(parts, { type: reply.type })), download: reply.name });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
        this.say(`${reply.name}: ${(size / 1e6).toFixed(1)} MB.${reply.note ? ` ${reply.note}` : ''}`);
      });
    }

    profile(button) {
      const shown = this.root.querySelector('.kadali-profile');
      if (shown) {
        shown.remove();
        button.setAttribute('aria-pressed', 'false');
        return undefined;
      }
      return this.doing(async () => {
        this.say('Reading all rows …');
        const reply = await this.ask({ do: 'profile' }, progress => this.say(`Reading all rows … ${number.format(progress)}`));
        const row = make('tr', { className: 'kadali-profile' }, ...reply.columns.map(column => this.column(column, reply.rows)));
        this.root.querySelector('thead').append(row);
        button.setAttribute('aria-pressed', 'true');
        this.say(`Profile of ${number.format(reply.rows)} rows.${reply.note ? ` ${reply.note}` : ''}`);
      });
    }

    column(column, rows) {
      const cell = document.createElement('td');
      if (column.bars) {
        const top = Math.max(...column.bars);
        const picture = make('div', { className: 'bars' }, ...column.bars.map(count => {
          const bar = document.createElement('span');
          bar.style.height = `${(100 * count) / top}%`;
          return bar;
        }));
        picture.setAttribute('role', 'img');
        picture.setAttribute('aria-label', `histogram from ${column.min} to ${column.max}`);
        cell.append(picture, make('div', { className: 'ends' }, make('span', {}, column.min), make('span', {}, column.max)));
      }
      for (const { value, count } of column.top ?? []) {
        const share = rows ? (100 * count) / rows : 0;
        const percent = `${share.toFixed(share < 10 ? 1 : 0)}%`;
        const line = make('div', { className: 'top', title: value }, make('span', {}, value), make('span', {}, percent));
        line.style.setProperty('--share', `${share}%`);
        cell.append(line);
      }
      const facts = [`${column.approximate ? '≈' : ''}${number.format(column.distinct)} distinct`];
      if (column.mean) facts.push(`mean ${column.mean}`);
      facts.push(column.nulls ? `${number.format(column.nulls)} null (${((100 * column.nulls) / rows).toFixed(1)}%)` : 'no nulls');
      cell.append(make('div', { className: 'facts' }, facts.join(' · ')));
      return cell;
    }
  }

  // A notebook takes cells that are out of sight from the page, and their style with them.
  const style = document.querySelector('style.kadali-style');
  if (style && !document.head.querySelector('style.kadali-style')) document.head.append(style.cloneNode(true));
  new MutationObserver(tables.scan).observe(document.documentElement, { childList: true, subtree: true });
  tables.scan();
})();
