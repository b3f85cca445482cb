namespace Kadali.Delta;

/// <summary>A table that a statement names.</summary>
/// <param name="Table">Which table; for a table function, the one that its first argument names.</param>
/// <param name="Start">UTF-16 offset of the name.</param>
/// <param name="End">UTF-16 offset behind the name and the version that is meant; behind the bracket of a table function.</param>
internal sealed record TableReference(TableRef Table, int Start, int End)
{
    /// <summary>What of the table is meant.</summary>
    public TableUse Use { get; init; }

    /// <summary>Whether the statement gives it a name of its own, or none can stand there.</summary>
    public bool HasAlias { get; init; }

    /// <summary>The first and last version or timestamp of <see cref="TableUse.Changes"/>; the last may be missing.</summary>
    public IReadOnlyList<SqlPart> Range { get; init; } = [];
}

/// <summary>What of a table a statement means.</summary>
internal enum TableUse
{
    /// <summary>Its rows.</summary>
    Rows,

    /// <summary>What changed in it: <c>table_changes(…)</c>.</summary>
    Changes,

    /// <summary>It is to be changed.</summary>
    Target,
}
