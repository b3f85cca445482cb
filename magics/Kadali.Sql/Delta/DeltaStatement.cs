namespace Kadali.Sql;

/// <summary>What DuckDB is to run in place of a statement that has to do with Delta.</summary>
/// <param name="Sql">Null where all is done.</param>
/// <param name="Uses">What has to be kept until the rows are read.</param>
internal sealed record DeltaStatement(string? Sql, IDisposable? Uses)
{
    /// <summary>The place in the statement of a place in <see cref="Sql"/>.</summary>
    public Func<int, int>? ToOriginal { get; init; }

    /// <summary>Whether <see cref="Sql"/> is nothing but what the statement gave.</summary>
    public bool IsOutput { get; init; }

    /// <summary>How many rows the statement changed, where it counts them.</summary>
    public long? RowsChanged { get; init; }

    /// <summary>A statement that has run and gives no rows.</summary>
    public static DeltaStatement Finished(long? rowsChanged) => new(null, null) { RowsChanged = rowsChanged };
}
