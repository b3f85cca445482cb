namespace Kadali.Delta;

/// <summary>What went wrong with a Delta table, in the words of its user.</summary>
/// <param name="kind">What sort of failure it is.</param>
/// <param name="message">One sentence that names the table, file, version, column or feature.</param>
/// <param name="hint">What to do next, or null.</param>
/// <param name="inner">What was thrown below, or null.</param>
public class DeltaException(DeltaErrorKind kind, string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What sort of failure it is.</summary>
    public DeltaErrorKind Kind { get; } = kind;

    /// <summary>What to do next, or null.</summary>
    public string? Hint { get; } = hint;

    /// <summary>UTF-16 offset into the SQL text that the failure is about, or null.</summary>
    public int? Offset { get; internal set; }
}

/// <summary>Sorts of failures.</summary>
public enum DeltaErrorKind
{
    /// <summary>There is no Delta table, version or file of that name.</summary>
    NotFound,

    /// <summary>There is one already.</summary>
    AlreadyExists,

    /// <summary>The log or a file of the table is damaged; nothing of it can be trusted from there on.</summary>
    Corrupt,

    /// <summary>The table uses a feature, or a caller asks for one, that is not supported here.</summary>
    Unsupported,

    /// <summary>Another writer was first, and what it wrote is in the way.</summary>
    Conflict,

    /// <summary>Rows violate a constraint of the table.</summary>
    Constraint,

    /// <summary>A schema, column or type does not fit.</summary>
    Schema,

    /// <summary>An argument, option or statement makes no sense.</summary>
    Argument,

    /// <summary>A statement cannot be read.</summary>
    Syntax,

    /// <summary>The store failed: no space, no rights, no connection.</summary>
    Storage,
}

/// <summary>
/// Another writer committed first, and the two do not go together (Delta's conflict matrix). The table is as the other left it.
/// </summary>
/// <param name="conflict">Which rule of the matrix was broken.</param>
/// <param name="version">The version of the winner.</param>
/// <param name="message">What the winner did, and to what.</param>
public sealed class DeltaConflictException(DeltaConflict conflict, long version, string message)
    : DeltaException(DeltaErrorKind.Conflict, message, "Nothing was written. Read the table again and repeat the operation.")
{
    /// <summary>Which rule of the matrix was broken.</summary>
    public DeltaConflict Conflict { get; } = conflict;

    /// <summary>The version of the winner.</summary>
    public long Version { get; } = version;
}

/// <summary>The rules of Delta's conflict matrix, named as its exceptions are.</summary>
public enum DeltaConflict
{
    /// <summary>The winner added files that this operation should have read.</summary>
    ConcurrentAppend,

    /// <summary>The winner removed a file that this operation read.</summary>
    ConcurrentDeleteRead,

    /// <summary>The winner removed a file that this operation removes.</summary>
    ConcurrentDeleteDelete,

    /// <summary>The winner changed schema, partitioning or properties.</summary>
    MetadataChanged,

    /// <summary>The winner changed the protocol.</summary>
    ProtocolChanged,

    /// <summary>The winner wrote for the same application, or to the same metadata domain.</summary>
    ConcurrentTransaction,

    /// <summary>The winner's version exists and the operation was told not to retry.</summary>
    ConcurrentWrite,
}
