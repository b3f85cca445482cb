namespace Kadali.Delta.Spark.Tests;

/// <summary>What a schema asks of rows, and how it changes.</summary>
public sealed class SchemaTests(SparkServer server) : IDisposable
{
    private readonly Both _both = new(server);

    public void Dispose() => _both.Dispose();

    [Fact]
    public async Task Constraints_of_either_bind_both()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT NOT NULL, n INT, s STRUCT<a: INT NOT NULL>, CONSTRAINT small CHECK (n < 100)) USING DELTA",
            "ALTER TABLE {t} ADD CONSTRAINT positive CHECK (n > 0 OR n IS NULL)",
            "INSERT INTO {t} VALUES (1, 1, {'a': 1})",
            "spark: ALTER TABLE {t} ADD CONSTRAINT odd CHECK (id % 2 = 1)",
            "spark: INSERT INTO {t} VALUES (3, 3, named_struct('a', 3))");

        foreach (var wrong in new[] { "5, 0", "5, 100", "4, 5", "NULL, 5" })
        {
            await Assert.ThrowsAsync<SparkException>(() => _both.SparkAsync($"INSERT INTO {{t}} VALUES ({wrong}, named_struct('a', 1))"));
            Assert.Throws<DeltaException>(() => _both.Kadali($"INSERT INTO {{t}} VALUES ({wrong}, {{'a': 1}})"));
        }

        await Assert.ThrowsAsync<SparkException>(() => _both.SparkAsync("UPDATE {t} SET n = -1"));
        Assert.Throws<DeltaException>(() => _both.Kadali("UPDATE {t} SET n = -1"));
        await _both.RunAsync(
            "spark: ALTER TABLE {t} DROP CONSTRAINT positive", "ALTER TABLE {t} DROP CONSTRAINT small",
            "INSERT INTO {t} VALUES (5, 500, {'a': 0})");
        await _both.RunAsync("spark: INSERT INTO {t} VALUES (7, -7, named_struct('a', 7))");
        Assert.Equal(4, (await _both.SameAsync()).Length);
        await _both.SameDescriptionAsync();
    }

    [Theory]
    [InlineData("s STRUCT<a: INT NOT NULL, b: INT>", "NULL")]
    [InlineData("s STRUCT<a: INT NOT NULL, b: INT>", "named_struct('a', CAST(NULL AS INT), 'b', 1)")]
    [InlineData("s STRUCT<a: INT NOT NULL, b: INT>", "named_struct('a', 1, 'b', CAST(NULL AS INT))")]
    [InlineData("s STRUCT<a: INT NOT NULL, b: INT> NOT NULL", "NULL")]
    [InlineData("s STRUCT<i: STRUCT<a: INT NOT NULL>>", "NULL")]
    [InlineData("s STRUCT<i: STRUCT<a: INT NOT NULL>>", "named_struct('i', CAST(NULL AS STRUCT<a: INT>))")]
    [InlineData("s STRUCT<i: STRUCT<a: INT NOT NULL>>", "named_struct('i', named_struct('a', CAST(NULL AS INT)))")]
    [InlineData("s STRUCT<i: STRUCT<a: INT> NOT NULL>", "NULL")]
    [InlineData("s STRUCT<i: STRUCT<a: INT> NOT NULL>", "named_struct('i', CAST(NULL AS STRUCT<a: INT>))")]
    [InlineData("s ARRAY<STRUCT<a: INT NOT NULL>>", "array(named_struct('a', CAST(NULL AS INT)))")]
    [InlineData("s MAP<STRING, STRUCT<a: INT NOT NULL>>", "map('k', named_struct('a', CAST(NULL AS INT)))")]
    public async Task What_may_be_null_within_a_struct_is_the_same_for_both(string column, string value)
    {
        string? spark = null, kadali = null;
        try
        {
            await _both.SparkAsync($"CREATE TABLE {{t}} (id INT, {column}) USING DELTA");
            await _both.SparkAsync($"INSERT INTO {{t}} SELECT 1, {value}");
        }
        catch (SparkException exception)
        {
            spark = exception.Message;
        }

        try
        {
            _both.Kadali($"CREATE TABLE {{u}} (id INT, {column}) USING DELTA");
            _both.Kadali($"INSERT INTO {{u}} VALUES (1, {value})");
        }
        catch (DeltaException exception)
        {
            kadali = exception.Message;
        }

        Assert.True(spark is null == kadali is null, $"Spark: {spark}\nKadali: {kadali}");
    }

    [Fact]
    public async Task Generated_columns_are_computed_by_both()
    {
        await _both.RunAsync(
            """
            CREATE TABLE {t} (id INT, time TIMESTAMP, day DATE GENERATED ALWAYS AS (CAST(time AS DATE)),
              twice INT GENERATED ALWAYS AS (id * 2),
              word STRING, first STRING GENERATED ALWAYS AS (upper(substring(word, 1, 1)))) USING DELTA PARTITIONED BY (day)
            """,
            "INSERT INTO {t} (id, time, word) VALUES (1, '2020-01-02 03:04:05', 'ann')",
            "spark: INSERT INTO {t} (id, time, word) VALUES (2, TIMESTAMP '2021-01-02 03:04:05', 'bob')",
            "UPDATE {t} SET id = 10, word = 'cy' WHERE id = 2", "spark: UPDATE {t} SET id = 20 WHERE id = 1");
        await _both.SeeAsync(
            "SELECT id, CAST(day AS STRING) AS day, twice, first FROM {t}", "10|'2021-01-02'|20|'C'", "20|'2020-01-02'|40|'A'");

        await Assert.ThrowsAsync<SparkException>(() => _both.SparkAsync("INSERT INTO {t} (id, twice) VALUES (1, 3)"));
        Assert.Throws<DeltaException>(() => _both.Kadali("INSERT INTO {t} (id, twice) VALUES (1, 3)"));
    }

    [Fact]
    public async Task Generated_columns_of_spark_are_computed()
    {
        await _both.RunAsync(
            """
            spark: CREATE TABLE {t} (time TIMESTAMP, n DECIMAL(10,2), s STRING,
              hour TIMESTAMP GENERATED ALWAYS AS (date_trunc('HOUR', time)),
              year INT GENERATED ALWAYS AS (YEAR(time)), month STRING GENERATED ALWAYS AS (date_format(time, 'yyyy-MM')),
              rest DECIMAL(10,2) GENERATED ALWAYS AS (CAST(n % 7 AS DECIMAL(10,2))),
                parts STRING GENERATED ALWAYS AS (substring_index(s, '.', 2))) USING DELTA
            """,
            "INSERT INTO {t} (time, n, s) VALUES ('2020-12-31 23:59:59.999', -12.50, 'a.b.c.d'), (NULL, NULL, NULL), ('1969-07-20 "
                + "20:17:40', 7.01, 'x')",
            
            "spark: INSERT INTO {t} (time, n, s) SELECT time, n, s FROM {t}");

        var rows = await _both.SameAsync();

        Assert.Equal(6, rows.Length);
        Assert.All(rows.GroupBy(row => row), twice => Assert.Equal(2, twice.Count()));
    }

    [Fact]
    public async Task Identities_go_on_where_the_other_stopped()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 5), other BIGINT GENERATED BY "
                + "DEFAULT AS IDENTITY, word STRING) USING DELTA",
            
            "INSERT INTO {t} (word) VALUES ('a'), ('b')", "spark: INSERT INTO {t} (word) VALUES ('c')",
            "INSERT INTO {t} (word) VALUES ('d')",
            "spark: INSERT INTO {t} (word, other) VALUES ('e', 1000)", "INSERT INTO {t} (word, other) VALUES ('f', 2000)");

        var ids = await _both.SameAsync("SELECT id FROM {t}");
        Assert.Equal(6, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(0, int.Parse(id, null) % 5));
        await _both.SameAsync();
        await Assert.ThrowsAsync<SparkException>(() => _both.SparkAsync("INSERT INTO {t} (id, word) VALUES (1, 'x')"));
        Assert.Throws<DeltaException>(() => _both.Kadali("INSERT INTO {t} (id, word) VALUES (1, 'x')"));
    }

    [Fact]
    public async Task Defaults_of_either_are_used_by_both()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, word STRING DEFAULT 'none', n INT) USING DELTA TBLPROPERTIES "
                + "('delta.feature.allowColumnDefaults' = 'supported')",
            
            "INSERT INTO {t} (id) VALUES (1)", "spark: INSERT INTO {t} (id) VALUES (2)",
            "spark: ALTER TABLE {t} ALTER COLUMN n SET DEFAULT 7", "INSERT INTO {t} (id) VALUES (3)",
            "ALTER TABLE {t} ALTER COLUMN word DROP DEFAULT",
            "spark: INSERT INTO {t} VALUES (4, DEFAULT, DEFAULT)", "INSERT INTO {t} VALUES (5, DEFAULT, DEFAULT)",
            "UPDATE {t} SET n = DEFAULT WHERE id = 1");

        await _both.SeeAsync("SELECT * FROM {t}", "1|'none'|7", "2|'none'|null", "3|'none'|7", "4|null|7", "5|null|7");
    }

    [Theory]
    [InlineData("name")]
    [InlineData("id")]
    public async Task Mapped_columns_are_renamed_dropped_and_added(string mode)
    {
        await _both.RunAsync(
            $$"""
            CREATE TABLE {t} (id INT, `odd name` STRING, s STRUCT<a: INT, b: ARRAY<STRUCT<c: INT>>>, m MAP<STRING, STRUCT<v: INT>>,
              p STRING) USING DELTA PARTITIONED BY (p)
            TBLPROPERTIES ('delta.columnMapping.mode' = '{{mode}}')
            """,
            "INSERT INTO {t} VALUES (1, 'one', {'a': 1, 'b': [{'c': 1}]}, MAP {'k': {'v': 1}}, 'x y')",
            "spark: INSERT INTO {t} VALUES (2, 'two', named_struct('a', 2, 'b', array(named_struct('c', 2))), map('k', "
                + "named_struct('v', 2)), 'z')",
            
            "ALTER TABLE {t} RENAME COLUMN `odd name` TO word", "spark: ALTER TABLE {t} RENAME COLUMN s.a TO q",
            "ALTER TABLE {t} RENAME COLUMN p TO part",
            "ALTER TABLE {t} RENAME COLUMN m.value.v TO w", "spark: ALTER TABLE {t} ADD COLUMN s.d INT AFTER q",
            "ALTER TABLE {t} ADD COLUMNS (s.e STRING, n DOUBLE FIRST)");
        await _both.SameAsync();

        await _both.RunAsync(
            "INSERT INTO {t} VALUES (3.5, 3, 'three', {'q': 3, 'd': 33, 'b': [{'c': 3}], 'e': 'e'}, MAP {'k': {'w': 3}}, 'z')",
            "spark: INSERT INTO {t} VALUES (4.5, 4, 'four', named_struct('q', 4, 'd', 44, 'b', array(), 'e', 'e'), map(), NULL)",
            "ALTER TABLE {t} DROP COLUMN s.d", "spark: ALTER TABLE {t} DROP COLUMN word", "ALTER TABLE {t} ADD COLUMN word INT",
            "UPDATE {t} SET word = id WHERE part = 'z'", "spark: UPDATE {t} SET s.q = 0 WHERE id = 1", "DELETE FROM {t} WHERE id = 2",
            "spark: OPTIMIZE {t}", "OPTIMIZE {t}");

        Assert.Equal(3, (await _both.SameAsync()).Length);
        await _both.SameAsync("SELECT * FROM {t} VERSION AS OF 2");
        await _both.SeeAsync("SELECT id, word, s.q FROM {t} WHERE part = 'z'", "3|3|3");
        await _both.SameDescriptionAsync();
    }

    [Fact]
    public async Task Mapping_comes_to_a_table_with_files()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, s STRUCT<a: INT>, p INT) USING DELTA PARTITIONED BY (p)", "INSERT INTO {t} VALUES (1, {'a': 1}, 1)",
            "spark: INSERT INTO {t} VALUES (2, named_struct('a', 2), 2)",
            "ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
            "spark: ALTER TABLE {t} RENAME COLUMN id TO key", "ALTER TABLE {t} RENAME COLUMN s.a TO b",
            "spark: ALTER TABLE {t} ADD COLUMN more STRING", "ALTER TABLE {t} ADD COLUMN last INT",
            "INSERT INTO {t} VALUES (3, {'b': 3}, 1, 'kadali', 3)",
            "spark: INSERT INTO {t} VALUES (4, named_struct('b', 4), 2, 'spark', 4)", "OPTIMIZE {t}",
            "spark: DELETE FROM {t} WHERE key = 2");

        await _both.SeeAsync("SELECT * FROM {t}", "1|{b: 1}|1|null|null", "3|{b: 3}|1|'kadali'|3", "4|{b: 4}|2|'spark'|4");
    }

    [Fact]
    public async Task Types_are_widened_by_both()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (a TINYINT, b INT, c FLOAT, d DECIMAL(5,2), e DATE, s STRUCT<x: SMALLINT>, l ARRAY<INT>, m MAP<INT, "
                + "INT>) USING DELTA TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
            
            "INSERT INTO {t} VALUES (1, 2, 1.5, 1.25, '2020-01-01', {'x': 1}, [1], MAP {1: 1})",
            "ALTER TABLE {t} ALTER COLUMN a TYPE INT", "spark: ALTER TABLE {t} ALTER COLUMN b TYPE BIGINT",
            "ALTER TABLE {t} ALTER COLUMN c TYPE DOUBLE",
            "spark: ALTER TABLE {t} ALTER COLUMN d TYPE DECIMAL(12,4)", "ALTER TABLE {t} ALTER COLUMN e TYPE TIMESTAMP_NTZ",
            "ALTER TABLE {t} ALTER COLUMN s.x TYPE INT",
            "ALTER TABLE {t} ALTER COLUMN l.element TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN m.key TYPE BIGINT",
            "INSERT INTO {t} VALUES (100000, 5000000000, 1e300, 12345678.1234, '2020-01-01 10:00:00', {'x': 100000}, "
                + "[5000000000], MAP {5000000000: 1})",
            
            "spark: INSERT INTO {t} VALUES (-100000, -5000000000, -1e300D, -1.1234, TIMESTAMP_NTZ '2021-01-01 10:00:00', "
                + "named_struct('x', -1), array(-1L), map(-1L, -1))",
            
            "ALTER TABLE {t} ALTER COLUMN a TYPE BIGINT");

        Assert.Equal(3, (await _both.SameAsync()).Length);
        await _both.SeeAsync("SELECT a FROM {t} WHERE b > 1 AND c < 100", "1");
        await _both.RunAsync("UPDATE {t} SET b = 3 WHERE a = 1", "spark: OPTIMIZE {t}");
        Assert.Equal(3, (await _both.SameAsync()).Length);
    }

    [Fact]
    public async Task Times_without_a_zone_and_variants_are_kept()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, local TIMESTAMP_NTZ, v VARIANT, s STRUCT<v: VARIANT>) USING DELTA",
            """
            INSERT INTO {t} VALUES (1, '2020-01-01 00:00:00.5', '{"a": [1, 2.5, "x", null, true]}'::JSON::VARIANT, {'v': 5::VARIANT}),
              (2, NULL, NULL, NULL)
            """,
            
            """
            spark: INSERT INTO {t} SELECT 3, TIMESTAMP_NTZ '2021-02-03 04:05:06', parse_json('{"b": {"c": 12345678901}}'), named_struct('v', parse_json('"text"'))
            """,
            
            "DELETE FROM {t} WHERE id = 2", "INSERT INTO {t} SELECT id + 10 AS id, local, v, s FROM {t}");

        await _both.SameAsync(
            "SELECT id, local, to_json(v) AS v, to_json(s.v) AS w FROM {t}",
            "SELECT id, local, CAST(CAST(v AS JSON) AS VARCHAR) AS v, CAST(CAST(s.v AS JSON) AS VARCHAR) AS w FROM {t}");
        Assert.Equal("4", Assert.Single(await _both.SameAsync("SELECT count(*) AS n FROM {t}")));
        await _both.RunAsync("spark: OPTIMIZE {t}", "spark: UPDATE {t} SET id = 99 WHERE id = 1");
        await _both.SeeAsync("SELECT id FROM {t}", "11", "13", "3", "99");
    }

    [Fact]
    public async Task Rows_keep_their_ids()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, word STRING) USING DELTA TBLPROPERTIES ('delta.enableRowTracking' = 'true')",
            "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, 'c')", "spark: INSERT INTO {t} VALUES (4, 'd'), (5, 'e')",
            "INSERT INTO {t} VALUES (6, 'f')");
        await _both.SameRowIdsAsync("id");

        await _both.RunAsync(
            "UPDATE {t} SET word = 'B' WHERE id = 2", "spark: UPDATE {t} SET word = 'D' WHERE id = 4", "DELETE FROM {t} WHERE id = 3");
        await _both.SameRowIdsAsync("id");

        await _both.RunAsync("OPTIMIZE {t}", "INSERT INTO {t} VALUES (7, 'g')");
        await _both.SameRowIdsAsync("id");

        await _both.RunAsync(
            "MERGE INTO {t} t USING (SELECT 1 AS id, 'merged' AS word UNION ALL SELECT 8, 'new') s ON t.id = s.id WHEN MATCHED "
                + "THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
            
            "spark: OPTIMIZE {t}", "spark: INSERT INTO {t} VALUES (9, 'i')", "RESTORE TABLE {t} TO VERSION AS OF 8");
        await _both.SameRowIdsAsync("id");
    }

    [Fact]
    public async Task Row_tracking_comes_to_a_table_with_files()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT) USING DELTA TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')",
            "INSERT INTO {t} VALUES (1), (2)",
            "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')", "spark: INSERT INTO {t} VALUES (3)",
            "UPDATE {t} SET id = 20 WHERE id = 2");

        await _both.SeeAsync("SELECT * FROM {t}", "1", "20", "3");
        await _both.SameRowIdsAsync("id");
    }

    [Fact]
    public async Task Clustering_is_kept_by_both()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (a INT, b STRING, s STRUCT<c: INT>) USING DELTA CLUSTER BY (a, s.c)",
            "INSERT INTO {t} SELECT range::INT, 'x' || range, {'c': (range * 7 % 100)::INT} FROM range(100)",
            "spark: INSERT INTO {t} VALUES (1000, 'spark', named_struct('c', 1))",
            "OPTIMIZE {t}", "INSERT INTO {t} VALUES (1001, 'more', {'c': 2})", "spark: OPTIMIZE {t}");
        Assert.Equal(102, (await _both.SameAsync()).Length);
        Assert.Equal(["['a', 's.c']"], (await _both.SparkAsync("DESCRIBE DETAIL {t}", "clusteringColumns"))[1..]);

        await _both.RunAsync("ALTER TABLE {t} CLUSTER BY (b)", "spark: INSERT INTO {t} VALUES (1, 'one', NULL)", "OPTIMIZE {t} FULL");
        Assert.Equal(["['b']"], (await _both.SparkAsync("DESCRIBE DETAIL {t}", "clusteringColumns"))[1..]);
        await _both.RunAsync("spark: ALTER TABLE {t} CLUSTER BY NONE", "INSERT INTO {t} VALUES (2, 'two', NULL)");
        Assert.Equal(104, (await _both.SameAsync()).Length);
        await _both.SameDescriptionAsync();
    }
}
