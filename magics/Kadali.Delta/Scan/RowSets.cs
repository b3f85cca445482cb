namespace Kadali.Delta;

/// <summary>Positions of rows in a file, for looking up.</summary>
internal sealed class RowSet(RoaringBitmapArray positions)
{
    private readonly ulong[] _words = positions.ToBits();

    /// <summary>Bytes.</summary>
    public long Size => _words.Length * 8L;

    public bool Contains(long position)
    {
        var word = position >> 6;
        return word < _words.Length && (_words[word] >> (int)position & 1) != 0;
    }
}

/// <summary>
/// The row sets that running scans use, and the function by which DuckDB asks for them. Slots are numbered; a scan takes as many in a row
/// as a branch of it has files.
/// </summary>
internal sealed class RowSets(DuckDb duckDb)
{
    /// <summary>BOOLEAN of (slot BIGINT, file UBIGINT, row BIGINT): whether the row is to be read.</summary>
    public const string Function = "__delta_alive";

    // What is kept of deletion vectors that no running scan uses.
    private const long MostBytes = 64 << 20;

    private readonly Dictionary<(string Root, string Id), RowSet> _read = [];
    private readonly Dictionary<int, int> _taken = [];
    private volatile (RowSet Rows, bool Keep)[] _slots = [];
    private long _bytes;

    /// <summary>The rows of a deletion vector; kept, since they never change.</summary>
    /// <exception cref="DeltaException">It is missing or damaged.</exception>
    public RowSet Read(IDeltaStorage storage, DeletionVectorDescriptor descriptor, CancellationToken cancellationToken)
    {
        var key = (storage.Root, descriptor.UniqueId);
        if (!_read.TryGetValue(key, out var rows))
        {
            rows = Of(DeletionVectorStore.Read(storage, descriptor, cancellationToken));
            if ((_bytes += rows.Size) > MostBytes)
            {
                _read.Clear();
                _bytes = rows.Size;
            }

            _read.Add(key, rows);
        }

        return rows;
    }

    public static RowSet Of(RoaringBitmapArray bitmap) => new(bitmap);

    /// <summary>The first of as many slots as there are sets.</summary>
    public int Take(IReadOnlyList<(RowSet Rows, bool Keep)> sets)
    {
        Register();
        var slot = 0;
        foreach (var (first, count) in _taken.OrderBy(pair => pair.Key))
        {
            if (first - slot >= sets.Count)
            {
                break;
            }

            slot = first + count;
        }

        // Scans that run look into the array that they found: it is replaced, never changed.
        var slots = _slots;
        Array.Resize(ref slots, Math.Max(slots.Length, slot + sets.Count));
        slots = (ValueTuple<RowSet, bool>[])slots.Clone();
        for (var i = 0; i < sets.Count; i++)
        {
            slots[slot + i] = sets[i];
        }

        _slots = slots;
        _taken.Add(slot, sets.Count);
        return slot;
    }

    public void Release(int slot)
    {
        _taken.Remove(slot);
        if (_taken.Count == 0)
        {
            _slots = [];
        }
    }

    /// <summary>Makes the function known to DuckDB, as <see cref="Take"/> does by itself.</summary>
    public void Register() => duckDb.EnsureFunction(Function, connection => RowFunction.Register(connection, Function, AreRead));

    private void AreRead(ReadOnlySpan<long> slots, ReadOnlySpan<ulong> files, ReadOnlySpan<long> rows, Span<bool> results)
    {
        var sets = _slots;
        for (var i = 0; i < rows.Length;)
        {
            // Rows come file by file, of one branch.
            var file = files[i];
            var (set, keep) = sets[slots[0] + (long)file];
            for (; i < rows.Length && files[i] == file; i++)
            {
                results[i] = set.Contains(rows[i]) == keep;
            }
        }
    }
}
