namespace Kadali.Delta.Tests.Commands;

/// <summary>What values become in the columns that they are stored in.</summary>
public sealed class StoredValueTests : IDisposable
{
    private readonly Statements _delta = new();

    public void Dispose() => _delta.Dispose();

    [Fact]
    public void Decimals_without_a_digit_before_the_point_are_written()
    {
        _delta.Run("CREATE TABLE r (rate DECIMAL(4,4), s STRUCT<v: DECIMAL(2,2)>) USING DELTA");
        _delta.Run("INSERT INTO r VALUES (0.1234, {'v': -0.5}), (-0.25, {'v': 0}), (0, NULL)");
        _delta.Run("CREATE TABLE c USING DELTA AS SELECT * FROM r");

        var stats = _delta.Snapshot("c").Files.Single().Stats!;
        Assert.Contains("\"minValues\":{\"rate\":-0.2500,\"s\":{\"v\":-0.50}}", stats, StringComparison.Ordinal);
        Assert.Contains("\"maxValues\":{\"rate\":0.1234,\"s\":{\"v\":0.00}}", stats, StringComparison.Ordinal);
        Assert.Equal(["1"], _delta.Query("SELECT count(*) FROM c WHERE rate = 0.1234"));
        Assert.Equal(["1"], _delta.Query("SELECT count(*) FROM c WHERE rate < -0.2 AND s.v > -0.1"));
        Assert.Equal(["1"], _delta.Query("SELECT count(*) FROM c WHERE rate BETWEEN -0.1 AND .1"));
        Assert.Equal(["true"], _delta.Query("SELECT min(rate) = -0.25 AND max(rate) = 0.1234 FROM c"));
    }

    [Fact]
    public void Decimals_without_a_digit_before_the_point_are_texts_with_one()
    {
        _delta.Run("CREATE TABLE p (id INT, rate DECIMAL(2,2), t STRING) USING DELTA PARTITIONED BY (rate)");
        _delta.Run("INSERT INTO p VALUES (1, 0.25, ''), (2, -0.5, ''), (3, 0, ''), (4, NULL, '')");
        _delta.Run("UPDATE p SET t = CAST(rate AS STRING)");
        _delta.Run("DELETE FROM p WHERE rate = -0.5");

        Assert.Equal(
            ["-", "0.00", "0.25"],
            _delta.Snapshot("p").Files.Select(file => file.PartitionValues["rate"] ?? "-").Order(StringComparer.Ordinal));
        Assert.Equal(["1|0.25", "3|0.00", "4|-"], _delta.Query("SELECT id, t FROM p"));
        Assert.Equal(["1"], _delta.Query("SELECT id FROM p WHERE rate > 0.1"));
    }

    [Fact]
    public void Converted_files_may_have_decimals_without_a_digit_before_the_point()
    {
        var folder = _delta["converted"];
        Directory.CreateDirectory(folder);
        _delta.Duck($"COPY (SELECT 0.25::DECIMAL(4,4) AS rate) TO '{folder}/a.parquet'");
        _delta.Run($"CONVERT TO DELTA parquet.`{folder}`");

        Assert.Contains("\"minValues\":{\"rate\":0.2500}", _delta.Snapshot("converted").Files.Single().Stats!, StringComparison.Ordinal);
    }

    [Fact]
    public void Fractions_are_cut_off_where_whole_numbers_are_stored()
    {
        _delta.Run("CREATE TABLE c (id INT, a INT, l BIGINT, s STRUCT<x: INT, y: DOUBLE>, xs ARRAY<INT>) USING DELTA");
        _delta.Run("INSERT INTO c VALUES (1, 1.5, -1.5, {'x': 2.5, 'y': 2.5}, [1.5, NULL, -0.9])");
        _delta.Run("INSERT INTO c (a, id) SELECT 2.7::DOUBLE, 2");
        _delta.Run("INSERT INTO c BY NAME SELECT 3 AS id, 9.9::FLOAT AS a");
        _delta.Run("UPDATE c SET l = a + 0.5, s.x = 7.5 WHERE id = 1");
        _delta.Run("""
            MERGE INTO c USING (SELECT * FROM (VALUES (2, 4.5), (4, 5.5)) AS v(id, a)) s ON c.id = s.id
            WHEN MATCHED THEN UPDATE SET a = s.a, l = c.a + 0.7 WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)
            """);

        Assert.Equal(
            ["1|1|1|{'x': 7, 'y': 2.5}|[1, NULL, 0]", "2|4|2|-|-", "3|9|-|-|-", "4|5|-|-|-"], _delta.Query("SELECT * FROM c"));
        Assert.ThrowsAny<Exception>(() => _delta.Run("UPDATE c SET a = 1e10"));
        Assert.ThrowsAny<Exception>(() => _delta.Run("INSERT INTO c (a) VALUES (3000000000.5)"));
    }

