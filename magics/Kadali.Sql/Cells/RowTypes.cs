using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Kadali.Cells;
using Kadali.Tables;

namespace Kadali.Sql;

/// <summary>
/// C# records for the schemas of results, with readers that are compiled along: no reflection and no boxing per value. Value types are
/// nullable, since any SQL column may hold NULL. The same schema under the same name is the same record.
/// </summary>
public sealed class RowTypes(IVariables variables)
{
    private readonly ConcurrentDictionary<string, RowType> _known = new();

    /// <summary>The record for a schema; it is declared in the session where it is not yet.</summary>
    public async Task<RowType> ForAsync(string recordName, Schema schema, CancellationToken cancellationToken)
    {
        var source = RowSource.Of(recordName, schema);
        if (_known.TryGetValue(source, out var known))
        {
            return known;
        }

        var assembly = await variables.DeclareTypesAsync(source, cancellationToken);
        var record = assembly.GetType(recordName)!;
        var reader = assembly.GetType(recordName + "Reader")!;
        return _known[source] = new(
            record,
            reader.GetMethod("List", BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Func<IList>>(),
            reader.GetMethod("Read", BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Action<BatchColumns, IList>>());
    }

    /// <summary>A C# name for a column: <c>dep_delay</c> becomes <c>DepDelay</c>.</summary>
    public static string PropertyName(string column) => RowSource.PropertyName(column);
}

/// <summary>A record and the code that reads batches into it.</summary>
/// <param name="Record">The record's type.</param>
/// <param name="List">A new <c>List</c> of it.</param>
/// <param name="Read">Adds the rows of a batch to such a list.</param>
public sealed record RowType(Type Record, Func<IList> List, Action<BatchColumns, IList> Read)
{
    /// <summary>All rows of a source.</summary>
    public async Task<IList> ReadAsync(IArrowArrayStream source, CancellationToken cancellationToken)
    {
        var rows = List();
        var columns = new BatchColumns();
        while (await source.ReadNextRecordBatchAsync(cancellationToken) is { } batch)
        {
            using (batch)
            {
                columns.Load(batch);
                Read(columns, rows);
            }
        }

        return rows;
    }
}
