using System.Globalization;

namespace Kadali.Delta;

/// <summary>What VACUUM is to do.</summary>
internal sealed record VacuumRequest
{
    /// <summary>Files that were needed within this time stay; null for the table's own retention.</summary>
    public TimeSpan? Retain { get; init; }

    /// <summary>Whether a retention shorter than the table's is allowed: readers and writers that are at work may lose files.</summary>
    public bool Force { get; init; }

    /// <summary>Whether only what the log tells of is looked at, and no folder is listed.</summary>
    public bool Lite { get; init; }

    /// <summary>Whether the files are only named.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What VACUUM removed, or would remove.</summary>
/// <param name="Files">Relative to the table's folder.</param>
/// <param name="Bytes">Of these files together.</param>
public sealed record VacuumResult(IReadOnlyList<string> Files, long Bytes);

/// <summary>VACUUM: removes files that no version within the retention needs, and leftovers of writers that failed.</summary>
internal static class Vacuuming
{
    private const string ChangeFolder = "_change_data";

    /// <exception cref="DeltaException">The retention is so short that versions which are read may lose files.</exception>
    public static VacuumResult Run(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, VacuumRequest request, CancellationToken cancellationToken)
    {
        ProtocolChecker.CheckWrite(snapshot.Location, snapshot.Protocol);
        var least = snapshot.Properties.DeletedFileRetention;
        var retain = request.Retain ?? least;
        if (retain < least && !request.Force)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"A retention of {retain.TotalHours:0.##} hours is shorter than the table's, which is {least.TotalHours:0.##}: ")
                + "readers and writers that are at work could lose files.",
                "If nobody uses the table, set its property 'delta.deletedFileRetentionDuration', or say before it "
                + "'SET spark.databricks.delta.retentionDurationCheck.enabled = false' (in C#: force).");
        }

        var before = (session.Time.GetUtcNow() - retain).ToUnixTimeMilliseconds();
        var tombstones = snapshot.Tombstones(cancellationToken);
        var kept = Needed(snapshot, tombstones.Where(file => (file.DeletionTimestamp ?? 0) >= before));
        var files = request.Lite
            ? Expired(storage, tombstones.Where(file => (file.DeletionTimestamp ?? 0) < before), kept, snapshot, cancellationToken)
            : [.. storage.ListTree("", cancellationToken).Where(file =>
                file.ModificationTime < before && !kept.Contains(file.Path) && IsOfTable(file.Path, snapshot))];
        if (!request.DryRun)
        {
            foreach (var file in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                storage.Delete(file.Path);
            }
        }

        return new([.. files.Select(file => file.Path).Order(StringComparer.Ordinal)], files.Sum(file => file.Size));
    }

    private static HashSet<string> Needed(Snapshot snapshot, IEnumerable<RemoveFile> tombstones)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, vector) in snapshot.Files.Select(file => (file.Path, file.DeletionVector))
            .Concat(tombstones.Select(file => (file.Path, file.DeletionVector))))
        {
            kept.Add(Inside(snapshot, DeltaPath.Decode(path)));
            if (vector is not null && DeletionVectorStore.PathOf(vector) is { } file)
            {
                kept.Add(Inside(snapshot, file));
            }
        }

        return kept;
    }

    private static List<StoredFile> Expired(
        IDeltaStorage storage, IEnumerable<RemoveFile> tombstones, HashSet<string> kept, Snapshot snapshot,
        CancellationToken cancellationToken)
    {
        var files = new List<StoredFile>();
        foreach (var path in tombstones
            .SelectMany(file => new[]
            {
                DeltaPath.Decode(file.Path), file.DeletionVector is { } vector ? DeletionVectorStore.PathOf(vector) : null,
            })
            .OfType<string>().Select(path => Inside(snapshot, path)).Distinct()
            .Where(path => !DeltaPath.IsAbsolute(path) && !kept.Contains(path)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (storage.Exists(path))
            {
                files.Add(new(path, 0, 0));
            }
        }

        return files;
    }

    /// <summary>A path within the table's folder relative to it, however it is written.</summary>
    private static string Inside(Snapshot snapshot, string path) =>
        path.StartsWith(snapshot.Location + "/", StringComparison.Ordinal) ? path[(snapshot.Location.Length + 1)..] : path;

    /// <summary>Names that begin with <c>_</c> or <c>.</c> are others' business, but for changes and partitions by such columns.</summary>
    private static bool IsOfTable(string path, Snapshot snapshot)
    {
        var parts = path.Split('/');
        return parts[0] != LogFiles.Folder && parts.Select((part, i) => (part, i)).All(item =>
            !item.part.StartsWith('_') && !item.part.StartsWith('.')
                || (item.i == 0 && item.part == ChangeFolder)
                || snapshot.PartitionColumns.Any(column => item.part.StartsWith(column + "=", StringComparison.Ordinal)));
    }
}
