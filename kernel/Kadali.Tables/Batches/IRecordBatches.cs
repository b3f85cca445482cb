using Apache.Arrow;

namespace Kadali.Tables;

/// <summary>
/// Rows as a stream of Arrow record batches of one schema: what an engine gives, what another kernel takes, and what a table is made of.
/// It is the one currency in which tabular data passes between languages.
/// </summary>
public interface IRecordBatches
{
    /// <summary>Names and types of the columns, known before the first row.</summary>
    Schema Schema { get; }

    /// <summary>
    /// The batches in order. Each is the caller's to dispose. A stream that comes straight from an engine can be read once; a
    /// <see cref="RecordBatchTable"/> as often as wanted.
    /// </summary>
    IAsyncEnumerable<RecordBatch> ReadAsync(CancellationToken cancellationToken);
}
