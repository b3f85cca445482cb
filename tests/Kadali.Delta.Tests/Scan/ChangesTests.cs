using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Scan;

/// <summary>The changes of a table whose columns got other names, types and places, by the names of the last version.</summary>
public sealed class ChangesTests : IDisposable
{
    private const string Mapped =
        "TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true', 'delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true'";

    private readonly Statements _sql = new();

    public void Dispose() => _sql.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(", 'delta.enableDeletionVectors' = 'false'")]
    public void Columns_that_were_renamed_have_the_values_of_old_rows(string properties)
    {
        _sql.Run(
            $"CREATE TABLE m (id INT, p STRING, s STRUCT<x: INT>, l ARRAY<STRUCT<a: INT, b: INT>>) USING DELTA PARTITIONED BY (p) "
                + $"{Mapped}{properties})",
            "INSERT INTO m VALUES (1, 'a', {'x': 10}, [{'a': 1, 'b': 2}]), (2, 'a', {'x': 20}, NULL)",
            "UPDATE m SET p = 'b' WHERE id = 1",
            "ALTER TABLE m RENAME COLUMN p TO part",
            "ALTER TABLE m RENAME COLUMN s.x TO y",
            "ALTER TABLE m RENAME COLUMN l.element.a TO z",
            "DELETE FROM m WHERE id = 2");

        Assert.Equal(
            [
                "1|a|{'y': 10}|[{'z': 1, 'b': 2}]|insert|1", "1|a|{'y': 10}|[{'z': 1, 'b': 2}]|update_preimage|2",
                "1|b|{'y': 10}|[{'z': 1, 'b': 2}]|update_postimage|2", "2|a|{'y': 20}|-|delete|6", "2|a|{'y': 20}|-|insert|1",
            ],
            Changes("m", 1));
    }

    [Fact]
    public void A_column_that_came_for_one_of_its_name_has_no_values_in_old_rows()
    {
        _sql.Run(
            $"CREATE TABLE m (id INT, n INT, s STRUCT<x: INT, y: INT>) USING DELTA {Mapped})",
            "INSERT INTO m VALUES (1, 1, {'x': 1, 'y': 2})",
            "ALTER TABLE m DROP COLUMN n", "ALTER TABLE m ADD COLUMN n INT", "ALTER TABLE m DROP COLUMN s.x",
            "ALTER TABLE m ADD COLUMN s.x INT",
            "INSERT INTO m (id, s, n) VALUES (2, {'y': 4, 'x': 3}, 2)");

        Assert.Equal(["1|{'y': 2, 'x': NULL}|-|insert|1", "2|{'y': 4, 'x': 3}|2|insert|6"], Changes("m", 1));
    }

    [Fact]
    public void Old_rows_have_the_types_that_columns_got()
    {
        _sql.Run($"CREATE TABLE m (id INT, n INT) USING DELTA {Mapped})", "INSERT INTO m VALUES (1, 5)",
            "ALTER TABLE m ALTER COLUMN n TYPE DOUBLE", "INSERT INTO m VALUES (2, 5.2)");

        Assert.Equal(["2"], _sql.Query("SELECT id FROM table_changes('m', 1) WHERE n = 5.2"));
        Assert.Equal(["1|5.0|insert|1", "2|5.2|insert|3"], Changes("m", 1));
    }

    [Fact]
    public void Names_are_told_apart_from_before_column_mapping_to_after_it()
    {
        _sql.Run("CREATE TABLE m (id INT, n INT) USING DELTA TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')",
            "INSERT INTO m VALUES (1, 1)",
            "ALTER TABLE m SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')", "ALTER TABLE m RENAME COLUMN n TO k",
            "INSERT INTO m VALUES (2, 2)", "ALTER TABLE m DROP FEATURE columnMapping", "INSERT INTO m VALUES (3, 3)");

        var changes = _sql.Query("SELECT id, k, _change_type FROM table_changes('m', 1)");
        Assert.Equal(["1|1|insert", "2|2|insert", "3|3|insert"], changes);
    }

    [Fact]
    public void Changes_of_columns_that_were_all_replaced_are_refused()
    {
        _sql.Run($"CREATE TABLE m (id INT, n INT) USING DELTA {Mapped})", "INSERT INTO m VALUES (1, 1)",
            $"CREATE OR REPLACE TABLE m (id INT, n STRING) USING DELTA {Mapped})", "INSERT INTO m VALUES (2, 'two')");

        Assert.Equal(["2|two|insert|3"], Changes("m", 3));
        Assert.Equal(["1|1|insert|1"], Changes("m", 1, 1));
        foreach (var from in new[] { 1, 2 })
        {
            var error = Assert.Throws<DeltaException>(() => Changes("m", from));
            Assert.Contains("no columns in common", error.Message, StringComparison.Ordinal);
        }
    }

    private string[] Changes(string table, int from, int? to = null) => _sql.Query(
        $"SELECT * EXCLUDE (_commit_timestamp) FROM table_changes('{table}', {from}{(to is null ? "" : $", {to}")})");
}
