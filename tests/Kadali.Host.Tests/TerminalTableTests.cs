using Kadali.Cells;
using Kadali.Host.Terminal;

namespace Kadali.Host.Tests;

public sealed class TerminalTableTests
{
    private const string Flights = """
        year │ carrier │ name of the airline    │ dep_delay
        ─────┼─────────┼────────────────────────┼──────────
        2013 │ UA      │ United Air Lines Inc.  │         2
        2013 │ B6      │ JetBlue Airways        │       -14
        … 336,774 more rows
        """;

    [Fact]
    public void A_table_that_fits_stays_as_it_is() => Assert.Equal(Flights, TerminalTable.Fit(Flights, 54));

    [Fact]
    public void The_last_column_that_has_room_is_cut_and_the_others_are_named() => Assert.Equal(
        """
        year │ carrier │ name of the…
        ─────┼─────────┼─────────────
        2013 │ UA      │ United Air …
        2013 │ B6      │ JetBlue Air…
        … 336,774 more rows
        … 1 more column: dep_delay
        """,
        TerminalTable.Fit(Flights, 29));

    [Fact]
    public void A_column_too_narrow_to_read_is_left_out() => Assert.Equal(
        """
        year │ carrier
        ─────┼────────
        2013 │ UA
        2013 │ B6
        … 336,774 more rows
        … 2 more columns:
        name of the airline,
        dep_delay
        """,
        TerminalTable.Fit(Flights, 20));

    [Fact]
    public void Columns_that_the_text_has_left_out_already_are_named_with_the_others() => Assert.EndsWith(
        "\n… 336,774 more rows\n… 13 more columns: dep_delay,\norigin, dest, …",
        TerminalTable.Fit(Flights + "\n… 12 more columns: origin, dest, …", 29),
        StringComparison.Ordinal);

    [Fact]
    public void No_line_of_a_table_is_wider_than_the_terminal()
    {
        var wide = string.Join(" │ ", Enumerable.Range(1, 60).Select(column => $"漢字{column}"));
        var rule = string.Join("─┼─", Enumerable.Range(1, 60).Select(_ => "────"));

        foreach (var width in (int[])[20, 41, 80, 200])
        {
            var lines = TerminalTable.Fit($"{wide}\n{rule}\n{wide}", width).Split('\n');

            Assert.All(lines, line => Assert.True(TextWidth.Of(line) <= width, line));
        }
    }

    [Theory]
    [InlineData("😀", 2)]
    [InlineData("👩‍👩‍👧‍👦", 8)]
    [InlineData("e\u0301", 1)]
    public void A_character_is_shown_whole_or_not_at_all(string letter, int columns)
    {
        var text = string.Concat(Enumerable.Repeat(letter, 40));

        foreach (var width in Enumerable.Range(1, 20))
        {
            var shown = TextWidth.Fit(text, width);

            Assert.Equal(string.Concat(Enumerable.Repeat(letter, (width - 1) / columns)) + "…", shown);
            Assert.True(TextWidth.Of(shown) <= width);
        }
    }

    [Fact]
    public void Half_a_character_in_a_value_is_no_end_of_the_terminal()
    {
        var written = new MemoryStream();
        using var view = new RunView(RunView.Writer(written), isPlain: true, isQuiet: false);

        view.Say(new CellEvent.Output(OutputStream.Out, "a\uD83Db \uDE00 "));
        view.Say(new CellEvent.Result(MimeBundle.Text("\uD83D\uDE00\uD83D")));

        Assert.Equal("a\uFFFDb \uFFFD \n😀\uFFFD\n", System.Text.Encoding.UTF8.GetString(written.ToArray()));
    }

    [Theory]
    [InlineData("a long line without any table in it")]
    [InlineData("title\n──────────────────────────────────────")]
    public void What_is_no_table_keeps_its_words(string text) =>
        Assert.StartsWith(text[..5], TerminalTable.Fit(text, 20), StringComparison.Ordinal);
}
