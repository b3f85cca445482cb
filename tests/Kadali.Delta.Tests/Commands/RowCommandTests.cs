namespace Kadali.Delta.Tests.Commands;

/// <summary>Rows that are appended, overwritten, updated, deleted and restored.</summary>
public sealed class RowCommandTests : IDisposable
{
    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    private void Duck(string sql) => _table.Session.DuckDb.Execute(sql, CancellationToken.None);

    private static TableDefinition With(params (string Key, string Value)[] properties) =>
        new(new([])) { Properties = properties.ToDictionary(item => item.Key, item => item.Value) };

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void Rows_are_deleted_updated_and_merged(string vectors)
    {
        _table.Create("SELECT range AS id, 'v' || range AS v FROM range(10)", With(("delta.enableDeletionVectors", vectors)));
        _table.Delete("id IN (3, 4)");
        _table.Update("t.id >= 8", ("v", "t.v || '!'"));
        _table.Merge(
            "SELECT * FROM (VALUES (0, 'zero'), (1, NULL), (42, 'new')) AS source(id, v)", "t.id = s.id",
            new MergeStep.Delete(true, "s.v IS NULL"),
            new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "s.v" }),
            new MergeStep.Insert(null, new Dictionary<string, string> { ["id"] = "s.id", ["v"] = "s.v" }));

        Assert.Equal(["0|zero", "2|v2", "42|new", "5|v5", "6|v6", "7|v7", "8|v8!", "9|v9!"], _table.Rows());
        Assert.Equal(3, _table.Snapshot.Version);
        Assert.Equal(vectors == "true", _table.Snapshot.Files.Any(file => file.DeletionVector is not null));
        Assert.Equal(10, _table.Rows(0).Length);
    }

    [Fact]
    public void Deletion_vectors_are_read_after_a_transaction_of_the_caller_was_rolled_back()
    {
        _table.Create("SELECT range AS id FROM range(3)");
        Duck("BEGIN TRANSACTION");
        _table.Delete("id = 1");
        Assert.Equal(["0", "2"], _table.Rows());
        Duck("ROLLBACK");

        Assert.Equal(["0", "2"], _table.Rows());
    }

    [Fact]
    public void What_is_appended_is_read()
    {
        _table.Create("SELECT 1 AS a, 'x' AS b");
        _table.Append("SELECT 2 AS a, NULL::VARCHAR AS b");

        Assert.Equal(["1|x", "2|-"], _table.Rows());
        Assert.Equal(["1|x"], _table.Rows(0));
    }

    [Fact]
    public void Partitions_are_folders_and_overwritten_alone()
    {
        _table.Create("SELECT range AS id, CASE WHEN range < 2 THEN 'a b/c' WHEN range < 4 THEN NULL ELSE 'z' END AS p FROM range(6)",
            new(new([])) { PartitionColumns = ["p"] });
        _table.Write(new("SELECT 100 AS id, 'z' AS p", new WriteMode.OverwritePartitions()));

        Assert.Equal(["0|a b/c", "100|z", "1|a b/c", "2|-", "3|-"], _table.Rows());
        Assert.All(_table.Snapshot.Files, file => Assert.Contains("p=", file.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_of_a_condition_are_replaced()
    {
        _table.Create("SELECT range AS id, 0 AS v FROM range(6)");
        _table.Write(new("SELECT 4 AS id, 1 AS v", new WriteMode.ReplaceWhere("id >= 3", "id >= 3")));
        var error = Assert.Throws<DeltaException>(() =>
            _table.Write(new("SELECT 0 AS id, 1 AS v", new WriteMode.ReplaceWhere("id >= 3", "id >= 3"))));

        Assert.Equal(["0|0", "1|0", "2|0", "4|1"], _table.Rows());
        Assert.Contains("id >= 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constraints_name_what_is_wrong()
    {
        var schema = new DeltaType.Struct([new("a", DeltaType.Integer, nullable: false), new("b", DeltaType.String)]);
        _table.Create("SELECT 1 AS a, 'x' AS b",
            new(schema) { Properties = new Dictionary<string, string> { ["delta.constraints.short"] = "length(b) < 3" } });

        var missing = Assert.Throws<DeltaException>(() => _table.Append("SELECT NULL AS a, 'y' AS b"));
        var violated = Assert.Throws<DeltaException>(() => _table.Update("t.a = 1", ("b", "'long'")));

        Assert.Contains("'a' is NOT NULL", missing.Message, StringComparison.Ordinal);
        Assert.Contains("'short' (length(b) < 3)", violated.Message, StringComparison.Ordinal);
        Assert.Equal(["1|x"], _table.Rows());
        Assert.Single(Directory.GetFiles(_table.Storage.Root, "*.parquet"));
    }

    [Fact]
    public void Columns_are_mapped_by_name_and_files_have_other_names()
    {
        _table.Create("SELECT 1 AS \"a b\", {'x y': 2, 'z': [3]} AS s", With(("delta.columnMapping.mode", "name")));
        _table.Append("SELECT {'x y': 5, 'z': [6]} AS s, 4 AS \"a b\"");

        Assert.Equal(["1|{'x y': 2, 'z': [3]}", "4|{'x y': 5, 'z': [6]}"], _table.Rows());
    }

    [Fact]
    public void Row_ids_stay_with_their_rows()
    {
        _table.Create("SELECT range AS id FROM range(4)", With(("delta.enableRowTracking", "true")));
        _table.Append("SELECT 10 AS id");
        _table.Update("t.id = 2", ("id", "20"));

        var snapshot = _table.Snapshot;
        using var scan = TableScan.Of(_table.Session, _table.Storage, snapshot, snapshot.Files, ScanColumns.RowIds, CancellationToken.None);
        var rows = _table.Session.DuckDb.Query(
            $"SELECT id, {TableScan.RowIdColumn}, {TableScan.RowVersionColumn} FROM ({scan.Sql}) ORDER BY 2",
            reader => $"{reader.GetInt64(0)}:{reader.GetInt64(1)}@{reader.GetInt64(2)}", CancellationToken.None);

        Assert.Equal(["0:0@0", "1:1@0", "20:2@2", "3:3@0", "10:4@1"], rows);
    }

    [Fact]
    public void A_restore_that_loses_takes_no_file_along()
    {
        _table.Create("SELECT 1 AS a");
        var first = _table.Snapshot;
        _table.Delete(null);
        var stale = _table.Snapshot;
        _table.Append("SELECT 2 AS a");

        Assert.Throws<DeltaConflictException>(() => Restoring.Run(_table.Session, _table.Storage, stale, first, CancellationToken.None));
        Assert.Equal(["1"], _table.Rows(0));
        Assert.Equal(["2"], _table.Rows());
    }

    [Fact]
    public void Default_values_are_a_row()
    {
        using var cell = new Statements();
        cell.Run(
            "CREATE TABLE one (id INT DEFAULT 7) USING DELTA", "INSERT INTO one DEFAULT VALUES",
            "CREATE TABLE many (k BIGINT GENERATED ALWAYS AS IDENTITY, a STRING, b INT DEFAULT 3) USING DELTA", "INSERT INTO many DEFAULT VALUES");

        Assert.Equal(["7"], cell.Query("SELECT * FROM one"));
        Assert.Equal(["1|-|3"], cell.Query("SELECT * FROM many"));
    }
}
