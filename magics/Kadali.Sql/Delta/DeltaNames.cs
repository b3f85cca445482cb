using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>The warehouse's names for completion and hints, asked beside a statement that runs.</summary>
internal sealed class DeltaNames
{
    private DeltaSession? _session;
    private DeltaTables? _tables;

    /// <summary>The warehouse of this engine; the same for statements and for completion.</summary>
    public Warehouse Warehouse { get; } = Warehouse.FromEnvironment();

    // An object store is not asked again at each letter that somebody types.
    private const int KeptMilliseconds = 10_000;

    private sealed record Listed(long Until, string Database, IReadOnlyList<CompletionItem> Items);

    private volatile Listed? _listed;

    /// <summary>Databases, and the tables of the one in use.</summary>
    public IReadOnlyList<CompletionItem> Items()
    {
        if (_listed is { } kept && kept.Until > Environment.TickCount64 && kept.Database == Warehouse.Current)
        {
            return kept.Items;
        }

        try
        {
            IReadOnlyList<CompletionItem> items = !Warehouse.Exists ? [] :
            [
                .. Warehouse.Tables().Select(name => new CompletionItem(name, "table", "Delta table")),
                .. Warehouse.Databases().Select(name => new CompletionItem(name, "namespace", "database")),
            ];
            if (Warehouse.IsRemote)
            {
                _listed = new(Environment.TickCount64 + KeptMilliseconds, Warehouse.Current, items);
            }

            return items;
        }
        catch (DeltaException)
        {
            // A store that cannot be reached has nothing to offer; a statement says why.
            return [];
        }
    }

    /// <summary>The tables of a database; none where there is none of that name.</summary>
    public IReadOnlyList<CompletionItem> ItemsOf(string database) => Warehouse.HasDatabase(database)
        ? [.. Warehouse.Tables(database).Select(name => new CompletionItem(name, "table", "Delta table"))]
        : [];

    /// <summary>The columns of a Delta table; none where there is none of that name.</summary>
    /// <param name="connection">The one for questions, on its own thread.</param>
    public IReadOnlyList<(string Name, string Type)> Columns(DuckDBConnection connection, string table)
    {
        _session ??= new(connection);
        _tables ??= new(Warehouse);
        try
        {
            if (TableReferences.Find($"SELECT * FROM {table}") is not [var reference] || _tables.Find(reference.Table) is not { } store)
            {
                return [];
            }

            var schema = _session.Log(store).Update(CancellationToken.None).Schema;
            return [.. schema.Fields.Select(field => (field.Name, SparkTypes.Print(field.Type)))];
        }
        catch (DeltaException)
        {
            // A table that cannot be read has no columns to offer; a statement says why.
            return [];
        }
    }
}
