using Apache.Arrow;
using Apache.Arrow.Types;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>The rows of a table that a filter keeps, in the order of a column: numbers of rows, so that no other value is read.</summary>
internal sealed class RowOrder
{
    private readonly TableRequest _request;

    private RowOrder(TableRequest request, int[] rows) => (_request, Rows) = (request, rows);

    public IReadOnlyList<int> Rows { get; }

    public bool Is(TableRequest request) => request with { Offset = 0, Count = 0 } == _request;

    public static RowOrder Of(RecordBatchTable table, TableRequest request, CancellationToken cancellationToken)
    {
        var rows = Filtered(table, request.Filter, cancellationToken);
        if (request.Sort is { } column)
        {
            Sort(table, rows, column, request.Descending, cancellationToken);
        }

        return new(request with { Offset = 0, Count = 0 }, rows);
    }

    private static int[] Filtered(RecordBatchTable table, string? filter, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(filter))
        {
            return [.. Enumerable.Range(0, (int)Math.Min(table.RowsRead, int.MaxValue))];
        }

        // What is neither digit nor sign stands in no whole number: most filters need not make text of them.
        var mayBeNumber = filter.All(letter => char.IsAsciiDigit(letter) || letter == '-');
        var columns = Enumerable.Range(0, table.Columns.Count)
            .Where(column => mayBeNumber
                || table.Schema.FieldsList[column].DataType.TypeId is not (>= ArrowTypeId.UInt8 and <= ArrowTypeId.Int64))
            .ToArray();
        var kept = new List<int>();
        foreach (var (batch, first) in table.Batches())
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < batch.Length; i++)
            {
                foreach (var column in columns)
                {
                    if (ValueText.Of(ArrowValues.Get(batch.Column(column), i, table.Schema.FieldsList[column]))
                        .Contains(filter, StringComparison.OrdinalIgnoreCase))
                    {
                        kept.Add((int)(first + i));
                        break;
                    }
                }
            }
        }

        return [.. kept];
    }

    /// <summary>
    /// Sorts by keys that are exact, and without boxes where the column's type allows; nulls come first, and equal rows keep their order.
    /// </summary>
    private static void Sort(RecordBatchTable table, int[] rows, int column, bool descending, CancellationToken cancellationToken)
    {
        var field = table.Schema.FieldsList[column];
        switch (field.DataType.TypeId)
        {
            // Also decimals, whose scale is the column's, and times, whose unit is.
            case >= ArrowTypeId.UInt8 and <= ArrowTypeId.Int64 and not ArrowTypeId.UInt64:
            case ArrowTypeId.Date32 or ArrowTypeId.Date64 or ArrowTypeId.Time32 or ArrowTypeId.Time64:
            case ArrowTypeId.Timestamp or ArrowTypeId.Duration:
                Sort(Keys(table, column, Whole, cancellationToken), rows, descending, null);
                break;
            case ArrowTypeId.UInt64:
                Sort(Keys(table, column, (array, i) => ((UInt64Array)array).Values[i], cancellationToken), rows, descending, null);
                break;
            case ArrowTypeId.Decimal128:
                Sort(
                    Keys(table, column, (array, i) => ArrowValues.Raw128((Decimal128Array)array, i), cancellationToken),
                    rows, descending, null);
                break;
            case ArrowTypeId.HalfFloat or ArrowTypeId.Float or ArrowTypeId.Double:
                Sort(Keys(table, column, Float, cancellationToken), rows, descending, null);
                break;
            default:
                if (ArrowTypes.ClrType(field) == typeof(string))
                {
                    Sort(
                        Keys<string?>(table, column, (array, i) => (string?)ArrowValues.Get(array, i), cancellationToken),
                        rows, descending, StringComparer.CurrentCulture);
                    break;
                }

                Sort(
                    Keys<object?>(table, column, (array, i) => ArrowValues.Get(array, i, field), cancellationToken), rows, descending,
                    Comparer<object?>.Create((left, right) => left is IComparable key && left.GetType() == right?.GetType()
                        ? key.CompareTo(right)
                        : string.CompareOrdinal(ValueText.Of(left), ValueText.Of(right))));
                break;
        }
    }

    private static long Whole(IArrowArray array, int index) => array switch
    {
        PrimitiveArray<long> longs => longs.Values[index],
        PrimitiveArray<int> ints => ints.Values[index],
        PrimitiveArray<short> numbers => numbers.Values[index],
        PrimitiveArray<sbyte> numbers => numbers.Values[index],
        PrimitiveArray<uint> numbers => numbers.Values[index],
        PrimitiveArray<ushort> numbers => numbers.Values[index],
        PrimitiveArray<byte> numbers => numbers.Values[index],
        _ => throw new NotSupportedException($"Arrow arrays of type {array.Data.DataType.Name} are no whole numbers."),
    };

    private static double Float(IArrowArray array, int index) => array switch
    {
        DoubleArray doubles => doubles.Values[index],
        FloatArray floats => floats.Values[index],
        _ => (double)((HalfFloatArray)array).Values[index],
    };

    private static void Sort<T>((T[] Values, bool[] Nulls) keys, int[] rows, bool descending, IComparer<T>? comparer)
    {
        comparer ??= Comparer<T>.Default;
        rows.AsSpan().Sort((left, right) =>
        {
            var order = keys.Nulls[left] || keys.Nulls[right]
                ? keys.Nulls[right].CompareTo(keys.Nulls[left])
                : comparer.Compare(keys.Values[left], keys.Values[right]);
            return order == 0 ? left.CompareTo(right) : descending ? -order : order;
        });
    }

    private static (T[] Values, bool[] Nulls) Keys<T>(
        RecordBatchTable table, int column, Func<IArrowArray, int, T> read, CancellationToken cancellationToken)
    {
        var values = new T[table.RowsRead];
        var nulls = new bool[table.RowsRead];
        foreach (var (batch, first) in table.Batches())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var array = batch.Column(column);
            for (var i = 0; i < batch.Length; i++)
            {
                nulls[first + i] = array.IsNull(i);
                values[first + i] = nulls[first + i] ? default! : read(array, i);
            }
        }

        return (values, nulls);
    }
}
