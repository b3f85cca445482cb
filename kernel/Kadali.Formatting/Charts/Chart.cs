using System.Globalization;
using System.Text;
using Kadali.Cells;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

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
    private static readonly OxyColor Fill = OxyColor.FromRgb(66, 133, 190);
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
        // Grey in the middle reads on white and on black; the page shows through.
        var ink = OxyColor.FromRgb(128, 128, 128);
        var grid = OxyColor.FromArgb(60, 128, 128, 128);
        var model = new PlotModel
        {
            Title = _title.Length > 0 ? _title : _yName.Length > 0 ? $"{_yName} by {_xName}" : null,
            TitleFontSize = 14, TitleFontWeight = FontWeights.Normal, DefaultFont = "sans-serif", TextColor = ink, PlotAreaBorderColor = grid,
            Background = OxyColors.Transparent, Padding = new(8, 8, 16, 8),
        };
        var y = Styled(new LinearAxis { Position = AxisPosition.Left, Title = _yName, Key = "y", MinimumPadding = 0.02, MaximumPadding = 0.05 });
        model.Axes.Add(y);
        if (_kind is "bar" or "histogram")
        {
            var shown = _points.Take(MaxBars).ToArray();
            var x = Styled(new CategoryAxis { Position = AxisPosition.Bottom, Title = _xName, Key = "x", GapWidth = 0.25, Angle = Tilt(shown) });
            x.MajorGridlineStyle = LineStyle.None;
            x.Labels.AddRange(shown.Select(point => Label(point.X)));
            model.Axes.Add(x);

            // OxyPlot's bars lie; with the axes exchanged they stand.
            var bars = new BarSeries { XAxisKey = "y", YAxisKey = "x", FillColor = Fill, StrokeThickness = 0 };
            bars.Items.AddRange(shown.Select(point => new BarItem(point.Y)));
            model.Series.Add(bars);
        }
        else
        {
            var dates = _points.Count > 0 && _points.All(point => point.X is DateTime or DateTimeOffset or DateOnly);
            var numbers = _points.All(point => point.X is IConvertible and not string and not DateTime and not bool);
            var xs = _points.Select((point, i) => dates ? Date(point.X!) : numbers ? Number(point.X, _xName) : i);
            var points = xs.Zip(_points, (x, point) => new DataPoint(x, point.Y)).ToArray();
            Axis axis = dates ? Styled(new DateTimeAxis { Position = AxisPosition.Bottom, Title = _xName, Key = "x" })
                : numbers ? Styled(new LinearAxis { Position = AxisPosition.Bottom, Title = _xName, Key = "x", MinimumPadding = 0.02, MaximumPadding = 0.02 })
                : Styled(new CategoryAxis { Position = AxisPosition.Bottom, Title = _xName, Key = "x", Angle = Tilt(_points) });
            if (axis is CategoryAxis categories)
            {
                categories.Labels.AddRange(_points.Select(point => Label(point.X)));
            }

            model.Axes.Add(axis);
            if (_kind == "line")
            {
                var line = new LineSeries { XAxisKey = "x", YAxisKey = "y", Color = Fill, StrokeThickness = 2 };
                line.Points.AddRange(points);
                model.Series.Add(line);
            }
            else
            {
                var marks = new ScatterSeries { XAxisKey = "x", YAxisKey = "y", MarkerFill = Fill, MarkerType = MarkerType.Circle, MarkerSize = 3 };
                marks.Points.AddRange(points.Select(point => new ScatterPoint(point.X, point.Y)));
                model.Series.Add(marks);
            }
        }

        return new SvgExporter { Width = Width, Height = Height }.ExportToString(model);

        T Styled<T>(T axis)
            where T : Axis
        {
            (axis.TextColor, axis.TitleColor, axis.TicklineColor, axis.AxislineColor) = (ink, ink, grid, grid);
            (axis.MajorGridlineStyle, axis.MajorGridlineColor, axis.MinorTickSize) = (LineStyle.Solid, grid, 0);
            return axis;
        }
    }

    /// <summary>Labels that would run into each other are tilted.</summary>
    private static double Tilt(IReadOnlyCollection<(object? X, double Y)> points) => points.Sum(point => Label(point.X).Length + 2) > 95 ? -45 : 0;

    private static string Label(object? value)
    {
        const int length = 24;
        var text = ValueText.Of(value).ReplaceLineEndings(" ");
        return text.Length > length ? text[..(length - 1)] + "…" : text;
    }

    private static double Date(object value) => DateTimeAxis.ToDouble(value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        DateOnly day => day.ToDateTime(TimeOnly.MinValue),
        _ => (DateTime)value,
    });

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
