using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Kadali.Formatting;

/// <summary>Draws a chart by OxyPlot, which measures text without the machine's fonts and leaves their choice to the reader.</summary>
internal sealed class ChartDrawing(Chart chart)
{
    private const int MostBars = 60;
    private const int MostPoints = 5_000;
    private const int MostSlices = 8;

    // Grey in the middle reads on white and on black; the page shows through.
    private static readonly OxyColor Ink = OxyColor.FromRgb(128, 128, 128);
    private static readonly OxyColor Grid = OxyColor.FromArgb(60, 128, 128, 128);

    private static readonly OxyColor[] Palette =
    [
        OxyColor.FromRgb(66, 133, 190), OxyColor.FromRgb(226, 132, 58), OxyColor.FromRgb(88, 165, 92), OxyColor.FromRgb(209, 96, 94),
        OxyColor.FromRgb(148, 124, 196), OxyColor.FromRgb(63, 172, 178), OxyColor.FromRgb(213, 126, 181), OxyColor.FromRgb(160, 130, 100),
        OxyColor.FromRgb(181, 166, 66), OxyColor.FromRgb(127, 127, 127),
    ];

    private readonly PlotModel _model = new()
    {
        TitleFontSize = 14, TitleFontWeight = FontWeights.Normal, SubtitleFontSize = 11, DefaultFont = "sans-serif",
        TextColor = Ink, SubtitleColor = Ink,
        PlotAreaBorderColor = Grid, Background = OxyColors.Transparent, Padding = new(8, 8, 16, 8),
    };

    public string Svg()
    {
        _model.Title = chart.Title.Length > 0 ? chart.Title
            : chart.Kind == "histogram" && chart.XTitle.Length > 0 ? chart.XTitle
            : chart.YTitle.Length > 0 && chart.XTitle.Length > 0 ? $"{chart.YTitle} by {chart.XTitle}" : null;
        _model.Subtitle = chart.Note.Length > 0 ? chart.Note : null;
        if (chart.Series.All(series => series.Points.Count == 0))
        {
            _model.Subtitle = "nothing to draw";
        }
        else if (chart.Kind == "pie")
        {
            Pie();
        }
        else if (chart.Kind == "histogram")
        {
            Histogram();
        }
        else if (chart.Kind == "bar")
        {
            Bars();
        }
        else
        {
            Points();
        }

        if (chart.Kind != "pie" && chart.Series.Count > 1)
        {
            _model.Legends.Add(new Legend
            {
                LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendTextColor = Ink,
                LegendFontSize = 12, LegendBorderThickness = 0,
            });
        }

        return new SvgExporter
        {
            Width = chart.Size.Width, Height = chart.Size.Height, TextMeasurer = new FontlessText(),
        }.ExportToString(_model);
    }

    private void Bars()
    {
        var all = chart.Series.SelectMany(series => series.Points).Select(point => Label(point.X)).Distinct().ToArray();
        var categories = all.Length > MostBars ? all[..MostBars] : all;
        if (all.Length > MostBars)
        {
            _model.Subtitle = $"the first {MostBars} of {all.Length:N0}";
        }

        var place = categories.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var x = Styled(new CategoryAxis
        {
            Position = AxisPosition.Bottom, Title = chart.XTitle, Key = "x", GapWidth = 0.25, Angle = Tilt(categories),
        });
        x.MajorGridlineStyle = LineStyle.None;
        x.Labels.AddRange(categories);
        _model.Axes.Add(x);
        var y = Heights();
        _model.Axes.Add(y);
        foreach (var (i, series) in chart.Series.Index())
        {
            // OxyPlot's bars lie; with the axes exchanged they stand.
            var bars = new BarSeries
            {
                XAxisKey = "y", YAxisKey = "x", Title = Name(series), FillColor = Color(i), StrokeThickness = 0,
                IsStacked = chart.IsStacked,
                BaseValue = chart.IsLogarithmic ? y.Minimum : 0,
            };
            foreach (var point in series.Points)
            {
                if (place.TryGetValue(Label(point.X), out var at) && Drawn(point.Y))
                {
                    bars.Items.Add(new BarItem(point.Y, at));
                }
            }

            _model.Series.Add(bars);
        }
    }

