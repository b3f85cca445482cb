namespace Kadali.Delta.Spark.Tests;

/// <summary>A table in which somebody else commits in the last moment: when the first commit is about to be written.</summary>
internal sealed class LateStorage(IDeltaStorage table, Action first) : IDeltaStorage
{
    private Action? _first = first;

    public string Root => table.Root;

    public bool TryWriteNew(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken, bool durable = true)
    {
        if (path.StartsWith("_delta_log/", StringComparison.Ordinal) && path.EndsWith(".json", StringComparison.Ordinal))
        {
            var other = _first;
            _first = null;
            other?.Invoke();
        }

        return table.TryWriteNew(path, content, cancellationToken, durable);
    }

    public IEnumerable<StoredFile> List(string folder, string from, CancellationToken cancellationToken) =>
        table.List(folder, from, cancellationToken);

    public IEnumerable<StoredFile> ListTree(string folder, CancellationToken cancellationToken) =>
        table.ListTree(folder, cancellationToken);

    public bool Exists(string path) => table.Exists(path);

    public StoredFile? Find(string path) => table.Find(path);

    public byte[]? TryRead(string path, CancellationToken cancellationToken) => table.TryRead(path, cancellationToken);

    public byte[] ReadRange(string path, long offset, int count, CancellationToken cancellationToken) =>
        table.ReadRange(path, offset, count, cancellationToken);

    public void Write(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken) =>
        table.Write(path, content, cancellationToken);

    public void Delete(string path) => table.Delete(path);

    public string ToLocal(string path, CancellationToken cancellationToken) => table.ToLocal(path, cancellationToken);

    public string Stage(string path) => table.Stage(path);

    public StoredFile Publish(string path, CancellationToken cancellationToken) => table.Publish(path, cancellationToken);
}
