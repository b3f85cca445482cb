using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Kadali.Tables.Tests;

/// <summary>A source of two columns, <c>n</c> and <c>text</c>, that counts how far it was read.</summary>
internal sealed class Numbers(int rows, int batchRows = 1000) : IArrowArrayStream
{
    public int Given { get; private set; }

    public bool IsDisposed { get; private set; }

    public Schema Schema { get; } = new([new Field("n", Int64Type.Default, true), new Field("text", StringType.Default, true)], null);

    public ValueTask<RecordBatch?> ReadNextRecordBatchAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = Math.Min(batchRows, rows - Given);
        if (count <= 0)
        {
            return new((RecordBatch?)null);
        }

        var (numbers, texts) = (new Int64Array.Builder(), new StringArray.Builder());
        for (var i = Given; i < Given + count; i++)
        {
            numbers.Append(i);
            texts.Append(i % 7 == 0 ? null : TextOf(i));
        }

        Given += count;
        return new(new RecordBatch(Schema, [numbers.Build(), texts.Build()], count));
    }

    public static string TextOf(int i) => "text " + i.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => IsDisposed = true;
}
