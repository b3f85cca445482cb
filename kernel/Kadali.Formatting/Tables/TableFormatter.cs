using System.Net;
using System.Text;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>The first page of a table as HTML and as text. The HTML sorts, filters, pages and copies by itself, without any address outside.</summary>
public static class TableFormatter
{
    /// <summary>Rows that go into the notebook.</summary>
    public const int EmbeddedRows = 200;

    private const int TextRows = 20;
    private const int TextWidth = 40;

    public static MimeBundle Format(ITable table)
    {
        // One row more than is shown tells whether there are more, where the table does not know its length.
        var reading = table.ReadAsync(new(0, EmbeddedRows + 1), CancellationToken.None);
        var rows = reading.IsCompletedSuccessfully ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
        return Format(table.Columns, rows, table.RowCount);
    }

    /// <param name="rows">The first rows, one more than <see cref="EmbeddedRows"/> where there are more.</param>
    /// <param name="total">How many there are in all, or null.</param>
    /// <param name="note">A line under the table, or null.</param>
    public static MimeBundle Format(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, long? total, string? note = null)
    {
        var more = rows.Count > EmbeddedRows;
        var shown = more ? [.. rows.Take(EmbeddedRows)] : rows;
        total ??= more ? null : rows.Count;
        return MimeBundle.Of(MimeBundle.Html, Html(columns, shown, total, more, note), Text(columns, rows, total, note));
    }

    /// <summary>A table of text: aligned, numbers to the right, nulls visible.</summary>
    public static string Text(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, long? total, string? note = null)
    {
        if (columns.Count == 0)
        {
            return note ?? "(no columns)";
        }

        var cells = rows.Take(TextRows).Select(row => row.Select(value => Clip(ValueText.Of(value))).ToArray()).ToArray();
        var widths = columns.Select((column, i) => cells.Select(row => row[i].Length).Append(Clip(column.Name).Length).Max()).ToArray();
        var text = new StringBuilder();
        Line(columns.Select(column => Clip(column.Name)).ToArray());
        text.AppendLine(string.Join("─┼─", widths.Select(width => new string('─', width))));
        foreach (var row in cells)
        {
            Line(row);
        }

        if (total is null || total > cells.Length)
        {
            text.AppendLine(total is { } count ? $"… {count - cells.Length:N0} more rows" : "… more rows");
        }

        return text.Append(note ?? "").ToString().TrimEnd();

        void Line(string[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                var padded = columns[i].IsNumeric ? values[i].PadLeft(widths[i]) : values[i].PadRight(widths[i]);
                text.Append(i == 0 ? "" : " │ ").Append(padded);
            }

            while (text.Length > 0 && text[^1] == ' ')
            {
                text.Length--;
            }

            text.Append('\n');
        }
    }

    private static string Clip(string value)
    {
        var line = value.ReplaceLineEndings("↵");
        return line.Length > TextWidth ? line[..(TextWidth - 1)] + "…" : line;
    }

    private static string Html(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, long? total, bool more, string? note)
    {
        var html = new StringBuilder(TableAssets.ForThisOutput());
        html.Append("<div class=\"kadali-table\"><table><thead><tr>");
        foreach (var column in columns)
        {
            html.Append($"<th scope=\"col\" class=\"{(column.IsNumeric ? "n" : "t")}\" title=\"{Encode(column.Type)}\">{Encode(column.Name)}</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            html.Append("<tr>");
            for (var i = 0; i < columns.Count; i++)
            {
                html.Append(columns[i].IsNumeric ? "<td class=\"n\">" : "<td>")
                    .Append(row[i] is null ? "<i>null</i>" : Encode(ValueText.Of(row[i])))
                    .Append("</td>");
            }

            html.Append("</tr>");
        }

        var count = total is { } known ? (more ? $"{rows.Count:N0} of {known:N0} rows" : $"{known:N0} {(known == 1 ? "row" : "rows")}") : $"the first {rows.Count:N0} rows, there are more";
        return html.Append($"</tbody></table><div class=\"kadali-foot\"><span>{count}{(note is null ? "" : " · " + Encode(note))}</span></div></div>").ToString();
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
