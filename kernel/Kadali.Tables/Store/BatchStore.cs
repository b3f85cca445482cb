using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Kadali.Tables;

/// <summary>
/// Batches by row number. The first ones stay in memory; those after them are written to a file as Arrow IPC streams of about a megabyte,
/// each whole in itself, so that any row is one read away.
/// </summary>
internal sealed class BatchStore(Schema schema, StoreLimits limits) : IDisposable
{
    private const long SegmentBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly List<Segment> _segments = [];
    private readonly List<RecordBatch> _pending = [];
    private long _pendingBytes;
    private bool _pendingSeen;
    private FileStream? _file;
    private Segment? _loaded;
    private IReadOnlyList<RecordBatch> _loadedBatches = [];

    /// <summary>Rows that were appended.</summary>
    public long RowCount { get; private set; }

    /// <summary>Bytes in memory, those that wait to be written included.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>Bytes in the file.</summary>
    public long DiskBytes { get; private set; }

    /// <summary>Whether the limits are reached.</summary>
    public bool IsFull => MemoryBytes >= limits.Memory && DiskBytes >= limits.Disk;

    /// <summary>Takes a batch over.</summary>
    public void Append(RecordBatch batch)
    {
        lock (_lock)
        {
            if (batch.Length == 0)
            {
                batch.Dispose();
                return;
            }

            var bytes = BytesOf(batch);
            var first = RowCount;
            RowCount += batch.Length;
            if (MemoryBytes < limits.Memory)
            {
                MemoryBytes += bytes;
                _segments.Add(new(first, batch.Length) { Batches = [batch] });
                return;
            }

            _pending.Add(batch);
            _pendingBytes += bytes;
            if (_pendingBytes >= SegmentBytes)
            {
                Write();
            }
        }
    }

    /// <summary>No more batches come: what waits is written.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            Write();
        }
    }

    /// <summary>The batch that holds a row, and the number of the batch's first row. It stays the store's.</summary>
    public (RecordBatch Batch, long First) Find(long row)
    {
        lock (_lock)
        {
            var written = RowCount - _pending.Sum(batch => batch.Length);
            if (row >= written)
            {
                // What was once handed out may be in somebody's hands: it goes to the file like the rest, but is left to the collector.
                _pendingSeen = true;
                return Within(_pending, written, row);
            }

            var (low, high) = (0, _segments.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                (low, high) = _segments[middle].First <= row ? (middle, high) : (low, middle - 1);
            }

            var segment = _segments[low];
            return Within(segment.Batches ?? Load(segment), segment.First, row);
        }
    }

    /// <summary>Frees memory and file. Rows that were handed out before must not be read any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var batch in _segments.SelectMany(segment => segment.Batches ?? []).Concat(_pending))
            {
                batch.Dispose();
            }

            _segments.Clear();
            _pending.Clear();
            _file?.Dispose();
        }
    }

    private static (RecordBatch Batch, long First) Within(IReadOnlyList<RecordBatch> batches, long first, long row)
    {
        foreach (var batch in batches)
        {
            if (row < first + batch.Length)
            {
                return (batch, first);
            }

            first += batch.Length;
        }

        throw new ArgumentOutOfRangeException(nameof(row));
    }

    private void Write()
    {
        if (_pending.Count == 0)
        {
            return;
        }

        _file ??= SpillFolder.Create();
        using var bytes = new MemoryStream();
        using (var writer = new ArrowStreamWriter(bytes, schema, leaveOpen: true))
        {
            foreach (var batch in _pending)
            {
                writer.WriteRecordBatch(batch);
            }

            writer.WriteEnd();
        }

        var rows = _pending.Sum(batch => batch.Length);
        _segments.Add(new(RowCount - rows, rows) { Offset = DiskBytes, Length = (int)bytes.Length });
        RandomAccess.Write(_file.SafeFileHandle, bytes.GetBuffer().AsSpan(0, (int)bytes.Length), DiskBytes);
        DiskBytes += bytes.Length;
        if (!_pendingSeen)
        {
            _pending.ForEach(batch => batch.Dispose());
        }

        _pending.Clear();
        (_pendingBytes, _pendingSeen) = (0, false);
    }

    private IReadOnlyList<RecordBatch> Load(Segment segment)
    {
        if (_loaded != segment)
        {
            var bytes = new byte[segment.Length];
            RandomAccess.Read(_file!.SafeFileHandle, bytes, segment.Offset);
            using var reader = new ArrowStreamReader(bytes.AsMemory());
            var batches = new List<RecordBatch>();
            while (reader.ReadNextRecordBatch() is { } batch)
            {
                batches.Add(batch);
            }

            (_loaded, _loadedBatches) = (segment, batches);
        }

        return _loadedBatches;
    }

    private static long BytesOf(RecordBatch batch) => batch.Arrays.Sum(array => BytesOf(array.Data));

    private static long BytesOf(ArrayData data) =>
        data.Buffers.Sum(buffer => (long)buffer.Length) + (data.Children ?? []).Sum(child => BytesOf(child));

    /// <summary>Rows that are found together: in memory, or in the file.</summary>
    private sealed record Segment(long First, int Rows)
    {
        public IReadOnlyList<RecordBatch>? Batches { get; init; }

        public long Offset { get; init; }

        public int Length { get; init; }
    }
}
