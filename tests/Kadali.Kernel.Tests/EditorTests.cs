using Kadali.Cells;

namespace Kadali.Kernel.Tests;

public sealed class EditorTests : IDisposable
{
    private readonly Notebook _notebook = new();

    [Theory]
    [InlineData("Console.Wri|", "Write", "WriteLine")]
    [InlineData("\"abc\".Subs|", "Substring")]
    [InlineData("new List<int>().Whe|", "Where")]
    [InlineData("var local = 1; loc|", "local")]
    [InlineData("Syste|", "System")]
    [InlineData("System.Te|", "Text")]
    [InlineData("str|", "string", "struct")]
    [InlineData("earl|", "earlier")]
    [InlineData("earlier.Coun|", "Count")]
    [InlineData("planes[0].Sea|", "Seats")]
    [InlineData("planes.Select(p => p.Mod|)", "Model")]
    [InlineData("new Plane { Se|", "Seats")]
    [InlineData("#!ti|", "#!time")]
    [InlineData("#!set --na|", "--name")]
    [InlineData("#!csharp\nConsole.Wri|", "WriteLine")]
    public async Task Completion_offers_what_fits(string text, params string[] expected)
    {
        await _notebook.EventsAsync(
            "var earlier = new List<int>(); class Plane { public int Seats { get; set; } public string Model { get; set; } }\n"
                + "var planes = new List<Plane>();");
        var position = text.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Editor.CompleteAsync(text.Remove(position, 1), position, TestContext.Current.CancellationToken);

        Assert.All(expected, word => Assert.Contains(word, found.Items.Select(item => item.Text)));
        Assert.All(found.Items, item => Assert.DoesNotContain("Kadali", item.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("// Console.Wri|")]
    [InlineData("\"Console.Wri|\"")]
    public async Task Completion_keeps_quiet_in_comments_and_strings(string text)
    {
        var position = text.IndexOf('|', StringComparison.Ordinal);

        Assert.Empty(
            (await _notebook.Editor.CompleteAsync(text.Remove(position, 1), position, TestContext.Current.CancellationToken)).Items);
    }

    [Theory]
    [InlineData("Console.Write|Line(1)", "void Console.WriteLine(int value)")]
    [InlineData("Math.Max(|", "int Math.Max(int val1, int val2)")]
    [InlineData("earlier|", "List<int>")]
    public async Task Inspection_shows_signatures(string text, string expected)
    {
        await _notebook.EventsAsync("var earlier = new List<int>();");
        var position = text.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Editor.InspectAsync(text.Remove(position, 1), position, 0, TestContext.Current.CancellationToken);

        Assert.Contains(expected, found!.PlainText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 + 1", "complete")]
    [InlineData("class A {", "incomplete")]
    [InlineData("if (true)\n{", "incomplete")]
    [InlineData("class class }", "invalid")]
    [InlineData("#!time", "complete")]
    [InlineData("namespace N { class C { } }", "complete")]
    public void Completeness_is_told(string text, string status) => Assert.Equal(status, _notebook.Editor.IsComplete(text).Status);

    public void Dispose() => _notebook.Dispose();
}
