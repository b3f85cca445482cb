using Apache.Arrow;
using Apache.Arrow.Types;

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

    public Field Field(string name) => new(
        name, Type, true,
        Extension is { } extension ? [new(ArrowTypes.ExtensionKey, extension), new("ARROW:extension:metadata", "")] : null);

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

    public void AppendOrNull(T? value)
    {
        if (value is null)
        {
            AppendNull();
        }
        else
        {
            Append(value);
        }
    }

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
