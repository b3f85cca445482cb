using System.Diagnostics;

namespace Kadali.Sql.Tests;

/// <summary>C# values in SQL: sequences as tables, and variables that are bound.</summary>
public sealed class SequenceTests : IDisposable
{
    private readonly SqlNotebook _notebook = new();

    [Theory]
    [InlineData("new[] { 1.25m, 3m }", "max(value)", "DECIMAL(38,2)", "3.00")]
    [InlineData("new[] { new DateOnly(2026, 1, 2) }", "max(value)", "DATE", "2026-01-02")]
    [InlineData("new[] { new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)) }", "max(value)",
        "TIMESTAMP WITH TIME ZONE", "2026-01-02 01:04:05+00")]
    [InlineData("new[] { new DateTime(2026, 1, 2, 3, 4, 5) }", "max(value)", "TIMESTAMP", "2026-01-02 03:04:05")]
    [InlineData("new[] { new TimeOnly(3, 4, 5) }", "max(value)", "TIME", "03:04:05")]
    [InlineData("new[] { TimeSpan.FromHours(30) }", "max(value)", "INTERVAL", "30:00:00")]
    [InlineData("new[] { Guid.Parse(\"00112233-4455-6677-8899-aabbccddeeff\") }", "max(value)",
        "UUID", "00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("new[] { new List<int> { 1, 2 } }", "max(value)", "INTEGER[]", "[1, 2]")]
    [InlineData("new[] { new Dictionary<string, int> { [\"a\"] = 1 } }", "any_value(value)", "MAP(VARCHAR, INTEGER)", "{a=1}")]
    [InlineData("new[] { new { P = new { X = 1, Y = \"é\" } } }", "any_value(p)", "STRUCT(X INTEGER, Y VARCHAR)", "{'X': 1, 'Y': é}")]
    [InlineData("new[] { DayOfWeek.Friday }", "max(value)", "VARCHAR", "Friday")]
    [InlineData("new[] { true, false }", "bool_and(value)", "BOOLEAN", "false")]
    [InlineData("new object[] { 1, 2 }", "max(value)", "INTEGER", "2")]
    [InlineData("new int?[] { 1, null, 3 }", "count(*) - count(value)", "BIGINT", "1")]
    [InlineData("new[] { new byte[] { 1, 255 } }", "hex(max(value))", "VARCHAR", "01FF")]
    [InlineData("new[] { (Name: \"a\", Age: 3) }", "max(item2)", "INTEGER", "3")]
    [InlineData("new List<int>()", "count(*)", "BIGINT", "0")]
    public async Task A_sequence_has_its_types(string sequence, string expression, string type, string text)
    {
        await _notebook.Cells.EventsAsync($"var things = {sequence};");

        var shown = await _notebook.SqlAsync($"SELECT unnest([typeof(v), v::VARCHAR]) FROM (SELECT {expression} AS v FROM things)");

        Assert.Equal([type, text], shown!.Split('\n')[^2..].Select(line => line.Trim()));
    }

    [Fact]
    public async Task Many_rows_pass_whole()
    {
        await _notebook.Cells.EventsAsync(
            "var many = Enumerable.Range(0, 200_000).Select(i => new { Id = i, Name = i % 3 == 0 ? null : $\"n{i}\" });");

        Assert.Equal(
            "19999900000/133333/n199999",
            Last(await _notebook.SqlAsync("SELECT sum(id) || '/' || count(name) || '/' || max_by(name, id) FROM many")));
    }

    [Fact]
    public async Task A_lazy_sequence_is_read_once_per_cell()
    {
        await _notebook.Cells.EventsAsync("var reads = 0; IEnumerable<int> Lazy() { reads++; yield return 1; } var lazy = Lazy();");

        await _notebook.SqlAsync("SELECT count(*) FROM lazy; SELECT a.value FROM lazy a, lazy b");

        Assert.Equal("1", await _notebook.Cells.ValueAsync("reads"));
    }

    [Theory]
    [InlineData("Enumerable.Range(0, int.MaxValue).Select(i => i)", "2,147,483,647 rows")]
    [InlineData("Enumerable.Range(0, int.MaxValue).Where(i => i >= 0)", "gave 5,000,000 rows")]
    public async Task A_sequence_that_is_too_long_is_refused(string sequence, string reason)
    {
        await _notebook.Cells.EventsAsync($"var endless = {sequence};");

        var fault = await _notebook.Cells.FaultAsync("#!sql\nSELECT count(*) FROM endless");

        Assert.Equal("KDL316", fault.Code);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_table_and_its_view_are_tables()
    {
        await _notebook.Cells.EventsAsync(
            """
            var data = new System.Data.DataTable();
            data.Columns.Add("Id", typeof(int)); data.Columns.Add("Paid", typeof(decimal)); data.Columns.Add("Free text", typeof(string));
            data.Rows.Add(1, 2.50m, "a"); data.Rows.Add(2, DBNull.Value, "b"); data.Rows.Add(3, 4m, DBNull.Value);
            var view = new System.Data.DataView(data, "Id > 1", "Id", System.Data.DataViewRowState.CurrentRows);
            var none = data.Clone();
            """);

        Assert.Equal(
            "6/6.50/2/DECIMAL(38,2)",
            Last(await _notebook.SqlAsync(
                "SELECT sum(id) || '/' || sum(paid) || '/' || count(\"free text\") || '/' || any_value(typeof(paid)) FROM data")));
        Assert.Equal("5", Last(await _notebook.SqlAsync("SELECT sum(id) FROM view")));
        Assert.Equal("0", Last(await _notebook.SqlAsync("SELECT count(*) FROM none")));
    }

    [Fact]
    public async Task A_sequence_without_end_can_be_interrupted()
    {
        await _notebook.Cells.EventsAsync(
            "IEnumerable<int> Endless() { while (true) { Thread.SpinWait(1000); yield return 1; } } var endless = Endless();");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _notebook.Cells.EventsAsync("#!sql\nSELECT count(*) FROM endless", interrupt.Token));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"took {clock.Elapsed}");
        Assert.Equal("1", Last(await _notebook.SqlAsync("SELECT 1 AS one")));
    }

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("Thread.Sleep(Timeout.Infinite);")]
    public async Task A_sequence_that_never_yields_ends_at_the_first_interrupt(string stuck)
    {
        await _notebook.Cells.EventsAsync(
            "var began = new TaskCompletionSource(); var ended = false; "
                + $"IEnumerable<int> Stuck() {{ try {{ began.SetResult(); {stuck} }} finally {{ ended = true; }} yield return 1; }} "
                + "var never = Stuck();");
        using var interrupt = new CancellationTokenSource();
        var reading = _notebook.Cells.EventsAsync("#!sql\nSELECT count(*) FROM never", interrupt.Token);
        _notebook.Cells.CSharp.TryGet("began", out _, out var began);
        await ((TaskCompletionSource)began!).Task;
        var clock = Stopwatch.StartNew();

        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        Assert.Equal("true", await _notebook.Cells.ValueAsync("ended"));
        Assert.Equal("1", Last(await _notebook.SqlAsync("SELECT 1 AS one")));
    }

