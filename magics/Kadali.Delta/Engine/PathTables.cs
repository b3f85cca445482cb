namespace Kadali.Delta;

/// <summary>Tables by the paths of their folders alone.</summary>
internal sealed class PathTables : ITables
{
    public IDeltaStorage? Find(TableRef table)
    {
        if (table.Path is not { } path)
        {
            return null;
        }

        var storage = TableStorage.Open(path);
        return storage.List(LogFiles.Folder, "", CancellationToken.None).Any() ? storage : null;
    }

    public IDeltaStorage Place(TableRef table, string? location) => TableStorage.Open(location ?? table.Path ?? throw new DeltaException(
        DeltaErrorKind.Argument, $"The table {table} has a name and no folder here."));
}
