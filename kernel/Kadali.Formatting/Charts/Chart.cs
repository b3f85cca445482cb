using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>
/// A chart of a sequence or of a table's columns. It is an SVG picture that reads on light and dark pages, so that it shows in every front
/// end, on GitHub and in nbconvert's pages; in a terminal it is drawn with letters.
/// </summary>
public sealed class Chart : IDisplayable
{
    private readonly List<ChartSeries> _series;

    private Chart(string kind, string title, IEnumerable<ChartSeries> series) => (Kind, Title, _series) = (kind, title, [.. series]);

    /// <summary>The kinds there are.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["bar", "line", "area", "scatter", "histogram", "pie"];

    /// <summary>Its kind, one of <see cref="Kinds"/>.</summary>
    public string Kind { get; }

    public string Title { get; private set; }

    /// <summary>What stands along the bottom.</summary>
    public string XTitle { get; private set; } = "";

    /// <summary>What stands along the side.</summary>
    public string YTitle { get; private set; } = "";

    internal string Note { get; private set; } = "";

    internal IReadOnlyList<ChartSeries> Series => _series;

    internal bool IsLogarithmic { get; private set; }

    internal bool IsStacked { get; private set; }

    internal (int Width, int Height) Size { get; private set; } = (720, 400);

    /// <summary>A bar for each item; with <paramref name="color"/>, bars of several colours side by side.</summary>
    public static Chart Bar<T>(
        IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y, string title = "", Func<T, object?>? color = null) =>
        Of("bar", rows, x, y, title, color);

    /// <summary>A line through the items, in their order; with <paramref name="color"/>, a line for each colour.</summary>
    public static Chart Line<T>(
        IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y, string title = "", Func<T, object?>? color = null) =>
        Of("line", rows, x, y, title, color);

    /// <summary>A line whose ground is filled.</summary>
    public static Chart Area<T>(
        IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y, string title = "", Func<T, object?>? color = null) =>
        Of("area", rows, x, y, title, color);

    /// <summary>A mark for each item.</summary>
    public static Chart Scatter<T>(
        IEnumerable<T> rows, Func<T, double> x, Func<T, double> y, string title = "", Func<T, object?>? color = null) =>
        Of("scatter", rows, row => x(row), y, title, color);

    /// <summary>Parts of a whole.</summary>
    public static Chart Pie<T>(IEnumerable<T> rows, Func<T, object?> label, Func<T, double> size, string title = "") =>
        Of("pie", rows, label, size, title, null);

    /// <summary>How often values fall into each of about twenty ranges.</summary>
    public static Chart Histogram(IEnumerable<double> values, string title = "") =>
        new("histogram", title, [ChartSeries.Histogram("", values)]);

    /// <summary>How often values of items fall into each of about twenty ranges.</summary>
    public static Chart Histogram<T>(IEnumerable<T> rows, Func<T, double> value, string title = "") => Histogram(rows.Select(value), title);

    /// <summary>A chart of columns of a table.</summary>
    /// <exception cref="CellFaultException">A column does not exist, or the y column holds no numbers.</exception>
    public static Chart Of(ChartOptions options, IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows)
    {
        var series = ChartSeries.Of(options, columns, rows);
        return new(options.Kind, options.Title, series)
        {
            XTitle = options.X, YTitle = options.Kind == "histogram" ? "rows" : options.Y.Count == 1 ? options.Y[0] : "",
            IsLogarithmic = options.LogScale, IsStacked = options.Stacked,
        };
    }

    /// <summary>A chart of two columns of a table.</summary>
    /// <exception cref="CellFaultException">A column does not exist, or the y column holds no numbers.</exception>
    public static Chart Of(
        string kind, IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, string x, string? y, string title = "") =>
        Of(new ChartOptions(kind, x, y is null ? [] : [y], Title: title), columns, rows);

    /// <summary>Adds points of another colour.</summary>
    public Chart Add<T>(string name, IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y)
    {
        _series.Add(new(name, Points(rows, x, y)));
        return this;
    }

    /// <summary>Names what is drawn so far, for the legend.</summary>
    public Chart Named(string name)
    {
        _series[^1] = _series[^1] with { Name = name };
        return this;
    }

    /// <summary>Sets the title.</summary>
    public Chart Titled(string title)
    {
        Title = title;
        return this;
    }

    /// <summary>Sets a line below the title.</summary>
    public Chart Noted(string note)
    {
        Note = note;
        return this;
    }

    /// <summary>Sets what stands along the bottom and the side.</summary>
    public Chart Labelled(string x, string y)
    {
        (XTitle, YTitle) = (x, y);
        return this;
    }

    /// <summary>Draws heights on a logarithmic scale; what is not above zero is left out.</summary>
    public Chart Logarithmic()
    {
        IsLogarithmic = true;
        return this;
    }

    /// <summary>Puts bars or areas on top of each other.</summary>
    public Chart Stacked()
    {
        IsStacked = true;
        return this;
    }

    /// <summary>Sets the size of the picture in pixels.</summary>
    public Chart Sized(int width, int height)
    {
        Size = (Math.Clamp(width, 100, 4000), Math.Clamp(height, 100, 4000));
        return this;
    }

    /// <summary>The picture as SVG.</summary>
    public string ToSvg() => new ChartDrawing(this).Svg();

    public MimeBundle ToMimeBundle() => MimeBundle.Of(MimeBundle.Svg, ToSvg(), ChartText.Of(this));

    private static Chart Of<T>(
        string kind, IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y, string title, Func<T, object?>? color) =>
        new(kind, title, color is null
            ? [new("", Points(rows, x, y))]
            : rows.GroupBy(row => ValueText.Of(color(row))).Select(group => new ChartSeries(group.Key, Points(group, x, y))));

    private static (object? X, double Y)[] Points<T>(IEnumerable<T> rows, Func<T, object?> x, Func<T, double> y) =>
        [.. rows.Select(row => (x(row), y(row)))];
}
