using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql.Tests;

/// <summary>Delta tables in SQL cells.</summary>
public sealed class DeltaCellTests : WarehouseTests
{
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

    [Theory]
    [InlineData("DELETE FROM t WHERE id IN (:v)", "1 4 5")]
    [InlineData("DELETE FROM t WHERE id NOT IN :v AND id > 1", "1 2 3")]
    [InlineData("UPDATE t SET id = 0 WHERE id IN (:v) OR id = 5", "0 0 0 1 4")]
    [InlineData("MERGE INTO t USING (SELECT 2 AS k) s ON t.id = s.k AND t.id IN (:v) WHEN MATCHED THEN DELETE", "1 3 4 5")]
    [InlineData("DELETE FROM t WHERE id IN (:none)", "1 2 3 4 5")]
    public async Task A_list_says_which_rows_of_a_table_are_meant(string change, string left)
    {
        await _notebook.Cells.EventsAsync("var v = new[] { 2, 3 }; var none = new List<long>();");
        await _notebook.SqlAsync("CREATE TABLE t USING DELTA AS SELECT range + 1 AS id FROM range(5)");
        await _notebook.SqlAsync(change);

        Assert.Equal(left, await Cells("SELECT string_agg(id, ' ' ORDER BY id) FROM t"));
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
    public async Task A_schema_is_a_database()
    {
        await _notebook.SqlAsync(
            "CREATE SCHEMA s1; CREATE SCHEMA IF NOT EXISTS s1; CREATE TABLE s1.t USING DELTA AS SELECT 7 AS x; USE SCHEMA s1");

        Assert.Equal("default s1", await Cells("SHOW SCHEMAS"));
        Assert.Equal("7", await Cells("SELECT x FROM t"));
        await _notebook.SqlAsync("DROP SCHEMA s1 CASCADE; CREATE SCHEMA memory.own; CREATE TABLE own.t AS SELECT 8 AS x");
        Assert.Equal("8", await Cells("SELECT x FROM own.t"));
        Assert.Equal("default", await Cells("SHOW DATABASES"));
        await _notebook.SqlAsync("DROP SCHEMA own CASCADE");
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
    [InlineData("SELECT *\nFROM people VERSION AS OF 77", "KDL502", 5, "77")]
    [InlineData("SELECT * FROM table_changes('people', 0)", "KDL505", 14, "change data feed")]
    [InlineData("UPDATE people SET nome = 1", "KDL508", 18, "nome")]
    [InlineData("INSERT INTO people SELECT oops FROM people", "KDL303", 26, "There are id, name")]
    [InlineData("INSERT INTO people SELECT id, p.nme FROM people p", "KDL303", 32, "\"name\"")]
    [InlineData("INSERT INTO people (id, nam) VALUES (1, 'a')", "KDL508", 24, "name")]
    [InlineData("INSERT INTO people VALUES (1, uppr('a'))", "KDL302", 30, "upper")]
    [InlineData("INSERT INTO people VALUES (1, 'a'), ('many', 'b')", "KDL304", 37, "many")]
    [InlineData("INSERT INTO people SELECT name, 'x' FROM people", "KDL304", 19, "'ann' to INT32 when casting from source column id")]
    [InlineData("INSERT INTO people VALUES (1)", "KDL508", 19, "2 are wanted")]
    [InlineData("DELETE FROM people\nWHERE id > 0\n  AND nam = 'x'", "KDL303", 6, "\"name\"")]
    [InlineData("DELETE FROM people WHERE id", "KDL508", 25, "is of type INT")]
    [InlineData("UPDATE people SET id = 2 WHERE id + 1", "KDL508", 31, "takes a condition")]
    [InlineData("DELETE FROM people p WHERE p.nam = 'x'", "KDL303", 29, "Table \"p\" does not have")]
    [InlineData("DELETE FROM people WHERE lenght(name) = 1", "KDL302", 25, "length")]
    [InlineData("DELETE FROM people WHERE name = 'x' OR id > DATE '2024-01-01'", "KDL303", 42, "INTEGER")]
    [InlineData("DELETE FROM people WHERE id = 'one'", "KDL304", 30, "'one'")]
    [InlineData("DELETE FROM people WHERE `name` = '😀' AND id IN (SELECT oops FROM people)", "KDL303", 57, "oops")]
    [InlineData("DELETE FROM people WHERE id IN (SELECT id FROM peple)", "KDL302", 47, "people")]
    [InlineData("WITH q AS (SELECT 1 AS i) DELETE FROM people WHERE id IN (SELECT i FROM q WHERE oops)", "KDL303", 80, "oops")]
    [InlineData("UPDATE people SET name = upper(nam)", "KDL303", 31, "\"name\"")]
    [InlineData("UPDATE people SET id = name", "KDL304", 23, "'ann'")]
    [InlineData("UPDATE people SET name = (SELECT max(nme) FROM people)", "KDL303", 37, "\"name\"")]
    [InlineData("UPDATE people x(a, b) SET a = 1", "KDL501", 15, "brackets")]
    [InlineData("MERGE INTO people p USING people s ON p.id = s.idd WHEN MATCHED THEN DELETE", "KDL303", 47, "\"id\"")]
    [InlineData("MERGE INTO people p USING people s ON id = s.id WHEN MATCHED THEN DELETE", "KDL303", 38, "p.id")]
    [InlineData("MERGE INTO people p USING people s ON p.id = s.id\nWHEN MATCHED THEN UPDATE SET name = s.nam", "KDL303", 38, "name")]
    [InlineData("MERGE INTO people p USING people s ON p.id IN (SELECT 1) WHEN MATCHED THEN DELETE", "KDL505", 47, "USING")]
    [InlineData("MERGE INTO people p USING VALUES (1) AS s(id) ON p.id = s.id WHEN MATCHED THEN DELETE", "KDL501", 26, "(VALUES")]
    [InlineData("CREATE TABLE t USING DELTA AS\nSELECT id, oops FROM people", "KDL303", 11, "oops")]
    [InlineData("EXPLAIN DELETE FROM people", "KDL505", 20, "SELECT")]
    [InlineData("COPY people FROM 'people.csv'", "KDL505", 5, "INSERT INTO people")]
    [InlineData("ANALYZE TABLE people COMPUTE STATISTICS", "KDL505", 0, "statistics")]
    [InlineData("CACHE TABLE people", "KDL505", 0, "TEMP TABLE")]
    [InlineData("MSCK REPAIR TABLE people", "KDL505", 0, "FSCK")]
    [InlineData("GENERATE symlink_format_manifest FOR TABLE people", "KDL505", 0, "manifests")]
    [InlineData("COPY INTO people FROM '/data' FILEFORMAT = PARQUET", "KDL505", 0, "INSERT INTO")]
    [InlineData("TRUNCATE TABLE people PARTITION (d = 1)", "KDL505", 22, "DELETE FROM")]
    [InlineData("ALTER TABLE people DROP PARTITION (id = 1)", "KDL505", 19, "DELETE FROM")]
    [InlineData("ALTER TABLE people SET LOCATION '/x'", "KDL505", 19, "DEEP CLONE")]
    [InlineData("SET spark.sql.shuffle.partitions = 5", "KDL505", 4, "spark.sql.shuffle.partitions")]
    [InlineData("CREATE DATABASE d WITH DBPROPERTIES (a = 'b')", "KDL505", 18, "properties")]
    [InlineData("CREATE SCHEMA d LOCATION '/x'", "KDL505", null, "LOCATION")]
    [InlineData("DESC people nam", "KDL508", 12, "name")]
    [InlineData("SHOW PARTITIONS people PARTITION (d = 1)", "KDL508", 16, "not partitioned")]
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

    [Fact]
    public async Task Statements_in_sparks_other_spellings_are_known()
    {
        await _notebook.SqlAsync("""
            CREATE EXTERNAL TABLE people (id INT, name STRING, d STRING) USING DELTA PARTITIONED BY (d) LOCATION 'file:///W/elsewhere';
            CREATE TABLE copy LIKE people; CREATE DATABASE sales; CREATE TABLE sales.orders (x INT) USING DELTA
            """.Replace("/W/", _warehouse + "/", StringComparison.Ordinal));
        Assert.Equal("2 rows changed", await _notebook.SqlAsync(
            "WITH q AS (SELECT 1 AS id, 'ann' AS name) INSERT INTO people SELECT id, name, 'x' FROM q UNION ALL SELECT 2, 'bob', 'y'"));
        await _notebook.SqlAsync("INSERT INTO copy VALUES (3, \"cy\", concat('x', 'y')), (4, DEFAULT, upper('z'))");
        await _notebook.SqlAsync("COMMENT ON COLUMN people.name IS 'who'; REFRESH TABLE people; DROP SCHEMA sales CASCADE");

        Assert.Equal("3 cy xy 4  Z", await Cells("SELECT * FROM copy ORDER BY id"));
        Assert.Equal("col_name name data_type STRING comment who", await Cells("DESC people name"));
        Assert.Equal("y", await Cells("SHOW PARTITIONS people PARTITION (d = 'y')"));
        Assert.Contains("Location", await _notebook.SqlAsync("DESCRIBE FORMATTED people"), StringComparison.Ordinal);
        Assert.Equal("default", await Cells("SHOW DATABASES"));
        Assert.Equal("spark_catalog default", await Cells("SHOW CURRENT SCHEMA"));
        Assert.Contains(_warehouse, await _notebook.SqlAsync("DESCRIBE SCHEMA EXTENDED default"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_retention_is_allowed_as_in_spark()
    {
        await _notebook.SqlAsync("CREATE TABLE t USING DELTA AS SELECT 1 AS x; DELETE FROM t");

        await _notebook.SqlAsync("SET spark.databricks.delta.retentionDurationCheck.enabled = false; VACUUM t RETAIN 0 HOURS");

        Assert.Empty(Directory.GetFiles($"{_warehouse}/t", "*.parquet"));
    }

    [Theory]
    [InlineData("#!delta append people\nSELECT 1 AS id,\n  oops", 2, 2, "  oops")]
    [InlineData("#!delta create people2\n\n SELECT oops", 2, 8, " SELECT oops")]
    [InlineData("#!delta read people --where \"oops = 1\"", 0, 0, "#!delta read people --where \"oops = 1\"")]
    public async Task A_mistake_below_a_subcommand_is_where_its_author_wrote_it(string code, int line, int column, string text)
    {
        await _notebook.SqlAsync("CREATE TABLE people (id INT, name STRING) USING DELTA");

        var fault = await _notebook.Cells.FaultAsync(code);

        Assert.Equal((line, column, text), (fault.Place!.Position.Line, fault.Place.Position.Column, fault.Place.Line));
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
            "CREATE TABLE t (x INT, p INT) USING DELTA PARTITIONED BY (p); INSERT INTO t SELECT range, range FROM range(9)");

        var plan = await _notebook.SqlAsync("SELECT x FROM t WHERE p = 2", "--explain");

        Assert.DoesNotContain("UNION", plan, StringComparison.Ordinal);
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
