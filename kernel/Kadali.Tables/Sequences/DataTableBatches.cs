using System.Data;
using Apache.Arrow;

namespace Kadali.Tables;

/// <summary>The rows of a <see cref="DataTable"/> as record batches.</summary>
public static class DataTableBatches
{
    /// <summary>The rows that the view shows; the first batch may be empty.</summary>
    /// <exception cref="SequenceException">A value has no place in a column.</exception>
    public static IEnumerable<RecordBatch> Of(DataView view, CancellationToken cancellationToken)
    {
        var columns = view.Table!.Columns.Cast<DataColumn>().ToArray();
        var rows = new RowBatches(columns.Select(column => (column.ColumnName, column.DataType, -1)));
        foreach (DataRowView row in view)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Append([.. columns.Select(column => row[column.Ordinal] is var value && value is DBNull ? null : value)]);
            if (rows.Count == SequenceBatches.BatchRows)
            {
                yield return rows.Build(isLast: false);
            }
        }

        yield return rows.Build(isLast: true);
    }
}
