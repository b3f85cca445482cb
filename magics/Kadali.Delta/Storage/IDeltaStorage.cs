namespace Kadali.Delta;

/// <summary>
/// The folder of one table in some store. Paths are relative to it, separated by <c>/</c> and not encoded; a path that is absolute
/// (<c>/…</c>, <c>file:…</c>, <c>s3://…</c>) stands for itself. Everything is synchronous: a table's work has a thread of its own.
/// </summary>
/// <remarks>Failures of the store are <see cref="DeltaException"/>s of kind <see cref="DeltaErrorKind.Storage"/> that name the
/// file.</remarks>
internal interface IDeltaStorage
{
    /// <summary>
    /// The table's folder as its user writes it, without a slash at its end: <c>/data/sales</c>, <c>s3://bucket/sales</c>.
    /// </summary>
    string Root { get; }

    /// <summary>
    /// The files right in a folder whose name is not less than <paramref name="from"/> (by UTF-16 code units), in order of their names;
    /// none where there is no folder.
    /// </summary>
    IEnumerable<StoredFile> List(string folder, string from, CancellationToken cancellationToken);

    /// <summary>All files below a folder, in no order.</summary>
    IEnumerable<StoredFile> ListTree(string folder, CancellationToken cancellationToken);

    /// <summary>Whether there is such a file. Cheap: one probe.</summary>
    bool Exists(string path);

    /// <summary>A file's size and time, or null where there is none. As cheap.</summary>
    StoredFile? Find(string path);

    /// <summary>The bytes of a file, or null where there is none.</summary>
    byte[]? TryRead(string path, CancellationToken cancellationToken);

    /// <summary>Part of a file; less where it ends before.</summary>
    byte[] ReadRange(string path, long offset, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a file there unless one is there already: all of it or nothing, durable when this returns, and only one of many writers gets
    /// true.
    /// </summary>
    /// <param name="durable">Whether it has to survive a failure of the machine; what readers can do without need not.</param>
    /// <exception cref="DeltaException">The store cannot promise that.</exception>
    bool TryWriteNew(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken, bool durable = true);

    /// <summary>Puts a file there, over one that may be there; readers see the old or the new one whole.</summary>
    void Write(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken);

    /// <summary>Removes a file; one that is not there is removed already.</summary>
    void Delete(string path);

    /// <summary>A path of the local file system under which DuckDB can read the file; remote files are fetched into a cache.</summary>
    string ToLocal(string path, CancellationToken cancellationToken);

    /// <summary>The same for many files at once.</summary>
    IReadOnlyList<string> ToLocal(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        [.. paths.Select(path => ToLocal(path, cancellationToken))];

    /// <summary>
    /// A path of the local file system where DuckDB is to write a new file, whose folder exists; <see cref="Publish"/> puts it into the
    /// store.
    /// </summary>
    string Stage(string path);

    /// <summary>Makes a staged file durable under its path, and gives its size and time.</summary>
    StoredFile Publish(string path, CancellationToken cancellationToken);
}

/// <param name="Path">Relative to the table's folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModificationTime">Milliseconds since 1970 UTC.</param>
internal sealed record StoredFile(string Path, long Size, long ModificationTime)
{
    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
