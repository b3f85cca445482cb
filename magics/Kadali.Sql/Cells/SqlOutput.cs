using System.Collections;
using Apache.Arrow.Ipc;
using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Tables;

namespace Kadali.Sql;

/// <summary>What becomes of a run: a page of a table or a chart for the reader, and values for C#.</summary>
internal sealed class SqlOutput(IVariables variables, OpenResult open)
{
    private const int ChartedRows = 500_000;
    private readonly RowTypes _types = new(variables);

    /// <summary>Shows a run, of which it takes care; null where there is nothing to show.</summary>
    /// <param name="count">Told how many rows there are, as far as that is known.</param>
    public async Task<MimeBundle?> ShowAsync(
        ISqlRun run, SqlStatement statement, SqlOptions options, Action<long?> count, CancellationToken cancellationToken)
    {
        if (run.Schema.FieldsList.Count == 0)
        {
            run.Dispose();
            count(run.RowsChanged >= 0 ? run.RowsChanged : null);
            return run.RowsChanged is >= 0 and var changed
                ? MimeBundle.Text($"{changed:N0} {(changed == 1 ? "row" : "rows")} changed")
                : null;
        }

        IArrowArrayStream source = options.Limit is { } limit ? new LimitedRun(run, limit) : run;
        return options.Name is null && options.Record is null
            ? await ShowAsync(source, statement, options, count, cancellationToken)
            : await KeepAsync(source, options, count, cancellationToken);
    }

    private async Task<MimeBundle> ShowAsync(
        IArrowArrayStream source, SqlStatement statement, SqlOptions options, Action<long?> count, CancellationToken cancellationToken)
    {
        var table = new RecordBatchTable(source);
        open.Set(table, statement.Sql);
        var rows = await table.ReadAsync(new(0, options.Chart is null ? TableFormatter.EmbeddedRows + 1 : ChartedRows), cancellationToken);
        count(table.RowCount);
        await variables.SetAsync("_sql", table, typeof(RecordBatchTable), cancellationToken);
        return options.Chart is { } chart
            ? Charted(chart, table.Columns, rows)
            : TableFormatter.Format(table, rows, Note(table, options));
    }

    private async Task<MimeBundle> KeepAsync(
        IArrowArrayStream source, SqlOptions options, Action<long?> count, CancellationToken cancellationToken)
    {
        using (source)
        {
            var name = options.Record ?? RowTypes.PropertyName(options.Name!) + "Row";
            var type = await _types.ForAsync(name, source.Schema, cancellationToken);

            // The record's reader is code of cells: compiled with theirs, and ended by the same interrupts. The thread that waits here is
            // theirs, kept for what blocks; an interrupt wakes it.
            IList rows = System.Array.Empty<object>();
            await variables.RunAsync(() => rows = type.ReadAsync(source, cancellationToken).GetAwaiter().GetResult(), cancellationToken);
            var list = typeof(List<>).MakeGenericType(type.Record);
            if (options.Name is { } variable)
            {
                await variables.SetAsync(variable, rows, list, cancellationToken);
            }

            await variables.SetAsync("_sql", rows, list, cancellationToken);
            count(rows.Count);
            var table = new RecordTable(new SequenceTable(rows, type.Record), ArrowTypes.Columns(source.Schema));
            var page = await table.ReadAsync(
                new(0, options.Chart is null ? TableFormatter.EmbeddedRows + 1 : ChartedRows), cancellationToken);
            return options.Chart is { } chart
                ? Charted(chart, table.Columns, page)
                : TableFormatter.Format(table, page, options.Name is null ? null : $"in C#: {options.Name}, a List<{name}>");
        }
    }

    /// <summary>Records under the names and types that their columns have in SQL.</summary>
    private sealed class RecordTable(SequenceTable records, IReadOnlyList<TableColumn> columns) : ITable
    {
        public IReadOnlyList<TableColumn> Columns => columns;

        public long? RowCount => records.RowCount;

        public ValueTask<IReadOnlyList<object?[]>> ReadAsync(TableRequest request, CancellationToken cancellationToken) =>
            records.ReadAsync(request, cancellationToken);
    }

    private static MimeBundle Charted(ChartOptions options, IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows)
    {
        var chart = Chart.Of(options, columns, rows);
        return (rows.Count < ChartedRows ? chart : chart.Noted($"of the first {ChartedRows:N0} rows")).ToMimeBundle();
    }

    private static string? Note(RecordBatchTable table, SqlOptions options) =>
        table.Cut ?? (options.Limit is { } most && table.RowCount == most ? $"stopped at {most:N0} (--limit)" : null);
}
