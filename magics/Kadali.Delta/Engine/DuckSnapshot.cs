namespace Kadali.Delta;

/// <summary>
/// DuckDB's own tables as they are at one time, for several statements: in the caller's transaction, or else in one that is undone at the
/// end. What is made meanwhile, such as temporary tables, is gone with it.
/// </summary>
internal sealed class DuckSnapshot : IDisposable
{
    private readonly DuckDb? _own;

    public DuckSnapshot(DeltaSession session, CancellationToken cancellationToken)
    {
        if (session.DuckDb.IsInTransaction(cancellationToken))
        {
            return;
        }

        // Not in the transaction, which would undo it.
        session.RowSets.Register();
        session.DuckDb.Execute("BEGIN TRANSACTION", cancellationToken);
        _own = session.DuckDb;
    }

    public void Dispose() => _own?.Execute("ROLLBACK", CancellationToken.None);
}
