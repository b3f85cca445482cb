namespace Kadali.Delta;

/// <summary>What a log needs now and then, done after a commit: its checksum, checkpoints, removal of what is too old.</summary>
internal static class LogUpkeep
{
    /// <summary>Does what is due. The commit stands whatever happens here.</summary>
    /// <returns>Why something was left undone, or null.</returns>
    public static DeltaException? AfterCommit(
        DeltaLog log, CommitLoop.Result commit, string scratch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = log.Update(cancellationToken);

            // Somebody may have committed since; then it is for them to say what their version adds up to.
            if (snapshot.Version == commit.Version)
            {
                VersionChecksum.Write(log.Storage, snapshot, commit.Commit.Actions, now, cancellationToken);
            }

            var interval = Math.Max(1, snapshot.Properties.CheckpointInterval);
            if (commit.Version > 0 && commit.Version % interval == 0)
            {
                Checkpoint(log, snapshot, scratch, now, cancellationToken);
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (DeltaException exception)
        {
            return exception;
        }
    }

    /// <summary>Writes a checkpoint of a snapshot, and cleans up after it.</summary>
    public static void Checkpoint(DeltaLog log, Snapshot snapshot, string scratch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var written = new CheckpointWriter(log.Storage, log.DuckDb, scratch).Write(snapshot, now, cancellationToken);
        LastCheckpoint.Write(log.Storage, written, cancellationToken);
        log.StartFrom(snapshot, written);
        MetadataCleanup.Run(log, snapshot, now, cancellationToken);
    }
}
