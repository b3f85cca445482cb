using System.Net;
using System.Text;
using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>A plan as a tree: to fold in a browser, and of lines in a terminal.</summary>
internal static class PlanView
{
    private const int DetailWidth = 100;

    public static MimeBundle Of(PlanNode plan)
    {
        var text = new StringBuilder();
        Text(text, plan, "", "");
        var html = new StringBuilder("<div class=\"kadali-plan\">");
        Html(html, plan);
        return MimeBundle.Of(MimeBundle.Html, html.Append("</div>").ToString(), text.ToString().TrimEnd());
    }

    private static void Text(StringBuilder text, PlanNode node, string head, string indent)
    {
        text.Append(head).Append(Title(node));
        if (node.Details.Count > 0)
        {
            text.Append("  ").Append(Clip(string.Join("; ", node.Details.Select(detail => $"{detail.Key}: {detail.Value}"))));
        }

        text.Append('\n');
        for (var i = 0; i < node.Children.Count; i++)
        {
            var last = i == node.Children.Count - 1;
            Text(text, node.Children[i], indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
        }
    }

    private static void Html(StringBuilder html, PlanNode node)
    {
        html.Append($"<details open style=\"margin-left:1.2em\"><summary><code>{Encode(node.Name)}</code>");
        if (node.Rows is { } rows)
        {
            html.Append($" <small>about {rows:N0} {(rows == 1 ? "row" : "rows")}</small>");
        }

        html.Append("</summary>");
        foreach (var (name, value) in node.Details)
        {
            html.Append($"<div style=\"margin-left:1.2em\"><small>{Encode(name)}: <code>{Encode(value)}</code></small></div>");
        }

        foreach (var child in node.Children)
        {
            Html(html, child);
        }

        html.Append("</details>");
    }

    private static string Title(PlanNode node) =>
        node.Rows is { } rows ? $"{node.Name} (~{rows:N0} {(rows == 1 ? "row" : "rows")})" : node.Name;

    private static string Clip(string text) => TextCut.Clip(text, DetailWidth);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
