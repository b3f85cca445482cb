namespace Kadali.Delta;

/// <summary>The log of one table: finds its newest version, and earlier ones. The newest snapshot is kept and only moved on.</summary>
internal sealed class DeltaLog(IDeltaStorage storage, DuckDb duckDb)
{
    // From so many bytes on commits are read side by side.
    private const long SideBySide = 4 << 20;

    private const int MostAskedFor = 4;

    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private Snapshot? _newest;

    public IDeltaStorage Storage { get; } = storage;

    public DuckDb DuckDb { get; } = duckDb;

    /// <summary>Checkpoints that were found to be broken, and why.</summary>
    public List<DeltaException> Complaints { get; } = [];

    /// <summary>The newest snapshot. Where nothing was committed since the last call, this costs one probe.</summary>
    /// <exception cref="DeltaException">There is no table, or its log is damaged.</exception>
    public Snapshot Update(CancellationToken cancellationToken)
    {
        if (_newest is { } known && IsStillThere(known))
        {
            if (!Storage.Exists(LogFiles.Commit(known.Version + 1)))
            {
                return known;
            }

            if (TryAdvance(known, cancellationToken) is { } advanced)
            {
                return _newest = advanced;
            }
        }

        return _newest = Load(null, cancellationToken);
    }

    /// <summary>
    /// Takes a new checkpoint of the newest snapshot for where its log begins, so that what came before need not be kept in mind.
    /// </summary>
    public void StartFrom(Snapshot snapshot, CheckpointWriter.Written checkpoint)
    {
        if (ReferenceEquals(_newest, snapshot))
        {
            _newest = snapshot.StartingFrom(snapshot.Segment with { Checkpoint = [checkpoint.File], Deltas = [] }, checkpoint.Tombstones);
        }
    }

    /// <summary>The snapshot of a version.</summary>
    public Snapshot At(long version, CancellationToken cancellationToken) =>
        _newest is { } known && known.Version == version ? known : Load(version, cancellationToken);

    /// <summary>The actions of a commit.</summary>
    public IReadOnlyList<SingleAction> ReadCommit(long version, CancellationToken cancellationToken)
    {
        var path = LogFiles.Commit(version);
        var content = Storage.TryRead(path, cancellationToken) ?? throw new DeltaException(
            DeltaErrorKind.NotFound,
            $"'{path}' of the table at '{Storage.Root}' is not there: the version is too new, or its log was cleaned up.");
        return [.. CommitActions(content, path)];
    }

    public static IEnumerable<SingleAction> CommitActions(byte[] content, string path)
    {
        var number = 0;
        for (var start = 0; start < content.Length;)
        {
            number++;
            var length = content.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? content.Length - start : length;
            if (content.AsSpan(start, length).Trim(" \t\r"u8).Length > 0)
            {
                yield return Line(content.AsSpan(start, length), path, number);
            }

            start += length + 1;
        }
    }

    private static SingleAction Line(ReadOnlySpan<byte> line, string path, int number)
    {
        try
        {
            return ActionJson.Read(line)!;
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw new DeltaException(
                DeltaErrorKind.Corrupt, $"'{path}' is damaged: line {number} is no action of a Delta log.", inner: exception);
        }
    }

    /// <summary>Whether the version is the one that was read, and not one of another table that was made in its place.</summary>
    private bool IsStillThere(Snapshot known)
    {
        var there = Storage.Find(LogFiles.Commit(known.Version));
        return known.Segment.Commit is { File: var read }
            ? there is not null && there.Size == read.Size && IsSameTime(there.ModificationTime, read.ModificationTime)
            : there is null;
    }

    // S3 tells whole seconds of a file that it is asked for, and more of one that it lists.
    private static bool IsSameTime(long one, long other) =>
        one == other || ((one % 1000 == 0 || other % 1000 == 0) && one / 1000 == other / 1000);

    private Snapshot? TryAdvance(Snapshot known, CancellationToken cancellationToken)
    {
        // A few commits are asked for by name: a folder with a long log takes long to list.
        var commits = new List<LogFile.Commit>();
        while (commits.Count < MostAskedFor && Storage.Find(LogFiles.Commit(known.Version + 1 + commits.Count)) is { } next)
        {
            commits.Add(new(next, known.Version + 1 + commits.Count));
        }

        if (commits.Count == MostAskedFor)
        {
            commits =
            [
                .. Storage.List(LogFiles.Folder, LogFiles.Prefix(known.Version + 1), cancellationToken)
                    .Select(LogFiles.Read).OfType<LogFile.Commit>(),
            ];
        }

        if (commits.Count == 0 || commits.Index().Any(commit => commit.Item.Version != known.Version + 1 + commit.Index))
        {
            // A hole: loading says so.
            return null;
        }

        var state = new LogState(known);
        foreach (var commit in commits)
        {
            state.Advance(ReadLines(commit, cancellationToken));
        }

        var segment = known.Segment with
        {
            Version = commits[^1].Version, Deltas = [.. known.Segment.Deltas, .. commits], Commit = commits[^1],
        };
        return state.ToSnapshot(Storage.Root, segment);
    }

    private Snapshot Load(long? version, CancellationToken cancellationToken)
    {
        while (true)
        {
            var segment = LogSegment.Find(Storage, version, _broken, cancellationToken);
            try
            {
                return LoadSegment(segment, cancellationToken);
            }
            catch (DeltaException exception) when (exception.Kind == DeltaErrorKind.Corrupt && segment.Checkpoint.Count > 0
                && exception.Hint == CheckpointReader.CheckpointHint)
            {
                // An older checkpoint, or the commits from the first on, say the same.
                Complaints.Add(exception);
                _broken.UnionWith(segment.Checkpoint.Select(part => part.File.Path));
                try
                {
                    LogSegment.Find(Storage, version ?? segment.Version, _broken, cancellationToken);
                }
                catch (DeltaException)
                {
                    throw exception;
                }
            }
        }
    }

    private Snapshot LoadSegment(LogSegment segment, CancellationToken cancellationToken)
    {
        var commits = new LogLines[segment.Deltas.Count];
        if (commits.Length > 1 && segment.Deltas.Sum(delta => delta.File.Size) > SideBySide)
        {
            Parallel.For(
                0, commits.Length, new() { CancellationToken = cancellationToken },
                i => commits[i] = ReadLines(segment.Deltas[i], cancellationToken));
        }
        else
        {
            for (var i = 0; i < commits.Length; i++)
            {
                commits[i] = ReadLines(segment.Deltas[i], cancellationToken);
            }
        }

        var checkpoint = segment.Checkpoint.Count > 0
            ? new CheckpointReader(Storage, DuckDb).Read(segment.Checkpoint, cancellationToken)
            : null;
        return LogState.Replay(checkpoint, commits).ToSnapshot(Storage.Root, segment);
    }

    private LogLines ReadLines(LogFile file, CancellationToken cancellationToken) => LogLines.Read(
        Storage.TryRead(file.File.Path, cancellationToken)
            ?? throw new DeltaException(
                DeltaErrorKind.Corrupt, $"'{file.File.Path}' of the table at '{Storage.Root}' has vanished while it was read."),
        file.File.Path);
}
