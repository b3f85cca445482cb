namespace Kadali.Delta.Spark.Tests;

/// <summary>Rows that one writes and the other reads.</summary>
public sealed class WriteTests(SparkServer server) : IDisposable
{
    private readonly Both _both = new(server);

    public void Dispose() => _both.Dispose();

    [Fact]
    public async Task A_table_is_made_and_both_append_to_it()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id BIGINT NOT NULL, name STRING COMMENT 'who') USING DELTA COMMENT 'people'",
            "INSERT INTO {t} VALUES (1, 'ann'), (2, NULL)");
        await _both.SeeAsync("SELECT * FROM {t}", "1|'ann'", "2|null");

        await _both.RunAsync("spark: INSERT INTO {t} VALUES (3, 'cy')", "INSERT INTO {t} VALUES (4, 'di')");

        await _both.SeeAsync("SELECT * FROM {t}", "1|'ann'", "2|null", "3|'cy'", "4|'di'");
        await _both.SeeAsync("SELECT count(*) AS n FROM {t} VERSION AS OF 2", "3");
        await _both.SameDescriptionAsync();
        Assert.Equal(["'people'"], (await _both.SparkAsync("DESCRIBE DETAIL {t}", "description"))[1..]);
    }

    [Fact]
    public async Task A_query_makes_and_replaces_a_table()
    {
        await _both.RunAsync("CREATE TABLE {t} USING DELTA PARTITIONED BY (p) AS SELECT range AS id, range % 3 AS p FROM range(20)");
        await _both.SameAsync();

        await _both.RunAsync(
            "CREATE OR REPLACE TABLE {t} USING DELTA AS SELECT 'x' || range AS word, range * 1.5 AS number FROM range(4)",
            "spark: INSERT INTO {t} VALUES ('y', 7.5)");
        await _both.SameAsync();
        await _both.SameAsync("SELECT * FROM {t} VERSION AS OF 0");

        await _both.RunAsync(
            "spark: DROP TABLE IF EXISTS replaced", "spark: CREATE TABLE replaced USING DELTA LOCATION '{folder}/t'",
            "spark: CREATE OR REPLACE TABLE replaced (a INT, b STRING) USING DELTA LOCATION '{folder}/t'",
            "INSERT INTO {t} VALUES (1, 'one')");
        await _both.SeeAsync("SELECT * FROM {t}", "1|'one'");
        await _both.SameDescriptionAsync();
    }

    [Fact]
    public async Task Rows_are_overwritten_by_either()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, p STRING) USING DELTA PARTITIONED BY (p)",
            "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            "INSERT OVERWRITE {t} VALUES (4, 'a'), (5, 'b')");
        await _both.SeeAsync("SELECT * FROM {t}", "4|'a'", "5|'b'");

        await _both.RunAsync(
            "spark: INSERT OVERWRITE {t} VALUES (6, 'a'), (7, 'b')", "INSERT OVERWRITE {t} PARTITION (p = 'a') SELECT 8 AS id");

        await _both.SeeAsync("SELECT * FROM {t}", "7|'b'", "8|'a'");
        await _both.SeeAsync("SELECT * FROM {t} VERSION AS OF 1", "1|'a'", "2|'b'", "3|'c'");
        await _both.SameDescriptionAsync();
    }

    [Fact]
    public async Task A_part_is_replaced_by_its_condition()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, word STRING) USING DELTA",
            "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, NULL)",
            "INSERT INTO {t} REPLACE WHERE id >= 3 SELECT 5 AS id, 'e' AS word",
            "spark: INSERT INTO {t} REPLACE WHERE id < 2 SELECT 1 AS id, 'z' AS word");

        await _both.SeeAsync("SELECT * FROM {t}", "1|'z'", "2|'b'", "5|'e'");
    }

    [Fact]
    public async Task Partitions_are_overwritten_that_rows_have()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, p STRING, q INT) USING DELTA PARTITIONED BY (p, q)",
            "INSERT INTO {t} VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 1), (4, NULL, 1)",
            "INSERT OVERWRITE {t} PARTITION (p, q) SELECT 10 AS id, 'a' AS p, 1 AS q UNION ALL SELECT 40, NULL, 1",
            "spark: SET spark.sql.sources.partitionOverwriteMode = dynamic",
            "spark: INSERT OVERWRITE {t} VALUES (30, 'b', 1)");

        await _both.SeeAsync("SELECT * FROM {t}", "10|'a'|1", "2|'a'|2", "30|'b'|1", "40|null|1");
    }

    [Fact]
    public async Task Partition_values_may_be_any_text()
    {
        string[] words =
        [
            "plain", "with space", "100%", "a=b", "a/b", "ü🙂", "#?&", "quote''s", "back\\slash", "a:b", "[x]*{y}", "line\nbreak", "%20",
            "+", "\"q\"",
        ];
        await _both.RunAsync("CREATE TABLE {t} (id INT, p STRING) USING DELTA PARTITIONED BY (p)");
        var values = string.Join(", ", words.Select((word, i) => $"({i}, '{word}')"));
        _both.Kadali($"INSERT INTO {{t}} VALUES {values}, (100, NULL), (101, '')");
        var escaped = values.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("''", "\\'", StringComparison.Ordinal);
        await _both.SparkAsync($"INSERT INTO {{t}} VALUES {escaped}, (200, NULL), (201, '')");

        var rows = await _both.SameAsync();

        Assert.Equal((words.Length + 2) * 2, rows.Length);
        Assert.Equal(4, rows.Count(row => row.EndsWith("|null", StringComparison.Ordinal)));
        foreach (var word in words)
        {
            Assert.Equal(2, rows.Count(row =>
                row.EndsWith($"|'{word.Replace("''", "'", StringComparison.Ordinal)}'", StringComparison.Ordinal)));
        }

        await _both.SeeAsync("SELECT id FROM {t} WHERE p = '100%'", "2", "2");
        await _both.RunAsync("DELETE FROM {t} WHERE p = 'a/b'", "spark: DELETE FROM {t} WHERE p = 'a=b'", "OPTIMIZE {t}");
        Assert.Equal(rows.Length - 4, (await _both.SameAsync()).Length);
    }

    [Fact]
    public async Task Partition_values_have_their_types()
    {
        await _both.RunAsync(
            """
            CREATE TABLE {t} (id INT, b BOOLEAN, i1 TINYINT, i2 SMALLINT, i8 BIGINT, f FLOAT, d DOUBLE, n DECIMAL(10,3), day DATE,
              time TIMESTAMP, local TIMESTAMP_NTZ, s STRING)
            USING DELTA PARTITIONED BY (b, i1, i2, i8, f, d, n, day, time, local, s)
            """);
        string[] rows =
        [
            "1, true, 127, -32768, 9223372036854775807, 1.5, -2.25, 12.340, DATE '2020-02-29', TIMESTAMP '2021-03-04 "
                + "05:06:07.123456', TIMESTAMP '1969-12-31 23:59:59.5', 'x'",
            
            "2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
            "3, false, -128, 0, -1, 0.1, 1e300, -0.001, DATE '1900-01-01', TIMESTAMP '2021-12-31 23:00:00', TIMESTAMP '2021-12-31 "
                + "23:00:00', ''",
            
        ];
        _both.Kadali($"INSERT INTO {{t}} VALUES {string.Join(", ", rows.Select(row => $"({row})"))}");
        await _both.SparkAsync(
            $"INSERT INTO {{t}} VALUES {string.Join(", ", rows.Select(row => $"(1{row.Replace("1e300", "1e300D", StringComparison.Ordinal)})"))}");

        Assert.Equal(6, (await _both.SameAsync()).Length);
        await _both.SeeAsync("SELECT id FROM {t} WHERE time = TIMESTAMP '2021-03-04 05:06:07.123456'", "1", "11");
        await _both.SeeAsync("SELECT id FROM {t} WHERE d > 1 AND day < DATE '1950-01-01'", "13", "3");
        await _both.SeeAsync("SELECT id FROM {t} WHERE f = CAST(0.1 AS FLOAT) OR n = 12.34", "1", "11", "13", "3");
        await _both.SeeAsync("SELECT id FROM {t} WHERE s IS NULL", "12", "13", "2", "3");
    }

    [Fact]
    public async Task Binary_partition_values_are_read()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, p BINARY) USING DELTA PARTITIONED BY (p)",
            "INSERT INTO {t} SELECT 1, unhex('4142')",
            "spark: INSERT INTO {t} SELECT 2, unhex('4143')");

        await _both.SeeAsync("SELECT * FROM {t}", "1|4142", "2|4143");
    }

    [Fact]
    public async Task All_types_keep_their_values()
    {
        await _both.RunAsync(
            """
            CREATE TABLE {t} (id INT, b BOOLEAN, i1 TINYINT, i2 SMALLINT, i4 INT, i8 BIGINT, f FLOAT, d DOUBLE, n5 DECIMAL(5,2),
              n18 DECIMAL(18,0), n38 DECIMAL(38,10),
              s STRING, x BINARY, day DATE, time TIMESTAMP, local TIMESTAMP_NTZ) USING DELTA
            """,
            """
            INSERT INTO {t} VALUES
            (1, true, 127, 32767, 2147483647, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 999.99, 999999999999999999,
              9999999999999999999999999999.9999999999,
              'äöü🙂', unhex('00FF'), '9999-12-31', '2262-01-01 00:00:00.123456', '9999-12-31 23:59:59.999999'),
            (2, false, -128, -32768, -2147483648, -9223372036854775808, 'NaN', '-inf', -999.99, -999999999999999999, -0.0000000001,
              '', unhex(''), '0001-01-01', '0001-01-01 00:00:00', '1900-01-01 00:00:00.000001'),
            (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            """);

        Assert.Equal(3, (await _both.SameAsync()).Length);
        await _both.RunAsync("spark: INSERT INTO {t} SELECT 10, b, i1, i2, i4, i8, f, d, n5, n18, n38, s, x, day, time, local FROM {t} WHERE id = 1",
            "spark: UPDATE {t} SET i1 = 5, x = unhex('ABCD') WHERE id = 2");
        Assert.Equal(4, (await _both.SameAsync()).Length);
    }

    [Fact]
    public async Task Nested_values_are_kept()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, s STRUCT<a: INT, b: STRUCT<c: STRING, d: ARRAY<BIGINT>>>, l ARRAY<STRUCT<x: DOUBLE>>, m "
                + "MAP<STRING, ARRAY<INT>>, k MAP<INT, STRUCT<y: DATE>>) USING DELTA",
            
            """
            INSERT INTO {t} VALUES
            (1, {'a': 1, 'b': {'c': 'see', 'd': [1, NULL, 3]}}, [{'x': 1.5}, NULL, {'x': NULL}],
              MAP {'one': [1], 'none': NULL, 'empty': []}, MAP {7: {'y': DATE '2020-01-01'}}),
            (2, {'a': NULL, 'b': NULL}, [], MAP {}, NULL),
            (3, NULL, NULL, NULL, NULL)
            """,
            """
            spark: INSERT INTO {t} VALUES
            (4, named_struct('a', 4, 'b', named_struct('c', 'sea', 'd', array(4L))), array(named_struct('x', 4.5D)),
              map('four', array(4, NULL)), map(4, named_struct('y', DATE '2024-04-04')))
            """);

        Assert.Equal(4, (await _both.SameAsync()).Length);
        await _both.SeeAsync("SELECT id FROM {t} WHERE s.b.c = 'see'", "1");
        await _both.SeeAsync("SELECT id FROM {t} WHERE s.a > 1", "4");
    }

    [Fact]
    public async Task Odd_names_are_columns()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (`a.b` INT, `ü-1` STRING, `select` INT, s STRUCT<`x.y`: INT>) USING DELTA",
            "INSERT INTO {t} VALUES (1, 'one', 2, {'x.y': 3})",
            "spark: INSERT INTO {t} VALUES (4, 'four', 5, named_struct('x.y', 6))",
            "UPDATE {t} SET `a.b` = `a.b` + 10 WHERE `ü-1` = 'four'");

        await _both.SeeAsync("SELECT * FROM {t}", "14|'four'|5|{x.y: 6}", "1|'one'|2|{x.y: 3}");
        await _both.SeeAsync("SELECT `select` FROM {t} WHERE `a.b` > 1", "5");
    }

    [Fact]
    public async Task Rows_of_an_application_are_written_once()
    {
        await _both.RunAsync("CREATE TABLE {t} (id INT) USING DELTA", "spark: SET spark.databricks.delta.write.txnAppId = loader");
        Write(1, "SELECT 1 AS id");
        await _both.RunAsync("spark: SET spark.databricks.delta.write.txnVersion = 1", "spark: INSERT INTO {t} VALUES (100)");
        await _both.RunAsync("spark: SET spark.databricks.delta.write.txnVersion = 2", "spark: INSERT INTO {t} VALUES (2)");
        Write(2, "SELECT 200 AS id");
        Write(3, "SELECT 3 AS id");

        await _both.SeeAsync("SELECT * FROM {t}", "1", "2", "3");

        void Write(long version, string query) => new WriteInto(_both.Session, new LocalStorage(_both["t"])).Write(
            new(query, new WriteMode.Append()) { Transaction = new("loader", version) }, _both.Snapshot(), CancellationToken.None);
    }

    [Fact]
    public async Task Rows_are_inserted_by_name_and_the_table_is_emptied()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (a INT, b STRING, c DOUBLE) USING DELTA",
            "INSERT INTO {t} (c, a) VALUES (1.5, 1)",
            "INSERT INTO {t} BY NAME SELECT 'two' AS b, 2 AS a",
            "spark: INSERT INTO {t} BY NAME SELECT 'three' AS b, 3 AS a");
        await _both.SeeAsync("SELECT * FROM {t}", "1|null|1.5", "2|'two'|null", "3|'three'|null");

        await _both.RunAsync("TRUNCATE TABLE {t}");
        Assert.Empty(await _both.SameAsync());
        await _both.SameDescriptionAsync();
    }

    [Fact]
    public async Task Columns_that_rows_bring_become_the_tables()
    {
        await _both.RunAsync("CREATE TABLE {t} (id INT, s STRUCT<a: INT>) USING DELTA", "INSERT INTO {t} VALUES (1, {'a': 1})");
        new WriteInto(_both.Session, new LocalStorage(_both["t"])).Write(
            new("SELECT 2 AS id, {'a': 2, 'b': 'x'} AS s, DATE '2020-01-01' AS day", new WriteMode.Append()) { MergesSchema = true },
            _both.Snapshot(), CancellationToken.None);
        await _both.RunAsync("spark: INSERT INTO {t} VALUES (3, named_struct('a', 3, 'b', 'y'), NULL)");

        await _both.SeeAsync("SELECT * FROM {t}", "1|{a: 1, b: null}|null", "2|{a: 2, b: 'x'}|2020-01-01", "3|{a: 3, b: 'y'}|null");
    }
}
