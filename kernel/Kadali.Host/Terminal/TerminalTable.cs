using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Kadali.Host.Terminal;

/// <summary>
/// A table of text that fits a terminal: the columns that have room, the last of them cut where that saves it, and under the table the
/// names of those that have none. What is no table, or fits already, stays as it is.
/// </summary>
internal static partial class TerminalTable
{
    private const char Bar = '│';
    private const int Gap = 3;

    /// <summary>A column narrower than this says too little to be worth cutting.</summary>
    private const int Least = 12;

    public static string Fit(string text, int width)
    {
        var lines = text.Split('\n');
        var rule = Array.FindIndex(lines, line => line.Length > 2 && line.All(letter => letter is '─' or '┼'));
        if (rule < 1 || lines.All(line => TextWidth.Of(line) <= width))
        {
            return text;
        }

        var columns = lines[rule].Split('┼').Length;
        var end = rule + 1;
        while (end < lines.Length && Cells(lines[end]).Length == columns)
        {
            end++;
        }

        // One column has no bars to find its rows by, and a name with a bar in it would be two: such lines are cut as they are.
        return columns < 2 || Cells(lines[rule - 1]).Length != columns
            ? string.Join('\n', lines.Select(line => TextWidth.Fit(line, width)))
            : Table(lines, rule, end, width);
    }

    private static string Table(string[] lines, int rule, int end, int width)
    {
        var rows = lines[(rule - 1)..end].Where((_, index) => index != 1).Select(Cells).ToArray();
        var widths = Enumerable.Range(0, rows[0].Length)
            .Select(column => rows.Max(row => TextWidth.Of(row[column].AsSpan().TrimEnd()))).ToArray();
        var shown = Shown(widths, width);
        var text = new StringBuilder();
        foreach (var line in lines[..(rule - 1)])
        {
            text.Append(TextWidth.Fit(line, width)).Append('\n');
        }

        for (var row = 0; row < rows.Length; row++)
        {
            text.Append(Row(rows[row], shown)).Append('\n');
            if (row == 0)
            {
                text.AppendJoin("─┼─", shown.Select(columns => new string('─', columns))).Append('\n');
            }
        }

        text.Append(Below(lines[end..], [.. rows[0][shown.Count..].Select(name => name.Trim())], width));
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>What stands under the rows. The text may itself tell of columns for which a page has no room: with ours they are one
    /// list.</summary>
    private static string Below(IEnumerable<string> lines, List<string> left, int width)
    {
        var others = new List<string>();
        var count = left.Count;
        foreach (var line in lines)
        {
            if (MoreColumns.Match(line) is { Success: true } more)
            {
                count += int.Parse(more.Groups["count"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
                left.Add(more.Groups["names"].Value);
            }
            else
            {
                others.Add(line);
            }
        }

        if (count > 0)
        {
            others.Add(TextWidth.Wrap($"… {count:N0} more {(count == 1 ? "column" : "columns")}: {string.Join(", ", left)}", width));
        }

        return string.Join('\n', others);
    }

    /// <summary>How wide the columns are for which there is room.</summary>
    private static List<int> Shown(int[] widths, int width)
    {
        var shown = new List<int>();
        var used = -Gap;
        foreach (var column in widths)
        {
            var room = width - used - Gap;
            if (column > room && room < Least && shown.Count > 0)
            {
                break;
            }

            shown.Add(Math.Min(column, Math.Max(1, room)));
            used += Gap + shown[^1];
        }

        return shown;
    }

    private static string Row(string[] cells, List<int> widths) => string.Join(" │ ", widths.Select((width, column) =>
    {
        var cell = TextWidth.Fit(cells[column].TrimEnd(), width);
        return cell + new string(' ', Math.Max(0, width - TextWidth.Of(cell)));
    })).TrimEnd();

    private static string[] Cells(string line)
    {
        var cells = line.Split(Bar);
        for (var index = 0; index < cells.Length; index++)
        {
            // The blanks beside a bar belong to it; those before a number to the number.
            cells[index] = index > 0 && cells[index].StartsWith(' ') ? cells[index][1..] : cells[index];
        }

        return cells;
    }

    [GeneratedRegex("^… (?<count>[0-9,]+) more columns?: (?<names>.*)$")]
    private static partial Regex MoreColumns { get; }
}
