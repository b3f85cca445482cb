using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>Removes what is too old from the log (Delta protocol, "Metadata Cleanup"), and what writers left there that died.</summary>
internal static partial class MetadataCleanup
{
    private static readonly TimeSpan Unfinished = TimeSpan.FromDays(1);

    /// <param name="retention">What is to be kept, to the minute; null for what the table says, in whole days.</param>
    /// <returns>How many files were removed.</returns>
    public static int Run(
        DeltaLog log, Snapshot snapshot, DateTimeOffset now, CancellationToken cancellationToken, TimeSpan? retention = null)
    {
        var storage = log.Storage;
        var files = storage.List(LogFiles.Folder, "", cancellationToken).ToList();
        var leftover = (now - Unfinished).ToUnixTimeMilliseconds();
        var gone = files.Where(file => file.ModificationTime < leftover && LeftBehind().IsMatch(file.Name)).ToList();
        if (snapshot.Properties.ExpiredLogCleanup && Boundary(files, snapshot, now, retention) is { } boundary)
        {
            gone.AddRange(files.Where(file => VersionOf(file) < boundary));
            gone.AddRange(Sidecars(log, files, boundary, leftover, cancellationToken));
        }

        foreach (var file in gone)
        {
            cancellationToken.ThrowIfCancellationRequested();
            storage.Delete(file.Path);
        }

        return gone.Count;
    }

    /// <summary>
    /// The version from which on all is kept: that of the newest checkpoint that is whole and, like all before it, older than the
    /// retention, so that every version of that time can still be read.
    /// </summary>
    private static long? Boundary(List<StoredFile> files, Snapshot snapshot, DateTimeOffset now, TimeSpan? retention)
    {
        var oldest = retention is { } kept ? now - kept
            : new DateTimeOffset((now - snapshot.Properties.LogRetention).UtcDateTime.Date, TimeSpan.Zero);
        var cutoff = oldest.ToUnixTimeMilliseconds();
        var boundary = files.Select(LogFiles.Read).OfType<LogFile.Checkpoint>()
            .GroupBy(part => (part.Version, part.Parts, Name: part.Named ? part.File.Name : ""))
            .Where(set => set.Select(part => part.Part).Distinct().Count() == set.Key.Parts
                && set.All(part => part.File.ModificationTime <= cutoff))
            .Select(set => (long?)set.Key.Version).Max();

        // A commit of before that is newer (a clock that jumped) holds the boundary back.
        if (boundary is not null && files.Any(file => VersionOf(file) < boundary && file.ModificationTime > cutoff))
        {
            return null;
        }

        // Where older protocols stand in the log that readers of today would misread, it is cut only beyond them.
        var guarded = snapshot.Properties.Number("delta.requireCheckpointProtectionBeforeVersion", 0);
        return boundary >= guarded ? boundary : null;
    }

    /// <summary>Sidecars that no checkpoint has which stays. New ones may belong to a checkpoint that is being written.</summary>
    private static IEnumerable<StoredFile> Sidecars(
        DeltaLog log, List<StoredFile> files, long boundary, long leftover, CancellationToken cancellationToken)
    {
        var old = log.Storage.List(LogFiles.Sidecars, "", cancellationToken).Where(file => file.ModificationTime < leftover).ToList();
        if (old.Count == 0)
        {
            return [];
        }

        var used = files.Select(LogFiles.Read).OfType<LogFile.Checkpoint>().Where(part => part.Version >= boundary)
            .SelectMany(part => Actions(log, part.File.Path, cancellationToken))
            .Select(action => action.Sidecar?.Path).OfType<string>().Select(path => DeltaPath.Decode(path).Split('/')[^1])
            .ToHashSet(StringComparer.Ordinal);
        return old.Where(file => !used.Contains(file.Name));
    }

    private static IEnumerable<SingleAction> Actions(DeltaLog log, string path, CancellationToken cancellationToken) =>
        path.EndsWith(".json", StringComparison.Ordinal)
            ? DeltaLog.CommitActions(log.Storage.TryRead(path, cancellationToken) ?? [], path)
            : new ParquetActions(log.DuckDb, log.Storage.ToLocal(path, cancellationToken), path, cancellationToken)
                .Others(cancellationToken);

    private static long? VersionOf(StoredFile file) =>
        LogFiles.Read(file)?.Version
            ?? (file.Name.EndsWith(".crc", StringComparison.Ordinal) && long.TryParse(file.Name[..^4], out var version) ? version : null);

    [GeneratedRegex(@"^\..*\.tmp$")]
    private static partial Regex LeftBehind();
}
