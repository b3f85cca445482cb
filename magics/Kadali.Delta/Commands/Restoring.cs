using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>RESTORE: the table becomes again what it was, as a new version.</summary>
internal static class Restoring
{
    /// <exception cref="DeltaException">Files of the version are gone.</exception>
    public static DeltaResult Run(
        DeltaSession session, IDeltaStorage storage, Snapshot current, Snapshot target, CancellationToken cancellationToken)
    {
        using var transaction = new DeltaTransaction(session, storage, current);
        transaction.Reads.ReadAll();
        var now = current.Files.ToDictionary(file => file.Key);
        var then = target.Files.ToDictionary(file => file.Key);
        var back = then.Where(file => !now.ContainsKey(file.Key)).Select(file => file.Value).ToArray();
        var gone = now.Where(file => !then.ContainsKey(file.Key)).Select(file => file.Value).ToArray();
        var missing = back.FirstOrDefault(file => !storage.Exists(DeltaPath.Decode(file.Path))
            || (file.DeletionVector is { } vector && DeletionVectorStore.PathOf(vector) is { } path && !storage.Exists(path)));
        if (missing is not null)
        {
            throw new DeltaException(
                DeltaErrorKind.NotFound,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The table at '{storage.Root}' cannot become version {target.Version} again: '{missing.Path}' is gone."),
                "VACUUM removes files that later versions do not need. 'history' shows which versions there are.");
        }

        foreach (var file in gone)
        {
            transaction.Remove(file);
        }

        transaction.AddAll(back.Select(file => file with { DataChange = true }));
        if (target.Metadata != current.Metadata)
        {
            // What was said of the table then counts; its protocol never goes back, nor do marks of ids.
            transaction.SetMetadata(
                target.Metadata with { Configuration = Kept(current, target), SchemaString = Marked(current, target) });
        }

        transaction.Metrics["numRestoredFiles"] = back.Length;
        transaction.Metrics["numRemovedFiles"] = gone.Length;
        transaction.Metrics["restoredFilesSize"] = back.Sum(file => file.Size);
        transaction.Metrics["removedFilesSize"] = gone.Sum(file => file.Size);
        transaction.Metrics["numOfFilesAfterRestore"] = then.Count;
        transaction.Metrics["tableSizeAfterRestore"] = target.Files.Sum(file => file.Size);
        return transaction.Actions.Count == 0 && transaction.NewMetadata is null
            ? new(null, transaction.Metrics)
            : new(
                transaction.Commit("RESTORE", new JsonObject { ["version"] = target.Version, ["timestamp"] = null }, cancellationToken),
                transaction.Metrics);
    }

    /// <summary>The schema with the identities that were given since, so that none is given twice.</summary>
    private static string Marked(Snapshot current, Snapshot target)
    {
        if (!target.Schema.Fields.Any(RowShape.IsIdentity))
        {
            return target.Metadata.SchemaString;
        }

        var (now, then) = (new ColumnMapping(current.Properties), new ColumnMapping(target.Properties));
        return SchemaJson.Write(new([.. target.Schema.Fields.Select(field => RowShape.IsIdentity(field)
            && current.Schema.Fields.FirstOrDefault(other => now.Physical(other) == then.Physical(field)) is { } known
                ? RowShape.WithMark(field, RowShape.Mark(known)) : field)]));
    }

    private static Dictionary<string, string> Kept(Snapshot current, Snapshot target)
    {
        var configuration = new Dictionary<string, string>(target.Metadata.Configuration);
        if (current.Metadata.Configuration.TryGetValue(ColumnMappingIds.MaximumKey, out var last))
        {
            configuration[ColumnMappingIds.MaximumKey] = last;
        }

        return configuration;
    }
}
