using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What the actions of a log add up to.</summary>
internal sealed class LogState
{
    private readonly Dictionary<string, SetTransaction> _transactions;
    private readonly Dictionary<string, DomainMetadata> _domains;
    private Func<CancellationToken, IReadOnlyList<RemoveFile>> _tombstones;
    private Protocol? _protocol;
    private Metadata? _metadata;
    private ActiveFiles _files;
    private long? _inCommitTimestamp;

    private LogState() => (_transactions, _domains, _files, _tombstones) = ([], [], ActiveFiles.None, _ => []);

    public LogState(Snapshot known)
    {
        (_protocol, _metadata, _files, _tombstones) = (known.Protocol, known.Metadata, known.Files, known.Tombstones);
        _transactions = new(known.Transactions);
        _domains = new(known.Domains);
    }

    public static LogState Replay(CheckpointReader.Content? checkpoint, IReadOnlyList<LogLines> commits)
    {
        var state = new LogState();
        if (checkpoint is not null)
        {
            state.Take(checkpoint.Others);
            state._tombstones = checkpoint.Tombstones;
        }

        foreach (var commit in commits)
        {
            state.Take(commit.Others);
        }

        state._files = Reconcile(checkpoint?.Files ?? [], commits);
        state._tombstones = WithRemoved(state._tombstones, commits);
        return state;
    }

    public void Advance(LogLines commit)
    {
        _inCommitTimestamp = null;
        Take(commit.Others);
        _files = _files.After(commit);
        _tombstones = WithRemoved(_tombstones, [commit]);
    }

    public Snapshot ToSnapshot(string location, LogSegment segment)
    {
        var protocol = _protocol ?? throw Without("protocol");
        var metadata = _metadata ?? throw Without("metadata");
        var properties = new TableProperties(metadata.Configuration);
        return new(
            location, segment, protocol, metadata, _files, _transactions, _domains, _tombstones,
            properties.InCommitTimestamps ? _inCommitTimestamp : null);

        DeltaException Without(string what) => new(
            DeltaErrorKind.Corrupt,
            $"Version {segment.Version} of the table at '{location}' has no {what} action: its log is not whole.");
    }

    /// <summary>Newest first: what a later commit says of a file counts.</summary>
    private static ActiveFiles Reconcile(IReadOnlyList<FileBlock> checkpoint, IReadOnlyList<LogLines> commits)
    {
        var seen = new HashSet<FileKey>(commits.Sum(commit => commit.Files.Count));
        var blocks = new List<FileBlock>();
        for (var c = commits.Count - 1; c >= 0; c--)
        {
            var adds = new List<LogLines.Line>();
            foreach (var line in commits[c].Files)
            {
                // Within a commit an add counts, whether the removal of its key stands before or after it.
                if (line.IsAdd && seen.Add(line.Key))
                {
                    adds.Add(line);
                }
            }

            foreach (var line in commits[c].Files)
            {
                if (!line.IsAdd)
                {
                    seen.Add(line.Key);
                }
            }

            blocks.Add(new FileBlock.OfCommit(commits[c], adds));
        }

        blocks.Reverse();
        return ActiveFiles.Of([.. checkpoint.Select(block => Unseen(block, seen)), .. blocks]);
    }

    private static FileBlock Unseen(FileBlock block, HashSet<FileKey> seen) =>
        seen.Count == 0 || !Enumerable.Range(0, block.Count).Any(i => seen.Contains(block.Key(i)))
            ? block
            : new FileBlock.Part(block, [.. Enumerable.Range(0, block.Count).Where(i => !seen.Contains(block.Key(i)))]);

    private static Func<CancellationToken, IReadOnlyList<RemoveFile>> WithRemoved(
        Func<CancellationToken, IReadOnlyList<RemoveFile>> before, IReadOnlyList<LogLines> commits)
    {
        if (!commits.Any(commit => commit.Files.Count > 0))
        {
            return before;
        }

        return token =>
        {
            var removed = before(token).ToDictionary(file => file.Key);
            foreach (var commit in commits)
            {
                foreach (var line in commit.Files)
                {
                    if (line.IsAdd)
                    {
                        removed.Remove(line.Key);
                    }
                    else
                    {
                        removed[line.Key] = commit.Remove(line);
                    }
                }
            }

            return [.. removed.Values];
        };
    }

    private void Take(IEnumerable<SingleAction> actions)
    {
        foreach (var action in actions)
        {
            _protocol = action.Protocol ?? _protocol;
            _metadata = action.Metadata ?? _metadata;
            if (action.Txn is { } transaction)
            {
                _transactions[transaction.AppId] = transaction;
            }

            if (action.DomainMetadata is { } domain)
            {
                if (domain.Removed)
                {
                    _domains.Remove(domain.Domain);
                }
                else
                {
                    _domains[domain.Domain] = domain;
                }
            }

            if (action.CommitInfo is { } info)
            {
                _inCommitTimestamp = info["inCommitTimestamp"] is JsonValue value && value.TryGetValue<long>(out var time)
                    ? time
                    : null;
            }
        }
    }
}
