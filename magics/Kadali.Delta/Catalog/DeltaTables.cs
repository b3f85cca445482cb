namespace Kadali.Delta;

/// <summary>The tables that statements name, with their stores: the warehouse's and those by their path.</summary>
/// <param name="isOther">Whether a name is somebody else's, for instance a table that DuckDB itself has; null for none.</param>
internal sealed class DeltaTables(Warehouse warehouse, Func<TableRef, bool>? isOther = null) : ITables
{
    private readonly Dictionary<string, IDeltaStorage> _stores = new(StringComparer.Ordinal);

    public Warehouse Warehouse { get; } = warehouse;

    public IDeltaStorage? Find(TableRef table)
    {
        if ((table.Path is null && isOther?.Invoke(table) == true) || Warehouse.Find(table) is not { } folder)
        {
            return null;
        }

        var store = Store(folder);
        return table.Path is null || store.List(LogFiles.Folder, "", default).Any() ? store : null;
    }

    public IDeltaStorage Place(TableRef table, string? location) => Store(Warehouse.Place(table, location));

    public void Register(TableRef table, string? location)
    {
        if (location is not null)
        {
            Warehouse.Register(table, location);
        }
    }

    /// <summary>Names the nearest table.</summary>
    public DeltaException Missing(TableRef table)
    {
        try
        {
            return new(DeltaErrorKind.NotFound, $"There is no Delta table at '{Warehouse.Resolve(table)}'.") { Offset = table.Start };
        }
        catch (DeltaException exception)
        {
            return exception;
        }
    }

    /// <summary>The store of a folder; the same one each time.</summary>
    public IDeltaStorage Store(string folder)
    {
        var key = folder.Length > 1 ? folder.TrimEnd('/') : folder;
        if (!_stores.TryGetValue(key, out var store))
        {
            _stores.Add(key, store = TableStorage.Open(key));
        }

        return store;
    }
}
