using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>Something that is wrong with a table.</summary>
/// <param name="File">Relative to the table's folder.</param>
/// <param name="Problem">One sentence.</param>
/// <param name="Remedy">What becomes of it, or could be done.</param>
internal sealed record TableProblem(string File, string Problem, string Remedy);

/// <summary>FSCK: looks at a table's log and files, and takes files that are missing out of it.</summary>
internal sealed class FileCheck(DeltaSession session, IDeltaStorage storage)
{
    /// <param name="dryRun">Whether the table is only looked at.</param>
    public (IReadOnlyList<TableProblem> Problems, DeltaResult Result) Run(bool dryRun, CancellationToken cancellationToken)
    {
        session.Forget(storage);
        var log = session.Log(storage);
        var snapshot = log.Update(cancellationToken);
        var problems = log.Complaints.Select(complaint => new TableProblem(
            LogFiles.Folder, complaint.Message,
            "An older checkpoint or the commits themselves were read in its place. "
                + "Remove the file; a new checkpoint comes by itself.")).ToList();
        CheckHint(problems, cancellationToken);
        CheckChecksum(snapshot, problems, cancellationToken);
        using var transaction = new DeltaTransaction(session, storage, snapshot);
        transaction.Reads.ReadAll();
        var missing = 0;
        foreach (var file in snapshot.Files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = DeltaPath.Decode(file.Path);
            var vector = file.DeletionVector is null ? null : DeletionVectorStore.PathOf(file.DeletionVector);
            if (!storage.Exists(path))
            {
                problems.Add(new(
                    path, "The data file is missing.",
                    dryRun ? "It would be taken out of the table." : "It was taken out of the table; its rows are lost."));
                transaction.Remove(file);
                missing++;
            }
            else if (vector is not null && !storage.Exists(vector))
            {
                problems.Add(new(
                    vector, $"The deletion vector of '{path}' is missing.",
                    "Put it back, or RESTORE a version from before the rows were deleted."));
            }
        }

        transaction.Metrics["numMissingFiles"] = missing;
        var version = missing > 0 && !dryRun ? transaction.Commit("FSCK REPAIR TABLE", [], cancellationToken) : (long?)null;
        return (problems, new(version, transaction.Metrics));
    }

    private void CheckHint(List<TableProblem> problems, CancellationToken cancellationToken)
    {
        if (storage.TryRead(LogFiles.LastCheckpoint, cancellationToken) is not { } content)
        {
            return;
        }

        try
        {
            if (JsonNode.Parse(content)?["version"] is not JsonValue value || !value.TryGetValue<long>(out var version))
            {
                problems.Add(new(
                    LogFiles.LastCheckpoint, "It names no version.",
                    "It is a hint only: the log is listed in its place. The next checkpoint renews it."));
            }
            else if (!storage.List(LogFiles.Folder, LogFiles.Prefix(version), cancellationToken).Select(LogFiles.Read)
                .OfType<LogFile.Checkpoint>().Any(checkpoint => checkpoint.Version == version))
            {
                problems.Add(new(
                    LogFiles.LastCheckpoint,
                    string.Create(CultureInfo.InvariantCulture, $"It names a checkpoint of version {version}, which is not there."),
                    "It is a hint only: the log is listed in its place. The next checkpoint renews it."));
            }
        }
        catch (JsonException)
        {
            problems.Add(new(
                LogFiles.LastCheckpoint, "It is no JSON.",
                "It is a hint only: the log is listed in its place. The next checkpoint renews it."));
        }
    }

    private void CheckChecksum(Snapshot snapshot, List<TableProblem> problems, CancellationToken cancellationToken)
    {
        var path = LogFiles.Checksum(snapshot.Version);
        if (storage.TryRead(path, cancellationToken) is not { } content)
        {
            return;
        }

        try
        {
            var json = JsonNode.Parse(content);
            var (files, bytes) = ((long?)json?["numFiles"], (long?)json?["tableSizeBytes"]);
            if (files != snapshot.Files.Count || bytes != snapshot.Files.Sum(file => file.Size))
            {
                problems.Add(new(
                    path,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The checksum says {files} files of {bytes} bytes, "
                            + $"and the log adds up to {snapshot.Files.Count} of {snapshot.Files.Sum(file => file.Size)}."),
                    "A commit or checkpoint was changed after it was written, or the checksum is wrong. The log was read as it is."));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            problems.Add(new(path, "The checksum is no JSON.", "Remove it: the log is read without."));
        }
    }
}
