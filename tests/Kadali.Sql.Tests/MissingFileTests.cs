namespace Kadali.Sql.Tests;

/// <summary>Data files that are gone: which, of which table and version, and the way out.</summary>
public sealed class MissingFileTests : WarehouseTests
{
    [Theory]
    [InlineData("SELECT x FROM t", 14)]
    [InlineData("SELECT sum(x) FROM (SELECT * FROM u) JOIN t USING (x)", null)]
    [InlineData("INSERT INTO u SELECT * FROM t", null)]
    [InlineData("UPDATE t SET x = 2 WHERE x = 1", null)]
    [InlineData("MERGE INTO u USING t ON u.x = t.x WHEN NOT MATCHED THEN INSERT *", null)]
    [InlineData("CREATE TEMP TABLE copy AS SELECT * FROM t", null)]
    public async Task A_missing_file_is_named_with_its_table(string sql, int? column)
    {
        await _notebook.SqlAsync("CREATE TABLE t USING DELTA AS SELECT 1 AS x; CREATE TABLE u USING DELTA AS SELECT 1 AS x");
        var file = Directory.GetFiles($"{_warehouse}/t", "*.parquet").Single();
        File.Delete(file);

        var fault = await _notebook.Cells.FaultAsync($"#!sql\n{sql}");

        Assert.Contains($"'{Path.GetFileName(file)}' of the table at '{_warehouse}/t' is gone", fault.Message, StringComparison.Ordinal);
        Assert.Contains("version 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("#!delta fsck", fault.Hint, StringComparison.Ordinal);
        if (column is { } expected)
        {
            Assert.Equal(expected, fault.Place?.Position.Column);
        }
    }

    [Fact]
    public async Task A_missing_file_of_many_is_found_when_it_is_read()
    {
        await _notebook.SqlAsync("CREATE TABLE t USING DELTA PARTITIONED BY (p) AS SELECT range AS x, range % 40 AS p FROM range(80)");
        File.Delete(Directory.GetFiles($"{_warehouse}/t/p=7", "*.parquet").Single());

        var fault = await _notebook.Cells.FaultAsync("#!sql\nSELECT sum(x) FROM t");

        Assert.Contains("'p=7/", fault.Message, StringComparison.Ordinal);
        Assert.Contains("version 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("result", await _notebook.SqlAsync("SELECT sum(x) AS result FROM t WHERE p = 8"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_removed_the_file_is_told()
    {
        await _notebook.SqlAsync(
            "CREATE TABLE t USING DELTA AS SELECT 1 AS x; CREATE TABLE shallow SHALLOW CLONE t; INSERT OVERWRITE t SELECT 2 AS x; "
                + "SET spark.databricks.delta.retentionDurationCheck.enabled = false; VACUUM t RETAIN 0 HOURS");

        var old = await _notebook.Cells.FaultAsync("#!sql\nSELECT * FROM t VERSION AS OF 0");
        var clone = await _notebook.Cells.FaultAsync("#!sql\nSELECT * FROM shallow");

        Assert.Contains("newest is 1", old.Hint, StringComparison.Ordinal);
        Assert.Contains("shallow clone", clone.Hint, StringComparison.Ordinal);
    }
}
