using Kadali.Delta.Tests.Acceptance;
using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Scan;

/// <summary>Filters on columns that became wider compare what the table has, not what its old files have.</summary>
public sealed class StoredTypesTests : IDisposable
{
    private const string Widening = "USING DELTA TBLPROPERTIES ('delta.enableTypeWidening' = 'true'";

    private readonly Statements _sql = new();

    public void Dispose() => _sql.Dispose();

    [Theory]
    [InlineData("INT", "5", "6", "DOUBLE", "n < 5.4", "1")]
    [InlineData("INT", "5", "6", "DOUBLE", "n = 5.2", "")]
    [InlineData("INT", "5", "6", "DOUBLE", "n IN (5.2, 6.0)", "2")]
    [InlineData("SMALLINT", "5", "6", "DECIMAL(12, 2)", "n = 5.2", "")]
    [InlineData("INT", "5", "6", "DECIMAL(12, 2)", "n <= 5.4", "1")]
    [InlineData("BIGINT", "5", "6", "DECIMAL(22, 2)", "n > 5.4", "2")]
    [InlineData("INT", "5", "6", "BIGINT", "n < 5000000000", "12")]
    [InlineData("FLOAT", "1.1", "2", "DOUBLE", "n > 1.1", "12")]
    [InlineData("FLOAT", "1.1", "2", "DOUBLE", "n = 1.1", "")]
    [InlineData("DATE", "DATE '2020-01-01'", "DATE '2020-01-02'", "TIMESTAMP_NTZ", "n < TIMESTAMP '2020-01-01 12:00:00'", "1")]
    [InlineData("DATE", "DATE '2020-01-01'", "DATE '2020-01-02'", "TIMESTAMP_NTZ", "n = TIMESTAMP '2020-01-01 12:00:00'", "")]
    [InlineData("DECIMAL(5, 1)", "1.1", "2", "DECIMAL(10, 3)", "n = 1.12", "")]
    [InlineData("DECIMAL(5, 1)", "1.1", "2", "DECIMAL(10, 3)", "n < 1.12", "1")]
    public void A_column_that_became_wider_is_filtered_by_its_new_type(
        string from, string one, string two, string to, string condition, string ids)
    {
        foreach (var mapping in new[] { "", ", 'delta.columnMapping.mode' = 'name'", ", 'delta.columnMapping.mode' = 'id'" })
        {
            _sql.Run(
                $"CREATE OR REPLACE TABLE t (id INT, n {from}, s STRUCT<x: {from}, y: INT>, l ARRAY<{from}>) {Widening}{mapping})",
                $"INSERT INTO t VALUES (1, {one}, {{'x': {one}, 'y': 1}}, [{one}]), (2, {two}, {{'x': {two}, 'y': 2}}, [{two}])",
                $"ALTER TABLE t ALTER COLUMN n TYPE {to}",
                $"ALTER TABLE t ALTER COLUMN s.x TYPE {to}",
                $"ALTER TABLE t ALTER COLUMN l.element TYPE {to}",
                "ALTER TABLE t ADD COLUMNS (s.z STRING)");

            foreach (var path in new[] { "n", "s.x", "l[1]" })
            {
                var filter = condition.Replace("n ", path + " ", StringComparison.Ordinal);
                Assert.Equal(ids, string.Concat(_sql.Query($"SELECT id FROM t WHERE {filter}")));
            }

            _sql.Run($"DELETE FROM t WHERE {condition}");
            Assert.Equal(2 - ids.Length, _sql.Query("SELECT * FROM t").Length);
        }
    }

