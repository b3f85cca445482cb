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
    [InlineData("#!share |", "earlier", "planes", "--from")]
    [InlineData("#!share pla|", "planes")]
    [InlineData("#!share planes --from |", "csharp")]
    [InlineData("#!set --name x --value @|", "@csharp:", "@input", "@password", "@planes")]
    [InlineData("#!set --name x --value @csharp:pla|", "@csharp:planes")]
    [InlineData("class Jet : Plane { public override |", "string ToString() => base.ToString();")]
    [InlineData("class Jet : Plane { public override To|\n public int X => 1; }", "string ToString() => base.ToString();")]
    [InlineData("abstract class Wing { protected abstract int Span(ref int x); public virtual int Chord { get; set; } }\n"
        + "class Flap : Wing { override |", "int Span(ref int x) => throw new System.NotImplementedException();",
        "int Chord { get => base.Chord; set => base.Chord = value; }")]
    [InlineData("class Jet : Plane { public override bool Eq|", "Equals(object obj) => base.Equals(obj);")]
    [InlineData("[Obsol|", "Obsolete")]
    [InlineData("class Jet { [Seri|] public int X; }", "Serializable")]
    [InlineData("class Jet { [System.Obsol|] public int X; }", "Obsolete")]
    [InlineData("if (DateTime.Now.DayOfWeek == |", "DayOfWeek.Monday", "planes")]
    [InlineData("if (DateTime.Now.DayOfWeek != Tue|", "DayOfWeek.Tuesday")]
    [InlineData("DayOfWeek? day = Day|;", "DayOfWeek.Monday", "DayOfWeek")]
    [InlineData("new DateTime(1, 2, 3, 4, 5, 6, |", "DateTimeKind.Utc")]
    [InlineData("DateTime.SpecifyKind(kind: Ut|)", "DateTimeKind.Utc")]
    [InlineData("switch (DateTime.Now.DayOfWeek) { case Mo|", "DayOfWeek.Monday")]
    [InlineData("var b = DateTime.Now.DayOfWeek is Mo|", "DayOfWeek.Monday")]
    public async Task Completion_offers_what_fits(string text, params string[] expected)
    {
        await _notebook.EventsAsync(
            "var earlier = new List<int>(); class Plane { public int Seats { get; set; } public string Model { get; set; } }\n"
                + "var planes = new List<Plane>();");
        var position = text.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Editor.CompleteAsync(text.Remove(position, 1), position, TestContext.Current.CancellationToken);

        Assert.All(expected, word => Assert.Contains(word, found.Items.Select(item => item.Text)));
        Assert.All(found.Items, item => Assert.DoesNotMatch("Kadali(Cell|Value|Draft)", item.Text));
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
    [InlineData("Math.Max(|", "int Math.Max(»int val1«, int val2)")]
    [InlineData("Math.Max(1, |", "int Math.Max(int val1, »int val2«)")]
    [InlineData("Math.Max(val2: |", "int Math.Max(int val1, »int val2«)")]
    [InlineData("Math.Max(Math.Abs(2), |)", "int Math.Max(int val1, »int val2«)")]
    [InlineData("string.Join(\"\", 1, 2, |", "string.Join(string? separator, »params object?[] values«)")]
    [InlineData("new DateTime(1, |", "DateTime(int year, »int month«, int day)")]
    [InlineData("new Dictionary<string, int>().TryAdd(\"\", |", "(string key, »int value«)")]
    [InlineData("earlier|", "List<int>")]
    public async Task Inspection_shows_signatures(string text, string expected)
    {
        await _notebook.EventsAsync("var earlier = new List<int>();");
        var position = text.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Editor.InspectAsync(text.Remove(position, 1), position, 0, TestContext.Current.CancellationToken);

        Assert.True(found!.PlainText.Contains(expected, StringComparison.Ordinal), found.PlainText);
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
