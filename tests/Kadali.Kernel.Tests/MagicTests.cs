using Kadali.Cells;

namespace Kadali.Kernel.Tests;

public sealed class MagicTests : IDisposable
{
    private readonly Notebook _notebook = new();

    [Theory]
    [InlineData("#!tiem", "KDL101", "Did you mean '#!time'?")]
    [InlineData("#!set --nmae x --value 1", "KDL103", "Did you mean '--name'?")]
    [InlineData("#!set --name x", "KDL104", "Its value: text, or '@LANGUAGE:VARIABLE', '@input:…', '@password:…'.")]
    [InlineData("#!set --name x --value 1 2", "KDL105", "'#!set --help' shows what it takes.")]
    [InlineData("#!set --name x --value \"open", "KDL106", null)]
    [InlineData("#!set --name 1x --value 2", "KDL105", "Letters, digits and _, beginning with a letter, and no keyword.")]
    [InlineData("#!set --name class --value 2", "KDL105", "Letters, digits and _, beginning with a letter, and no keyword.")]
    [InlineData("#! time\n1", "KDL101", "'#!lsmagic' lists all magics.")]
    [InlineData("  #!time\n1", "CS9378", "A line with a magic begins with its '#!': no blanks before it.")]
    [InlineData("#!html\n#!set --name x --value 2\n<b>x</b>", "KDL117", "From C#, HTML($\"…{value}…\") shows a value.")]
    [InlineData("#!set --name x --value @csharp:nothing", "KDL112", "Is the cell that declares it not run yet?")]
    public async Task A_mistake_on_a_magic_line_is_named_with_a_hint(string line, string code, string? hint)
    {
        var fault = await _notebook.FaultAsync(line);

        Assert.Equal((code, hint), (fault.Code, fault.Hint));
    }

    [Theory]
    [InlineData("#!csharp 1 + 1", "2")]
    [InlineData("#!csharp var x = \"two words\";\nx", "two words")]
    [InlineData("#!csharp {\nvar y = 3; }\n4", "4")]
    [InlineData("1\n#!csharp 5", "5")]
    public async Task A_body_may_begin_on_its_magic_s_own_line(string code, string value) =>
        Assert.Equal(value, (await _notebook.EventsAsync(code)).OfType<CellEvent.Result>().Last().Content.PlainText);

    [Theory]
    [InlineData("input")]
    [InlineData("password")]
    public async Task An_answer_that_is_saved_is_asked_for_once(string kind)
    {
        var line = $"#!set --name who --value @{kind}:{{\"prompt\":\"Who?\",\"saveAs\":\"who\"}}";
        foreach (var answer in (string[])["Grace", "Ada"])
        {
            _notebook.Input.Next.Enqueue(answer);
        }

        await _notebook.EventsAsync(line);
        await _notebook.EventsAsync(line);
        Assert.Equal([("Who?", kind == "password")], _notebook.Input.Asked);

        // Had it been what was wrong, it would stay so.
        await Assert.ThrowsAnyAsync<Exception>(() => _notebook.EventsAsync(line + "\nthrow new Exception();"));
        await _notebook.EventsAsync(line);
        Assert.Equal(2, _notebook.Input.Asked.Count);
        Assert.Equal("Ada", await _notebook.ValueAsync(kind == "password" ? "who.GetClearTextPassword()" : "who"));
    }

    [Fact]
    public async Task A_mistake_in_a_body_on_the_magic_s_line_has_its_place()
    {
        var fault = await _notebook.FaultAsync("var a = 1;\n#!csharp nope");

        Assert.Equal(new TextPosition(1, 9), fault.Place!.Position);
    }

    [Fact]
    public async Task An_option_behind_the_body_is_not_passed_over()
    {
        var fault = await _notebook.FaultAsync("#!html <b>x</b> --help");

        Assert.Equal(("KDL105", new TextPosition(0, 16)), (fault.Code, fault.Place!.Position));
    }

    [Theory]
    [InlineData("#!fsharp\nlet x = 1", "F#")]
    [InlineData("#!pwsh\nGet-Date", "PowerShell")]
    [InlineData("#!http\nGET http://localhost", "HttpClient")]
    [InlineData("#!kql\nT | take 1", "#!sql")]
    public async Task A_language_of_old_notebooks_that_is_not_here_is_named(string code, string named)
    {
        var fault = await _notebook.FaultAsync("var ran = 1;\n" + code);

        Assert.Equal("KDL102", fault.Code);
        Assert.Contains(named, fault.Message + fault.Hint, StringComparison.Ordinal);
        Assert.Equal(1, fault.Place!.Position.Line);
        Assert.False(_notebook.CSharp.TryGet("ran", out _, out _));
    }

