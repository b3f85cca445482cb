using System.Collections;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>
/// Record batches as a table: read from their source as far as somebody looks, kept (in memory, then in a file), and never asked for
/// twice. In C# it is a sequence of rows whose columns are members. Members may be called from any thread.
/// </summary>
public sealed class RecordBatchTable : ITable, IRecordBatches, IEnumerable<object>, IDisposable
{
    private readonly BatchStore _store;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Dictionary<string, int> _index = new(StringComparer.OrdinalIgnoreCase);
    private IArrowArrayStream? _source;
    private Exception? _failure;
    private RowOrder? _order;

    /// <param name="source">Gives the batches; the table disposes it at its end.</param>
    /// <param name="limits">How much is kept.</param>
    public RecordBatchTable(IArrowArrayStream source, StoreLimits? limits = null)
        : this(source.Schema, limits ?? StoreLimits.Default) => _source = source;

    /// <summary>A table of batches that are in memory. They belong to the table from here on.</summary>
    public RecordBatchTable(Schema schema, IEnumerable<RecordBatch> batches)
        : this(schema, StoreLimits.Unlimited)
    {
        foreach (var batch in batches)
        {
            _store.Append(batch);
        }

        _store.Complete();
    }

    private RecordBatchTable(Schema schema, StoreLimits limits)
    {
        Schema = schema;
        _store = new(schema, limits);
        Columns = ArrowTypes.Columns(Schema);
        for (var i = Columns.Count - 1; i >= 0; i--)
        {
            _index[Columns[i].Name] = i;
        }
    }

    public Schema Schema { get; }

    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The number of rows; null while the source may have more.</summary>
    public long? RowCount => _source is null ? _store.RowCount : null;

    /// <summary>Rows that were read so far.</summary>
    public long RowsRead => _store.RowCount;

    /// <summary>Whether everything that the source had is here.</summary>
    public bool IsComplete => _source is null && Cut is null && _failure is null;

    /// <summary>What was left behind and what to do, in a sentence; null where nothing was.</summary>
    public string? Cut { get; private set; }

    /// <summary>Bytes that the rows take, in memory and on disk.</summary>
    public (long Memory, long Disk) Size => (_store.MemoryBytes, _store.DiskBytes);

    /// <summary>The place of a column, by name in any case; -1 where there is none.</summary>
    public int IndexOf(string column) => _index.GetValueOrDefault(column, -1);

    /// <summary>Reads on until there are so many rows, or the source ends, or the limits are reached.</summary>
    public async ValueTask FillAsync(long rows, CancellationToken cancellationToken)
    {
        if (_source is null || _store.RowCount >= rows)
        {
            return;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            while (_source is { } source && _store.RowCount < rows)
            {
                if (_store.IsFull)
                {
                    Stop($"cut after {_store.RowCount:N0} rows, which take {(_store.MemoryBytes + _store.DiskBytes) >> 20:N0} MiB");
                }
                else if (await source.ReadNextRecordBatchAsync(cancellationToken) is { } batch)
                {
                    _store.Append(batch);
                }
                else
                {
                    Stop(null);
                }
            }
        }
        catch (Exception exception)
        {
            // The source is broken from here on: what was read stays, and whoever asks for more hears why there is none.
            _failure = exception is OperationCanceledException ? null : exception;
            Stop(exception is OperationCanceledException
                ? $"reading was interrupted after {_store.RowCount:N0} rows"
                : $"reading failed after {_store.RowCount:N0} rows");
            throw;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Leaves behind what was not read yet, and says why. Does nothing at the end of the source.</summary>
    public async ValueTask CutAsync(string reason, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_source is not null)
            {
                Stop($"cut after {_store.RowCount:N0} rows: {reason}");
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    public async ValueTask<IReadOnlyList<object?[]>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        if (request is { Sort: null } && string.IsNullOrEmpty(request.Filter))
        {
            await FillAsync(request.Offset + request.Count, cancellationToken);
            var count = Math.Clamp(_store.RowCount - request.Offset, 0, request.Count);
            return Rows(LongRange(request.Offset, count), (int)count);
        }

        await FillAsync(long.MaxValue, cancellationToken);
        var order = _order is { } known && known.Is(request) ? known : _order = RowOrder.Of(this, request, cancellationToken);
        var wanted = order.Rows.Skip((int)Math.Min(request.Offset, int.MaxValue)).Take(request.Count).ToArray();
        return Rows(wanted.Select(row => (long)row), wanted.Length);
    }

    /// <exception cref="CellFaultException">The rows were cut: what is left would be taken for all of them.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var row = 0L; await HasAsync(row, cancellationToken);)
        {
            var (batch, first) = _store.Find(row);
            yield return batch.SliceShared(0, batch.Length);
            row = first + batch.Length;
        }
    }

    public IEnumerator<dynamic> GetEnumerator()
    {
        for (var row = 0L; Has(row);)
        {
            var (batch, first) = _store.Find(row);
            for (var i = (int)(row - first); i < batch.Length; i++)
            {
                yield return new TableRow(this, batch, i);
            }

            row = first + batch.Length;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees what the rows take. Rows of it must not be read any more.</summary>
    public void Dispose()
    {
        _source?.Dispose();
        _source = null;
        _store.Dispose();
    }

    /// <summary>The batches that were read, each with the number of its first row.</summary>
    internal IEnumerable<(RecordBatch Batch, long First)> Batches()
    {
        for (var row = 0L; row < _store.RowCount;)
        {
            var found = _store.Find(row);
            yield return found;
            row = found.First + found.Batch.Length;
        }
    }

    /// <summary>
    /// The same for foreach and LINQ of a cell, which cannot await. What blocks is the cell's own thread, which an interrupt wakes; the
    /// reading goes on in the pool, since this thread could not take up what it awaits.
    /// </summary>
    private bool Has(long row) =>
        row < _store.RowCount || Task.Run(() => HasAsync(row, CancellationToken.None).AsTask()).GetAwaiter().GetResult();

    private async ValueTask<bool> HasAsync(long row, CancellationToken cancellationToken)
    {
        // A little ahead: a batch at a time would go to the source's thread and back for each.
        const int ahead = 16_384;
        if (row >= _store.RowCount)
        {
            await FillAsync(row + ahead, cancellationToken);
        }

        return row < _store.RowCount || (Cut is null
            ? false
            : throw new CellFaultException(
                new("KDL330", $"The rows end here, but not the result: {Cut}.",
                    "Keep them in a table (CREATE TABLE … AS), write them to a file (COPY … TO), or ask for less."),
                _failure));
    }

    private void Stop(string? cut)
    {
        Cut = cut;
        _store.Complete();
        _source?.Dispose();
        _source = null;
    }

    private IReadOnlyList<object?[]> Rows(IEnumerable<long> numbers, int count)
    {
        var rows = new List<object?[]>(count);
        (RecordBatch? Batch, long First) at = (null, 0);
        foreach (var number in numbers)
        {
            if (at.Batch is null || number < at.First || number >= at.First + at.Batch.Length)
            {
                at = _store.Find(number);
            }

            var row = new object?[Columns.Count];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = ArrowValues.Get(at.Batch!.Column(i), (int)(number - at.First), Schema.FieldsList[i]);
            }

            rows.Add(row);
        }

        return rows;
    }

    private static IEnumerable<long> LongRange(long start, long count)
    {
        for (var i = 0L; i < count; i++)
        {
            yield return start + i;
        }
    }
}
