using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;

namespace Kadali.Tables;

/// <summary>
/// The columns of a batch as typed readers without boxes, for code that is compiled against a schema. One object reads batch after batch;
/// what its readers give is good until the next <see cref="Load(RecordBatch)"/>.
/// </summary>
public sealed class BatchColumns
{
    private readonly Dictionary<int, BatchColumns> _nested = [];
    private readonly Dictionary<int, TextCache> _texts = [];
    private IReadOnlyList<IArrowArray> _arrays = [];

    /// <summary>Rows of the batch.</summary>
    public int Length { get; private set; }

    /// <summary>Turns to another batch of the same schema.</summary>
    public void Load(RecordBatch batch) => Load([.. batch.Arrays], batch.Length);

    /// <summary>Whole numbers and floats in the type of their column.</summary>
    public ValueColumn<T> Values<T>(int column)
        where T : unmanaged, IEquatable<T> => new((PrimitiveArray<T>)_arrays[column]);

    /// <summary>BOOLEAN.</summary>
    public BooleanColumn Booleans(int column) => new((BooleanArray)_arrays[column]);

    /// <summary>DATE.</summary>
    public DateColumn Dates(int column) => new(_arrays[column]);

    /// <summary>TIME.</summary>
    public TimeColumn Times(int column) => new(_arrays[column]);

    /// <summary>TIMESTAMP.</summary>
    public DateTimeColumn DateTimes(int column) => new((TimestampArray)_arrays[column]);

    /// <summary>TIMESTAMP WITH TIME ZONE, in UTC.</summary>
    public DateTimeOffsetColumn DateTimeOffsets(int column) => new((TimestampArray)_arrays[column]);

    /// <summary>INTERVAL.</summary>
    public SpanColumn Spans(int column) => new(_arrays[column]);

    /// <summary>DECIMAL.</summary>
    public DecimalColumn Decimals(int column) => new(_arrays[column]);

    /// <summary>HUGEINT.</summary>
    public BigIntegerColumn BigIntegers(int column) => new((Decimal128Array)_arrays[column]);

    /// <summary>UUID.</summary>
    public GuidColumn Guids(int column) => new((FixedSizeBinaryArray)_arrays[column]);

    /// <summary>VARCHAR in all its forms.</summary>
    public TextColumn Texts(int column)
    {
        if (!_texts.TryGetValue(column, out var cache))
        {
            _texts[column] = cache = new();
        }

        return new(_arrays[column], cache);
    }

    /// <summary>BLOB.</summary>
    public BytesColumn Bytes(int column) => new(_arrays[column]);

    /// <summary>Any column, with boxes.</summary>
    public ObjectColumn Objects(int column, Field? field = null) => new(_arrays[column], field);

    /// <summary>The fields of a struct; a row that is null there is told by <see cref="IsNull"/> of this.</summary>
    public BatchColumns Struct(int column) => Nested(column, ((StructArray)_arrays[column]).Fields, _arrays[column].Length);

    /// <summary>Whether a value is null.</summary>
    public bool IsNull(int column, int row) => _arrays[column].IsNull(row);

    /// <summary>Where the items of each list (or entries of each map) begin and end among <see cref="Items"/>.</summary>
    public ListColumn Lists(int column) => new(_arrays[column]);

    /// <summary>The items of all lists as one column, or the keys and values of all maps as two.</summary>
    public BatchColumns Items(int column) => _arrays[column] switch
    {
        MapArray map => Nested(column, [map.Keys, map.Values], map.Keys.Length),
        ListArray list => Nested(column, [list.Values], list.Values.Length),
        LargeListArray list => Nested(column, [list.Values], list.Values.Length),
        FixedSizeListArray list => Nested(column, [list.Values], list.Values.Length),
        var other => throw new NotSupportedException($"Arrow arrays of type {other.Data.DataType.Name} are no lists."),
    };

    private void Load(IReadOnlyList<IArrowArray> arrays, int length) => (_arrays, Length) = (arrays, length);

    private BatchColumns Nested(int column, IReadOnlyList<IArrowArray> arrays, int length)
    {
        if (!_nested.TryGetValue(column, out var nested))
        {
            _nested[column] = nested = new();
        }

        nested.Load(arrays, length);
        return nested;
    }
}

/// <summary>Where the items of each list begin and end.</summary>
public readonly ref struct ListColumn
{
    private readonly ReadOnlySpan<int> _offsets;
    private readonly ReadOnlySpan<long> _longOffsets;
    private readonly int _size;
    private readonly int _offset;

    internal ListColumn(IArrowArray array)
    {
        switch (array)
        {
            case ListArray list:
                _offsets = list.ValueOffsets;
                break;
            case LargeListArray list:
                _longOffsets = list.ValueOffsets;
                break;
            case FixedSizeListArray list:
                (_size, _offset) = (((FixedSizeListType)list.Data.DataType).ListSize, list.Offset);
                break;
        }
    }

    /// <summary>Place of the first item.</summary>
    public int Start(int row) => _size > 0 ? (_offset + row) * _size : _offsets.IsEmpty ? (int)_longOffsets[row] : _offsets[row];

    /// <summary>Place behind the last item.</summary>
    public int End(int row) => _size > 0 ? (_offset + row + 1) * _size : _offsets.IsEmpty ? (int)_longOffsets[row + 1] : _offsets[row + 1];
}
