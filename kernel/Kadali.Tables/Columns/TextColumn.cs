using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;

namespace Kadali.Tables;

/// <summary>VARCHAR in all its forms. Equal texts are often one string: see <see cref="TextCache"/>.</summary>
public readonly ref struct TextColumn
{
    private readonly Validity _validity;
    private readonly ReadOnlySpan<int> _offsets;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly IArrowArray _array;
    private readonly string?[]? _dictionary;
    private readonly TextCache _cache;

    internal TextColumn(IArrowArray array, TextCache cache)
    {
        _validity = new(array);
        _array = array;
        _cache = cache;
        switch (array)
        {
            case LargeStringArray:
                break;
            case StringArray text:
                _offsets = text.ValueOffsets;
                _bytes = text.ValueBuffer.Span;
                break;
            case DictionaryArray dictionary:
                _dictionary = new string?[dictionary.Dictionary.Length];
                for (var i = 0; i < _dictionary.Length; i++)
                {
                    _dictionary[i] = (string?)ArrowValues.Get(dictionary.Dictionary, i);
                }

                break;
        }
    }

    public string? this[int row]
    {
        get
        {
            if (_validity.IsNull(row))
            {
                return null;
            }

            return !_offsets.IsEmpty ? _cache.Get(_bytes[_offsets[row].._offsets[row + 1]])
                : _dictionary is not null ? _dictionary[ArrowValues.Index(((DictionaryArray)_array).Indices, row)]
                : (string?)ArrowValues.Get(_array, row);
        }
    }
}

/// <summary>
/// The texts that a column had lately. Most columns of text repeat few words (carriers, countries, states): comparing is several times
/// faster than making a string, and the strings take no room. A column whose texts differ gives up on it soon.
/// </summary>
internal sealed class TextCache
{
    private const int Slots = 1024;
    private const int Longest = 64;
    private const int Trial = 8192;
    private readonly string?[] _texts = new string?[Slots];
    private int _tries;
    private int _hits;
    private bool _off;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public string Get(ReadOnlySpan<byte> bytes) => _off || bytes.Length > Longest ? Encoding.UTF8.GetString(bytes) : Lookup(bytes);

    private string Lookup(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "";
        }

        ref var slot = ref _texts[Hash(bytes) & (Slots - 1)];
        if (slot is not null && slot.Length == bytes.Length && Ascii.Equals(bytes, slot))
        {
            _hits++;
            return slot;
        }

        if (++_tries == Trial)
        {
            _off = _hits < Trial;
            _tries = _hits = 0;
        }

        return slot = Encoding.UTF8.GetString(bytes);
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        var length = bytes.Length;
        ulong mixed = length >= 8
            ? Unsafe.ReadUnaligned<ulong>(ref first)
                ^ (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, length - 8)) * 0x9E3779B97F4A7C15)
            : length >= 4
                ? Unsafe.ReadUnaligned<uint>(ref first) | (ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, length - 4)) << 32
                : first | (uint)Unsafe.Add(ref first, length >> 1) << 8 | (uint)Unsafe.Add(ref first, length - 1) << 16;
        return (uint)(((mixed ^ (uint)length) * 0x9E3779B97F4A7C15) >> 40);
    }
}
