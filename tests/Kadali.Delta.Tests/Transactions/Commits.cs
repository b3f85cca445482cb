using System.Text.Json.Nodes;

namespace Kadali.Delta.Tests.Transactions;

/// <summary>Small commits of a table <c>/data/sales</c> with a column <c>a</c>, partitioned by <c>p</c>.</summary>
internal static class Commits
{
    public static Metadata Table { get; } = new("id", new("parquet"), Schema("a"), ["p"], new Dictionary<string, string>());

    public static PreparedCommit Ours(ReadSet reads, params SingleAction[] actions) =>
        new("/data/sales", reads, new(1, 2), Table, -1, IsolationLevel.Serializable, [Info(), .. actions]);

    public static ReadSet Reads() => new();

    public static ReadSet Reads(Func<AddFile, bool> predicate, params string[] files)
    {
        var reads = new ReadSet();
        reads.Read(new PrunedFiles([.. files.Select(path => File(path))], predicate));
        return reads;
    }

    public static ReadSet ReadAll()
    {
        var reads = new ReadSet();
        reads.ReadAll();
        return reads;
    }

    public static ReadSet ReadsOf(string application)
    {
        var reads = new ReadSet();
        reads.ReadApplication(application);
        return reads;
    }

    public static AddFile File(string path, string? partition = null, bool dataChange = true) =>
        new(path, new Dictionary<string, string?> { ["p"] = partition }, 100, 0, dataChange);

    public static SingleAction Add(string path, string? partition = null, bool dataChange = true, string? vector = null) => new()
    {
        Add = File(path, partition, dataChange) with { DeletionVector = Vector(vector) },
    };

    public static SingleAction Remove(string path, bool dataChange = true, string? vector = null) => new()
    {
        Remove = new(path, dataChange) { DeletionVector = Vector(vector) },
    };

    public static SingleAction Info(bool blind = false, long? timestamp = null) => new()
    {
        CommitInfo = timestamp is null
            ? new() { ["operation"] = "TEST", ["isBlindAppend"] = blind, ["txnId"] = Guid.NewGuid().ToString() }
            : new() { ["inCommitTimestamp"] = timestamp, ["operation"] = "TEST", ["txnId"] = Guid.NewGuid().ToString() },
    };

    public static SingleAction Supports(params string[] features) => new()
    {
        Protocol = new(3, 7, features, ["appendOnly", "invariants", .. features]),
    };

    public static SingleAction Changed(params (string Key, string Value)[] properties) => new()
    {
        Metadata = Table with { Configuration = properties.ToDictionary(pair => pair.Key, pair => pair.Value) },
    };

    public static SingleAction Changed(string schema) => new() { Metadata = Table with { SchemaString = schema } };

    public static SingleAction Domain(string domain, string configuration) =>
        new() { DomainMetadata = new(domain, configuration, Removed: false) };

    public static SingleAction Application(string id, long version) => new() { Txn = new(id, version) };

    public static string Schema(string column, string? second = null, long? mark = null) => SchemaJson.Write(new(
    [
        new StructField(column, DeltaType.Long).With("delta.identity.start", 1)
            .With("delta.identity.highWaterMark", mark is { } value ? value : null),
        .. second is null ? [] : new[] { new StructField(second, DeltaType.String) },
    ]));

    private static DeletionVectorDescriptor? Vector(string? name) => name is null ? null : new("p", name, 1, 34, 1);
}
