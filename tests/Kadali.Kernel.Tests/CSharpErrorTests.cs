using Kadali.Cells;

namespace Kadali.Kernel.Tests;

/// <summary>Errors point into the reader's cells and show no frame of ours.</summary>
public sealed class CSharpErrorTests : IDisposable
{
    private readonly Notebook _notebook = new();

    [Fact]
    public async Task A_compile_error_names_its_place()
    {
        var fault = await _notebook.FaultAsync("var a = 1;\nvar b = undefined;");

        Assert.Equal("CS0103", fault.Code);
        Assert.Equal((new TextPosition(1, 8), "var b = undefined;", 9), (fault.Place!.Position, fault.Place.Line, fault.Place.Length));
    }

    [Fact]
    public async Task A_compile_error_below_a_magic_line_keeps_the_line_of_the_cell()
    {
        var fault = await _notebook.FaultAsync("#!time\n\nundefined");

        Assert.Equal(2, fault.Place!.Position.Line);
    }

    [Fact]
    public async Task A_compile_error_in_a_loop_names_the_place_as_it_was_written()
    {
        var fault = await _notebook.FaultAsync("for (var i = 0; i < 2; i++) { undefined(); }");

        Assert.Equal(30, fault.Place!.Position.Column);
    }

    [Fact]
    public async Task A_misspelled_variable_gets_a_guess()
    {
        await _notebook.EventsAsync("var flights = 1;");

        Assert.Equal("Did you mean 'flights'?", (await _notebook.FaultAsync("fligths + 1")).Hint);
    }

    [Fact]
    public async Task A_traceback_shows_the_cells_and_nothing_of_ours()
    {
        await _notebook.EventsAsync("int Divide(int a, int b)\n{\n    return a / b;\n}");

        var failure = await Assert.ThrowsAsync<CellFailedException>(() => _notebook.EventsAsync("Divide(1, 0)"));

        Assert.Equal("System.DivideByZeroException", failure.ErrorName);
        Assert.Collection(
            failure.Traceback,
            line => Assert.Contains("divide by zero", line, StringComparison.Ordinal),
            line => Assert.Contains("line 3, in Divide: return a / b;", line, StringComparison.Ordinal),
            line => Assert.Contains("line 1: Divide(1, 0)", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("var numbers = new[] { 1 };\nnumbers[numbers.Length] += 1;", "line 2: numbers[numbers.Length] += 1;")]
    [InlineData("int Get(int[] all, int i)\n{\n    return all[i];\n}\nGet([1], 1)", "line 3, in Get: return all[i];")]
    [InlineData("var none = new int[0];\nvar a = none.Length == 1 ? none[0]\n    : none[1];", "line 2 or 3")]
    [InlineData("Func<int[], int> second = all => all[1];\nsecond([1])", "line 1, in a lambda: Func")]
    public async Task An_index_out_of_range_is_found_in_the_cell(string code, string place)
    {
        var failure = await Assert.ThrowsAsync<CellFailedException>(() => _notebook.EventsAsync(code));

        Assert.Equal("System.IndexOutOfRangeException", failure.ErrorName);
        Assert.Contains(place, failure.Traceback[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recursion_without_end_is_an_error_and_the_session_goes_on()
    {
        var failure = await Assert.ThrowsAsync<CellFailedException>(() => _notebook.EventsAsync("int F(int n) => F(n + 1) + 1;\nF(0)"));

        Assert.Contains("too deep", failure.Message, StringComparison.Ordinal);
        Assert.Equal("2", await _notebook.ValueAsync("1 + 1"));
    }

    [Theory]
    [InlineData("Task.Delay(1); 1", "CS4014")]
    [InlineData("#warning slow\n1", "CS1030")]
    [InlineData("[Obsolete(\"old\")] class Old { } new Old() is null", "CS0618")]
    public async Task A_useful_warning_is_shown(string code, string id) =>
        Assert.Contains(id, await _notebook.TextAsync(code), StringComparison.Ordinal);

    [Theory]
    [InlineData("string? s = null; s?.Length")]
    [InlineData("string s = null; 1")]
    [InlineData("async Task<int> F() { return 1; } 1")]
    public async Task Nobody_is_told_what_does_not_matter(string code) =>
        Assert.DoesNotContain("warning", await _notebook.TextAsync(code), StringComparison.Ordinal);

    public void Dispose() => _notebook.Dispose();
}
