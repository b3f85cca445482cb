using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>DELETE.</summary>
internal static class Deletion
{
    /// <summary>Removes the rows for which a condition is true; all where there is none.</summary>
    /// <param name="condition">DuckDB's SQL, or null.</param>
    /// <param name="alias">What the condition calls the table, or null.</param>
    /// <param name="text">The condition as its author wrote it, for the history.</param>
    public static DeltaResult Run(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, string? condition, string? alias, string? text,
        CancellationToken cancellationToken)
    {
        using var transaction = new DeltaTransaction(session, storage, snapshot);
        if (snapshot.Properties.AppendOnly)
        {
            throw WriteInto.AppendOnly(snapshot);
        }

        if (condition is null)
        {
            transaction.Reads.ReadAll();
            foreach (var file in snapshot.Files)
            {
                transaction.Remove(file);
            }

            transaction.Metrics["numRemovedFiles"] = snapshot.Files.Count;
        }
        else
        {
            var pruned = new FilePruner(session).Prune(snapshot, condition, alias, cancellationToken);
            transaction.Reads.Read(pruned);
            Stage(session, transaction, pruned, condition, alias, cancellationToken);
        }

        return transaction.Actions.Count == 0
            ? new(null, transaction.Metrics)
            : new(
                transaction.Commit(
                    "DELETE",
                    new JsonObject { ["predicate"] = text is null ? "[]" : ActionJson.Text(new JsonArray(text)) },
                    cancellationToken),
                transaction.Metrics);
    }

    /// <summary>Stages the removal of the rows of some files for which a condition is true.</summary>
    public static void Stage(
        DeltaSession session, DeltaTransaction transaction, PrunedFiles files, string condition, string? alias,
        CancellationToken cancellationToken)
    {
        var snapshot = transaction.Snapshot!;
        var change = new RowChange(session, transaction);
        using var scan = TableScan.Of(session, transaction.Storage, snapshot, files, ScanColumns.Places, cancellationToken);
        var name = alias is null ? "_deleted" : alias;
        var matched = change.Match(
            scan,
            $"SELECT {name}.{TableScan.FileColumn}, {name}.{TableScan.RowColumn} FROM ({scan.Sql}) AS {name} WHERE {condition}",
            cancellationToken);
        transaction.Metrics["numDeletedRows"] = matched.Count;
        if (matched.Count == 0)
        {
            return;
        }

        // With deletion vectors the feed tells from them what went.
        if (snapshot.Properties.ChangeDataFeed && !snapshot.Properties.DeletionVectors)
        {
            using var rows = change.Rows(matched, ScanColumns.None, cancellationToken);
            change.StageChanges($"SELECT *, 'delete' AS {RowChange.ChangeType} FROM ({rows.Sql})", cancellationToken);
        }

        change.Stage(matched, null, cancellationToken);
    }
}
