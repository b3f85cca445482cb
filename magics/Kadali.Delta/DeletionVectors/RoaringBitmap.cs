using System.Buffers.Binary;
using System.Numerics;

namespace Kadali.Delta;

/// <summary>A set of 32-bit numbers in the portable Roaring format (RoaringFormatSpec): a container for each 65,536 of them.</summary>
internal sealed class RoaringBitmap
{
    private const int NoRunCookie = 12346;
    private const int RunCookie = 12347;
    private const int NoOffsetThreshold = 4;
    private const int ContainerWords = 1024;

    private readonly SortedList<ushort, Container> _containers = [];
    private Container? _last;
    private int _lastKey = -1;

    public long Cardinality => _containers.Values.Sum(container => (long)container.Count);

    public uint? Maximum => _containers.Count == 0 ? null : (uint)_containers.Keys[^1] << 16 | _containers.Values[^1].Maximum;

    public bool Add(uint value)
    {
        var key = (ushort)(value >> 16);
        if (key != _lastKey)
        {
            if (!_containers.TryGetValue(key, out _last))
            {
                _containers.Add(key, _last = new());
            }

            _lastKey = key;
        }

        return _last!.Add((ushort)value);
    }

    public bool Contains(uint value) => _containers.TryGetValue((ushort)(value >> 16), out var container)
        && container.Contains((ushort)value);

    public void Or(RoaringBitmap other)
    {
        foreach (var (key, container) in other._containers)
        {
            if (_containers.TryGetValue(key, out var mine))
            {
                mine.Or(container);
            }
            else
            {
                _containers.Add(key, container.Clone());
            }
        }
    }

    public IEnumerable<uint> Values()
    {
        foreach (var (key, container) in _containers)
        {
            foreach (var low in container.Values())
            {
                yield return (uint)key << 16 | low;
            }
        }
    }

    /// <summary>Reads a bitmap from the beginning of some bytes, and says how many it took.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static RoaringBitmap Read(ReadOnlySpan<byte> bytes, out int length)
    {
        try
        {
            return ReadAll(bytes, out length);
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or OverflowException)
        {
            throw new FormatException("The bitmap ends too soon, or goes too far.", exception);
        }
    }

    /// <summary>Sets the bits of the values; the array reaches to the greatest.</summary>
    public void CopyTo(Span<ulong> words)
    {
        foreach (var (key, container) in _containers)
        {
            container.CopyTo(words[(key * ContainerWords)..]);
        }
    }

    public void Write(Stream stream)
    {
        var runs = _containers.Values.Select(container => container.Runs).ToArray();
        var hasRuns = runs.Any(count => count is not null);
        Span<byte> word = stackalloc byte[4];
        if (hasRuns)
        {
            Put(word, RunCookie | (_containers.Count - 1) << 16);
            var flags = new byte[(_containers.Count + 7) / 8];
            for (var i = 0; i < runs.Length; i++)
            {
                flags[i / 8] |= (byte)(runs[i] is null ? 0 : 1 << (i % 8));
            }

            stream.Write(flags);
        }
        else
        {
            Put(word, NoRunCookie);
            Put(word, _containers.Count);
        }

        foreach (var (key, container) in _containers)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(word, key);
            BinaryPrimitives.WriteUInt16LittleEndian(word[2..], (ushort)(container.Count - 1));
            stream.Write(word);
        }

        if (!hasRuns || _containers.Count >= NoOffsetThreshold)
        {
            var offset = (hasRuns ? 4 + (_containers.Count + 7) / 8 : 8) + 8 * _containers.Count;
            for (var i = 0; i < runs.Length; i++)
            {
                Put(word, offset);
                offset += runs[i] is { } count ? Container.SizeOfRuns(count) : _containers.Values[i].Size;
            }
        }

        for (var i = 0; i < runs.Length; i++)
        {
            _containers.Values[i].Write(stream, runs[i]);
        }

