using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// Delta's conflict matrix: whether a commit still holds after another one was first. What it decides depends on nothing but the two
/// commits.
/// </summary>
internal static class ConflictChecker
{
    /// <summary>The commit as it is to follow the winner.</summary>
    /// <param name="ours">The commit that lost.</param>
    /// <param name="version">The version that the winner has, and that ours was to have.</param>
    /// <param name="winner">All actions of the winner.</param>
    /// <exception cref="DeltaConflictException">The two do not go together.</exception>
    public static PreparedCommit Check(PreparedCommit ours, long version, IReadOnlyList<SingleAction> winner)
    {
        var other = new Winner(ours.Table, version, winner);
        CheckProtocol(ours, other);
        CheckMetadata(ours, other);
        CheckDomains(ours, other);
        CheckApplications(ours, other);
        CheckAdded(ours, other);
        CheckRemoved(ours, other);
        return Rebase(ours, other);
    }

    private static void CheckProtocol(PreparedCommit ours, Winner winner)
    {
        if (winner.Protocol is not { } protocol)
        {
            return;
        }

        if (ours.Metadata is null)
        {
            throw winner.Conflict(DeltaConflict.ProtocolChanged, "made the table that this operation was to make");
        }

        if (ours.Actions.Any(action => action.Protocol is not null))
        {
            throw winner.Conflict(DeltaConflict.ProtocolChanged, "changed the table's protocol, and so does this operation");
        }

        try
        {
            ProtocolChecker.CheckWrite(ours.Table, protocol);
        }
        catch (DeltaException exception) when (exception.Kind == DeltaErrorKind.Unsupported)
        {
            throw winner.Conflict(DeltaConflict.ProtocolChanged, $"changed the table's protocol. {exception.Message}");
        }

        // Other features do nothing before a property turns them on, which the metadata tell.
        var before = ours.Protocol is { } known ? ProtocolChecker.Features(known) : new HashSet<string>();
        var after = ProtocolChecker.Features(protocol);
        if (!after.IsSupersetOf(before) || (after.Contains(TableFeature.RowTracking) && !before.Contains(TableFeature.RowTracking)))
        {
            var changed = string.Join(", ", after.Except(before).Concat(before.Except(after)).Select(name => $"'{name}'"));
            throw winner.Conflict(DeltaConflict.ProtocolChanged, $"changed the table's protocol ({changed}) under this operation");
        }
    }

    private static void CheckMetadata(PreparedCommit ours, Winner winner)
    {
        if (winner.Metadata is not { } metadata)
        {
            return;
        }

        if (ours.Actions.Any(action => action.Metadata is not null))
        {
            throw winner.Conflict(DeltaConflict.MetadataChanged, "changed schema or properties of the table, and so does this operation");
        }

        var removes = ours.Actions.Any(action => action.Remove is not null);
        if (ours.Metadata is not { } known)
        {
            throw winner.Conflict(DeltaConflict.MetadataChanged, "made the table that this operation was to make");
        }

        if (MetadataChange.Find(known, metadata, enablesRowTracking: !removes) is { } change)
        {
            throw winner.Conflict(DeltaConflict.MetadataChanged, $"changed {change} of the table");
        }
    }

    private static void CheckDomains(PreparedCommit ours, Winner winner)
    {
        foreach (var domain in winner.All(action => action.DomainMetadata).Where(domain => domain.Domain != RowTracking.Domain))
        {
            if (ours.Actions.Any(action => action.DomainMetadata?.Domain == domain.Domain))
            {
                throw winner.Conflict(
                    DeltaConflict.ConcurrentTransaction, $"changed the metadata domain '{domain.Domain}', and so does this operation");
            }
        }
    }

    private static void CheckApplications(PreparedCommit ours, Winner winner)
    {
        foreach (var transaction in winner.All(action => action.Txn))
        {
            if (ours.Reads.Applications.Contains(transaction.AppId) || ours.Actions.Any(action => action.Txn?.AppId == transaction.AppId))
            {
                throw winner.Conflict(
                    DeltaConflict.ConcurrentTransaction,
                    $"wrote transaction {transaction.Version} of the application '{transaction.AppId}', as this operation does");
            }
        }
    }

