using System.Buffers.Binary;

namespace Kadali.Delta;

/// <summary>A set of 32-bit numbers in the portable Roaring format (RoaringFormatSpec): a container for each 65,536 of them.</summary>
internal sealed class RoaringBitmap
{
    private const int NoRunCookie = 12346;
    private const int RunCookie = 12347;
    private const int NoOffsetThreshold = 4;
    private const int ContainerWords = 1024;

    private readonly SortedList<ushort, RoaringContainer> _containers = [];
    private RoaringContainer? _last;
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
                offset += runs[i] is { } count ? RoaringContainer.SizeOfRuns(count) : _containers.Values[i].Size;
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
            if (!bitmap._containers.TryAdd(key, RoaringContainer.Read(bytes[at..], cardinality, isRun, out var taken)))
            {
                throw new FormatException("A bitmap has a container twice.");
            }

            at += taken;
        }

        length = at;
        return bitmap;
    }
}
