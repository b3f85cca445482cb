using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.C;
using Apache.Arrow.Ipc;
using DuckDB.NET.Data;

namespace Kadali.Sql;

/// <summary>Record batches into DuckDB through the Arrow C interface: DuckDB reads our buffers where they are.</summary>
internal static unsafe partial class ArrowScan
{
    private const string View = "kadali_arrow_scan";

    /// <summary>Runs <c>create SELECT * FROM the batch</c>; to be called on the session's thread.</summary>
    public static bool Run(DuckDBConnection connection, RecordBatch batch, string create)
    {
        var stream = CArrowArrayStream.Create();
        var added = false;
        var handle = connection.NativeConnection;
        try
        {
            CArrowArrayStreamExporter.ExportArrayStream(new One(batch), stream);
            handle.DangerousAddRef(ref added);

            // The scan is a view on the stream, which gives its rows once.
            if (duckdb_arrow_scan(handle.DangerousGetHandle(), View, stream) != 0)
            {
                throw new InvalidOperationException("DuckDB does not take the Arrow stream.");
            }

            using var command = connection.CreateCommand();
            command.CommandText = $"{create} SELECT * FROM {View}; DROP VIEW {View}";
            command.ExecuteNonQuery();
            return true;
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }

            CArrowArrayStream.Free(stream);
        }
    }

    [LibraryImport("duckdb", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int duckdb_arrow_scan(nint connection, string tableName, CArrowArrayStream* stream);

    /// <summary>A stream of one batch.</summary>
    private sealed class One(RecordBatch batch) : IArrowArrayStream
    {
        private RecordBatch? _batch = batch;

        public Schema Schema { get; } = batch.Schema;

        public ValueTask<RecordBatch?> ReadNextRecordBatchAsync(CancellationToken cancellationToken)
        {
            var next = _batch;
            _batch = null;
            return new(next);
        }

        public void Dispose() => _batch?.Dispose();
    }
}