    private static void CheckAdded(PreparedCommit ours, Winner winner)
    {
        var changesMetadata = ours.Actions.Any(action => action.Metadata is not null);
        var concern = ours.Level switch
        {
            IsolationLevel.SnapshotIsolation => false,
            IsolationLevel.WriteSerializable => !winner.IsBlindAppend || changesMetadata,
            _ => true,
        };

        // Rows that only moved came from files that the winner removed, and those are checked next.
        if (concern && winner.All(action => action.Add).FirstOrDefault(add => add.DataChange && ours.Reads.WouldRead(add)) is { } added)
        {
            throw winner.Conflict(
                DeltaConflict.ConcurrentAppend, $"added '{added.Path}'{Partition(added)}, which this operation would have read");
        }
    }

    private static void CheckRemoved(PreparedCommit ours, Winner winner)
    {
        var removed = winner.All(action => action.Remove).ToArray();
        if (removed.FirstOrDefault(remove => ours.Reads.HasRead(remove.Key)) is { } read)
        {
            throw winner.Conflict(DeltaConflict.ConcurrentDeleteRead, $"removed or changed '{read.Path}', which this operation has read");
        }

        // By path: with another deletion vector it is the same file.
        var mine = ours.Actions.Select(action => action.Remove?.Path).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (removed.FirstOrDefault(remove => mine.Contains(remove.Path)) is { } both)
        {
            throw winner.Conflict(DeltaConflict.ConcurrentDeleteDelete, $"removed or changed '{both.Path}', and so does this operation");
        }
    }

    private static PreparedCommit Rebase(PreparedCommit ours, Winner winner)
    {
        var actions = Ordered(ours.Actions, winner);
        if (ours.Actions.Any(action => action.Metadata is not null))
        {
            actions = [.. actions.Select(action => action.Metadata is { } metadata
                ? action with { Metadata = MetadataChange.Renumber(metadata, winner.Version) }
                : action)];
        }

        var mark = ours.RowIdMark;
        return ours with
        {
            Protocol = winner.Protocol ?? ours.Protocol,
            Metadata = winner.Metadata ?? ours.Metadata,
            Actions = RowTracking.Rebase(actions, winner.Actions, winner.Version, ref mark),
            RowIdMark = mark,
        };
    }

    /// <summary>In-commit timestamps only grow.</summary>
    private static IReadOnlyList<SingleAction> Ordered(IReadOnlyList<SingleAction> actions, Winner winner) =>
        winner.Timestamp is not { } last
            ? actions
            : [.. actions.Select(action =>
            {
                if (action.CommitInfo is not { } info || Winner.Number(info, Winner.TimestampKey) is not { } timestamp || timestamp > last)
                {
                    return action;
                }

                var later = (JsonObject)info.DeepClone();
                later[Winner.TimestampKey] = last + 1;
                return action with { CommitInfo = later };
            })];

    private static string Partition(AddFile file) => file.PartitionValues.Count == 0
        ? ""
        : $" (partition {string.Join(", ", file.PartitionValues.Select(value => $"{value.Key}={value.Value ?? "null"}"))})";

    private sealed class Winner(string table, long version, IReadOnlyList<SingleAction> actions)
    {
        public const string TimestampKey = "inCommitTimestamp";

        private readonly JsonObject? _info = actions.Select(action => action.CommitInfo).OfType<JsonObject>().FirstOrDefault();

        public long Version { get; } = version;

        public IReadOnlyList<SingleAction> Actions { get; } = actions;

        public Protocol? Protocol { get; } = actions.Select(action => action.Protocol).LastOrDefault(protocol => protocol is not null);

        public Metadata? Metadata { get; } = actions.Select(action => action.Metadata).LastOrDefault(metadata => metadata is not null);

        public bool IsBlindAppend => _info?["isBlindAppend"] is JsonValue value && value.TryGetValue<bool>(out var blind) && blind;

        public long? Timestamp => _info is null ? null : Number(_info, TimestampKey);

        public IEnumerable<T> All<T>(Func<SingleAction, T?> part) where T : class => Actions.Select(part).OfType<T>();

        public DeltaConflictException Conflict(DeltaConflict conflict, string what)
        {
            var operation = _info?["operation"] is JsonValue value && value.TryGetValue<string>(out var name) ? $" ({name})" : "";
            return new(conflict, Version,
                $"Version {Version}{operation} of the table at '{table}', which another writer committed meanwhile, {what}.");
        }

        public static long? Number(JsonObject info, string key) =>
            info[key] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
    }
}
