using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What a commit may miss of what others commit at the same time.</summary>
internal enum IsolationLevel
{
    /// <summary>The table's versions are the order in which all could have run one after the other. Delta's default.</summary>
    Serializable,

    /// <summary>So are the writes; a commit may come after blind appends that it has not seen.</summary>
    WriteSerializable,

    /// <summary>For commits that only move rows within the table: new rows are not theirs to see.</summary>
    SnapshotIsolation,
}

/// <summary>A commit that is ready to be written, and what it rests on: the version before it as it was when the commit was made.</summary>
/// <param name="Table">The table's folder, for messages.</param>
/// <param name="Protocol">Of the version before; null where the commit makes the table.</param>
/// <param name="Metadata">Of the version before; null where the commit makes the table.</param>
/// <param name="RowIdMark">Row tracking: the greatest row id of the version before, or -1.</param>
/// <param name="Actions">All of the commit, with its <c>commitInfo</c>.</param>
internal sealed record PreparedCommit(
    string Table, ReadSet Reads, Protocol? Protocol, Metadata? Metadata, long RowIdMark, IsolationLevel Level,
    IReadOnlyList<SingleAction> Actions)
{
    /// <summary>What tells this commit from all others in the log.</summary>
    public string? Id => IdOf(Actions);

    public static string? IdOf(IEnumerable<SingleAction> actions) =>
        actions.Select(action => action.CommitInfo).OfType<JsonObject>().FirstOrDefault() is { } info
        && info["txnId"] is JsonValue value && value.TryGetValue<string>(out var id) ? id : null;

    /// <summary>The level of a commit: that of the table, unless it changes no rows and nothing but files.</summary>
    /// <param name="changesRows">Whether the operation is one that can change rows, even if it changed none this time.</param>
    public static IsolationLevel LevelOf(TableProperties properties, IEnumerable<SingleAction> actions, bool changesRows)
    {
        var level = string.Equals(properties.IsolationLevel, nameof(IsolationLevel.WriteSerializable), StringComparison.OrdinalIgnoreCase)
            ? IsolationLevel.WriteSerializable
            : IsolationLevel.Serializable;
        return actions.All(MovesRows) && !(level == IsolationLevel.WriteSerializable && changesRows)
            ? IsolationLevel.SnapshotIsolation
            : level;
    }

    private static bool MovesRows(SingleAction action) => action switch
    {
        { Add.DataChange: false } or { Remove.DataChange: false } or { CommitInfo: not null } => true,
        { DomainMetadata.Domain: RowTracking.Domain } => true,
        _ => false,
    };
}
