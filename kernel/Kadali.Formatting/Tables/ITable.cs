namespace Kadali.Formatting;

/// <summary>Rows under named columns, read page by page. What a query gives, and what a sequence of objects is shown as.</summary>
public interface ITable
{
    IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>How many rows there are, or null as long as that is not known without reading them all.</summary>
    long? RowCount { get; }

    /// <summary>Rows of a page; fewer than asked for at the end. Each row has a value for each column; null is no value.</summary>
    ValueTask<IReadOnlyList<object?[]>> ReadAsync(TableRequest request, CancellationToken cancellationToken);
}

/// <param name="Type">The type as the reader knows it, for instance <c>BIGINT</c> or <c>string</c>.</param>
/// <param name="IsNumeric">Shown to the right.</param>
public sealed record TableColumn(string Name, string Type, bool IsNumeric);

/// <param name="Offset">The first row, from 0.</param>
/// <param name="Count">How many rows at most.</param>
/// <param name="Sort">Index of the column to sort by, or null for the table's own order.</param>
/// <param name="Filter">Keeps rows of which a value holds this text, in any case; null for all.</param>
public sealed record TableRequest(long Offset, int Count, int? Sort = null, bool Descending = false, string? Filter = null);
