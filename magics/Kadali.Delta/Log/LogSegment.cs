namespace Kadali.Delta;

/// <summary>The files that make up one version of a table: the newest checkpoint not above it, and the commits after that.</summary>
/// <param name="Version">The version.</param>
/// <param name="Checkpoint">The parts of the checkpoint; none where the log begins with version 0.</param>
/// <param name="Deltas">Commits and compacted commits without a hole, oldest first.</param>
/// <param name="Commit">The commit of the version itself; null where only its checkpoint is left.</param>
internal sealed record LogSegment(
    long Version, IReadOnlyList<LogFile.Checkpoint> Checkpoint, IReadOnlyList<LogFile> Deltas, LogFile.Commit? Commit)
{
    public long CheckpointVersion => Checkpoint is [var first, ..] ? first.Version : -1;

    /// <summary>Lists the log.</summary>
    /// <param name="storage">The table.</param>
    /// <param name="version">The version that is wanted; null for the newest.</param>
    /// <param name="ignored">Checkpoints that were found to be broken.</param>
    /// <exception cref="DeltaException">There is no table, no such version, or a hole in the log.</exception>
    public static LogSegment Find(
        IDeltaStorage storage, long? version, IReadOnlySet<string> ignored, CancellationToken cancellationToken)
    {
        var hint = LastCheckpoint.Version(storage, cancellationToken) is { } last && (version is null || last <= version) ? last : 0;
        var segment = Find(storage, hint, version, ignored, cancellationToken);
        if (segment is null && hint > 0)
        {
            // The hint names a checkpoint that is not there, or not whole: all of the log, then.
            segment = Find(storage, 0, version, ignored, cancellationToken);
        }

        return segment ?? throw NoTable(storage, version);
    }

    private static LogSegment? Find(
        IDeltaStorage storage, long from, long? version, IReadOnlySet<string> ignored, CancellationToken cancellationToken)
    {
        var commits = new List<LogFile.Commit>();
        var compacted = new List<LogFile.Compacted>();
        var checkpoints = new List<LogFile.Checkpoint>();
        foreach (var stored in storage.List(LogFiles.Folder, LogFiles.Prefix(from), cancellationToken))
        {
            switch (LogFiles.Read(stored))
            {
                case LogFile.Commit commit when version is null || commit.Version <= version:
                    commits.Add(commit);
                    break;
                case LogFile.Compacted some when version is null || some.End <= version:
                    compacted.Add(some);
                    break;
                case LogFile.Checkpoint checkpoint
                    when (version is null || checkpoint.Version <= version) && stored.Size > 0 && !ignored.Contains(stored.Path):
                    checkpoints.Add(checkpoint);
                    break;
            }
        }

        var parts = Newest(checkpoints);
        if (from > 0 && parts is [])
        {
            return null;
        }

        if (commits.Count == 0 && parts is [])
        {
            return null;
        }

        var start = parts is [var first, ..] ? first.Version + 1 : 0;
        var wanted = commits.Where(commit => commit.Version >= start).ToArray();
        var end = wanted is [.., var newest] ? newest.Version : start - 1;
        var next = start;
        foreach (var commit in wanted)
        {
            if (commit.Version != next)
            {
                throw Hole(storage, next, commit.Version, start > 0);
            }

            next++;
        }

        if (version is { } exact && end != exact)
        {
            return from > 0 ? null : throw NoVersion(storage, exact, end);
        }

        return new(end, parts, Compact(wanted, compacted), commits.LastOrDefault(commit => commit.Version == end));
    }

    /// <summary>The newest checkpoint all of whose parts are there; one with a name of its own before others of its version.</summary>
    private static IReadOnlyList<LogFile.Checkpoint> Newest(List<LogFile.Checkpoint> checkpoints)
    {
        foreach (var version in checkpoints.GroupBy(checkpoint => checkpoint.Version).OrderByDescending(group => group.Key))
        {
            foreach (var set in version.GroupBy(part => (part.Parts, Name: part.Named ? part.File.Name : ""))
                .OrderByDescending(set => set.Key.Name, StringComparer.Ordinal)
                .ThenBy(set => set.Key.Parts))
            {
                if (set.Select(part => part.Part).Distinct().Count() == set.Key.Parts)
                {
                    return [.. set.OrderBy(part => part.Part)];
                }
            }
        }

        return [];
    }

    /// <summary>Puts compacted commits in the place of the commits that they stand for.</summary>
    private static IReadOnlyList<LogFile> Compact(LogFile.Commit[] commits, List<LogFile.Compacted> compacted)
    {
        if (compacted.Count == 0 || commits.Length == 0)
        {
            return commits;
        }

        var deltas = new List<LogFile>();
        for (var i = 0; i < commits.Length;)
        {
            var longest = compacted.Where(some => some.Version == commits[i].Version && some.End <= commits[^1].Version)
                .MaxBy(some => some.End);
            deltas.Add(longest is null ? commits[i] : longest);
            i += longest is null ? 1 : (int)(longest.End - longest.Version + 1);
        }

        return deltas;
    }

    private static DeltaException NoTable(IDeltaStorage storage, long? version) => new(
        DeltaErrorKind.NotFound,
        version is null or 0 ? $"There is no Delta table at '{storage.Root}'." : $"The table at '{storage.Root}' has no version {version}.",
        version is null or 0 ? "A Delta table is a folder with a '_delta_log' folder in it." : "'history' shows which versions there are.");

    private static DeltaException NoVersion(IDeltaStorage storage, long version, long newest) => version > newest
        ? new(DeltaErrorKind.NotFound, $"The table at '{storage.Root}' has no version {version}; its newest is {newest}.")
        : new(DeltaErrorKind.NotFound, $"Version {version} of the table at '{storage.Root}' can be read no more: its log was cleaned up.",
            "'history' shows which versions there are.");

    private static DeltaException Hole(IDeltaStorage storage, long missing, long found, bool checkpointed) => new(
        DeltaErrorKind.Corrupt,
        $"The log of the table at '{storage.Root}' has a hole (DELTA_VERSIONS_NOT_CONTIGUOUS): {LogFiles.Commit(missing)} is missing, "
            + $"and version {found} comes next.",
        !checkpointed && missing == 0
            ? "No whole checkpoint stands for the versions before it."
            : $"Versions up to {missing - 1} can still be read by 'VERSION AS OF'; put the file back, or see 'fsck'.");
}
