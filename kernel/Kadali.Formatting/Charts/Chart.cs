using System.Globalization;
using System.Text;
using Kadali.Cells;
using ScottPlot;

namespace Kadali.Formatting;

/// <summary>
/// A chart of a table's columns. It is an SVG picture that reads on light and dark pages, so that it shows in every front end, on GitHub and in
/// nbconvert's pages; in a terminal it is bars of text.
/// </summary>
public sealed class Chart : IDisplayable
{
    private const int Width = 720;
    private const int Height = 400;
    private const int MaxBars = 60;
    private readonly string _kind;
    private readonly string _title;
    private readonly string _xName;
    private readonly string _yName;
    private readonly IReadOnlyList<(object? X, double Y)> _points;

    private Chart(string kind, string title, string xName, string yName, IEnumerable<(object? X, double Y)> points) =>
        (_kind, _title, _xName, _yName, _points) = (kind, title, xName, yName, [.. points]);

    /// <summary>The kinds that <see cref="Of"/> knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["bar", "line", "scatter", "histogram"];

    /// <summary>A bar for each item.</summary>
    public static Chart Bar<T>(IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y, string title = "") => new("bar", title, "", "", rows.Select(row => (x(row), y(row))));

    /// <summary>A line through the items, in their order.</summary>
    public static Chart Line<T>(IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y, string title = "") => new("line", title, "", "", rows.Select(row => (x(row), y(row))));

    /// <summary>A mark for each item.</summary>
    public static Chart Scatter<T>(IEnumerable<T> rows, Func<T, double> x, Func<T, double> y, string title = "") =>
        new("scatter", title, "", "", rows.Select(row => ((object?)x(row), y(row))));

    /// <summary>How often values fall into each of twenty ranges.</summary>
    public static Chart Histogram(IEnumerable<double> values, string title = "") => new("histogram", title, "", "", Bins([.. values.Where(double.IsFinite)]));

    /// <summary>A chart of two columns of a table.</summary>
    /// <exception cref="CellFaultException">A column does not exist, or the y column holds no numbers.</exception>
    public static Chart Of(string kind, IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, string x, string? y, string title = "")
    {
        var xIndex = Index(columns, x);
        if (kind == "histogram")
        {
            return new("histogram", title, x, "rows", Bins([.. rows.Where(row => row[xIndex] is not null).Select(row => Number(row[xIndex], x))]));
        }

        var yIndex = Index(columns, y ?? throw new CellFaultException(new("KDL320", $"A {kind} chart needs '--y COLUMN'.")));
        return new(kind, title, x, y, rows.Where(row => row[yIndex] is not null).Select(row => (row[xIndex], Number(row[yIndex], y))));
    }

    public MimeBundle ToMimeBundle() => new(new Dictionary<string, object> { [MimeBundle.Svg] = Svg(), [MimeBundle.Plain] = PlainText() });

    private static int Index(IReadOnlyList<TableColumn> columns, string name)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (string.Equals(columns[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        var near = Nearest.Of(name, columns.Select(column => column.Name));
        throw new CellFaultException(new(
            "KDL320", $"The result has no column '{name}' to chart.", near is null ? $"It has: {string.Join(", ", columns.Select(column => column.Name))}." : $"Did you mean '{near}'?"));
    }

    private static double Number(object? value, string column) => value switch
    {
        IConvertible number and not string and not DateTime => number.ToDouble(CultureInfo.InvariantCulture),
        System.Numerics.BigInteger big => (double)big,
        _ => throw new CellFaultException(new("KDL320", $"The column '{column}' holds '{ValueText.Of(value)}', which is no number.")),
    };

    private static IEnumerable<(object? X, double Y)> Bins(double[] values)
    {
        const int bins = 20;
        if (values.Length == 0)
        {
            return [];
        }

        double low = values.Min(), width = Math.Max((values.Max() - low) / bins, double.Epsilon);
        var counts = new int[bins];
        foreach (var value in values)
        {
            counts[Math.Min(bins - 1, (int)((value - low) / width))]++;
        }

        return counts.Select((count, i) => ((object?)Math.Round(low + (i * width), 2), (double)count));
    }

    private string Svg()
    {
        using var plot = new Plot();

        // Grey in the middle reads on white and on black; the page shows through.
        var ink = new Color(128, 128, 128);
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.Color(ink);
        plot.Grid.MajorLineColor = ink.WithAlpha(0.25);
        plot.Title(_title.Length > 0 ? _title : _yName.Length > 0 ? $"{_yName} by {_xName}" : "");
        plot.XLabel(_xName);
        plot.YLabel(_yName);
        var fill = new Color(66, 133, 190);
        if (_kind is "bar" or "histogram")
        {
            var shown = _points.Take(MaxBars).ToArray();
            var bars = plot.Add.Bars(shown.Select(point => point.Y).ToArray());
            bars.Color = fill;
            foreach (var bar in bars.Bars)
            {
                bar.LineWidth = 0;
            }

            plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, shown.Length).Select(i => (double)i)], [.. shown.Select(point => ValueText.Of(point.X))]);
            if (shown.Length > 12)
            {
                plot.Axes.Bottom.TickLabelStyle.Rotation = 60;
                plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleLeft;
            }

            plot.Axes.Margins(bottom: 0);
        }
        else
        {
            var dates = _points.Count > 0 && _points.All(point => point.X is DateTime or DateTimeOffset or DateOnly);
            var numbers = _points.All(point => point.X is IConvertible and not string and not DateTime and not bool);
            var xs = _points.Select((point, i) => dates ? Date(point.X!) : numbers ? Number(point.X, _xName) : i).ToArray();
            var ys = _points.Select(point => point.Y).ToArray();
            if (_kind == "line")
            {
                var line = plot.Add.ScatterLine(xs, ys, fill);
                line.LineWidth = 2;
            }
            else
            {
                plot.Add.ScatterPoints(xs, ys, fill);
            }

            if (dates)
            {
                plot.Axes.DateTimeTicksBottom();
                plot.Axes.Color(ink);
            }
            else if (!numbers)
            {
                plot.Axes.Bottom.SetTicks(xs, [.. _points.Select(point => ValueText.Of(point.X))]);
            }
        }

        return plot.GetSvgXml(Width, Height);
    }

    private static double Date(object value) => value switch
    {
        DateTime time => time.ToOADate(),
        DateTimeOffset time => time.UtcDateTime.ToOADate(),
        DateOnly day => day.ToDateTime(TimeOnly.MinValue).ToOADate(),
        _ => 0,
    };

    private string PlainText()
    {
        const int bars = 30;
        const int width = 40;
        if (_points.Count == 0)
        {
            return "(nothing to chart)";
        }

        var shown = _points.Take(bars).ToArray();
        var labels = shown.Select(point => ValueText.Of(point.X)).ToArray();
        var pad = labels.Max(label => label.Length);
        var top = shown.Max(point => Math.Abs(point.Y));
        var text = new StringBuilder();
        if (_title.Length > 0)
        {
            text.Append(_title).Append('\n');
        }

        for (var i = 0; i < shown.Length; i++)
        {
            var length = top > 0 ? (int)Math.Round(Math.Abs(shown[i].Y) / top * width) : 0;
            text.Append(labels[i].PadRight(pad)).Append(" │").Append('█', length).Append(' ').Append(ValueText.Of(Math.Round(shown[i].Y, 4))).Append('\n');
        }

        return _points.Count > bars ? text.Append($"… {_points.Count - bars} more").ToString() : text.ToString().TrimEnd();
    }
}
