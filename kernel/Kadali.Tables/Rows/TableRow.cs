using System.Dynamic;
using Apache.Arrow;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>
/// A row whose columns are members: <c>row.carrier</c>, or <c>row["carrier"]</c>. Values are read from the batch when asked for.
/// </summary>
public sealed class TableRow : DynamicObject
{
    private readonly RecordBatchTable _table;
    private readonly RecordBatch _batch;
    private readonly int _index;

    internal TableRow(RecordBatchTable table, RecordBatch batch, int index) => (_table, _batch, _index) = (table, batch, index);

    /// <summary>The value of a column.</summary>
    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    public object? this[string column] => _table.IndexOf(column) is >= 0 and var i
        ? this[i]
        : throw new KeyNotFoundException(
            $"The row has no column '{column}'."
            + (Nearest.Of(column, _table.Columns.Select(it => it.Name)) is { } near
                ? $" Did you mean '{near}'?"
                : $" It has: {string.Join(", ", _table.Columns.Select(it => it.Name))}."));

    /// <summary>The value of the column at a place.</summary>
    public object? this[int column] => ArrowValues.Get(_batch.Column(column), _index, _table.Schema.FieldsList[column]);

    public override bool TryGetMember(GetMemberBinder binder, out object? result)
    {
        result = this[binder.Name];
        return true;
    }

    public override IEnumerable<string> GetDynamicMemberNames() => _table.Columns.Select(column => column.Name);

    public override string ToString() =>
        "{ " + string.Join(", ", _table.Columns.Select((column, i) => $"{column.Name} = {ValueText.Of(this[i])}")) + " }";
}
