using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>UPDATE.</summary>
internal static class Updating
{
    /// <summary>Gives rows new values.</summary>
    /// <param name="set">DuckDB's SQL by the names of columns of the table.</param>
    /// <param name="condition">DuckDB's SQL, or null for all rows.</param>
    /// <param name="alias">What the expressions call the table.</param>
    /// <param name="text">The condition as its author wrote it, for the history.</param>
    public static DeltaResult Run(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, IReadOnlyDictionary<string, string> set,
        string? condition, string alias, string? text, CancellationToken cancellationToken)
    {
        using var transaction = new DeltaTransaction(session, storage, snapshot);
        if (snapshot.Properties.AppendOnly)
        {
            throw WriteInto.AppendOnly(snapshot);
        }

        var assigned = Assigned(session, snapshot, set, alias, cancellationToken);
        var pruned = new FilePruner(session).Prune(snapshot, condition, alias, cancellationToken);
        transaction.Reads.Read(pruned);
        var change = new RowChange(session, transaction);
        using var scan = TableScan.Of(session, storage, snapshot, pruned, ScanColumns.Places, cancellationToken);
        var matched = change.Match(
            scan,
            $"SELECT {alias}.{TableScan.FileColumn}, {alias}.{TableScan.RowColumn} "
                + $"FROM ({scan.Sql}) AS {alias}{(condition is null ? "" : $" WHERE {condition}")}",
            cancellationToken);
        if (matched.Count == 0)
        {
            return new(null, transaction.Metrics);
        }

        // The rows are read again by their places: what a condition says may be another thing the second time.
        var ids = change.TracksRows ? ScanColumns.RowIds : ScanColumns.None;
        using var rows = change.Rows(matched, ids, cancellationToken);
        var updated = new RowShape(transaction.Metadata).Renewed(
            $"SELECT {string.Join(", ", snapshot.Schema.Fields.Select(field => assigned.TryGetValue(field.Name, out var value)
                ? $"{SqlPlaces.Leading(value)}CAST(({value}) AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}"
                : $"{alias}.{DuckDb.Name(field.Name)} AS {DuckDb.Name(field.Name)}").Concat(Kept(change)))} "
                + $"FROM ({change.WithRowIds(rows.Sql, isChanged: true)}) AS {alias}",
            assigned.Keys, change.TracksRows ? change.RowIdColumns : []);
        try
        {
            if (snapshot.Properties.ChangeDataFeed)
            {
                var exclude = change.TracksRows ? $" EXCLUDE ({string.Join(", ", change.RowIdColumns.Select(DuckDb.Name))})" : "";
                using var before = change.Rows(matched, ScanColumns.None, cancellationToken);
                change.StageChanges(
                    $"SELECT *, 'update_preimage' AS {RowChange.ChangeType} FROM ({before.Sql}) UNION ALL BY NAME "
                        + $"SELECT *{exclude}, 'update_postimage' AS {RowChange.ChangeType} FROM ({updated})",
                    cancellationToken);
            }

            change.Stage(matched, updated, cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception) when (RowChecks.Explain(exception) is { } explained)
        {
            throw explained;
        }

        transaction.Metrics["numUpdatedRows"] = matched.Count;
        var version = transaction.Commit(
            "UPDATE",
            new JsonObject { ["predicate"] = text is null ? "[]" : ActionJson.Text(new JsonArray(text)) },
            cancellationToken);
        return new(version, transaction.Metrics);
    }

    /// <summary>The assignments by the names of the schema.</summary>
    /// <exception cref="DeltaException">The table has no such column.</exception>
    private static Dictionary<string, string> Assigned(
        DeltaSession session, Snapshot snapshot, IReadOnlyDictionary<string, string> set, string alias, CancellationToken cancellationToken)
    {
        var assigned = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in set)
        {
            var field = snapshot.Schema.Find(name) ?? throw new DeltaException(
                DeltaErrorKind.Schema, $"The table has no column '{name}'.",
                $"Its columns are {string.Join(", ", snapshot.Schema.Fields.Select(known => known.Name))}.");
            RowShape.CheckGiven(field, isNew: false);
            if (!assigned.TryAdd(field.Name, value))
            {
                throw new DeltaException(DeltaErrorKind.Argument, $"Column '{field.Name}' is set twice.");
            }
        }

        var values = assigned.Select(item => (snapshot.Schema.Find(item.Key)!, item.Value)).ToArray();
        var stored = StoreAssignment.Of(session.DuckDb, values, RowShape.StandIn(snapshot.Schema, alias), cancellationToken);
        foreach (var ((field, _), value) in values.Zip(stored))
        {
            assigned[field.Name] = value;
        }

        return assigned;
    }

    private static IEnumerable<string> Kept(RowChange change) => change.TracksRows ? change.RowIdColumns.Select(DuckDb.Name) : [];
}
