using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>The options that every SQL cell takes.</summary>
internal sealed record SqlOptions(string? Name, string? Record, long? Limit, string? Chart, string? X, string? Y, string? Title)
{
    public static IReadOnlyList<MagicOption> Syntax { get; } =
    [
        new("name", "Keep the result in C# under this name, as a list of a record made from its columns.", "NAME"),
        new("record", "What to call that record.", "NAME"),
        new("limit", "Stop after so many rows.", "ROWS"),
        new("chart", "Draw the result.", "KIND") { Choices = [.. Formatting.Chart.Kinds] },
        new("x", "The column along the bottom of the chart.", "COLUMN"),
        new("y", "The column of the chart's heights.", "COLUMN"),
        new("title", "The chart's title.", "TEXT"),
    ];

    public static SqlOptions Of(Cell cell)
    {
        var name = Identifier(cell, "name");
        var chart = cell.Arguments.Text("chart");
        if (chart is not null && !cell.Arguments.Has("x"))
        {
            throw new CellFaultException(new("KDL104", "'--chart' needs '--x COLUMN'.", "For instance: --chart bar --x carrier --y flights"));
        }

        return new(name, Identifier(cell, "record"), RowLimit(cell), chart, cell.Arguments.Text("x"), cell.Arguments.Text("y"), cell.Arguments.Text("title"));
    }

    private static string? Identifier(Cell cell, string option)
    {
        var name = cell.Arguments.Text(option);
        return name is null || (name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_') && name.All(letter => char.IsLetterOrDigit(letter) || letter == '_'))
            ? name
            : throw new CellFaultException(new("KDL105", $"'--{option}' cannot be '{name}': it is to be a name in C#.", "Letters, digits and _, beginning with a letter."));
    }

    private static long? RowLimit(Cell cell) => cell.Arguments.Text("limit") is not { } text ? null
        : long.TryParse(text, out var limit) && limit >= 0 ? limit
        : throw new CellFaultException(new("KDL105", $"'--limit' cannot be '{text}'.", "It is a number of rows."));
}
