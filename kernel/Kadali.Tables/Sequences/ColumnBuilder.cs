using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>
/// Collects C# values and makes an Arrow array of them, again and again. The Arrow type is final once the first array is made.
/// </summary>
internal abstract class ColumnBuilder
{
    private readonly List<bool> _nulls = [];
    private int _nullCount;

    /// <summary>Values since the last array.</summary>
    protected int Count => _nulls.Count;

    /// <summary>The type of the arrays.</summary>
    public abstract IArrowType Type { get; }

    /// <summary>Metadata that says what the type's bytes mean, or null.</summary>
    public virtual string? Extension => null;

    public Field Field(string name) => new(name, Type, true, Extension is { } extension ? [new(ArrowTypes.ExtensionKey, extension), new("ARROW:extension:metadata", "")] : null);

    /// <summary>A boxed value of the builder's own type, or null.</summary>
    public abstract void AppendObject(object? value);

    /// <summary>Null, where a value would be.</summary>
    public void AppendNull()
    {
        AppendDefault();
        _nulls.Add(true);
        _nullCount++;
    }

    /// <summary>The array of the values, which are forgotten.</summary>
    public ArrayData Build()
    {
        var validity = ArrowBuffer.Empty;
        if (_nullCount > 0)
        {
            var bits = new byte[(_nulls.Count + 7) / 8];
            for (var i = 0; i < _nulls.Count; i++)
            {
                bits[i >> 3] |= (byte)((_nulls[i] ? 0 : 1) << (i & 7));
            }

            validity = new(bits);
        }

        var data = Build(validity, _nulls.Count, _nullCount);
        _nulls.Clear();
        _nullCount = 0;
        return data;
    }

    protected abstract void AppendDefault();

    protected abstract ArrayData Build(ArrowBuffer validity, int length, int nulls);

    protected void Valid() => _nulls.Add(false);
}

/// <summary>A builder of values of one C# type.</summary>
internal abstract class ColumnBuilder<T> : ColumnBuilder
{
    public abstract void Append(T value);

    public override void AppendObject(object? value)
    {
        if (value is null)
        {
            AppendNull();
        }
        else
        {
            Append((T)value);
        }
    }
}

/// <summary>Nullable values over the builder of their type.</summary>
internal sealed class NullableBuilder<T>(ColumnBuilder<T> inner) : ColumnBuilder<T?>
    where T : struct
{
    public override IArrowType Type => inner.Type;

    public override string? Extension => inner.Extension;

    public override void Append(T? value)
    {
        if (value is { } given)
        {
            inner.Append(given);
        }
        else
        {
            inner.AppendNull();
        }
    }

    public override void AppendObject(object? value) => inner.AppendObject(value);

    protected override void AppendDefault() => inner.AppendNull();

    // The inner builder counts nulls; this one only passes on.
    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls) => inner.Build();
}

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
                $"the value {value} has more digits behind the point than the {_scale} of the rows before it", "Make the sequence a list: then all values are looked at first.");
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

/// <summary>Bytes of any length: text and blobs.</summary>
internal sealed class BytesBuilder<T>(IArrowType type, Action<T, BytesWriter> write, string? extension = null) : ColumnBuilder<T>
{
    private readonly List<int> _offsets = [0];
    private readonly BytesWriter _bytes = new();

    public override IArrowType Type => type;

    public override string? Extension => extension;

    public override void Append(T value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        write(value, _bytes);
        _offsets.Add(_bytes.Length);
        Valid();
    }

    protected override void AppendDefault() => _offsets.Add(_bytes.Length);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var offsets = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_offsets)).ToArray();
        _offsets.Clear();
        _offsets.Add(0);
        return new(type, length, nulls, 0, [validity, new ArrowBuffer(offsets), new ArrowBuffer(_bytes.Take())]);
    }
}

/// <summary>Bytes that grow.</summary>
internal sealed class BytesWriter
{
    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public void Write(string text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length));
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public byte[] Take()
    {
        var taken = _bytes[..Length];
        Length = 0;
        return taken;
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - Length < more)
        {
            System.Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(Length + more)));
        }
    }
}

