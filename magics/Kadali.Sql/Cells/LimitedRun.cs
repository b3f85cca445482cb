using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Kadali.Sql;

/// <summary>The first rows of a run: <c>--limit</c>.</summary>
internal sealed class LimitedRun(IArrowArrayStream run, long limit) : IArrowArrayStream
{
    private long _left = limit;

    public Schema Schema => run.Schema;

    public async ValueTask<RecordBatch?> ReadNextRecordBatchAsync(CancellationToken cancellationToken)
    {
        if (_left == 0 || await run.ReadNextRecordBatchAsync(cancellationToken) is not { } batch)
        {
            return null;
        }

        if (batch.Length <= _left)
        {
            _left -= batch.Length;
            return batch;
        }

        using (batch)
        {
            var part = batch.SliceShared(0, (int)_left);
            _left = 0;
            return part;
        }
    }

    public void Dispose() => run.Dispose();
}
