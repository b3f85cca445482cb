using Kadali.Cells;

namespace Kadali.Formatting.Tests;

public sealed class TableTests
{
    private sealed record Flight(string Dest, int? Delay);

    private static readonly Flight[] Flights = [new("ORD", 3), new("LAX", null), new("SFO", 120)];

    [Fact]
    public void A_sequence_of_objects_is_a_table_of_text() => Assert.Equal(
        """
        Dest │ Delay
        ─────┼──────
        ORD  │     3
        LAX  │  null
        SFO  │   120
        """,
        Formatter.Format(Flights).PlainText);

    [Theory]
    [InlineData("😀", 19)]
    [InlineData("👩‍👩‍👧‍👦", 3)]
    [InlineData("e\u0301", 19)]
    public void A_long_text_is_cut_between_characters(string letter, int shown)
    {
        var row = new { Text = string.Concat(Enumerable.Repeat(letter, 40)) };

        Assert.Equal(
            string.Concat(Enumerable.Repeat(letter, shown)) + "…", Formatter.Format(new[] { row }).PlainText!.Split('\n')[2]);
    }

    [Fact]
    public void A_cut_is_never_within_a_surrogate_pair()
    {
        var marks = "a" + string.Concat(Enumerable.Repeat("\U0001D165", 500));
        for (var most = 0; most < 600; most++)
        {
            var length = TextCut.Length(marks, most);

            Assert.InRange(length, Math.Max(0, most - 130), most);
            Assert.False(length > 0 && char.IsHighSurrogate(marks[length - 1]));
        }
    }

    [Fact]
    public void A_long_table_says_how_much_more_there_is() =>
        Assert.EndsWith("… 480 more rows", Formatter.Format(Enumerable.Range(0, 500).Select(n => new Flight("X", n)).ToArray()).PlainText,
            StringComparison.Ordinal);

    [Fact]
    public void The_style_and_script_go_with_one_table_only()
    {
        TableAssets.Reset();

        var first = (string)Formatter.Format(Flights).Data[MimeBundle.Html];
        var second = (string)Formatter.Format(Flights).Data[MimeBundle.Html];

        Assert.Contains("<style class", first, StringComparison.Ordinal);
        Assert.DoesNotContain("<style class", second, StringComparison.Ordinal);
        Assert.DoesNotContain("http", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_can_be_sorted_filtered_and_paged()
    {
        var table = new SequenceTable(Flights, typeof(Flight));

        var sorted = await table.ReadAsync(new(0, 2, Sort: 1, Descending: true), TestContext.Current.CancellationToken);
        var filtered = await table.ReadAsync(new(0, 10, Filter: "lax"), TestContext.Current.CancellationToken);
        var paged = await table.ReadAsync(new(1, 1), TestContext.Current.CancellationToken);

        Assert.Equal(["SFO", "ORD"], sorted.Select(row => row[0]));
        Assert.Equal("LAX", Assert.Single(filtered)[0]);
        Assert.Equal("LAX", Assert.Single(paged)[0]);
    }

    [Fact]
    public void A_chart_names_a_column_that_is_near_the_one_that_was_written()
    {
        var fault = Assert.Throws<CellFaultException>(() =>
            Chart.Of("bar", [new("dest", "VARCHAR", false), new("n", "BIGINT", true)], [], "dets", "n")).Fault;

        Assert.Equal("Did you mean 'dest'?", fault.Hint);
    }

    [Fact]
    public void A_chart_is_a_picture_that_needs_no_background()
    {
        var bundle = Formatter.Format(Chart.Bar(Flights, flight => flight.Dest, flight => flight.Delay ?? 0, "Delays"));

        var svg = (string)bundle.Data[MimeBundle.Svg];
        Assert.Contains("ORD", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("fill=\"white\"", svg, StringComparison.Ordinal);
        Assert.Contains("SFO │████████████████████████████████████████ 120", bundle.PlainText, StringComparison.Ordinal);
    }
}