    private void Histogram()
    {
        var points = chart.Series[0].Points;
        var width = points.Count > 1 ? (double)points[1].X! - (double)points[0].X! : 1;
        _model.Axes.Add(Styled(new LinearAxis
        {
            Position = AxisPosition.Bottom, Title = chart.XTitle, Key = "x", MinimumPadding = 0.02, MaximumPadding = 0.02,
        }));
        var y = Heights();
        _model.Axes.Add(y);
        var bars = new RectangleBarSeries { XAxisKey = "x", YAxisKey = "y", FillColor = Color(0), StrokeThickness = 0 };
        var gap = width * 0.04;
        foreach (var point in points.Where(point => Drawn(point.Y)))
        {
            bars.Items.Add(new((double)point.X! + gap, chart.IsLogarithmic ? y.Minimum : 0, (double)point.X! + width - gap, point.Y));
        }

        _model.Series.Add(bars);
    }

    private void Points()
    {
        var all = chart.Series.SelectMany(series => series.Points).Select(point => point.X).ToArray();
        var dates = all.All(x => x is DateTime or DateTimeOffset or DateOnly);
        var numbers = !dates && all.All(
            x => x is IConvertible and not string and not DateTime and not bool and not char or System.Numerics.BigInteger or TimeSpan);
        var labels = dates || numbers ? [] : all.Select(Label).Distinct().ToArray();
        var place = labels.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        Axis axis = dates ? Styled(Dates(all))
            : numbers ? Styled(new LinearAxis
            {
                Position = AxisPosition.Bottom, Title = chart.XTitle, Key = "x", MinimumPadding = 0.02, MaximumPadding = 0.02,
            })
            : Styled(new CategoryAxis { Position = AxisPosition.Bottom, Title = chart.XTitle, Key = "x", Angle = Tilt(labels) });
        if (axis is CategoryAxis categories)
        {
            categories.Labels.AddRange(labels);
        }

        _model.Axes.Add(axis);
        _model.Axes.Add(Heights());
        var below = new Dictionary<double, double>();
        foreach (var (i, series) in chart.Series.Index())
        {
            var points = Thinned(series.Points.Where(point => Drawn(point.Y)).ToArray())
                .Select(point => new DataPoint(
                    dates ? Date(point.X!) : numbers ? ChartSeries.Number(point.X, chart.XTitle) : place[Label(point.X)], point.Y))
                .ToArray();
            _model.Series.Add(chart.Kind switch
            {
                "scatter" => Marks(points, i, series),
                "area" => Area(points, i, series, below),
                _ => Line(points, i, series),
            });
        }
    }

    private LineSeries Line(DataPoint[] points, int i, ChartSeries series)
    {
        var line = new LineSeries
        {
            XAxisKey = "x", YAxisKey = "y", Title = Name(series), Color = Color(i), StrokeThickness = 2, LineJoin = LineJoin.Round,
        };
        line.Points.AddRange(points);
        return line;
    }

    private AreaSeries Area(DataPoint[] points, int i, ChartSeries series, Dictionary<double, double> below)
    {
        var area = new AreaSeries
        {
            XAxisKey = "x", YAxisKey = "y", Title = Name(series), Color = Color(i),
            Fill = OxyColor.FromAColor(chart.IsStacked ? (byte)170 : (byte)80, Color(i)), StrokeThickness = 1.5,
        };
        foreach (var point in points)
        {
            var ground = chart.IsStacked ? below.GetValueOrDefault(point.X) : 0;
            below[point.X] = ground + point.Y;
            area.Points.Add(new(point.X, ground + point.Y));
            area.Points2.Add(new(point.X, ground));
        }

        return area;
    }

    private ScatterSeries Marks(DataPoint[] points, int i, ChartSeries series)
    {
        var marks = new ScatterSeries
        {
            XAxisKey = "x", YAxisKey = "y", Title = Name(series), MarkerFill = OxyColor.FromAColor(190, Color(i)),
            MarkerType = MarkerType.Circle, MarkerSize = 3,
        };

        marks.Points.AddRange(points.Select(point => new ScatterPoint(point.X, point.Y)));
        return marks;
    }

