using System.Globalization;

namespace Kadali.Delta;

/// <summary>
/// Writes a snapshot into the log as a checkpoint: one Parquet file with all actions, or a V2 checkpoint whose file actions stand in
/// sidecars. DuckDB makes the Parquet, from lines of JSON that are the log's own.
/// </summary>
internal sealed class CheckpointWriter(IDeltaStorage storage, DuckDb duckDb, string scratch)
{
    // A sidecar of so many file actions takes about a second to write and some 20 MB.
    private const int MostInSidecar = 100_000;

    /// <param name="File">The checkpoint's own file.</param>
    /// <param name="Actions">How many actions are in it.</param>
    /// <param name="Adds">How many of them are live files.</param>
    /// <param name="Size">Bytes of all its files.</param>
    /// <param name="Tombstones">The removed files that are still in it.</param>
    public sealed record Written(LogFile.Checkpoint File, long Actions, long Adds, long Size, IReadOnlyList<RemoveFile> Tombstones);

    /// <exception cref="DeltaException">The store failed; whatever was written is no checkpoint, and clean-up removes it.</exception>
    public Written Write(Snapshot snapshot, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var expired = (now - snapshot.Properties.DeletedFileRetention).ToUnixTimeMilliseconds();
        var tombstones = snapshot.Tombstones(cancellationToken).Where(remove => (remove.DeletionTimestamp ?? 0) > expired).ToList();
        var others = new List<SingleAction>
        {
            new() { Protocol = snapshot.Protocol },
            new() { Metadata = snapshot.Metadata },
        };
        others.AddRange(snapshot.TransactionsAt(now).Select(transaction => new SingleAction { Txn = transaction }));
        others.AddRange(snapshot.Domains.Values.Select(domain => new SingleAction { DomainMetadata = domain }));
        var files = snapshot.Files.Select(add => new SingleAction { Add = add with { DataChange = false } })
            .Concat(tombstones.Select(
                remove => new SingleAction { Remove = remove with { DataChange = false, Stats = null, Tags = null } }));
        var isV2 = snapshot.Properties.V2Checkpoints && snapshot.Features.Contains(TableFeature.V2Checkpoint);
        var (file, size) = isV2
            ? WriteV2(snapshot, others, files, cancellationToken)
            : WriteClassic(snapshot, others.Concat(files), cancellationToken);
        return new(
            new(file, snapshot.Version, 1, 1, Named: isV2), others.Count + snapshot.Files.Count + tombstones.Count, snapshot.Files.Count,
            size, tombstones);
    }

    private (StoredFile File, long Size) WriteClassic(
        Snapshot snapshot, IEnumerable<SingleAction> actions, CancellationToken cancellationToken)
    {
        var file = WriteParquet(
            snapshot, LogFiles.Checkpoint(snapshot.Version), actions,
            ["protocol", "metaData", "txn", "domainMetadata", "add", "remove"], cancellationToken);
        return (file, file.Size);
    }

    private (StoredFile File, long Size) WriteV2(
        Snapshot snapshot, List<SingleAction> others, IEnumerable<SingleAction> files, CancellationToken cancellationToken)
    {
        var lines = new List<SingleAction> { new() { CheckpointMetadata = new(snapshot.Version) } };
        lines.AddRange(others);
        var size = 0L;
        foreach (var some in files.Chunk(MostInSidecar))
        {
            var name = $"{Guid.NewGuid():D}.parquet";
            var sidecar = WriteParquet(snapshot, $"{LogFiles.Sidecars}/{name}", some, ["add", "remove"], cancellationToken);
            lines.Add(new() { Sidecar = new(name, sidecar.Size, sidecar.ModificationTime) });
            size += sidecar.Size;
        }

        var path = LogFiles.V2Checkpoint(snapshot.Version, Guid.NewGuid(), "json");
        var content = ActionJson.Write(lines);
        storage.Write(path, content, cancellationToken);
        var file = storage.List(LogFiles.Folder, path[(LogFiles.Folder.Length + 1)..], cancellationToken).First();
        return (file, size + content.Length);
    }

    private StoredFile WriteParquet(
        Snapshot snapshot, string path, IEnumerable<SingleAction> actions, IReadOnlyList<string> columns,
        CancellationToken cancellationToken)
    {
        var lines = Path.Combine(scratch, $"{Guid.NewGuid():N}.ndjson");
        try
        {
            var longest = WriteLines(lines, actions, cancellationToken);
            var sql = new CheckpointSql(snapshot);
            var types = string.Join(", ", columns.Select(column => $"{DuckDb.Name(column)}: {DuckDb.Text(CheckpointSql.Types[column])}"));
            var values = string.Join(", ", columns.Select(column => $"{sql.Value(column)} AS {DuckDb.Name(column)}"));
            var source = string.Create(CultureInfo.InvariantCulture, $$"""
                read_json({{DuckDb.Text(DuckDb.EscapeGlob(lines))}}, format = 'newline_delimited', maximum_object_size = {{longest + 1024}},
                columns = { {{types}} })
                """);
            duckDb.Execute(
                $"COPY (SELECT {values} FROM {source}) TO {DuckDb.Text(storage.Stage(path))} (FORMAT parquet, COMPRESSION snappy)",
                cancellationToken);
            return storage.Publish(path, cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception)
        {
            throw new DeltaException(
                DeltaErrorKind.Storage,
                $"The checkpoint '{path}' of the table at '{storage.Root}' cannot be written: {DuckDb.Message(exception)}",
                inner: exception);
        }
        catch (IOException exception)
        {
            throw new DeltaException(DeltaErrorKind.Storage, $"'{lines}' cannot be written: {DuckDb.Message(exception)}", inner: exception);
        }
        finally
        {
            File.Delete(lines);
        }
    }

    /// <returns>The length of the longest line.</returns>
    private static long WriteLines(string file, IEnumerable<SingleAction> actions, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        var longest = 0L;
        foreach (var action in actions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = stream.Position;
            ActionJson.WriteLine(stream, action);
            longest = Math.Max(longest, stream.Position - start);
        }

        return longest;
    }
}
