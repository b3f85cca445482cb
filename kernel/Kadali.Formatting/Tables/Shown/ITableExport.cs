namespace Kadali.Formatting;

/// <summary>A form in which a table can be downloaded.</summary>
public interface ITableExport
{
    /// <summary>The form's name and the ending of its files, for instance <c>csv</c>.</summary>
    string Format { get; }

    string MimeType { get; }

    /// <summary>The file in pieces of about a megabyte. The next piece is made when it is asked for, so memory stays bounded.</summary>
    /// <param name="order">Sorting and filter; offset and count are not looked at.</param>
    IAsyncEnumerable<byte[]> WriteAsync(ITable table, TableRequest order, CancellationToken cancellationToken);
}

/// <summary>Reads tables to their end.</summary>
public static class TableRows
{
    private const int Step = 8192;

    /// <summary>All rows in an order, page by page.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<object?[]>> PagesAsync(
        this ITable table, TableRequest order, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var offset = 0L; ; offset += Step)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = await table.ReadAsync(order with { Offset = offset, Count = Step }, cancellationToken);
            if (rows.Count > 0)
            {
                yield return rows;
            }

            if (rows.Count < Step)
            {
                yield break;
            }
        }
    }
}
