namespace Kadali.Delta;

/// <summary>Reads a checkpoint with DuckDB: classic, in parts, or V2 with its sidecars.</summary>
internal sealed class CheckpointReader(IDeltaStorage storage, DuckDb duckDb)
{
    /// <summary>What is in a checkpoint.</summary>
    /// <param name="Others">Protocol, metadata, transactions and domains.</param>
    /// <param name="Files">The live files.</param>
    /// <param name="Tombstones">Reads the files that are gone and may still be needed by readers of earlier versions.</param>
    public sealed record Content(
        IReadOnlyList<SingleAction> Others, IReadOnlyList<FileBlock> Files, Func<CancellationToken, IReadOnlyList<RemoveFile>> Tombstones);

    /// <exception cref="DeltaException">A file of it is missing or damaged.</exception>
    public Content Read(IReadOnlyList<LogFile.Checkpoint> parts, CancellationToken cancellationToken)
    {
        var others = new List<SingleAction>();
        var files = new List<FileBlock>();
        var tables = new List<ParquetActions>();
        LogLines? lines = null;
        foreach (var part in parts)
        {
            if (part.File.Path.EndsWith(".json", StringComparison.Ordinal))
            {
                var content = storage.TryRead(part.File.Path, cancellationToken) ?? throw Missing(part.File.Path);
                lines = LogLines.Read(content, part.File.Path);
                others.AddRange(lines.Others);
                files.Add(new FileBlock.OfCommit(lines, [.. lines.Files.Where(line => line.IsAdd)]));
            }
            else
            {
                var table = Open(part.File.Path, cancellationToken);
                others.AddRange(table.Others(cancellationToken));
                tables.Add(table);
            }
        }

        tables.AddRange(others.Select(action => action.Sidecar).OfType<SidecarFile>()
            .Select(sidecar => Open(SidecarPath(sidecar), cancellationToken)));
        var isPartitioned = others.LastOrDefault(action => action.Metadata is not null)?.Metadata?.PartitionColumns.Count is not 0;
        files.AddRange(tables.Select(table => table.Files(isPartitioned, cancellationToken)));
        return new(
            others,
            files,
            token => [.. (lines?.Files.Where(line => !line.IsAdd).Select(lines.Remove) ?? [])
                .Concat(tables.SelectMany(table => table.Tombstones(token)))]);
    }

    private static string SidecarPath(SidecarFile sidecar)
    {
        var path = DeltaPath.Decode(sidecar.Path);
        return DeltaPath.IsAbsolute(path) || path.Contains('/', StringComparison.Ordinal) ? path : $"{LogFiles.Sidecars}/{path}";
    }

    private ParquetActions Open(string path, CancellationToken cancellationToken)
    {
        if (!DeltaPath.IsAbsolute(path) && !storage.Exists(path))
        {
            throw Missing(path);
        }

        try
        {
            return new ParquetActions(duckDb, storage.ToLocal(path, cancellationToken), path, cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception)
        {
            throw ParquetActions.Damaged(path, exception);
        }
    }

    private static DeltaException Missing(string path) =>
        new(DeltaErrorKind.Corrupt, $"'{path}', a part of the checkpoint, is missing.", CheckpointHint);

    internal const string CheckpointHint = "An older checkpoint is taken where the log allows it; 'fsck' says what can be done.";
}