        void Put(Span<byte> buffer, int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, value);
            stream.Write(buffer);
        }
    }

    private static RoaringBitmap ReadAll(ReadOnlySpan<byte> bytes, out int length)
    {
        var cookie = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var at = 4;
        int count;
        ReadOnlySpan<byte> runs = [];
        if ((cookie & 0xFFFF) == RunCookie)
        {
            count = (cookie >>> 16) + 1;
            runs = bytes.Slice(at, (count + 7) / 8);
            at += runs.Length;
        }
        else if (cookie == NoRunCookie)
        {
            count = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            at += 4;
        }
        else
        {
            throw new FormatException($"A bitmap does not begin with {cookie}.");
        }

        if (count is < 0 or > 1 << 16)
        {
            throw new FormatException($"A bitmap has no {count} containers.");
        }

        var heads = bytes.Slice(at, 4 * count);
        at += heads.Length + (runs.IsEmpty || count >= NoOffsetThreshold ? 4 * count : 0);
        var bitmap = new RoaringBitmap();
        for (var i = 0; i < count; i++)
        {
            var key = BinaryPrimitives.ReadUInt16LittleEndian(heads[(4 * i)..]);
            var cardinality = BinaryPrimitives.ReadUInt16LittleEndian(heads[(4 * i + 2)..]) + 1;
            var isRun = !runs.IsEmpty && (runs[i / 8] >> (i % 8) & 1) != 0;
            if (!bitmap._containers.TryAdd(key, Container.Read(bytes[at..], cardinality, isRun, out var taken)))
            {
                throw new FormatException("A bitmap has a container twice.");
            }

            at += taken;
        }

        length = at;
        return bitmap;
    }

    /// <summary>The low 16 bits of values: as a sorted list up to 4,096, else as a bit set.</summary>
    private sealed class Container
    {
        private const int MostListed = 4096;

        private ushort[] _listed = new ushort[4];
        private ulong[]? _bits;

        public int Count { get; private set; }

        public int Size => _bits is null ? 2 * Count : 8192;

        public ushort Maximum => _bits is null
            ? _listed[Count - 1]
            : (ushort)(Array.FindLastIndex(_bits, word => word != 0) is var last
                ? 64 * last + 63 - BitOperations.LeadingZeroCount(_bits[last])
                : 0);

        public bool Add(ushort value)
        {
            if (_bits is not null)
            {
                var added = (_bits[value >> 6] >> value & 1) == 0;
                _bits[value >> 6] |= 1UL << value;
                Count += added ? 1 : 0;
                return added;
            }

            var place = Count > 0 && _listed[Count - 1] < value ? ~Count : Array.BinarySearch(_listed, 0, Count, value);
            if (place >= 0)
            {
                return false;
            }

            if (Count == MostListed)
            {
                ToBits();
                return Add(value);
            }

            if (Count == _listed.Length)
            {
                Array.Resize(ref _listed, Math.Min(2 * Count, MostListed));
            }

            place = ~place;
            Array.Copy(_listed, place, _listed, place + 1, Count - place);
            _listed[place] = value;
            Count++;
            return true;
        }

        public bool Contains(ushort value) => _bits is null
            ? Array.BinarySearch(_listed, 0, Count, value) >= 0
            : (_bits[value >> 6] >> value & 1) != 0;

        public void Or(Container other)
        {
            if (other._bits is null)
            {
                for (var i = 0; i < other.Count; i++)
                {
                    Add(other._listed[i]);
                }

                return;
            }

            ToBits();
            Count = 0;
            for (var i = 0; i < _bits!.Length; i++)
            {
                _bits[i] |= other._bits[i];
                Count += BitOperations.PopCount(_bits[i]);
            }
        }

        public Container Clone() => new() { _listed = (ushort[])_listed.Clone(), _bits = (ulong[]?)_bits?.Clone(), Count = Count };

        public IEnumerable<ushort> Values()
        {
            if (_bits is null)
            {
                for (var i = 0; i < Count; i++)
                {
                    yield return _listed[i];
                }

                yield break;
            }

            for (var i = 0; i < _bits.Length; i++)
            {
                for (var word = _bits[i]; word != 0; word &= word - 1)
                {
                    yield return (ushort)(64 * i + BitOperations.TrailingZeroCount(word));
                }
            }
        }

        /// <summary>How many stretches of values there are, if it takes less to write those; else null.</summary>
        public int? Runs
        {
            get
            {
                var count = 0;
                if (_bits is null)
                {
                    for (var i = 0; i < Count; i++)
                    {
                        count += i == 0 || _listed[i] != _listed[i - 1] + 1 ? 1 : 0;
                    }
                }
                else
                {
                    var before = 0UL;
                    foreach (var bits in _bits)
                    {
                        // Bits that are set where the one below is not.
                        count += BitOperations.PopCount(bits & ~(bits << 1 | before));
                        before = bits >> 63;
                    }
                }

                return SizeOfRuns(count) < Size ? count : null;
            }
        }

        public static int SizeOfRuns(int count) => 2 + 4 * count;

        public void CopyTo(Span<ulong> words)
        {
            if (_bits is not null)
            {
                // The last word with a bit may be the last that there is room for.
                _bits.AsSpan(0, Math.Min(_bits.Length, words.Length)).CopyTo(words);
                return;
            }

            foreach (var value in _listed.AsSpan(0, Count))
            {
                words[value >> 6] |= 1UL << value;
            }
        }

        public void Write(Stream stream, int? runs)
        {
            var bytes = new byte[runs is { } some ? SizeOfRuns(some) : Size];
            if (runs is { } count)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)count);
                var at = -2;
                var next = -1;
                foreach (var value in Values())
                {
                    if (value != next)
                    {
                        at += 4;
                        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);
                    }
                    else
                    {
                        var more = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2));
                        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 2), (ushort)(more + 1));
                    }

                    next = value + 1;
                }
            }
            else if (_bits is null)
            {
                for (var i = 0; i < Count; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), _listed[i]);
                }
            }
            else
            {
                for (var i = 0; i < _bits.Length; i++)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * i), _bits[i]);
                }
            }

            stream.Write(bytes);
        }

        public static Container Read(ReadOnlySpan<byte> bytes, int cardinality, bool isRun, out int length)
        {
            var container = new Container();
            if (isRun)
            {
                var runs = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
                length = 2 + 4 * runs;
                for (var i = 0; i < runs; i++)
                {
                    int first = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 + 4 * i)..]);
                    int more = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(4 + 4 * i)..]);
                    for (var value = first; value <= first + more; value++)
                    {
                        container.Add(checked((ushort)value));
                    }
                }
            }
            else if (cardinality > MostListed)
            {
                length = 8192;
                container._bits = new ulong[1024];
                for (var i = 0; i < 1024; i++)
                {
                    container._bits[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]);
                    container.Count += BitOperations.PopCount(container._bits[i]);
                }
            }
            else
            {
                length = 2 * cardinality;
                for (var i = 0; i < cardinality; i++)
                {
                    container.Add(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]));
                }
            }

            return container.Count == cardinality
                ? container
                : throw new FormatException("A container holds more or fewer values than it says.");
        }

        private void ToBits()
        {
            if (_bits is not null)
            {
                return;
            }

            _bits = new ulong[1024];
            for (var i = 0; i < Count; i++)
            {
                _bits[_listed[i] >> 6] |= 1UL << _listed[i];
            }

            _listed = [];
        }
    }
}
