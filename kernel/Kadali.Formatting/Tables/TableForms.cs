using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;

namespace Kadali.Formatting;

/// <summary>Which values are tables.</summary>
internal static class TableForms
{
    private const int Looked = 100;

    /// <summary>The table that a value is, or null. What is gone through lazily is gone through once, by the table.</summary>
    public static ITable? Of(object value) => value switch
    {
        ITable table => table,
        string or byte[] => null,
        IDictionary<string, object?> map and not IDictionary => Dictionary(map.Select(pair => new object?[] { pair.Key, pair.Value })),
        IDictionary map => Dictionary(map.Keys.Cast<object>().Select(key => new[] { key, map[key] })),
        Array { Rank: 2 } matrix => Matrix(matrix),
        _ when value.GetType().Namespace == "System.Data" => Data(value),
        _ when Sequences.ItemType(value.GetType()) is { } item => Sequence(value, item),
        ICollection items => Items(items),
        _ => null,
    };

    /// <summary>All of a table as CSV.</summary>
    public static string Csv(ITable table)
    {
        var pieces = new CsvExport().WriteAsync(table, new(0, 0), CancellationToken.None);
        return string.Concat(Sequences.Of(pieces)!.Cast<byte[]>().Select(Encoding.UTF8.GetString));
    }

    private static SequenceTable? Sequence(object value, Type item) => RowShape.IsRow(item) ? new(Sequences.Of(value)!, item)
        : item == typeof(object) && value is ICollection items ? Items(items) : null;

    /// <summary>A collection that does not say what it holds is a table where the items that come first are rows.</summary>
    private static SequenceTable? Items(ICollection items)
    {
        var first = items.Cast<object?>().Take(Looked).OfType<object>().ToArray();
        return first.Length > 0 && first.All(item => RowShape.IsRow(item.GetType())) ? new(items, typeof(object)) : null;
    }

    private static SequenceTable Dictionary(IEnumerable<object?[]> pairs)
    {
        var rows = pairs.ToArray();
        return new([Column("key", rows.Select(row => row[0])), Column("value", rows.Select(row => row[1]))], rows);
    }

    private static TableColumn Column(string name, IEnumerable<object?> values)
    {
        var types = values.OfType<object>().Select(value => value.GetType()).Distinct().Take(2).ToArray();
        return types.Length == 1 ? new(name, TypeNames.Of(types[0]), RowShape.IsNumber(types[0])) : new(name, "object", false);
    }

    private static SequenceTable Matrix(Array matrix)
    {
        var type = matrix.GetType().GetElementType()!;
        var (low, width) = (matrix.GetLowerBound(1), matrix.GetLength(1));
        TableColumn[] columns =
        [
            .. Enumerable.Range(low, width).Select(i => new TableColumn($"{i}", TypeNames.Of(type), RowShape.IsNumber(type))),
        ];
        object?[][] rows = [.. Enumerable.Range(matrix.GetLowerBound(0), matrix.GetLength(0))
            .Select(row => Enumerable.Range(low, width).Select(column => matrix.GetValue(row, column)).ToArray())];
        return new(columns, rows);
    }

    /// <summary>Apart from the rest, so that System.Data is loaded only by those who use it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static SequenceTable? Data(object value)
    {
        var view = value as System.Data.DataView ?? (value as System.Data.DataTable)?.DefaultView;
        return view is null ? null : new(
            [.. view.Table!.Columns.Cast<System.Data.DataColumn>()
                .Select(column => new TableColumn(column.ColumnName, TypeNames.Of(column.DataType), RowShape.IsNumber(column.DataType)))],
            [.. view.Cast<System.Data.DataRowView>()
                .Select(row => row.Row.ItemArray.Select(cell => cell is DBNull ? null : cell).ToArray())]);
    }
}
