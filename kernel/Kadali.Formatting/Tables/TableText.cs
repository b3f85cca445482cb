using System.Text;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>
/// A table of text for terminals and screen readers: aligned, numbers to the right, nulls visible, and of no more columns than make sense
/// in a line.
/// </summary>
internal static class TableText
{
    private const int Rows = 20;
    private const int CellWidth = 40;
    private const int LineWidth = 400;

    public static string Of(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, long? total, string? note)
    {
        if (columns.Count == 0)
        {
            return note ?? "(no columns)";
        }

        var shown = Math.Min(rows.Count, Rows);
        var cells = new List<string[]>();
        var widths = new List<int>();
        var width = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            string[] column = [Clip(columns[i].Name), .. rows.Take(shown).Select(row => Clip(ValueText.Of(row[i], CellWidth + 1)))];
            var wide = column.Max(cell => cell.Length);
            width += wide + 3;
            if (i > 0 && width > LineWidth)
            {
                break;
            }

            cells.Add(column);
            widths.Add(wide);
        }

        var text = new StringBuilder();
        for (var row = 0; row <= shown; row++)
        {
            for (var i = 0; i < cells.Count; i++)
            {
                text.Append(i == 0 ? "" : " │ ")
                    .Append(columns[i].IsNumeric ? cells[i][row].PadLeft(widths[i]) : cells[i][row].PadRight(widths[i]));
            }

            while (text.Length > 0 && text[^1] == ' ')
            {
                text.Length--;
            }

            text.Append('\n');
            if (row == 0)
            {
                text.AppendJoin("─┼─", widths.Select(wide => new string('─', wide))).Append('\n');
            }
        }

        if (total is null || total > shown)
        {
            text.Append(total is { } count ? $"… {count - shown:N0} more {(count - shown == 1 ? "row" : "rows")}\n" : "… more rows\n");
        }

        if (cells.Count < columns.Count)
        {
            var left = columns.Skip(cells.Count).Select(column => column.Name).ToArray();
            text.Append(
                $"… {left.Length:N0} more {(left.Length == 1 ? "column" : "columns")}: {Clip(string.Join(", ", left), LineWidth / 2)}\n");
        }

        return text.Append(note ?? "").ToString().TrimEnd();
    }

    private static string Clip(string value) => Clip(value, CellWidth);

    private static string Clip(string value, int width) => TextCut.Clip(value.ReplaceLineEndings("↵").Replace('\t', ' '), width);
}
