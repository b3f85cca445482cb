namespace Kadali.Delta;

/// <summary>
/// Brings a commit into the log: at the version that it was made for, or after those who were first if it goes together with them.
/// </summary>
internal static class CommitLoop
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <param name="Version">The version that the commit has.</param>
    /// <param name="Commit">The commit as it was written.</param>
    /// <param name="Losses">How many times others were first.</param>
    public sealed record Result(long Version, PreparedCommit Commit, int Losses);

    /// <exception cref="DeltaConflictException">Another writer's commit is in the way; nothing was written.</exception>
    /// <exception cref="DeltaException">The store failed, and the commit is not there.</exception>
    /// <exception cref="OperationCanceledException">Nothing was written.</exception>
    public static Result Run(IDeltaStorage storage, PreparedCommit commit, long version, CancellationToken cancellationToken)
    {
        for (var losses = 0; ; losses++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryWrite(storage, commit, version))
            {
                return new(version, commit, losses);
            }

            // The whole tail at once, and then a pause that grows and differs from others': many writers would else meet at each next
            // version.
            foreach (var taken in Tail(storage, version, cancellationToken))
            {
                var winner = Read(storage, taken, cancellationToken);
                if (IsOurs(commit, winner))
                {
                    // The store took it, and lost its answer.
                    return new(taken, commit, losses);
                }

                commit = ConflictChecker.Check(commit, taken, winner);
                version = taken + 1;
            }

            Pause(losses, cancellationToken);
        }
    }

    private static bool TryWrite(IDeltaStorage storage, PreparedCommit commit, long version)
    {
        try
        {
            // Once begun it is not called off, so that a caller who cancels knows that nothing was written.
            return storage.TryWriteNew(LogFiles.Commit(version), ActionJson.Write(commit.Actions), CancellationToken.None);
        }
        catch (DeltaException exception) when (exception.Kind == DeltaErrorKind.Storage && IsThere(storage, commit, version))
        {
            return true;
        }
    }

    private static bool IsThere(IDeltaStorage storage, PreparedCommit commit, long version)
    {
        try
        {
            var path = LogFiles.Commit(version);
            return storage.TryRead(path, CancellationToken.None) is { } content
                && IsOurs(commit, [.. DeltaLog.CommitActions(content, path)]);
        }
        catch (DeltaException)
        {
            // The failure of the write says more.
            return false;
        }
    }

    private static bool IsOurs(PreparedCommit commit, IReadOnlyList<SingleAction> other) =>
        commit.Id is { } id && PreparedCommit.IdOf(other) == id;

    /// <summary>The versions from one on that are there; at least that one.</summary>
    private static IEnumerable<long> Tail(IDeltaStorage storage, long version, CancellationToken cancellationToken)
    {
        var next = version;
        foreach (var file in storage.List(LogFiles.Folder, LogFiles.Prefix(version), cancellationToken))
        {
            if (LogFiles.Read(file) is LogFile.Commit found)
            {
                if (found.Version != next)
                {
                    break;
                }

                yield return next++;
            }
        }

        if (next == version)
        {
            yield return version;
        }
    }

    private static IReadOnlyList<SingleAction> Read(IDeltaStorage storage, long version, CancellationToken cancellationToken)
    {
        var path = LogFiles.Commit(version);
        return storage.TryRead(path, cancellationToken) is { } content
            ? [.. DeltaLog.CommitActions(content, path)]
            : throw new DeltaConflictException(
                DeltaConflict.ConcurrentWrite, version,
                $"Version {version} of the table at '{storage.Root}' was committed meanwhile and cannot be read: it was cleaned up.");
    }

    private static void Pause(int losses, CancellationToken cancellationToken)
    {
        if (losses > 0)
        {
            var most = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(losses, 20)));
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * most));
        }
    }
}
