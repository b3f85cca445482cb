using Kadali.Cells;

namespace Kadali.Formatting.Tests;

public sealed class ChartTests
{
    private static readonly TableColumn[] Columns =
    [
        new("month", "DATE", false), new("origin", "VARCHAR", false), new("flights", "BIGINT", true), new("late", "BIGINT", true),
    ];

    private static readonly object?[][] Rows =
    [
        [new DateOnly(2013, 1, 1), "JFK", 9161L, 100L], [new DateOnly(2013, 1, 1), "LGA", 7950L, null],
        [new DateOnly(2013, 9, 1), "JFK", 8908L, 50L], [new DateOnly(2013, 9, 1), "LGA", 9116L, 70L],
    ];

    [Theory]
    [InlineData("bar")]
    [InlineData("line")]
    [InlineData("area")]
    [InlineData("scatter")]
    [InlineData("histogram")]
    [InlineData("pie")]
    public void Every_kind_is_a_picture_without_background_and_a_drawing_of_letters(string kind)
    {
        var bundle = Chart.Of(new ChartOptions(kind, kind == "histogram" ? "flights" : "month", ["flights"], Title: "Flights <1>"),
            Columns, Rows).ToMimeBundle();

        var svg = (string)bundle.Data[MimeBundle.Svg];
        Assert.Contains("Flights &lt;1&gt;", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("fill=\"white\"", svg, StringComparison.Ordinal);
        Assert.Matches("[█▏▎▍▌▋▊▉⠀-⣿]", bundle.PlainText);
    }

    [Fact]
    public void A_colour_column_makes_a_series_of_each_value_and_a_legend()
    {
        var svg = Chart.Of(new ChartOptions("line", "month", ["flights"], Color: "origin"), Columns, Rows).ToSvg();

        Assert.Contains(">JFK<", svg, StringComparison.Ordinal);
        Assert.Contains(">LGA<", svg, StringComparison.Ordinal);
        Assert.Contains(">2013-0", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_columns_are_several_series_and_null_is_no_point() => Assert.Equal(
        """
        JFK flights │████████████████████████████████████████ 9161
        JFK late    │▍ 100
        LGA flights │██████████████████████████████████▊ 7950
        """,
        Chart.Of(new ChartOptions("bar", "origin", ["flights", "late"]), Columns, Rows[..2]).ToMimeBundle().PlainText);

    [Fact]
    public void A_logarithmic_scale_leaves_out_what_it_cannot_show()
    {
        var svg = Chart.Bar(new[] { 0, 1, 10, 100_000 }, n => n, n => n).Logarithmic().ToSvg();

        Assert.Contains(">100k<", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("∞", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_every_number_in_ranges_with_round_ends()
    {
        var series = ChartSeries.Histogram("", Enumerable.Range(0, 1000).Select(n => n / 100.0));

        Assert.Equal(1000, series.Points.Sum(point => point.Y));
        Assert.Equal(0.5, (double)series.Points[1].X!);
    }

    [Fact]
    public void More_bars_than_fit_are_said_to_be_left_out() =>
        Assert.Contains("the first 60 of 100", Chart.Bar(Enumerable.Range(0, 100), n => n, n => n).ToSvg(), StringComparison.Ordinal);

    [Fact]
    public void More_points_than_can_be_seen_are_thinned_and_the_picture_says_so()
    {
        var svg = Chart.Line(Enumerable.Range(0, 100_000), n => n, n => n).ToSvg();

        Assert.Contains("5,000 of 100,000 points", svg, StringComparison.Ordinal);
        Assert.InRange(svg.Length, 0, 300_000);
    }

    [Fact]
    public void A_column_of_text_is_no_height()
    {
        var fault = Assert.Throws<CellFaultException>(() => Chart.Of(new ChartOptions("bar", "month", ["origin"]), Columns, Rows)).Fault;

        Assert.Equal("The column 'origin' holds 'JFK', which is no number.", fault.Message);
    }

    [Fact]
    public void A_colour_column_that_does_not_exist_names_the_nearest()
    {
        var fault = Assert.Throws<CellFaultException>(() =>
            Chart.Of(new ChartOptions("bar", "month", ["flights"], Color: "orgin"), Columns, Rows)).Fault;

        Assert.Equal("Did you mean 'origin'?", fault.Hint);
    }

    [Fact]
    public void Nothing_makes_an_empty_chart() =>
        Assert.Equal("(nothing to chart)", Chart.Of(new ChartOptions("line", "month", ["flights"]), Columns, []).ToMimeBundle().PlainText);
}
