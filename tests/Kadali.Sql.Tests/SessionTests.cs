using Kadali.Cells;

namespace Kadali.Sql.Tests;

/// <summary>The session behind SQL cells: what it keeps, what it refuses, and what it says.</summary>
public sealed class SessionTests : IDisposable
{
    private readonly SqlNotebook _notebook = new();

    [Fact]
    public async Task A_failed_transaction_says_how_to_go_on()
    {
        await _notebook.SqlAsync("CREATE TABLE t(a INT PRIMARY KEY); BEGIN; INSERT INTO t VALUES (1)");
        Assert.Equal("KDL307", (await _notebook.Cells.FaultAsync("#!sql\nINSERT INTO t VALUES (1)")).Code);

        var fault = await _notebook.Cells.FaultAsync("#!sql\nSELECT * FROM t");

        Assert.Equal("KDL308", fault.Code);
        Assert.Contains("ROLLBACK", fault.Hint, StringComparison.Ordinal);
        await _notebook.SqlAsync("ROLLBACK");
        Assert.Equal("0", Last(await _notebook.SqlAsync("SELECT count(*) FROM t")));
    }

    [Theory]
    [InlineData("PRAGMA enable_profiling")]
    [InlineData("SET enable_profiling = 'query_tree'")]
    [InlineData("COPY (SELECT 1) TO '/dev/stdout'")]
    [InlineData("SET enable_progress_bar_print = true")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD '/tmp/x.duckdb_extension'")]
    [InlineData("SET autoload_known_extensions = true")]
    public async Task What_would_print_or_load_code_is_refused(string sql) =>
        Assert.Equal("KDL312", (await _notebook.Cells.FaultAsync("#!sql\n" + sql)).Code);

    [Theory]
    [InlineData("CREATE TABLE x AS SELECT 1 AS a; INSERT INTO x VALUES (2), (3)", "2 rows changed")]
    [InlineData("CREATE TABLE x AS SELECT 1 AS a; UPDATE x SET a = 2 RETURNING a", "2")]
    [InlineData("PREPARE p AS SELECT $1 + 1; EXECUTE p(41)", "42")]
    [InlineData("SET VARIABLE v = 5; SELECT getvariable('v')", "5")]
    [InlineData("ATTACH ':memory:' AS other; CREATE TABLE other.t AS SELECT 7 AS a; SELECT * FROM other.t", "7")]
    [InlineData("CREATE TABLE x AS SELECT 1 AS a; DESCRIBE x", "a")]
    [InlineData("CREATE MACRO twice(a) AS a * 2; SELECT twice(4)", "8")]
    [InlineData("WITH t AS (SELECT 3 AS a) FROM t", "3")]
    [InlineData("SELECT '{\"a\": 1}'::JSON::VARIANT::JSON", "{\"a\":1}")]
    public async Task Statements_behave_as_duckdb_users_expect(string sql, string expected)
    {
        var events = await _notebook.Cells.EventsAsync("#!sql\n" + sql);

        var last = events.OfType<CellEvent.Result>().Single().Content.PlainText.Split('\n')[^1];
        Assert.StartsWith(expected, last.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_says_which_statement_it_is_of()
    {
        var fault = await _notebook.Cells.FaultAsync(
            "#!sql\nSELECT 1;\nSELECT 'é', :one;\n\tSELECT 'ü', nope FROM range(3)".Replace(":one", "1", StringComparison.Ordinal));

        Assert.StartsWith("Statement 3: ", fault.Message, StringComparison.Ordinal);
        Assert.Equal(new TextPosition(3, 13), fault.Place!.Position);
    }

    [Fact]
    public async Task A_plan_is_a_tree_with_expected_rows()
    {
        var events = await _notebook.Cells.EventsAsync(
            "#!sql --explain\nSELECT a.range FROM range(1000) a JOIN range(10) b USING (range) ORDER BY 1");

        var plan = events.OfType<CellEvent.Result>().Single().Content;
        Assert.Contains("└─ ", plan.PlainText, StringComparison.Ordinal);
        Assert.Contains("JOIN (~", plan.PlainText, StringComparison.Ordinal);
        Assert.Contains("<details", (string)plan.Data[MimeBundle.Html], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_of_a_wrong_statement_points_at_its_place()
    {
        var fault = await _notebook.Cells.FaultAsync("#!sql --explain\nSELECT nope FROM range(3)");

        Assert.Equal(("KDL303", new TextPosition(1, 7)), (fault.Code, fault.Place!.Position));
    }

    [Fact]
    public async Task History_tells_state_and_rows()
    {
        await _notebook.SqlAsync("SELECT * FROM range(7)");
        await _notebook.Cells.FaultAsync("#!sql\nSELEC 1");

        var history = await _notebook.Cells.TextAsync("#!sql --history");

        Assert.Contains("done", history, StringComparison.Ordinal);
        Assert.Contains("failed", history, StringComparison.Ordinal);
        Assert.Contains("SELECT * FROM range(7)", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_query_shows_progress_that_goes_at_the_end()
    {
        var events = await _notebook.Cells.EventsAsync(
            "#!sql\nSELECT count(*) FROM range(25000) a, range(25000) b WHERE (a.range * b.range) % 7 = 3");

        var first = events.OfType<CellEvent.Display>().First();
        Assert.True(first.IsProgress);
        Assert.Contains("running", first.Content.PlainText, StringComparison.Ordinal);
        Assert.Equal("", events.OfType<CellEvent.Update>().Last(update => update.DisplayId == first.DisplayId).Content.PlainText);
    }

    [Fact]
    public async Task Running_out_of_memory_names_the_limit()
    {
        await _notebook.SqlAsync("SET memory_limit = '64MB'; SET temp_directory = ''");

        var fault = await _notebook.Cells.FaultAsync("#!sql\nSELECT list(a.range) FROM range(5000) a, range(5000) b GROUP BY a.range % 3");

        Assert.Equal("KDL306", fault.Code);
        Assert.Contains("KADALI_SQL_MEMORY", fault.Hint, StringComparison.Ordinal);
        Assert.Equal("1", Last(await _notebook.SqlAsync("SELECT 1 AS one")));
    }

    [Theory]
    [InlineData("SELECT f.dep| FROM 'FLIGHTS/flights.parquet' f", "dep_delay", "column")]
    [InlineData("SELECT dep_d| FROM 'FLIGHTS/flights.parquet'", "dep_delay", "column")]
    [InlineData("SELECT p.na| FROM people p", "Name", "column")]
    [InlineData("SELECT list_con|", "list_contains", "function")]
    public async Task Completion_knows_columns_and_functions(string text, string expected, string kind)
    {
        await _notebook.Cells.EventsAsync("record P(string Name); var people = new List<P>();");
        var code = ("#!sql\n" + text).Replace("FLIGHTS", SqlNotebook.Flights, StringComparison.Ordinal);
        var position = code.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Cells.Editor.CompleteAsync(code.Remove(position, 1), position, TestContext.Current.CancellationToken);

        Assert.Contains(found.Items, item => item.Text == expected && item.Kind == kind);
    }

    [Theory]
    [InlineData("SELECT * FROM temporary_pe|", "temporary_people", "table")]
    [InlineData("SELECT wei| FROM temporary_people", "weight", "column")]
    [InlineData("SELECT v.hei| FROM temporary_view v", "height", "column")]
    public async Task Completion_knows_temporary_tables_while_a_query_runs(string text, string expected, string kind)
    {
        await _notebook.SqlAsync(
            "CREATE TEMP TABLE temporary_people AS SELECT 70 AS weight; CREATE TEMP VIEW temporary_view AS SELECT 1.8 AS height");
        using var interrupt = new CancellationTokenSource();
        var running = _notebook.Cells.EventsAsync("#!sql\nSELECT count(*) FROM range(10000000000) a, range(1000000) b", interrupt.Token);
        var code = "#!sql\n" + text;
        var position = code.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Cells.Editor.CompleteAsync(code.Remove(position, 1), position, TestContext.Current.CancellationToken);

        Assert.False(running.IsCompleted);
        Assert.Contains(found.Items, item => item.Text == expected && item.Kind == kind);
        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_dropped_temporary_table_is_no_longer_offered()
    {
        await _notebook.SqlAsync("CREATE TEMP TABLE short_lived AS SELECT 1 AS a");
        await _notebook.SqlAsync("DROP TABLE short_lived");

        var found = await _notebook.Cells.Editor.CompleteAsync("#!sql\nSELECT * FROM short_l", 27, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(found.Items, item => item.Text == "short_lived");
    }

    [Fact]
    public async Task Variants_are_json_for_the_reader_and_for_csharp()
    {
        await _notebook.Cells.EventsAsync("var text = \"{\\\"k\\\": [1, 2]}\";");

        var shown = await _notebook.SqlAsync("SELECT :text::JSON::VARIANT AS \"a v\", 7 AS n -- the end", "--name variants");

        Assert.Equal(["{\"k\":[1,2]}", "7"], shown!.Split('\n')[2].Split('│').Select(value => value.Trim()));
        Assert.Equal(
            "2",
            await _notebook.Cells.ValueAsync("System.Text.Json.JsonDocument.Parse(variants[0].AV)."
                + "RootElement.GetProperty(\"k\").GetArrayLength()"));
        Assert.Contains("::JSON", (await _notebook.Cells.FaultAsync("#!sql SELECT [1::VARIANT] AS nested")).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hover_shows_a_function_s_signature()
    {
        var help = await _notebook.Cells.Editor.InspectAsync(
            "#!sql\nSELECT list_contains([1], 1)", 16, 0, TestContext.Current.CancellationToken);

        Assert.Contains("list_contains(", help!.PlainText, StringComparison.Ordinal);
    }

    public void Dispose() => _notebook.Dispose();

    private static string Last(string? table) => table!.Split('\n')[^1].Trim();
}
