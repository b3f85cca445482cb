using System.Buffers.Binary;
using System.Collections;

namespace Kadali.Delta;

/// <summary>
/// A set of row positions: a <see cref="RoaringBitmap"/> for each 2^32 of them, in the form that deletion vectors have (Delta protocol,
/// "Deletion Vector Format"; RoaringBitmapArray of the "portable" kind).
/// </summary>
internal sealed class RoaringBitmapArray : IEnumerable<long>
{
    private const int Magic = 1681511377;

    private readonly SortedList<uint, RoaringBitmap> _bitmaps = [];

    public long Cardinality => _bitmaps.Values.Sum(bitmap => bitmap.Cardinality);

    /// <summary>The greatest position, or null where there is none.</summary>
    public long? Maximum => _bitmaps.Count == 0 ? null : (long)_bitmaps.Keys[^1] << 32 | _bitmaps.Values[^1].Maximum;

    /// <summary>Adds a position; false where it is there already.</summary>
    public bool Add(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        var high = (uint)(position >> 32);
        if (!_bitmaps.TryGetValue(high, out var bitmap))
        {
            _bitmaps.Add(high, bitmap = new());
        }

        return bitmap.Add((uint)position);
    }

    public bool Contains(long position) => position >= 0 && _bitmaps.TryGetValue((uint)(position >> 32), out var bitmap)
        && bitmap.Contains((uint)position);

    public void Or(RoaringBitmapArray other)
    {
        foreach (var (high, bitmap) in other._bitmaps)
        {
            if (!_bitmaps.TryGetValue(high, out var mine))
            {
                _bitmaps.Add(high, mine = new());
            }

            mine.Or(bitmap);
        }
    }

    /// <summary>A bit for each position up to the greatest.</summary>
    public ulong[] ToBits()
    {
        var words = new ulong[((Maximum ?? 0) >> 6) + 1];
        foreach (var (high, bitmap) in _bitmaps)
        {
            bitmap.CopyTo(words.AsSpan((int)((long)high << 26)));
        }

        return words;
    }

    public IEnumerator<long> GetEnumerator() =>
        _bitmaps.SelectMany(pair => pair.Value.Values().Select(low => (long)pair.Key << 32 | low)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <exception cref="FormatException">The bytes are no such set.</exception>
    public static RoaringBitmapArray Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 12 || BinaryPrimitives.ReadInt32LittleEndian(bytes) != Magic)
        {
            throw new FormatException("A deletion vector begins with another number.");
        }

        var count = BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]);
        var array = new RoaringBitmapArray();
        var at = 12;
        for (var i = 0L; i < count; i++)
        {
            if (at + 4 > bytes.Length)
            {
                throw new FormatException("The bitmap ends too soon.");
            }

            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            if (!array._bitmaps.TryAdd(high, RoaringBitmap.Read(bytes[(at + 4)..], out var length)))
            {
                throw new FormatException("A deletion vector has a bitmap twice.");
            }

            at += 4 + length;
        }

        return array;
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(word, Magic);
        stream.Write(word[..4]);
        BinaryPrimitives.WriteInt64LittleEndian(word, _bitmaps.Count);
        stream.Write(word);
        foreach (var (high, bitmap) in _bitmaps)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, high);
            stream.Write(word[..4]);
            bitmap.Write(stream);
        }

        return stream.ToArray();
    }
}