    [Fact]
    public void Old_and_new_files_are_filtered_alike_however_many_there_are()
    {
        _sql.Run($"CREATE TABLE t (id INT, n INT, f FLOAT) {Widening})", "INSERT INTO t VALUES (1, 5, 1.1)",
            "INSERT INTO t VALUES (2, 6, 2)",
            "ALTER TABLE t ALTER COLUMN n TYPE DOUBLE", "ALTER TABLE t ALTER COLUMN f TYPE DOUBLE");
        for (var i = 3; i < 22; i++)
        {
            _sql.Run($"INSERT INTO t VALUES ({i}, 5.2, 0.5)");
        }

        Assert.Equal(19, _sql.Query("SELECT id FROM t WHERE n = 5.2").Length);
        Assert.Equal(20, _sql.Query("SELECT id FROM t WHERE n < 5.4").Length);
        Assert.Equal(["1", "2"], _sql.Query("SELECT id FROM t WHERE f > 1.1"));
        Assert.Equal(["1"], _sql.Query("SELECT t.id FROM t JOIN (VALUES (1.1::FLOAT::DOUBLE)) v(x) ON v.x = t.f"));

        _sql.Run("UPDATE t SET id = 0 WHERE n = 5.2",
            "MERGE INTO t USING (SELECT 5.2::DOUBLE AS n, 1 AS one) s ON t.n < s.n AND s.one = 1 WHEN MATCHED THEN UPDATE SET id = 100");
        Assert.Equal(["100|5.0", "2|6.0"], _sql.Query("SELECT id, n FROM t WHERE id > 0"));
    }

    [Fact]
    public void Bounds_of_what_was_a_float_hold_the_float_and_a_double_of_that_text()
    {
        var column = new ScanColumn("f", DeltaType.Double) { WasFloat = true };

        var range = FileStatistics.Range("""{"numRecords":1,"minValues":{"f":1.9},"maxValues":{"f":1.1},"nullCount":{"f":0}}""", column);

        Assert.Equal([(double)1.9f, (double)1.1f], [range.Minimum, range.Maximum]);
        Assert.True(range.MayCompare(">", 1.1));
        Assert.Equal(1.2, FileStatistics.Range("""{"minValues":{"f":1.3},"maxValues":{"f":1.2}}""", new("f", DeltaType.Double)).Maximum);
    }

    [Fact]
    public void A_folder_of_files_of_several_types_becomes_a_table_that_notes_it()
    {
        _sql.Write("t/1.parquet", "SELECT 1 AS id, 5::INT AS n, {'x': 5::INT} AS s");
        for (var i = 2; i < 20; i++)
        {
            _sql.Write($"t/{i}.parquet", $"SELECT {i} AS id, 5.2::DOUBLE AS n, {{'x': 5.2::DOUBLE}} AS s");
        }

        _sql.Run($"CONVERT TO DELTA parquet.`{_sql["t"]}`");

        Assert.Equal(18, _sql.Query("SELECT id FROM t WHERE n = 5.2").Length);
        Assert.Equal(18, _sql.Query("SELECT id FROM t WHERE s.x = 5.2").Length);
        Assert.Contains("typeWidening", _sql.Snapshot("t").Features);
        _sql.Run("DELETE FROM t WHERE n = 5.2");
        Assert.Equal(["1|5.0|{'x': 5.0}"], _sql.Query("SELECT * FROM t"));
    }

    [Fact]
    public void Files_whose_types_do_not_go_together_become_no_table()
    {
        _sql.Write("t/1.parquet", "SELECT 1 AS id, 5::BIGINT AS n");
        _sql.Write("t/2.parquet", "SELECT 1 AS id, 'five' AS n");

        var error = Assert.Throws<DeltaException>(() => _sql.Run($"CONVERT TO DELTA parquet.`{_sql["t"]}`"));

        Assert.Contains("'n'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sparks_widened_table_is_filtered_by_its_new_types()
    {
        AcceptanceTables.Expected("golden__type-widening");
        var table = $"delta.`{AcceptanceTables.Location("golden__type-widening")}`";

        Assert.Empty(Rows("int_double = 6.7"));
        Assert.Single(Rows("int_double = 7"));
        Assert.Single(Rows("float_double > 3.4 AND float_double < 3.5"));
        Assert.Empty(Rows("decimal_decimal_greater_scale = 67.891"));
        Assert.Single(Rows("date_timestamp_ntz = TIMESTAMP '2024-09-09'"));
        Assert.Single(Rows("date_timestamp_ntz > TIMESTAMP '2024-09-09 01:00:00'"));

        string[] Rows(string condition) => _sql.Query($"SELECT 1 FROM {table} WHERE {condition}");
    }
}
