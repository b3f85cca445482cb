using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>Removes what is too old from the log (Delta protocol, "Metadata Cleanup"), and what writers left there that died.</summary>
internal static partial class MetadataCleanup
{
    private static readonly TimeSpan Unfinished = TimeSpan.FromDays(1);

    /// <param name="retention">What is to be kept, to the minute; null for what the table says, in whole days.</param>
    /// <returns>How many files were removed.</returns>
    public static int Run(
        IDeltaStorage storage, Snapshot snapshot, DateTimeOffset now, CancellationToken cancellationToken, TimeSpan? retention = null)
    {
        var files = storage.List(LogFiles.Folder, "", cancellationToken).ToList();
        var leftover = (now - Unfinished).ToUnixTimeMilliseconds();
        var gone = files.Where(file => file.ModificationTime < leftover && LeftBehind().IsMatch(file.Name)).ToList();
        if (snapshot.Properties.ExpiredLogCleanup && Boundary(files, snapshot, now, retention) is { } boundary)
        {
            gone.AddRange(files.Where(file => VersionOf(file) < boundary));
            gone.AddRange(Sidecars(storage, files, boundary, leftover, cancellationToken));
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

    private static IEnumerable<StoredFile> Sidecars(
        IDeltaStorage storage, List<StoredFile> files, long boundary, long leftover, CancellationToken cancellationToken)
    {
        var old = storage.List(LogFiles.Sidecars, "", cancellationToken).Where(file => file.ModificationTime < leftover).ToList();
        if (old.Count == 0)
        {
            return [];
        }

        // Which sidecars a checkpoint in Parquet has, only its content says: then all stay that are newer than it may be.
        var kept = files.Select(LogFiles.Read).OfType<LogFile.Checkpoint>().Where(part => part.Version >= boundary).ToList();
        if (kept.Any(part => !part.File.Name.EndsWith(".json", StringComparison.Ordinal)))
        {
            return [];
        }

        var used = kept.SelectMany(part => DeltaLog.CommitActions(storage.TryRead(part.File.Path, cancellationToken) ?? [], part.File.Path))
            .Select(action => action.Sidecar?.Path).OfType<string>().Select(path => DeltaPath.Decode(path)[(path.LastIndexOf('/') + 1)..])
            .ToHashSet(StringComparer.Ordinal);
        return old.Where(file => !used.Contains(file.Name));
    }

    private static long? VersionOf(StoredFile file) =>
        LogFiles.Read(file)?.Version
            ?? (file.Name.EndsWith(".crc", StringComparison.Ordinal) && long.TryParse(file.Name[..^4], out var version) ? version : null);

    [GeneratedRegex(@"^\..*\.tmp$")]
    private static partial Regex LeftBehind();
}
