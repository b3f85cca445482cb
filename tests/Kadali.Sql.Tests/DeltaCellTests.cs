using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql.Tests;

/// <summary>Delta tables in SQL cells.</summary>
public sealed class DeltaCellTests : IDisposable
{
    private readonly string _warehouse = Directory.CreateTempSubdirectory("kadali-cells-").FullName;
    private readonly SqlNotebook _notebook;

    public DeltaCellTests()
    {
        // Read by the first statement; tests of this project run one after the other.
        Environment.SetEnvironmentVariable("KADALI_WAREHOUSE", _warehouse);
        _notebook = new();
    }

    [Fact]
    public async Task A_table_is_made_filled_changed_and_read_in_versions()
    {
        await _notebook.SqlAsync("CREATE TABLE people (id INT, name STRING) USING DELTA");
        var inserted = await _notebook.SqlAsync("INSERT INTO people VALUES (1, 'ann'), (2, 'bob')");
        var updated = await _notebook.SqlAsync("UPDATE people SET name = upper(name) WHERE id = 1");

        Assert.Equal("2 rows changed", inserted);
        Assert.Equal("1 row changed", updated);
        Assert.Equal("ANN bob", await Cells("SELECT name FROM people ORDER BY id"));
        Assert.Equal("ann bob", await Cells("SELECT name FROM people VERSION AS OF 1 ORDER BY id"));
        Assert.Equal("1", await Cells("SELECT count(*) FROM people a JOIN people@v1 b ON a.name = b.name"));
        Assert.Equal("2", await Cells($"SELECT count(*) FROM delta.`{_warehouse}/people`"));
        Assert.True(Directory.Exists($"{_warehouse}/people/_delta_log"));
    }

    [Fact]
    public async Task Delta_tables_files_and_csharp_sequences_meet_in_one_statement()
    {
        await _notebook.Cells.EventsAsync("var extra = new[] { new { Id = 3, Name = \"cy\" } }; var least = 2;");
        await _notebook.SqlAsync("CREATE TABLE people USING DELTA AS SELECT 1 AS id, 'ann' AS name UNION ALL SELECT 2, 'bob'");

        var merged = await _notebook.SqlAsync(
            "MERGE INTO people p USING extra e ON p.id = e.id WHEN NOT MATCHED THEN INSERT (id, name) VALUES (e.id, e.name)");

        Assert.Contains("num_inserted_rows", merged, StringComparison.Ordinal);
        Assert.Equal("bob cy", await Cells("SELECT name FROM people WHERE id >= :least ORDER BY id"));
        Assert.Equal("1 row changed", await _notebook.SqlAsync("DELETE FROM people WHERE id = :least"));
        Assert.Equal("ann cy", await Cells("SELECT name FROM people ORDER BY id"));
    }

    [Fact]
    public async Task Databases_and_tables_are_listed_used_and_dropped()
    {
        await _notebook.SqlAsync("CREATE DATABASE sales; CREATE TABLE sales.orders (id INT) USING DELTA; CREATE TEMP TABLE mine (x INT)");

        Assert.Equal("default sales", await Cells("SHOW DATABASES"));
        Assert.Equal("sales orders false", await Cells("SHOW TABLES IN sales"));
        Assert.Contains("mine", await _notebook.SqlAsync("SHOW TABLES"), StringComparison.Ordinal);
        await _notebook.SqlAsync("USE sales; INSERT INTO orders VALUES (7)");
        Assert.Equal("7", await Cells("SELECT id FROM orders"));
        await _notebook.SqlAsync("DROP TABLE orders; USE default; DROP DATABASE sales");
        Assert.Empty(Directory.GetDirectories(_warehouse));
    }

    [Fact]
    public async Task A_table_of_duckdb_goes_before_one_of_the_warehouse()
    {
        await _notebook.SqlAsync(
            "CREATE TABLE t USING DELTA AS SELECT 1 AS x; CREATE TEMP TABLE t AS SELECT 2 AS x; INSERT INTO t VALUES (3)");

        Assert.Equal("5", await Cells("SELECT sum(x) FROM t"));
        Assert.Equal("1", await Cells($"SELECT sum(x) FROM delta.`{_warehouse}/t`"));
    }

