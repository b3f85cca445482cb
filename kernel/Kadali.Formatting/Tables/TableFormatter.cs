using System.Globalization;
using System.Net;
using System.Text;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>
/// The first rows of a table as HTML and as text. The HTML sorts, filters, pages and copies by itself, without any address outside; a front
/// end that is connected to the kernel reads the other rows from <see cref="ShownTables"/>.
/// </summary>
public static class TableFormatter
{
    /// <summary>Rows that go into the notebook.</summary>
    public const int EmbeddedRows = 200;

    private const int EmbeddedCells = 20_000;
    private const int EmbeddedColumns = 200;
    private const int CellLength = 400;

    /// <summary>A table that can be paged from its front end as long as it is among those shown last.</summary>
    /// <param name="note">A line under the table, or null.</param>
    public static MimeBundle Format(ITable table, string? note = null)
    {
        // One row more than is shown tells whether there are more, where the table does not know its length. Formatters do not await: a
        // table of rows that are there answers at once, and one that reads from elsewhere holds only the thread of the cell that shows it.
        var reading = table.ReadAsync(new(0, EmbeddedRows + 1), CancellationToken.None);
        var rows = reading.IsCompletedSuccessfully ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
        return Format(table, rows, note);
    }

    /// <inheritdoc cref="Format(ITable, string?)"/>
    /// <param name="rows">Its first rows, one more than <see cref="EmbeddedRows"/> where there are more.</param>
    public static MimeBundle Format(ITable table, IReadOnlyList<object?[]> rows, string? note = null) =>
        Format(table.Columns, rows, table.RowCount, note, rows.Count > 0 ? ShownTables.Add(table) : null);

    /// <summary>A table that is only what is shown of it.</summary>
    /// <param name="rows">The first rows, one more than <see cref="EmbeddedRows"/> where there are more.</param>
    /// <param name="total">How many there are in all, or null.</param>
    /// <param name="note">A line under the table, or null.</param>
    public static MimeBundle Format(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, long? total, string? note = null) =>
        Format(columns, rows, total, note, null);

    /// <summary>A table of text: aligned, numbers to the right, nulls visible.</summary>
    public static string Text(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, long? total, string? note = null) =>
        TableText.Of(columns, rows, total, note);

    /// <summary>The columns that a page can take.</summary>
    internal static int Width(IReadOnlyList<TableColumn> columns) => Math.Min(columns.Count, EmbeddedColumns);

    /// <summary>A value as a page shows it.</summary>
    internal static string Cell(object value) => ValueText.Of(value, CellLength);

    private static MimeBundle Format(
        IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, long? total, string? note, string? id)
    {
        var width = Width(columns);
        var embedded = Math.Min(EmbeddedRows, Math.Max(20, EmbeddedCells / Math.Max(1, width)));
        var more = rows.Count > embedded;
        total ??= rows.Count > EmbeddedRows ? null : rows.Count;
        if (width < columns.Count)
        {
            note = string.Join(" · ", ((string?[])[note, $"the first {width:N0} of {columns.Count:N0} columns"]).OfType<string>());
        }

        var html = new StringBuilder(TableAssets.ForThisOutput());
        html.Append("<div class=\"kadali-table\"");
        if (id is not null)
        {
            html.Append($" data-kadali-table=\"{id}\" data-formats=\"{ShownTables.Formats}\"");
        }

        if (more)
        {
            html.Append(CultureInfo.InvariantCulture, $" data-more=\"{total}\"");
        }

        html.Append("><div class=\"kadali-scroll\"><table><thead><tr>");
        for (var i = 0; i < width; i++)
        {
            var column = columns[i];
            html.Append($"<th scope=\"col\" class=\"{Class(column)}\"{Right(column)} title=\"{Encode(column.Type)}\">")
                .Append($"{Encode(column.Name)}</th>");
        }

        html.Append("</tr></thead><tbody>");
        foreach (var row in more ? rows.Take(embedded) : rows)
        {
            html.Append("<tr>");
            for (var i = 0; i < width; i++)
            {
                html.Append(columns[i].IsNumeric ? "<td class=\"n\" align=\"right\">" : "<td>")
                    .Append(row[i] is { } value ? Encode(Cell(value)) : "<i>null</i>").Append("</td>");
            }

            html.Append("</tr>");
        }

        var count = !more ? $"{total:N0} {(total == 1 ? "row" : "rows")}"
            : total is { } known ? $"first {embedded:N0} of {known:N0} rows" : $"first {embedded:N0} rows, there are more";
        html.Append("</tbody></table></div><div class=\"kadali-foot\"><span class=\"kadali-count\">")
            .Append(count).Append(note is null ? "" : " · " + Encode(note)).Append("</span></div></div>");
        return MimeBundle.Of(MimeBundle.Html, html.ToString(), TableText.Of(columns, rows, total, note));
    }

    private static string Class(TableColumn column) => column.IsNumeric ? "n" : "t";

    /// <summary>Where no style is (GitHub), numbers still stand to the right.</summary>
    private static string Right(TableColumn column) => column.IsNumeric ? " align=\"right\"" : "";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
