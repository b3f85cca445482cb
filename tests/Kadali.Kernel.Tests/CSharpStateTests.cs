namespace Kadali.Kernel.Tests;

/// <summary>What a cell declares, later cells can use, change and declare anew.</summary>
public sealed class CSharpStateTests : IDisposable
{
    private readonly Notebook _notebook = new();

    [Theory]
    [InlineData("var x = 5; int y = 7;", "x + y", "12")]
    [InlineData("var x = 5;", "x = 6; x++; x", "7")]
    [InlineData("int n = 0; void Bump() => n++;", "Bump(); Bump(); n", "2")]
    [InlineData("var t = (a: 1, b: \"s\");", "t.a + t.b", "1s")]
    [InlineData("var (a, b) = (1, 2);", "a + b", "3")]
    [InlineData("if (int.TryParse(\"12\", out var n)) { }", "n", "12")]
    [InlineData("T Id<T>(T v) where T : struct => v; int Add(int a, int b = 10) => a + b;", "Id(5) + Add(1)", "16")]
    [InlineData("async Task<int> Later() { await Task.Yield(); return 5; }", "await Later() + await Task.FromResult(1)", "6")]
    [InlineData("int n = 1;", "n += await Task.FromResult(40); n", "41")]
    [InlineData("struct S { public int V; }\nS s = default;", "s.V = 5; s.V", "5")]
    [InlineData("record Flight(string Dest, int Delay);", "new Flight(\"ORD\", 3).Dest", "ORD")]
    [InlineData("var q = new[] { 1, 2 }.Select(n => new { n, Twice = n * 2 }).ToList();", "q.Where(r => r.Twice > 2).Single().n", "2")]
    [InlineData("static class Ext { public static int Twice(this int n) => 2 * n; }", "21.Twice()", "42")]
    [InlineData("static class Ext { extension(int n) { public int Thrice => 3 * n; } }", "14.Thrice", "42")]
    [InlineData("static int Twice(this int n) => 2 * n;", "21.Twice()", "42")]
    [InlineData("namespace Shop { public class Item { public int Price => 3; } }", "using Shop; new Item().Price", "3")]
    [InlineData("using P = System.IO.Path;", "P.GetFileName(\"/a/b\")", "b")]
    [InlineData("using static System.Math;", "Sqrt(16)", "4")]
    [InlineData("const int N = 4; class Holder { public int V = N; }", "new Holder().V + N", "8")]
    [InlineData("int P => 40;", "P + 2", "42")]
    [InlineData("dynamic d = new { A = 3 };", "d.A + 1", "4")]
    public async Task A_later_cell_uses_what_an_earlier_one_declared(string first, string second, string value)
    {
        await _notebook.EventsAsync(first);

        Assert.Equal(value, await _notebook.ValueAsync(second));
    }

    [Fact]
    public async Task A_name_declared_anew_hides_the_old_one_and_leaves_its_neighbours()
    {
        await _notebook.EventsAsync("var x = 5; var y = 7;");
        await _notebook.EventsAsync("var x = \"text\";");

        Assert.Equal("text7", await _notebook.ValueAsync("x + y"));
    }

    [Fact]
    public async Task A_function_goes_on_with_its_own_variable_after_the_name_was_declared_anew()
    {
        await _notebook.EventsAsync("int n = 1; int Get() => n;");
        await _notebook.EventsAsync("string n = \"new\";");

        Assert.Equal("1new", await _notebook.ValueAsync("Get() + n"));
    }

    [Fact]
    public async Task The_same_type_declared_again_keeps_its_values_usable()
    {
        const string declaration = "record Flight(string Dest);";
        await _notebook.EventsAsync(declaration);
        await _notebook.EventsAsync("var f = new Flight(\"ORD\");");
        await _notebook.EventsAsync(declaration);

        Assert.Equal("ORD", await _notebook.ValueAsync("f.Dest"));
    }

    [Fact]
    public async Task A_changed_type_replaces_the_old_one()
    {
        await _notebook.EventsAsync("record Flight(string Dest); record Plane(int Seats);");
        await _notebook.EventsAsync("record Flight(int Number);");

        Assert.Equal("7", await _notebook.ValueAsync("new Flight(7).Number"));
        Assert.Equal("9", await _notebook.ValueAsync("new Plane(9).Seats"));
    }

    [Fact]
    public async Task What_was_assigned_before_an_exception_is_kept()
    {
        await Assert.ThrowsAsync<Kadali.Cells.CellFailedException>(
            () => _notebook.EventsAsync("var kept = 1; throw new Exception(\"no\");"));

        Assert.Equal("1", await _notebook.ValueAsync("kept"));
    }

    [Fact]
    public async Task A_cell_that_does_not_compile_changes_nothing()
    {
        await _notebook.EventsAsync("var x = 1;");
        await _notebook.FaultAsync("var x = 2; var y = ;");

        Assert.Equal("1", await _notebook.ValueAsync("x"));
    }

    [Fact]
    public async Task A_statement_has_no_value_and_an_expression_has()
    {
        Assert.Null(await _notebook.ValueAsync("1.ToString();"));
        Assert.Equal("1", await _notebook.ValueAsync("1.ToString()"));
    }

    [Fact]
    public async Task Variables_can_be_set_and_read_from_outside()
    {
        await _notebook.CSharp.SetAsync("given", new List<int> { 1, 2 }, typeof(List<int>), TestContext.Current.CancellationToken);

        Assert.Equal("2", await _notebook.ValueAsync("given.Count"));
        Assert.True(_notebook.CSharp.TryGet("given", out var variable, out var value));
        Assert.Equal((typeof(List<int>), 2), (variable.Type, ((List<int>)value!).Count));
    }

    [Fact]
    public async Task Types_can_be_declared_from_outside()
    {
        var assembly = await _notebook.CSharp.DeclareTypesAsync(
            "public sealed record Row(int A, string? B);", TestContext.Current.CancellationToken);

        Assert.NotNull(assembly.GetType("Row"));
        Assert.Equal("x", await _notebook.ValueAsync("new Row(1, \"x\").B"));
    }

    public void Dispose() => _notebook.Dispose();
}
