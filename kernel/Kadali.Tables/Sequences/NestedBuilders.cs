using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Kadali.Tables;

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
        return new(
            type, length, nulls, 0, [validity, new ArrowBuffer(offsets)],
            [new ArrayData(type.KeyValueType, count, 0, 0, [ArrowBuffer.Empty], [key, item])]);
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
