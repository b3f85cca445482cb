using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Commands;

/// <summary>Statements from text to table, as a cell runs them.</summary>
public sealed class StatementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;
    private readonly Folders _tables;

    public StatementTests()
    {
        _connection.Open();
        _session = new(_connection);
        _session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
        _tables = new(_folder.Path);
    }

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_table_is_made_filled_changed_and_read()
    {
        Run("CREATE TABLE people (id BIGINT NOT NULL, name STRING DEFAULT 'nobody', upper STRING GENERATED ALWAYS AS (upper(name))) USING DELTA");
        Run("INSERT INTO people (id, name) VALUES (1, 'ann'), (2, 'bob'), (3, NULL)");
        Run("INSERT INTO people (id) VALUES (4)");
        Run("UPDATE people SET name = concat(name, '!') WHERE id == 2");
        Run("DELETE FROM people WHERE name <=> NULL");
        Run("""
            MERGE INTO people p USING (SELECT id + 3 AS id, `name` FROM people VERSION AS OF 1) s ON p.id = s.id
            WHEN MATCHED THEN UPDATE SET p.name = s.name
            WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)
            """);

        Assert.Equal(["1|ann|ANN", "2|bob!|BOB!", "4|ann|ANN", "5|bob|BOB", "6|-|-"], Query("SELECT * FROM people"));
        Assert.Equal(["3"], Query("SELECT count(*) FROM people VERSION AS OF 1 WHERE id < 4"));
        Assert.Equal(["5|1"], Query("SELECT count(*), count(DISTINCT b.id) FROM people a JOIN people@v1 b ON b.id = 1"));
    }

    [Fact]
    public void What_with_defines_is_known_to_every_part_of_a_statement()
    {
        Run("CREATE TABLE t (id INT, name STRING) USING DELTA");
        Run("WITH q AS (SELECT 1 AS id), r(n) AS (VALUES ('ann')) INSERT INTO t SELECT * FROM q, r UNION ALL SELECT 2, 'bob'");
        Run("WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 12) INSERT INTO t (id) SELECT i FROM n");
        Run("WITH q AS (SELECT 1 AS id, 'ANN' AS name) MERGE INTO t USING q ON t.id = q.id WHEN MATCHED THEN UPDATE SET *");
        Run("WITH q AS (SELECT 10 AS id) UPDATE t SET name = (SELECT concat('ten', max(id)) FROM q) WHERE EXISTS (SELECT 1 FROM q WHERE q.id = t.id)");
        Run("WITH q AS (SELECT id FROM t WHERE id > 10) DELETE FROM t WHERE id IN (WITH z AS (SELECT * FROM q WHERE id < 12) SELECT id FROM z)");

        Assert.Equal(["10|ten10", "12|-", "1|ANN", "2|bob"], Query("SELECT * FROM t"));
    }

    [Fact]
    public void The_alias_of_a_source_names_its_columns()
    {
        Run("CREATE TABLE t (id INT, name STRING) USING DELTA");
        Run("MERGE INTO t AS x USING (VALUES (1, 'ann'), (2, 'bob')) AS s(id, name) ON x.id = s.id WHEN NOT MATCHED THEN INSERT *");
        Run("MERGE INTO t USING t VERSION AS OF 1 s(key, word) ON t.id = s.key AND s.key = 2 WHEN MATCHED THEN UPDATE SET name = s.word || '!'");

        Assert.Equal(["1|ann", "2|bob!"], Query("SELECT * FROM t"));
        Assert.Contains(
            "USING (SELECT * FROM (VALUES (1)) AS `s`(`a b`)) AS `s`",
            SparkSql.Print(DeltaSqlParser.Parse("MERGE INTO t USING (VALUES (1)) s(`a b`) ON true WHEN MATCHED THEN DELETE")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NULL", "s.a")]
    [InlineData("{'a': NULL, 'i': {'b': 1}}", "s.a")]
    [InlineData("{'a': 1, 'i': NULL}", "s.i.b")]
    [InlineData("{'a': 1, 'i': {'b': 1}}", null)]
    public void A_field_that_is_not_null_needs_its_struct(string value, string? refused)
    {
        Run("CREATE TABLE t (id INT, s STRUCT<a: INT NOT NULL, i: STRUCT<b: INT NOT NULL>>) USING DELTA");

        var insert = Record.Exception(() => Run($"INSERT INTO t VALUES (1, {value})"));

        Assert.Equal(refused is null, insert is null);
        Assert.Contains(refused ?? "", insert?.Message ?? "", StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<DeltaException>(
            () => Run("CREATE TABLE u (x ARRAY<STRUCT<a: INT NOT NULL>>) USING DELTA")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_update_may_be_queries_over_delta_tables()
    {
        Run("CREATE TABLE t USING DELTA AS SELECT range AS id, range AS other FROM range(3)");
        Run("CREATE TABLE u USING DELTA AS SELECT range AS id, range * 10 AS v FROM range(2)");
        Run("UPDATE t SET other = (SELECT v FROM u WHERE u.id = t.id)");

        Assert.Equal(["0|0", "1|10", "2|-"], Query("SELECT * FROM t"));
    }

    [Fact]
    public void History_has_the_conditions_of_merge_without_marks_of_ours()
    {
        Run("CREATE TABLE t USING DELTA AS SELECT 1 AS id");
        Run("MERGE INTO t USING t s ON t.id = s.id WHEN MATCHED AND s.id > 0 THEN DELETE");

        Assert.DoesNotContain("@", File.ReadAllText(_folder["t/_delta_log/00000000000000000001.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_are_added_renamed_dropped_and_widened()
    {
        Run("CREATE TABLE t (a INT, b STRING, s STRUCT<x: INT>) USING DELTA TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')");
        Run("INSERT INTO t VALUES (1, 'one', {'x': 10})");
        Run("ALTER TABLE t ADD COLUMNS (c DOUBLE FIRST, s.y STRING)");
        Run("ALTER TABLE t RENAME COLUMN b TO word");
        Run("ALTER TABLE t ALTER COLUMN a TYPE BIGINT");
        Run("INSERT INTO t VALUES (0.5, 5000000000, 'two', {'x': 20, 'y': 'why'})");
        Run("ALTER TABLE t DROP COLUMN c");

        Assert.Equal(["1|one|{'x': 10, 'y': NULL}", "5000000000|two|{'x': 20, 'y': why}"], Query("SELECT * FROM t"));
        Assert.Equal(["a|BIGINT|-", "s|STRUCT<`x`: INT, `y`: STRING>|-", "word|STRING|-"], Output("DESCRIBE TABLE t"));
    }

    [Fact]
    public void A_table_goes_back_and_its_leftovers_are_removed()
    {
        Run("CREATE TABLE t USING DELTA AS SELECT range AS id FROM range(100)");
        Run("DELETE FROM t WHERE id < 50");
        Run("OPTIMIZE t");
        Run("RESTORE TABLE t TO VERSION AS OF 0");
        Assert.Equal(["100"], Query("SELECT count(*) FROM t"));

        Run("DELETE FROM t");
        var error = Assert.Throws<DeltaException>(() => Run("VACUUM t RETAIN 0 HOURS"));
        Run("ALTER TABLE t SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 0 hours')");
        _session.DuckDb.Query("SELECT 1", _ => 1, CancellationToken.None);
        var files = Output("VACUUM t DRY RUN");
        Run("VACUUM t");

        Assert.Contains("168", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, files.Length);
        Assert.Empty(Directory.GetFiles(_folder["t"]));
        Assert.Equal(["0"], Query("SELECT count(*) FROM t"));
        Assert.Equal(["CREATE TABLE AS SELECT", "DELETE", "OPTIMIZE", "RESTORE", "DELETE", "SET TBLPROPERTIES"],
            Execute("DESCRIBE HISTORY t").Rows.Reverse().Select(row => (string)row[2]!));
    }

    [Fact]
    public void Clones_and_converted_folders_are_tables()
    {
        Run("CREATE TABLE t USING DELTA PARTITIONED BY (p) AS SELECT range AS id, range % 2 AS p FROM range(10)");
        Run("DELETE FROM t WHERE id = 3");
        Run("CREATE TABLE shallow SHALLOW CLONE t");
        Run("CREATE TABLE deep DEEP CLONE t");
        Run("DELETE FROM t");
        _session.DuckDb.Execute(
            $"COPY (SELECT range AS id, range % 3 AS q FROM range(9)) TO '{_folder["plain"]}' (FORMAT parquet, PARTITION_BY (q))",
            CancellationToken.None);
        Run($"CONVERT TO DELTA parquet.`{_folder["plain"]}` PARTITIONED BY (q INT)");

        Assert.Equal(["9"], Query("SELECT count(*) FROM shallow"));
        Assert.Equal(["9|0|1"], Query("SELECT count(*), min(p), max(p) FROM deep"));
        Assert.Equal(["1", "4", "7"], Query($"SELECT id FROM delta.`{_folder["plain"]}` WHERE q = 1"));
    }

    [Fact]
    public void A_partitioned_table_is_compacted_by_partition()
    {
        Run("CREATE TABLE t (id INT, p STRING) USING DELTA PARTITIONED BY (p)");
        Run("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        Run("INSERT INTO t VALUES (3, 'a'), (4, 'b')");
        Run("OPTIMIZE t WHERE p = 'a'");

        Assert.Equal(["1|a", "2|b", "3|a", "4|b"], Query("SELECT * FROM t"));
        Assert.Equal(3L, Execute("DESCRIBE DETAIL t").Rows[0][9]);
    }

    [Fact]
    public void A_partition_column_is_renamed()
    {
        Run("CREATE TABLE t (id INT, p STRING) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')");
        Run("INSERT INTO t VALUES (1, 'a')");
        Run("ALTER TABLE t RENAME COLUMN p TO part");
        Run("INSERT INTO t VALUES (2, 'b')");

        Assert.Equal(["2|b"], Query("SELECT * FROM t WHERE part = 'b'"));
        Assert.Equal(["a", "b"], Output("SHOW PARTITIONS t"));
    }

    [Fact]
    public void Types_inside_of_lists_and_maps_are_widened()
    {
        Run("CREATE TABLE t (l ARRAY<INT>, m MAP<INT, STRUCT<x: SMALLINT>>) USING DELTA TBLPROPERTIES ('delta.enableTypeWidening' = 'true')");
        Run("INSERT INTO t VALUES ([1], MAP {1: {'x': 1}})");
        Run("ALTER TABLE t ALTER COLUMN l.element TYPE BIGINT");
        Run("ALTER TABLE t ALTER COLUMN m.key TYPE BIGINT");
        Run("ALTER TABLE t ALTER COLUMN m.value.x TYPE INT");
        Run("INSERT INTO t VALUES ([5000000000], MAP {5000000000: {'x': 70000}})");

        Assert.Equal(["[1]|{1={'x': 1}}", "[5000000000]|{5000000000={'x': 70000}}"], Query("SELECT * FROM t"));
        Assert.Contains("has no field 'item'",
            Assert.Throws<DeltaException>(() => Run("ALTER TABLE t ALTER COLUMN l.item TYPE BIGINT")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "\"fieldPath\":\"element\"", File.ReadAllText(
                Path.Combine(_folder["t"], "_delta_log", "00000000000000000002.json")).Replace("\\", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Default_stands_among_values()
    {
        Run("CREATE TABLE t (id INT, word STRING DEFAULT 'none', n INT, twice INT GENERATED ALWAYS AS (n * 2)) USING DELTA");
        Run("INSERT INTO t VALUES (1, DEFAULT, 1), (2, 'default, DEFAULT', DEFAULT)");
        Run("INSERT INTO t (n, word) VALUES (3, DEFAULT), (abs(-4), upper('x'))");

        Assert.Equal(["-|X|4|8", "-|none|3|6", "1|none|1|2", "2|default, DEFAULT|-|-"], Query("SELECT * FROM t"));
        Assert.Contains("'twice' has no default", Assert.Throws<DeltaException>(() =>
            Run("INSERT INTO t VALUES (1, 'x', 1, DEFAULT)")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variants_stand_inside_of_structs_and_lists()
    {
        Run("CREATE TABLE t (s STRUCT<v: VARIANT>, l ARRAY<VARIANT>) USING DELTA");
        Run("""INSERT INTO t VALUES ({'v': '{"a": 1}'::JSON::VARIANT}, [5::VARIANT, NULL]), (NULL, NULL)""");

        Assert.Equal(["-|-", "{'a': 1}|2"], Query("SELECT s.v AS v, len(l) AS n FROM t"));
    }

    [Fact]
    public void A_shallow_clone_names_files_as_spark_does()
    {
        Run("CREATE TABLE t USING DELTA AS SELECT range AS id FROM range(3)");
        Run("DELETE FROM t WHERE id = 1");
        Run("CREATE TABLE shallow SHALLOW CLONE t");

        var log = File.ReadAllText(Path.Combine(_folder["shallow"], "_delta_log", "00000000000000000000.json"));
        Assert.Contains($"\"path\":\"file:{_folder["t"]}/part-", log, StringComparison.Ordinal);
        Assert.Contains($"\"pathOrInlineDv\":\"file:{_folder["t"]}/deletion_vector_", log, StringComparison.Ordinal);
        Assert.Equal(["0", "2"], Query("SELECT id FROM shallow"));
    }

    [Fact]
    public void Rows_that_MERGE_brings_get_identities()
    {
        Run("CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), name STRING) USING DELTA");
        Run("INSERT INTO t (name) VALUES ('a')");
        Run("MERGE INTO t USING (SELECT unnest(['a', 'b', 'c']) AS name) s ON t.name = s.name WHEN NOT MATCHED THEN INSERT (name) VALUES (s.name)");
        Run("INSERT INTO t (name) VALUES ('d')");

        Assert.Equal(["10", "15", "20", "25"], Query("SELECT id FROM t"));
        Assert.Equal(["a|10", "d|25"], Query("SELECT name, id FROM t WHERE name IN ('a', 'd')"));
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        Run("CREATE TABLE t (id INT, CONSTRAINT positive CHECK (id > 0)) USING DELTA");

        Assert.Contains("'positive' (id > 0)", Assert.Throws<DeltaException>(() => Run("INSERT INTO t VALUES (0)")).Message,
            StringComparison.Ordinal);
        Assert.Contains("no column 'nope'", Assert.Throws<DeltaException>(() => Run("UPDATE t SET nope = 1")).Message,
            StringComparison.Ordinal);
        Assert.Contains("no Delta table missing", Assert.Throws<DeltaException>(() => Run("DELETE FROM missing")).Message,
            StringComparison.Ordinal);
        Assert.Contains("no version 9", Assert.Throws<DeltaException>(() => Query("SELECT * FROM t VERSION AS OF 9")).Message,
            StringComparison.Ordinal);
        Assert.Contains("Did you mean 'delta.appendOnly'?", Assert.Throws<DeltaException>(() =>
            Run("ALTER TABLE t SET TBLPROPERTIES ('delta.apendOnly' = 'true')")).Hint, StringComparison.Ordinal);
    }

    private CommandOutput Execute(string sql) =>
        new DeltaExecutor(_session, _tables).Execute(DeltaSqlParser.Parse(sql), CancellationToken.None);

    private void Run(string sql) => Execute(sql);

    private string[] Output(string sql) =>
        [.. Execute(sql).Rows.Select(row => string.Join('|', row.Select(value => value?.ToString() ?? "-"))).Order(StringComparer.Ordinal)];

    private string[] Query(string sql)
    {
        using var bound = new QueryBinder(_session, _tables).Bind(sql, null, CancellationToken.None);
        return [.. _session.DuckDb.Query(
            $"SELECT coalesce(CAST(COLUMNS(*) AS VARCHAR), '-') FROM ({bound.Sql})",
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)), CancellationToken.None).Order(
                StringComparer.Ordinal)];
    }

    /// <summary>Tables by name in one folder.</summary>
    private sealed class Folders(string root) : ITables
    {
        public IDeltaStorage? Find(TableRef table) =>
            Directory.Exists(Path.Combine(Folder(table), "_delta_log")) ? new LocalStorage(Folder(table)) : null;

        public IDeltaStorage Place(TableRef table, string? location) => new LocalStorage(location ?? Folder(table));

        private string Folder(TableRef table) => table.Path ?? Path.Combine(root, table.Parts[^1]);
    }
}