/// <summary>Lists over the builder of their items.</summary>
internal sealed class ListBuilder<TList, TItem>(ColumnBuilder<TItem> items) : ColumnBuilder<TList>
    where TList : IEnumerable<TItem>
{
    private readonly List<int> _offsets = [0];
    private int _count;

    public override IArrowType Type => new ListType(items.Field("item"));

    public override void Append(TList value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        foreach (var item in value)
        {
            if (item is null)
            {
                items.AppendNull();
            }
            else
            {
                items.Append(item);
            }

            _count++;
        }

        _offsets.Add(_count);
        Valid();
    }

    protected override void AppendDefault() => _offsets.Add(_count);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var offsets = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_offsets)).ToArray();
        _offsets.Clear();
        _offsets.Add(0);
        _count = 0;
        var child = items.Build();
        return new(Type, length, nulls, 0, [validity, new ArrowBuffer(offsets)], [child]);
    }
}

/// <summary>Dictionaries over the builders of their keys and values.</summary>
internal sealed class MapBuilder<TMap, TKey, TValue>(ColumnBuilder<TKey> keys, ColumnBuilder<TValue> values) : ColumnBuilder<TMap>
    where TMap : IEnumerable<KeyValuePair<TKey, TValue>>
{
    private readonly List<int> _offsets = [0];
    private int _count;

    public override IArrowType Type => new MapType(new Field("key", keys.Type, false), values.Field("value"), false);

    public override void Append(TMap value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        foreach (var (key, item) in value)
        {
            keys.Append(key);
            if (item is null)
            {
                values.AppendNull();
            }
            else
            {
                values.Append(item);
            }

            _count++;
        }

        _offsets.Add(_count);
        Valid();
    }

    protected override void AppendDefault() => _offsets.Add(_count);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var offsets = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_offsets)).ToArray();
        _offsets.Clear();
        _offsets.Add(0);
        var (count, key, item) = (_count, keys.Build(), values.Build());
        _count = 0;
        var type = (MapType)Type;
        return new(type, length, nulls, 0, [validity, new ArrowBuffer(offsets)], [new ArrayData(type.KeyValueType, count, 0, 0, [ArrowBuffer.Empty], [key, item])]);
    }
}

/// <summary>Objects whose members are fields.</summary>
internal sealed class StructBuilder<T>(IReadOnlyList<MemberColumn<T>> members) : ColumnBuilder<T>
{
    public override IArrowType Type => new StructType([.. members.Select(member => member.Field)]);

    public override void Append(T value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        foreach (var member in members)
        {
            member.Append(value);
        }

        Valid();
    }

    protected override void AppendDefault()
    {
        foreach (var member in members)
        {
            member.AppendNull();
        }
    }

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var children = members.Select(member => member.Build()).ToArray();
        return new(Type, length, nulls, 0, [validity], children);
    }
}

/// <summary>
/// Values of no static type: those of the first array say which it is. Where they differ, all are text.
/// </summary>
internal sealed class ObjectBuilder(Func<Type, ColumnBuilder> builderOf) : ColumnBuilder<object>
{
    private readonly List<object?> _values = [];
    private ColumnBuilder? _inner;
    private Type? _type;

    public override IArrowType Type => _inner?.Type ?? StringType.Default;

    public override string? Extension => _inner?.Extension;

    public override void Append(object value)
    {
        _values.Add(value);
        Valid();
    }

    protected override void AppendDefault() => _values.Add(null);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        if (_inner is null)
        {
            var types = _values.OfType<object>().Select(value => value.GetType()).Distinct().Take(2).ToArray();
            _type = types is [var only] ? only : null;
            _inner = builderOf(_type ?? typeof(string));
        }

        foreach (var value in _values)
        {
            _inner.AppendObject(value is null || value.GetType() == _type ? value
                : _type is null || _type == typeof(string) ? ValueText.Of(value)
                : throw new SequenceException($"a value is a {TypeNames.Of(value.GetType())} where those before it are {TypeNames.Of(_type)}", "Give the sequence objects with typed members."));
        }

        _values.Clear();
        return _inner.Build();
    }
}

/// <summary>Why a sequence cannot be a table.</summary>
public sealed class SequenceException(string message, string hint) : Exception(message)
{
    /// <summary>What to do.</summary>
    public string Hint => hint;
}
