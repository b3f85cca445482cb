using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>A chart of a table as a magic's line asks for it: <c>--chart bar --x carrier --y flights</c>.</summary>
/// <param name="Kind">One of <see cref="Chart.Kinds"/>.</param>
/// <param name="X">The column along the bottom.</param>
/// <param name="Y">The columns of the heights, one series each; a histogram has none.</param>
/// <param name="Color">The column whose values get a series and a colour each, or null.</param>
public sealed record ChartOptions(
    string Kind, string X, IReadOnlyList<string> Y, string? Color = null, string Title = "", bool LogScale = false, bool Stacked = false)
{
    /// <summary>The options, for the syntax of a magic.</summary>
    public static IReadOnlyList<MagicOption> Syntax { get; } =
    [
        new("chart", "Draw the result.", "KIND") { Choices = [.. Chart.Kinds] },
        new("x", "The column along the bottom of the chart.", "COLUMN"),
        new("y", "The column of the chart's heights; may be given more than once.", "COLUMN") { Repeatable = true },
        new("color", "The column whose values get a colour each.", "COLUMN"),
        new("title", "The chart's title.", "TEXT"),
        new("log", "Heights on a logarithmic scale.", null),
        new("stacked", "Bars and areas on top of each other.", null),
    ];

    /// <summary>What a magic's line asks for, or null where it asks for no chart.</summary>
    /// <exception cref="CellFaultException">A column is missing.</exception>
    public static ChartOptions? Of(MagicArguments arguments)
    {
        if (arguments.Text("chart") is not { } kind)
        {
            return null;
        }

        if (arguments.Text("x") is not { } x)
        {
            throw new CellFaultException(new(
                "KDL104", "'--chart' needs '--x COLUMN'.", $"For instance: --chart {kind} --x carrier --y flights",
                arguments.Place("chart")));
        }

        var y = arguments.Values("y").Select(value => value?.ToString() ?? "").ToArray();
        return new(kind, x, y, arguments.Text("color"), arguments.Text("title") ?? "", arguments.Has("log"), arguments.Has("stacked"));
    }
}
