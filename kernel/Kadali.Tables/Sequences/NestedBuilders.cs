using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Kadali.Tables;

/// <summary>Sequences over the builders of what is in their items: each row is a stretch between two offsets.</summary>
internal abstract class ItemsBuilder<TSequence, TItem> : ColumnBuilder<TSequence>
    where TSequence : IEnumerable<TItem>
{
    private readonly List<int> _offsets = [0];
    private int _count;

    public sealed override void Append(TSequence value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        foreach (var item in value)
        {
            AppendItem(item);
            _count++;
        }

        _offsets.Add(_count);
        Valid();
    }

    protected abstract void AppendItem(TItem item);

    /// <summary>What the items of all rows became.</summary>
    protected abstract ArrayData BuildItems(int count);

    protected sealed override void AppendDefault() => _offsets.Add(_count);

    protected sealed override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var offsets = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_offsets)).ToArray();
        var items = BuildItems(_count);
        _offsets.Clear();
        _offsets.Add(0);
        _count = 0;
        return new(Type, length, nulls, 0, [validity, new ArrowBuffer(offsets)], [items]);
    }
}

/// <summary>Lists over the builder of their items.</summary>
internal sealed class ListBuilder<TList, TItem>(ColumnBuilder<TItem> items) : ItemsBuilder<TList, TItem>
    where TList : IEnumerable<TItem>
{
    public override IArrowType Type => new ListType(items.Field("item"));

    protected override void AppendItem(TItem item) => items.AppendOrNull(item);

    protected override ArrayData BuildItems(int count) => items.Build();
}

/// <summary>Dictionaries over the builders of their keys and values.</summary>
internal sealed class MapBuilder<TMap, TKey, TValue>(ColumnBuilder<TKey> keys, ColumnBuilder<TValue> values)
    : ItemsBuilder<TMap, KeyValuePair<TKey, TValue>>
    where TMap : IEnumerable<KeyValuePair<TKey, TValue>>
{
    public override IArrowType Type => new MapType(new Field("key", keys.Type, false), values.Field("value"), false);

    protected override void AppendItem(KeyValuePair<TKey, TValue> item)
    {
        keys.Append(item.Key);
        values.AppendOrNull(item.Value);
    }

    protected override ArrayData BuildItems(int count)
    {
        var (key, value) = (keys.Build(), values.Build());
        return new(((MapType)Type).KeyValueType, count, 0, 0, [ArrowBuffer.Empty], [key, value]);
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
