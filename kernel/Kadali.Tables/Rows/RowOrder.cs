using System.Globalization;
using System.Numerics;
using Apache.Arrow;
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

        var kept = new List<int>();
        foreach (var (batch, first) in table.Batches())
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < batch.Length; i++)
            {
                for (var column = 0; column < table.Columns.Count; column++)
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

    /// <summary>Sorts by keys without boxes where the column's type allows; nulls come first, and equal rows keep their order.</summary>
    private static void Sort(RecordBatchTable table, int[] rows, int column, bool descending, CancellationToken cancellationToken)
    {
        var type = ArrowTypes.ClrType(table.Schema.FieldsList[column]);
        if (type == typeof(string))
        {
            Sort(
                Keys<string?>(table, column, (array, i) => (string?)ArrowValues.Get(array, i), cancellationToken),
                rows, descending, StringComparer.CurrentCulture);
        }
        else if (ArrowTypes.IsNumeric(table.Schema.FieldsList[column].DataType) && type != typeof(BigInteger) && type != typeof(decimal))
        {
            var numbers = Keys(
                table, column, (array, i) => Convert.ToDouble(ArrowValues.Get(array, i), CultureInfo.InvariantCulture), cancellationToken);
            Sort(numbers, rows, descending, null);
        }
        else
        {
            Sort(
                Keys<object?>(table, column, (array, i) => ArrowValues.Get(array, i), cancellationToken), rows, descending,
                Comparer<object?>.Create((left, right) => left is IComparable key && left.GetType() == right?.GetType()
                    ? key.CompareTo(right)
                    : string.CompareOrdinal(ValueText.Of(left), ValueText.Of(right))));
        }
    }

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