    [Fact]
    public async Task Nothing_of_a_cell_runs_when_one_of_its_lines_is_misspelled()
    {
        await _notebook.FaultAsync("var ran = 1;\n#!tiem\nran = 2;");

        Assert.False(_notebook.CSharp.TryGet("ran", out _, out _));
    }

    [Theory]
    [InlineData("word", "word")]
    [InlineData("\"two words\"", "two words")]
    [InlineData("\"C:\\Users\\me\"", "C:\\Users\\me")]
    [InlineData("\"a\\tb\"", "a\tb")]
    [InlineData("\"\"\"say \"hi\" \"\"\"", "say \"hi\" ")]
    [InlineData("{\"a\": [1, \"}\"]}", "{\"a\": [1, \"}\"]}")]
    public async Task Values_can_be_written_in_every_form(string written, string value)
    {
        await _notebook.EventsAsync($"#!set --name x --value {written}");

        Assert.True(_notebook.CSharp.TryGet("x", out _, out var x));
        Assert.Equal(value, x);
    }

    [Fact]
    public async Task A_variable_is_shared_as_the_object_it_is()
    {
        await _notebook.EventsAsync("var list = new List<int> { 1 };");
        await _notebook.EventsAsync("#!set --name same --value @csharp:list");

        Assert.Equal("true", await _notebook.ValueAsync("object.ReferenceEquals(list, same) && same.Count == 1"));
    }

    [Fact]
    public async Task An_input_is_asked_for_and_a_password_does_not_show()
    {
        _notebook.Input.Next.Enqueue("Ada");
        _notebook.Input.Next.Enqueue("secret");

        await _notebook.EventsAsync("#!set --name who --value @input:\"Your name?\"");
        await _notebook.EventsAsync("#!set --name key --value @password:Key");

        Assert.Equal([("Your name?", false), ("Key", true)], _notebook.Input.Asked);
        Assert.Equal("Ada", await _notebook.ValueAsync("who"));
        Assert.DoesNotContain("secret", await _notebook.ValueAsync("key.ToString()"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_may_hold_several_languages()
    {
        var events = await _notebook.EventsAsync("var a = 1;\n#!html\n<b>x</b>\n#!csharp\na + 1");

        Assert.Equal(
            "<b>x</b>\n", Assert.IsType<string>(Assert.Single(events.OfType<CellEvent.Display>()).Content.Data["text/html"]) + "\n");
        Assert.Equal("2", Assert.Single(events.OfType<CellEvent.Result>()).Content.PlainText);
    }

    [Fact]
    public async Task What_a_cell_of_several_languages_says_comes_in_their_order()
    {
        var events = await _notebook.EventsAsync("1\n#!html\n<b>x</b>\n#!csharp\n2");

        Assert.Equal(["1", "<b>x</b>"], events.OfType<CellEvent.Display>().Select(shown => shown.Content.PlainText));
        Assert.Equal("2", Assert.IsType<CellEvent.Result>(events[^1]).Content.PlainText);
    }

    [Fact]
    public async Task Commands_may_stand_between_the_line_of_a_language_and_its_text()
    {
        await _notebook.EventsAsync("#!value --name cities\n#!set --name x --value 1\n\nParis");
        await _notebook.EventsAsync("#!csharp\n#!set --name c --value @value:cities");

        Assert.Equal("Paris", await _notebook.ValueAsync("c.Trim()"));
    }

    [Fact]
    public async Task A_value_is_kept_and_read()
    {
        await _notebook.EventsAsync("#!value --name cities\nParis\nRome");
        await _notebook.EventsAsync("#!set --name c --value @value:cities");

        Assert.Equal("2", await _notebook.ValueAsync("c.Split('\\n').Length"));
    }

    [Fact]
    public async Task Time_is_shown_at_the_end() =>
        Assert.StartsWith("Wall time: ", await _notebook.TextAsync("#!time\n1 + 1"), StringComparison.Ordinal);

    [Fact]
    public async Task Every_magic_has_help_that_shows_its_options()
    {
        foreach (var magic in _notebook.Magics.All)
        {
            var help = await _notebook.TextAsync($"#!{magic.Syntax.Name} --help");

            Assert.StartsWith($"#!{magic.Syntax.Name} — {magic.Syntax.Summary}", help, StringComparison.Ordinal);
            Assert.All(magic.Syntax.Options, option => Assert.Contains("--" + option.Name, help, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Variables_are_listed()
    {
        await _notebook.EventsAsync("var numbers = new List<int>(); var name = \"Ada\";");

        Assert.Equal("numbers\nname\n", await _notebook.TextAsync("#!who"));
        Assert.Contains("List<int>", await _notebook.TextAsync("#!whos"), StringComparison.Ordinal);
    }

    public void Dispose() => _notebook.Dispose();
}
