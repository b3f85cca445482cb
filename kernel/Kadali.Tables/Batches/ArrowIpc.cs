using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Kadali.Tables;

/// <summary>Record batches as Arrow's IPC stream format, which pyarrow, pandas, Polars, R and Spark read and write.</summary>
public static class ArrowIpc
{
    /// <summary>MIME type of the bytes.</summary>
    public const string MimeType = "application/vnd.apache.arrow.stream";

    /// <summary>Writes all batches as one IPC stream; the stream stays open.</summary>
    public static async Task WriteAsync(IRecordBatches batches, Stream stream, CancellationToken cancellationToken)
    {
        using var writer = new ArrowStreamWriter(stream, batches.Schema, leaveOpen: true);
        await writer.WriteStartAsync(cancellationToken);
        await foreach (var batch in batches.ReadAsync(cancellationToken))
        {
            using (batch)
            {
                await writer.WriteRecordBatchAsync(batch, cancellationToken);
            }
        }

        await writer.WriteEndAsync(cancellationToken);
    }

    /// <summary>The bytes of one IPC stream that holds all batches.</summary>
    public static async Task<byte[]> ToBytesAsync(IRecordBatches batches, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream();
        await WriteAsync(batches, stream, cancellationToken);
        return stream.ToArray();
    }

    /// <summary>The table that an IPC stream's bytes hold. The table refers to the bytes: leave them as they are.</summary>
    /// <exception cref="InvalidDataException">The bytes are no Arrow IPC stream.</exception>
    public static RecordBatchTable ReadTable(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new ArrowStreamReader(bytes);
            return new(reader.Schema, Batches(reader, cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The reader of the library throws whatever the first wrong byte leads to.
            throw new InvalidDataException($"The {bytes.Length:N0} bytes are no Arrow IPC stream: {exception.Message}", exception);
        }
    }

    /// <summary>Batches of an IPC stream as they come; can be read once. The schema is read at once.</summary>
    public static IRecordBatches Read(Stream stream) => new Reading(new ArrowStreamReader(stream));

    private static IEnumerable<RecordBatch> Batches(ArrowStreamReader reader, CancellationToken cancellationToken)
    {
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return batch;
        }
    }

    private sealed class Reading(ArrowStreamReader reader) : IRecordBatches
    {
        public Schema Schema => reader.Schema;

        public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            using (reader)
            {
                while (await reader.ReadNextRecordBatchAsync(cancellationToken) is { } batch)
                {
                    yield return batch;
                }
            }
        }
    }
}
