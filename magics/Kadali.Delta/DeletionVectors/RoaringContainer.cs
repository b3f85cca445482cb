using System.Buffers.Binary;
using System.Numerics;

namespace Kadali.Delta;

/// <summary>The low 16 bits of the values of a <see cref="RoaringBitmap"/>: as a sorted list up to 4,096, else as a bit set.</summary>
internal sealed class RoaringContainer
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

    public void Or(RoaringContainer other)
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

    public RoaringContainer Clone() => new() { _listed = (ushort[])_listed.Clone(), _bits = (ulong[]?)_bits?.Clone(), Count = Count };

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

    public static RoaringContainer Read(ReadOnlySpan<byte> bytes, int cardinality, bool isRun, out int length)
    {
        var container = new RoaringContainer();
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
