using Apache.Arrow;

namespace Kadali.Sql;

/// <summary>A statement that has run and gives no rows.</summary>
internal sealed class FinishedRun(long? rowsChanged) : ISqlRun
{
    public Schema Schema { get; } = new([], null);

    public long? RowsChanged { get; } = rowsChanged;

    public ValueTask<RecordBatch?> ReadNextRecordBatchAsync(CancellationToken cancellationToken) => default;

    public void Dispose()
    {
    }
}
