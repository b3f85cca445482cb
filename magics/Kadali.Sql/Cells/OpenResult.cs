using System.Diagnostics;
using Kadali.Cells;
using Kadali.Tables;

namespace Kadali.Sql;

/// <summary>
/// The result that is still being read. The next statement needs the connection, so what is left is read before it, up to a time and a
/// size; then it is cut, and the reader is told.
/// </summary>
internal sealed class OpenResult
{
    private const long Step = 200_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private RecordBatchTable? _table;
    private string? _sql;

    public void Set(RecordBatchTable table, string sql) => (_table, _sql) = (table, sql.Trim());

    /// <summary>Makes room for the next statement. Gives what the reader has to know, or null.</summary>
    public async Task<string?> CloseAsync(CancellationToken cancellationToken)
    {
        if (_table is not { RowCount: null } table)
        {
            _table = null;
            return null;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (table.RowCount is null)
            {
                await table.FillAsync(table.RowsRead + Step, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up: the table is cut, and says so.
        }

        _table = null;
        return table.Cut is { } cut
            ? $"The result of '{Clip(_sql!)}' was {cut}, since this cell's statement needed the connection. "
                + "To keep all of it: CREATE TABLE … AS, COPY … TO, or --name."
            : null;
    }

    private static string Clip(string sql) => TextCut.Clip(sql.ReplaceLineEndings(" "), 60);
}