    [Fact]
    public void Fractions_within_maps_and_structs_that_may_be_null_are_cut_off()
    {
        _delta.Run("CREATE TABLE n (id INT, m MAP<STRING, INT>, xs ARRAY<STRUCT<a: INT, b: STRING>>, d DECIMAL(10,0), t TINYINT) USING DELTA");
        _delta.Run("INSERT INTO n VALUES (1, MAP {'k': -1.5}, [{'a': 1.9, 'b': 'x'}, NULL], 1.5, 127.9), (2, NULL, NULL, -1.5, -0.9)");
        _delta.Run("UPDATE n SET m = MAP {'u': CAST(id AS DOUBLE) + 0.9}, t = NULL WHERE id = 2");
        _delta.Run("MERGE INTO n USING (SELECT 1 AS id) s ON n.id = s.id WHEN MATCHED THEN UPDATE SET xs = [{'a': 2.5, 'b': NULL}]");
        _delta.Run("MERGE INTO n USING (SELECT 9 AS id) s ON n.id = s.id WHEN NOT MATCHED BY SOURCE AND n.id = 2 THEN UPDATE SET t = n.id + 0.9");

        Assert.Equal(
            ["1|{k=-1}|[{'a': 2, 'b': NULL}]|2|127", "2|{u=2}|-|-2|2"], _delta.Query("SELECT * FROM n"));
        Assert.Throws<DuckDB.NET.Data.DuckDBException>(() => _delta.Run("INSERT INTO n (t) VALUES (128.1)"));
        Assert.Throws<DuckDB.NET.Data.DuckDBException>(() => _delta.Run("UPDATE n SET id = 'nan'::DOUBLE"));
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (2, {'a': 5, 'b': 'q', 'c': 1}, [], MAP {})", "'s.c'")]
    [InlineData("INSERT INTO t (s, id) SELECT {'a': 5, 'b': 'q', 'c': 1}, 2", "'s.c'")]
    [InlineData("INSERT INTO t BY NAME SELECT 2 AS id, {'a': 5, 'c': 1} AS s", "'s.c'")]
    [InlineData("INSERT INTO t (id, xs) VALUES (2, [{'d': 1, 'e': 2}])", "'xs.element.e'")]
    [InlineData("INSERT INTO t (id, m) VALUES (2, MAP {'k': {'f': 1, 'g': 2}})", "'m.value.g'")]
    [InlineData("UPDATE t SET s = {'a': 5, 'b': 'q', 'c': 1}", "'s.c'")]
    [InlineData("MERGE INTO t USING (SELECT 1 AS id, {'a': 5, 'b': 'q', 'c': 1} AS s, NULL AS xs, NULL AS m) u ON t.id = u.id WHEN MATCHED THEN UPDATE SET *", "'s.c'")]
    [InlineData("MERGE INTO t USING (SELECT 9 AS id) u ON t.id = u.id WHEN NOT MATCHED THEN INSERT (id, s) VALUES (9, {'a': u.id, 'z': 1})",
        "'s.z'")]
    public void A_field_that_the_struct_of_the_table_has_not_is_refused(string statement, string field)
    {
        _delta.Run("CREATE TABLE t (id INT, s STRUCT<a: INT, b: STRING>, xs ARRAY<STRUCT<d: INT>>, m MAP<STRING, STRUCT<f: INT>>) USING DELTA");
        _delta.Run("INSERT INTO t VALUES (1, {'B': 'b', 'a': 1}, [{'d': 1}], MAP {'k': {'f': 1}})");

        Assert.Contains(field, Assert.Throws<DeltaException>(() => _delta.Run(statement)).Message, StringComparison.Ordinal);
        Assert.Equal(["1|{'a': 1, 'b': b}|[{'d': 1}]|{k={'f': 1}}"], _delta.Query("SELECT * FROM t"));
    }

    [Fact]
    public void A_field_that_a_given_struct_has_not_is_null()
    {
        _delta.Run("CREATE TABLE t (id INT, s STRUCT<a: INT, b: STRING>) USING DELTA");
        _delta.Run("INSERT INTO t VALUES (1, {'b': 'x'}), (2, NULL)");
        _delta.Run("INSERT INTO t SELECT 3, row(1, 'y')");
        _delta.Run("UPDATE t SET s = {'a': 2.5} WHERE id = 2");

        Assert.Equal(["1|{'a': NULL, 'b': x}", "2|{'a': 2, 'b': NULL}", "3|{'a': 1, 'b': y}"], _delta.Query("SELECT * FROM t"));
    }
}
