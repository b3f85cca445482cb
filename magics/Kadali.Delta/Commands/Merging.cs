using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>MERGE.</summary>
internal sealed class Merging(DeltaSession session, IDeltaStorage storage, Snapshot current)
{
    // The table as the rows of the source see it: with the columns that come with them.
    private Snapshot _table = current;

    public DeltaResult Run(MergeRequest request, CancellationToken cancellationToken)
    {
        using var transaction = new DeltaTransaction(session, storage, _table);
        if (request.Schema is { } schema)
        {
            SchemaChange.Stage(transaction, schema);
            _table = _table.With(transaction.Metadata);
        }

        if (_table.Properties.AppendOnly && request.Steps.Any(step => step is not MergeStep.Insert))
        {
            throw WriteInto.AppendOnly(_table);
        }

        try
        {
            using var source = new MergeSource(session, request);
            source.Read(cancellationToken);
            return Run(Stored(request, source, cancellationToken), source, transaction, cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception) when (RowChecks.Explain(exception) is { } explained)
        {
            throw explained;
        }
    }

    private DeltaResult Run(MergeRequest request, MergeSource source, DeltaTransaction transaction, CancellationToken cancellationToken)
    {
        var change = new RowChange(session, transaction);
        using var join = new MergeJoin(session, request, source, _table, change.TracksRows);
        using var rows = new MergeRows(session, request, _table, transaction, change);
        var pruned = join.BySource ? PrunedFiles.All(_table) : source.Prune(_table, cancellationToken);
        transaction.Reads.Read(pruned);
        using var scan = TableScan.Of(
            session, storage, _table, pruned.Files,
            ScanColumns.Places | (change.TracksRows ? ScanColumns.RowIds : ScanColumns.None), cancellationToken);
        join.Run(scan.Sql, rows, cancellationToken);
        var matched = join.Match(change, scan, cancellationToken);
        var counts = join.Count(cancellationToken);
        rows.Compute(join, cancellationToken);
        var (updates, inserts) = (request.Places<MergeStep.Update>(), request.Places<MergeStep.Insert>());
        if (_table.Properties.ChangeDataFeed && counts.Count > 0)
        {
            rows.StageChanges(cancellationToken);
        }

        var coming = updates.Concat(inserts).ToArray();
        change.Stage(matched, coming.Any(counts.ContainsKey) ? rows.Coming(coming) : null, cancellationToken);
        Count(transaction, counts, "numTargetRowsUpdated", updates);
        Count(transaction, counts, "numTargetRowsInserted", inserts);
        Count(transaction, counts, "numTargetRowsDeleted", request.Places<MergeStep.Delete>());
        transaction.Metrics["numTargetFilesAdded"] = transaction.Metrics["numAddedFiles"];
        transaction.Metrics["numTargetFilesRemoved"] = transaction.Metrics["numRemovedFiles"];
        transaction.Metrics["numTargetFilesRead"] = pruned.Files.Count;
        return transaction.Actions.Count == 0
            ? new(null, transaction.Metrics)
            : new(transaction.Commit("MERGE", Parameters(request), cancellationToken), transaction.Metrics);
    }

    /// <summary>The request with values as the columns take them.</summary>
    private MergeRequest Stored(MergeRequest request, MergeSource source, CancellationToken cancellationToken)
    {
        var values = request.Steps.SelectMany(step => Values(step)).Where(value => _table.Schema.Find(value.Key) is not null)
            .Select(value => (_table.Schema.Find(value.Key)!, value.Value)).Distinct().ToArray();
        var rows = $"{RowShape.StandIn(_table.Schema, request.TargetAlias)}, {source.Sql}";
        var stored = values.Zip(StoreAssignment.Of(session.DuckDb, values, rows, cancellationToken))
            .ToDictionary(pair => pair.First, pair => pair.Second);
        return request with
        {
            Steps =
            [
                .. request.Steps.Select(step => step switch
                {
                    MergeStep.Update update => update with { Set = Of(update.Set) },
                    MergeStep.Insert insert => insert with { Values = Of(insert.Values) },
                    _ => step,
                }),
            ],
        };

        Dictionary<string, string> Of(IReadOnlyDictionary<string, string> given) => given.ToDictionary(
            value => value.Key,
            value => _table.Schema.Find(value.Key) is { } field ? stored[(field, value.Value)] : value.Value);
    }

    private static IReadOnlyDictionary<string, string> Values(MergeStep step) => step switch
    {
        MergeStep.Update update => update.Set,
        MergeStep.Insert insert => insert.Values,
        _ => new Dictionary<string, string>(),
    };

    private static void Count(DeltaTransaction transaction, Dictionary<int, long> counts, string name, int[] steps) =>
        transaction.Metrics[name] = steps.Sum(step => counts.GetValueOrDefault(step));

    private static JsonObject Parameters(MergeRequest request)
    {
        var parameters = new JsonObject { ["predicate"] = ActionJson.Text(new JsonArray(JsonValue.Create(request.Text))) };
        Put("matchedPredicates", step => step is MergeStep.Delete { Matched: true } or MergeStep.Update { Matched: true });
        Put("notMatchedPredicates", step => step is MergeStep.Insert);
        Put("notMatchedBySourcePredicates", step => step is MergeStep.Delete { Matched: false } or MergeStep.Update { Matched: false });
        return parameters;

        void Put(string name, Func<MergeStep, bool> which) => parameters[name] = new JsonArray([.. request.Steps.Where(which).Select(step =>
        {
            var item = new JsonObject();
            if (step.Condition is { } condition)
            {
                item["predicate"] = SqlPlaces.Strip(condition);
            }

            item["actionType"] = step switch { MergeStep.Delete => "delete", MergeStep.Update => "update", _ => "insert" };
            return (JsonNode)item;
        })]).ToJsonString();
    }
}
