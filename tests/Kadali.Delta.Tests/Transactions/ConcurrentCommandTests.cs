using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Transactions;

/// <summary>Real commands that begin at one version and end one after the other.</summary>
public sealed class ConcurrentCommandTests : IDisposable
{
    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    public static TheoryData<string, string, DeltaConflict?, int> Pairs => new()
    {
        { "append", "append", null, 14 },
        { "append", "overwrite", DeltaConflict.ConcurrentAppend, 13 },
        { "overwrite", "append", null, 2 },
        { "overwrite", "overwrite", DeltaConflict.ConcurrentAppend, 1 },
        { "append", "delete a", null, 12 },
        { "append 3", "delete a", DeltaConflict.ConcurrentAppend, 13 },
        { "append", "delete b", null, 11 },
        { "delete a", "append", null, 12 },
        { "delete a", "delete b", null, 9 },
        { "delete a", "delete a", DeltaConflict.ConcurrentAppend, 11 },
        { "delete a", "update a", DeltaConflict.ConcurrentAppend, 11 },
        { "delete a", "delete all", DeltaConflict.ConcurrentAppend, 11 },
        { "delete all", "delete a", DeltaConflict.ConcurrentDeleteRead, 0 },
        { "optimize", "append", null, 13 },
        { "append", "optimize", null, 13 },
        { "optimize", "delete a", DeltaConflict.ConcurrentDeleteRead, 12 },
        { "delete a", "optimize", DeltaConflict.ConcurrentDeleteRead, 11 },
        { "optimize", "optimize", DeltaConflict.ConcurrentDeleteRead, 12 },
        { "merge a", "merge b", null, 12 },
        { "merge a", "merge a", DeltaConflict.ConcurrentAppend, 12 },
        { "replace a", "replace b", null, 2 },
        { "replace a", "replace a", DeltaConflict.ConcurrentAppend, 7 },
        { "partition a", "partition a", DeltaConflict.ConcurrentAppend, 7 },
        { "transaction", "transaction", DeltaConflict.ConcurrentTransaction, 13 },
        { "property", "append", null, 13 },
        { "constraint", "append", DeltaConflict.MetadataChanged, 12 },
        { "append", "property", null, 13 },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Of_two_commands_the_second_follows_the_first_or_says_why_not(string first, string second, DeltaConflict? conflict, int rows)
    {
        _table.Create(
            "SELECT i, 'a' AS p FROM range(3) v(i)", new(new([])) { PartitionColumns = ["p"] });
        _table.Append("SELECT i, CASE WHEN i < 6 THEN 'a' ELSE 'b' END AS p FROM range(3, 12) v(i)");
        var snapshot = _table.Snapshot;

        Run(first, snapshot);
        if (conflict is null)
        {
            Run(second, snapshot);
        }
        else
        {
            Assert.Equal(conflict, Assert.Throws<DeltaConflictException>(() => Run(second, snapshot)).Conflict);
        }

        Assert.Equal(rows, _table.Rows().Length);
        Assert.Equal(snapshot.Version + (conflict is null ? 2 : 1), _table.Snapshot.Version);
        var known = _table.Snapshot.Files.Concat(snapshot.Files).Select(file => file.Path).ToHashSet();
        Assert.All(
            _table.Storage.ListTree("", default).Where(file => file.Path.EndsWith(".parquet", StringComparison.Ordinal)),
            file => Assert.Contains(DeltaPath.Encode(file.Path), known));
    }

    private DeltaResult Run(string command, Snapshot snapshot) => command switch
    {
        "append 3" => Write(snapshot, "SELECT 3::BIGINT AS i, 'a' AS p", new WriteMode.Append()),
        "append" => Write(snapshot, "SELECT 100::BIGINT AS i, 'a' AS p", new WriteMode.Append()),
        "overwrite" => Write(snapshot, "SELECT 100::BIGINT AS i, 'a' AS p", new WriteMode.Overwrite()),
        "delete a" => Deletion.Run(_table.Session, _table.Storage, snapshot, "p = 'a' AND i = 3", null, "", default),
        "delete b" => Deletion.Run(_table.Session, _table.Storage, snapshot, "p = 'b' AND i > 9", null, "", default),
        "delete all" => Deletion.Run(_table.Session, _table.Storage, snapshot, null, null, null, default),
        "update a" => Updating.Run(
            _table.Session, _table.Storage, snapshot, new Dictionary<string, string> { ["i"] = "i + 1" }, "p = 'a'", "t", "", default),
        "optimize" => new Optimizing(_table.Session, _table.Storage, snapshot).Run(new(), default),
        "merge a" or "merge b" => new Merging(_table.Session, _table.Storage, snapshot).Run(
            new(
                $"SELECT {(command == "merge a" ? 3 : 9)}::BIGINT AS i, '{command[^1]}' AS p", "t", "s", "t.i = s.i AND t.p = s.p",
                [new MergeStep.Update(true, null, new Dictionary<string, string> { ["i"] = "s.i * 10" })]),
            default),
        "replace a" => Write(snapshot, "SELECT 100::BIGINT AS i, 'a' AS p", new WriteMode.ReplaceWhere("p = 'a'", "p = 'a'")),
        "replace b" => Write(snapshot, "SELECT 100::BIGINT AS i, 'b' AS p", new WriteMode.ReplaceWhere("p = 'b'", "p = 'b'")),
        "partition a" => Write(snapshot, "SELECT 100::BIGINT AS i, 'a' AS p", new WriteMode.OverwritePartitions()),
        "transaction" => new WriteInto(_table.Session, _table.Storage).Write(
            new("SELECT 100::BIGINT AS i, 'a' AS p", new WriteMode.Append()) { Transaction = new("app", 1) }, snapshot, default),
        "property" => SetProperty(snapshot, "owner", "me"),
        _ => SetProperty(snapshot, "delta.constraints.c", "i > 0"),
    };

    private DeltaResult Write(Snapshot snapshot, string query, WriteMode mode) =>
        new WriteInto(_table.Session, _table.Storage).Write(new(query, mode), snapshot, default);

    private DeltaResult SetProperty(Snapshot snapshot, string key, string value)
    {
        var transaction = new DeltaTransaction(_table.Session, _table.Storage, snapshot);
        transaction.SetMetadata(snapshot.Metadata with
        {
            Configuration = new Dictionary<string, string>(snapshot.Metadata.Configuration) { [key] = value },
        });
        return new(transaction.Commit("SET TBLPROPERTIES", [], default), transaction.Metrics);
    }
}