    [Fact]
    public async Task Cells_code_runs_again_in_sql_after_a_cell_was_interrupted()
    {
        await _notebook.Cells.EventsAsync(
            "IEnumerable<int> Three() { for (var i = 0; i < 3; i++) { yield return i; } } var three = Three();");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _notebook.Cells.EventsAsync("while (true) { }", interrupt.Token));

        await _notebook.SqlAsync("SELECT 5 AS n", "--name five");
        Assert.Equal("3", Last(await _notebook.SqlAsync("SELECT count(*) FROM three")));
        Assert.Equal("5", Last(await _notebook.SqlAsync("SELECT n FROM five")));
    }

    [Fact]
    public async Task A_sequence_that_throws_is_named()
    {
        await _notebook.Cells.EventsAsync("var broken = Enumerable.Range(0, 3).Select(i => 10 / (1 - i));");

        var fault = await _notebook.Cells.FaultAsync("#!sql\nSELECT * FROM broken");

        Assert.Equal("KDL315", fault.Code);
        Assert.Contains("'broken'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("DivideByZeroException", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_sequence_that_throws_late()
    {
        await _notebook.Cells.EventsAsync(
            "var bad = true; var late = Enumerable.Range(0, 100_000).Select(i => bad && i == 99_999 ? throw new Exception() : i);");
        await _notebook.Cells.FaultAsync("#!sql\nSELECT count(*) FROM late");

        await _notebook.Cells.EventsAsync("bad = false;");

        Assert.Equal("100000", Last(await _notebook.SqlAsync("SELECT count(*) FROM late")));
    }

    [Fact]
    public async Task A_result_is_a_table_for_the_next_statement()
    {
        await _notebook.SqlAsync("SELECT range AS n, true AS flag, 1.5::DECIMAL(9,2) AS d FROM range(5000)");

        Assert.Equal(
            "12497500|7500.00|5000",
            Last(await _notebook.SqlAsync("SELECT sum(n) || '|' || sum(d) || '|' || count_if(flag) FROM _sql")));
    }

    [Fact]
    public async Task A_named_result_is_a_table_too()
    {
        await _notebook.SqlAsync("SELECT range AS n FROM range(10)", "--name ten");

        Assert.Equal("45", Last(await _notebook.SqlAsync("SELECT sum(n) FROM ten")));
    }

    [Theory]
    [InlineData("var v = 5;", "SELECT :v + 1", "6")]
    [InlineData("var v = \"it's\";", "SELECT :v", "it's")]
    [InlineData("int? v = null;", "SELECT :v IS NULL", "true")]
    [InlineData("var v = new DateTime(2026, 1, 2);", "SELECT year(:v)", "2026")]
    [InlineData("var v = 1.5m;", "SELECT :v * 2", "3.0")]
    [InlineData("var v = \"x'; DROP TABLE t; --\";", "SELECT length(:v)", "20")]
    [InlineData("var v = new[] { 2, 3 };", "SELECT count(*) FROM range(5) t(n) WHERE n IN :v", "2")]
    [InlineData("var v = new[] { 2, 3 };", "SELECT count(*) FROM range(5) t(n) WHERE n NOT IN ( :v )", "3")]
    [InlineData("var v = new int[0];", "SELECT count(*) FROM range(5) t(n) WHERE n IN (:v)", "0")]
    [InlineData("var v = new string[] { null };", "SELECT count(*) FROM range(5) t(n) WHERE CAST(n AS VARCHAR) IN (:v)", "0")]
    [InlineData("var v = new List<string> { \"a\" };", "SELECT list_contains(:v, 'a')", "true")]
    [InlineData("var v = new HashSet<long> { 7 };", "SELECT :v[1]", "7")]
    [InlineData("var v = DayOfWeek.Monday;", "SELECT :v", "Monday")]
    [InlineData("var v = new DateOnly(2026, 1, 2);", "SELECT typeof(:v) || :v", "DATE2026-01-02")]
    [InlineData("var v = Guid.Empty;", "SELECT typeof(:v)", "UUID")]
    [InlineData("var v = 12.345m;", "SELECT :v", "12.345")]
    [InlineData("var v = TimeSpan.FromMinutes(90);", "SELECT INTERVAL 0 HOUR + :v", "01:30:00")]
    [InlineData("var v = 1;", "SELECT TIMESTAMP '2026-01-02 03:04:05'", "2026-01-02 03:04:05")]
    [InlineData("var v = 1;", "SELECT TIMESTAMPTZ '2026-01-02 03:04:05+00'", "2026-01-02 03:04:05+00:00")]
    [InlineData("var v = new byte[] { 255 };", "SELECT hex(:v)", "FF")]
    [InlineData("var v = new int?[] { 1, null };", "SELECT len(:v)", "2")]
    public async Task A_value_of_any_type_is_bound(string code, string sql, string value)
    {
        await _notebook.Cells.EventsAsync(code);

        Assert.Equal(value, Last(await _notebook.SqlAsync(sql)));
    }

    [Fact]
    public async Task A_value_that_cannot_be_bound_is_named()
    {
        await _notebook.Cells.EventsAsync("var v = new System.Net.Http.HttpClient();");

        Assert.Equal("KDL313", (await _notebook.Cells.FaultAsync("#!sql\nSELECT :v")).Code);
    }

    [Fact]
    public async Task Nested_columns_are_typed_in_csharp()
    {
        await _notebook.SqlAsync(
            "SELECT [{'code': 'ORD', 'gate': 1}, NULL] AS stops, map {'a': 1.5, 'b': NULL} AS rates, "
                + "{'lat': 41.9, 'tags': ['x', 'y']} AS place, NULL::INT[] AS none, [[1], []] AS deep",
            "--name trips");

        Assert.Equal("ORD", await _notebook.Cells.ValueAsync("trips[0].Stops[0].Code"));
        Assert.Equal("true", await _notebook.Cells.ValueAsync("trips[0].Stops[1] is null && trips[0].None is null"));
        Assert.Equal("1.5", await _notebook.Cells.ValueAsync("trips[0].Rates[\"a\"]"));
        Assert.Equal("y", await _notebook.Cells.ValueAsync("trips[0].Place.Tags[1]"));
        Assert.Equal("2", await _notebook.Cells.ValueAsync("trips[0].Deep.Count"));
    }

    public void Dispose() => _notebook.Dispose();

    /// <summary>The value in the last line of a table of one row.</summary>
    private static string Last(string? table) => table!.Split('\n')[^1].Trim();
}
