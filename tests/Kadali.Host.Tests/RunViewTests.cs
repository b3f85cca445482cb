using Kadali.Cells;
using Kadali.Host.Commands;
using Kadali.Host.Terminal;
using Kadali.Notebooks;

namespace Kadali.Host.Tests;

public sealed class RunViewTests
{
    private readonly StringWriter _log = new();

    [Fact]
    public void A_log_has_no_colours_and_each_display_in_its_last_state()
    {
        using var view = new RunView(_log, isPlain: true, isQuiet: false);

        view.Markdown("## A *title*\n- **bold** `code`");
        view.Begin(1, 2, "\n  var x = 1;");
        view.Say(new CellEvent.Display(MimeBundle.Text("0 %"), "bar"));
        view.Say(new CellEvent.Update(MimeBundle.Text("50 %"), "bar"));
        view.Say(new CellEvent.Output(OutputStream.Out, "\e[31mred\e[0m"));
        view.Say(new CellEvent.Update(MimeBundle.Text("100 %"), "bar"));
        view.Say(new CellEvent.Result(MimeBundle.Text("1")));
        view.End(TimeSpan.FromSeconds(2));

        Assert.Equal("\nA *title*\n• bold code\n── [1/2] var x = 1;\n0 %\nred\n1\n100 %\n   2.0 s\n", _log.ToString());
    }

    [Fact]
    public void A_log_has_no_progress_that_is_gone_at_the_end()
    {
        using var view = new RunView(_log, isPlain: true, isQuiet: false);
        view.Begin(1, 1, "x");

        view.Say(new CellEvent.Display(MimeBundle.Text("running 3 %"), "bar") { IsProgress = true });
        view.Say(new CellEvent.Update(MimeBundle.Text(""), "bar"));
        view.Say(new CellEvent.Result(MimeBundle.Text("1")));
        view.End(TimeSpan.Zero);

        Assert.Equal("── [1/1] x\n1\n", _log.ToString());
    }

    [Fact]
    public void A_display_changes_in_place_in_a_terminal()
    {
        using var view = new RunView(_log, isPlain: false, isQuiet: false);
        view.Begin(1, 1, "x");
        view.Say(new CellEvent.Display(MimeBundle.Text("0 %"), "bar"));

        view.Say(new CellEvent.Update(MimeBundle.Text("50 %"), "bar"));
        view.End(TimeSpan.Zero);

        Assert.EndsWith("0 %\n\e[1A\r\e[K50 %\n", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_cell_is_shown_with_its_lines()
    {
        using var view = new RunView(_log, isPlain: true, isQuiet: true);
        var cell = NotebookDocument.Create().Insert(0, "code", string.Join('\n', Enumerable.Range(1, 40).Select(line => $"line{line}")));

        view.Fail(3, 9, cell, new(FailureKind.Error, "Oh", "no", ["Oh: no", "at line 2"]));

        Assert.StartsWith($"✗ cell 3 of 9 failed (id {cell.Id}):\n   1 │ line1\n   2 │ line2\n", _log.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("  30 │ line30\n     │ … 10 more lines\nOh: no\nat line 2\n", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_is_broken_between_words_and_code_is_not()
    {
        const string source = "Some **bold** words and a `name` more\n\n  - an item of a list\n```\nvar longLineOfCode = 1 + 2 + 3;\n```";

        Assert.Equal(
            "Some bold words\nand a name more\n\n  • an item of a\nlist\n```\nvar longLineOfCode = 1 + 2 + 3;\n```",
            Ansi.Strip(TerminalMarkdown.Render(source, 16)));
    }

    [Theory]
    [InlineData("\e[1;31mred\e[0m \e]8;;http://a\e\\link\e]8;;\a \e[2K", "red link ")]
    [InlineData("plain [31m", "plain [31m")]
    public void Colours_can_be_taken_out(string text, string plain) => Assert.Equal(plain, Ansi.Strip(text));
}