    [Fact]
    public async Task A_transaction_of_duckdb_takes_no_changes_of_delta()
    {
        await _notebook.SqlAsync("CREATE TABLE t USING DELTA AS SELECT 1 AS x; BEGIN");

        var fault = await _notebook.Cells.FaultAsync("#!sql\nDELETE FROM t");

        Assert.Equal("KDL509", fault.Code);
        Assert.Equal("1", await Cells("SELECT count(*) FROM t"));
        await _notebook.SqlAsync("ROLLBACK; DELETE FROM t");
        Assert.Equal("0", await Cells("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task An_interrupt_leaves_the_table_as_it_was()
    {
        await _notebook.SqlAsync("CREATE TABLE t USING DELTA AS SELECT 1 AS x");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(600));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _notebook.Cells.EventsAsync(
            "#!sql\nINSERT INTO t SELECT a.range + b.range FROM range(1000000) a, range(100000) b", interrupt.Token));

        Assert.Equal("1", await Cells("SELECT count(*) FROM t"));
        Assert.Single(Directory.GetFiles($"{_warehouse}/t", "*.parquet"));
    }

    [Fact]
    public async Task History_and_details_are_tables_of_their_own()
    {
        await _notebook.SqlAsync("CREATE TABLE t USING DELTA AS SELECT 1 AS x; DELETE FROM t");

        await _notebook.SqlAsync("DESCRIBE HISTORY t", "--name versions");
        Assert.Equal(
            "DELETE, CREATE TABLE AS SELECT", await _notebook.Cells.ValueAsync("string.Join(\", \", versions.Select(v => v.Operation))"));
        Assert.Contains("INT", await _notebook.SqlAsync("DESCRIBE t"), StringComparison.Ordinal);
        Assert.Contains("delta", await _notebook.SqlAsync("DESCRIBE DETAIL t"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_read_as_a_table()
    {
        await _notebook.SqlAsync("""
            CREATE TABLE t (x INT) USING DELTA TBLPROPERTIES (delta.enableChangeDataFeed = true);
            INSERT INTO t VALUES (1), (2); DELETE FROM t WHERE x = 1
            """);

        Assert.Equal("insert 1 insert 2 delete 1", await Cells(
            "SELECT _change_type, x FROM table_changes('t', 1) ORDER BY _commit_version, x"));
    }

    [Theory]
    [InlineData("CREATE TABLE t (a INTT) USING DELTA", "KDL501", 18, "INT")]
    [InlineData("SELECT 1;\nSELECT *\nFROM nowhere VERSION AS OF 3", "KDL502", 5, "nowhere")]
    [InlineData("SELECT * FROM delta.`/no/such/table`", "KDL502", 14, "/no/such/table")]
    [InlineData("UPDATE people SET nome = 1", "KDL508", 18, "nome")]
    [InlineData("INSERT INTO people SELECT oops FROM people", "KDL303", null, "oops")]
    [InlineData("SELECT id, oops FROM people WHERE id > 1", "KDL303", 11, "oops")]
    [InlineData("SELECT oops FROM db.people", "KDL302", null, "people")]
    [InlineData("CREATE TABLE people (a INT) USING DELTA", "KDL503", 13, "people")]
    [InlineData("OPTIMIZE peple", "KDL502", 9, "people")]
    [InlineData("INSERT INTO people VALUES (-1, 'x')", "KDL507", null, "positive")]
    [InlineData("VACUUM people RETAIN 0 HOURS", "KDL509", null, "168")]
    [InlineData("CREATE VIEW v AS SELECT * FROM people", "KDL505", null, "view")]
    public async Task A_mistake_has_a_code_a_place_and_a_hint(string sql, string code, int? column, string says)
    {
        await _notebook.SqlAsync(
            "CREATE TABLE people (id INT, name STRING, CONSTRAINT positive CHECK (id > 0)) USING DELTA; "
                + "INSERT INTO people VALUES (1, 'ann')");

        var fault = await _notebook.Cells.FaultAsync($"#!sql\n{sql}");

        Assert.Equal(code, fault.Code);
        Assert.DoesNotContain("\"}", fault.Message, StringComparison.Ordinal);
        Assert.Contains(says, fault.Message + fault.Hint, StringComparison.OrdinalIgnoreCase);
        if (column is { } expected)
        {
            Assert.Equal(expected, fault.Place?.Position.Column);
        }

        Assert.Equal("1", await Cells("SELECT count(*) FROM people"));
    }

    [Theory]
    [InlineData("SELECT * FROM peo|", "people")]
    [InlineData("SELECT p.na| FROM people p", "name")]
    [InlineData("UPDATE people SET na|", "name")]
    [InlineData("SELECT * FROM sal|", "sales")]
    [InlineData("SELECT * FROM sales.ord|", "orders")]
    [InlineData("OPTIMIZE peo|", "people")]
    public async Task Completion_offers_databases_tables_and_columns(string text, string expected)
    {
        await _notebook.SqlAsync(
            "CREATE TABLE people (id INT, name STRING) USING DELTA; CREATE DATABASE sales; CREATE TABLE sales.orders (x INT) USING DELTA");
        var code = "#!sql\n" + text;
        var position = code.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Cells.Editor.CompleteAsync(code.Remove(position, 1), position, TestContext.Current.CancellationToken);

        Assert.Contains(found.Items, item => item.Text == expected);
    }

    [Fact]
    public async Task A_plan_shows_only_the_files_that_are_needed()
    {
        await _notebook.SqlAsync(
            "CREATE TABLE t (x INT, p INT) USING DELTA PARTITIONED BY (p); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");

        var plan = await _notebook.SqlAsync("SELECT x FROM t WHERE p = 2", "--explain");

        Assert.DoesNotContain("UNION", plan, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("KADALI_WAREHOUSE", null);
        _notebook.Dispose();
        Directory.Delete(_warehouse, recursive: true);
    }

    /// <summary>The cells of the result, row by row.</summary>
    private async Task<string> Cells(string sql)
    {
        await _notebook.SqlAsync(sql);
        Assert.True(_notebook.Cells.CSharp.TryGet("_sql", out _, out var table));
        var rows = await ((ITable)table!).ReadAsync(new(0, 100), TestContext.Current.CancellationToken);
        return string.Join(' ', rows.SelectMany(row => row).Select(value => value is bool flag ? flag ? "true" : "false" : value));
    }
}