    private void Pie()
    {
        var parts = chart.Series[0].Points.Where(point => point.Y > 0).OrderByDescending(point => point.Y).ToArray();
        var shown = parts.Length > MostSlices ? parts[..(MostSlices - 1)] : parts;
        var slices = new PieSeries
        {
            StartAngle = -90, StrokeThickness = 1, Stroke = OxyColors.Transparent, InsideLabelFormat = "{2:0}%",
            InsideLabelColor = OxyColors.White, OutsideLabelFormat = "{1}",
            TextColor = Ink, TickHorizontalLength = 6, TickRadialLength = 6, Diameter = 0.85, FontSize = 12, AreInsideLabelsAngled = false,
        };
        foreach (var (i, part) in shown.Index())
        {
            slices.Slices.Add(new PieSlice(Label(part.X), part.Y) { Fill = Color(i) });
        }

        if (shown.Length < parts.Length)
        {
            slices.Slices.Add(
                new PieSlice($"{parts.Length - shown.Length} others", parts[shown.Length..].Sum(part => part.Y)) { Fill = Palette[^1] });
        }

        _model.Series.Add(slices);
    }

    private Axis Heights()
    {
        if (!chart.IsLogarithmic)
        {
            var linear = Styled(new LinearAxis
            {
                Position = AxisPosition.Left, Title = chart.YTitle, Key = "y", MinimumPadding = 0.02, MaximumPadding = 0.05,
            });
            linear.LabelFormatter = AxisNumber.Of;
            return linear;
        }

        var least = chart.Series.SelectMany(series => series.Points).Where(point => point.Y > 0).Select(point => point.Y)
            .DefaultIfEmpty(1).Min();
        return Styled(new LogarithmicAxis
        {
            Position = AxisPosition.Left, Title = chart.YTitle, Key = "y", Minimum = Math.Pow(10, Math.Floor(Math.Log10(least * 0.99))),
            LabelFormatter = AxisNumber.Of,
        });
    }

    /// <summary>
    /// A picture of more points than some thousand is no clearer, only heavier: every n-th is drawn, and the picture says so.
    /// </summary>
    private (object? X, double Y)[] Thinned((object? X, double Y)[] points)
    {
        var every = (points.Length + MostPoints - 1) / MostPoints;
        if (every <= 1)
        {
            return points;
        }

        (object? X, double Y)[] drawn = [.. points.Where((_, at) => at % every == 0)];
        _model.Subtitle = $"{drawn.Length:N0} of {points.Length:N0} points{(chart.Note.Length > 0 ? $" {chart.Note}" : "")}";
        return drawn;
    }

    private bool Drawn(double value) => double.IsFinite(value) && (!chart.IsLogarithmic || value > 0);

    private static string Name(ChartSeries series) => series.Name.Length > 0 ? series.Name : "values";

    private static OxyColor Color(int i) => Palette[i % Palette.Length];

    private static T Styled<T>(T axis)
        where T : Axis
    {
        (axis.TextColor, axis.TitleColor, axis.TicklineColor, axis.AxislineColor) = (Ink, Ink, Grid, Grid);
        (axis.MajorGridlineStyle, axis.MajorGridlineColor, axis.MinorTickSize) = (LineStyle.Solid, Grid, 0);
        return axis;
    }

    /// <summary>Labels that would run into each other are tilted.</summary>
    private double Tilt(IReadOnlyCollection<string> labels) => labels.Sum(label => label.Length + 2) > chart.Size.Width / 7.5 ? -45 : 0;

    private static string Label(object? value) => ValueText.Of(value, 24).ReplaceLineEndings(" ");

    private static double Date(object value) => DateTimeAxis.ToDouble(value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        DateOnly day => day.ToDateTime(TimeOnly.MinValue),
        _ => (DateTime)value,
    });

    private DateTimeAxis Dates(object?[] dates)
    {
        var days = dates.Select(date => Date(date!)).ToArray();
        var (interval, format) = (days.Max() - days.Min()) switch
        {
            > 1500 => (DateTimeIntervalType.Years, "yyyy"),
            > 60 => (DateTimeIntervalType.Months, "yyyy-MM"),
            > 3 => (DateTimeIntervalType.Days, "MM-dd"),
            _ => (DateTimeIntervalType.Auto, (string?)null),
        };
        return new()
        {
            Position = AxisPosition.Bottom, Title = chart.XTitle, Key = "x", IntervalType = interval, StringFormat = format,
            IntervalLength = 80, MinimumPadding = 0.01, MaximumPadding = 0.01,
        };
    }
}
