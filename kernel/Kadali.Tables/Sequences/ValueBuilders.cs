using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Kadali.Tables;

/// <summary>Values whose bytes are the array's.</summary>
internal class ValueBuilder<T, TStored>(IArrowType type, Func<T, TStored> store, string? extension = null) : ColumnBuilder<T>
    where TStored : unmanaged
{
    private readonly List<TStored> _values = [];

    public override IArrowType Type => type;

    public override string? Extension => extension;

    public override void Append(T value)
    {
        _values.Add(store(value));
        Valid();
    }

    protected override void AppendDefault() => _values.Add(default);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_values)).ToArray();
        _values.Clear();
        return new(type, length, nulls, 0, [validity, new ArrowBuffer(bytes)]);
    }
}

/// <summary>Flags, eight to a byte.</summary>
internal sealed class BooleanBuilder : ColumnBuilder<bool>
{
    private readonly List<bool> _values = [];

    public override IArrowType Type => BooleanType.Default;

    public override void Append(bool value)
    {
        _values.Add(value);
        Valid();
    }

    protected override void AppendDefault() => _values.Add(false);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var bits = new byte[(length + 7) / 8];
        for (var i = 0; i < length; i++)
        {
            bits[i >> 3] |= (byte)((_values[i] ? 1 : 0) << (i & 7));
        }

        _values.Clear();
        return new(Type, length, nulls, 0, [validity, new ArrowBuffer(bits)]);
    }
}

/// <summary>
/// Decimals of one scale: the most digits behind the point that any of the values has, of those that <see cref="Observe"/> saw and of
/// the first array.
/// </summary>
internal sealed class DecimalBuilder : ColumnBuilder<decimal>
{
    private const int Precision = 38;
    private readonly List<decimal> _values = [];
    private int _scale;
    private bool _isFinal;

    public override IArrowType Type => new Decimal128Type(Precision, Math.Max(_scale, 1));

    /// <summary>Looks at a value that will come.</summary>
    public void Observe(decimal value) => _scale = Math.Max(_scale, value.Scale);

    public override void Append(decimal value)
    {
        if (!_isFinal)
        {
            Observe(value);
        }
        else if (value.Scale > _scale)
        {
            var rounded = Math.Round(value, _scale);
            value = rounded == value ? rounded : throw new SequenceException(
                $"the value {value} has more digits behind the point than the {_scale} of the rows before it",
                "Make the sequence a list: then all values are looked at first.");
        }

        _values.Add(value);
        Valid();
    }

    protected override void AppendDefault() => _values.Add(0);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        _isFinal = true;
        _scale = Math.Max(_scale, 1);
        var raw = new byte[length * 16];
        var values = MemoryMarshal.Cast<byte, Int128>(raw.AsSpan());
        Span<int> parts = stackalloc int[4];
        for (var i = 0; i < length; i++)
        {
            decimal.GetBits(_values[i], parts);
            var magnitude = new Int128((uint)parts[2], (ulong)(uint)parts[1] << 32 | (uint)parts[0]);
            for (var scale = (parts[3] >> 16) & 0x7F; scale < _scale; scale++)
            {
                magnitude *= 10;
            }

            values[i] = parts[3] < 0 ? -magnitude : magnitude;
        }

        _values.Clear();
        return new(Type, length, nulls, 0, [validity, new ArrowBuffer(raw)]);
    }
}
