using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What a MERGE does with rows; all SQL is DuckDB's.</summary>
internal abstract record MergeStep(string? Condition)
{
    /// <summary>A row of the table goes.</summary>
    /// <param name="Matched">Whether it has a row of the source, or has none.</param>
    public sealed record Delete(bool Matched, string? Condition) : MergeStep(Condition);

    /// <summary>A row of the table changes.</summary>
    /// <param name="Set">By the names of columns.</param>
    public sealed record Update(bool Matched, string? Condition, IReadOnlyDictionary<string, string> Set) : MergeStep(Condition);

    /// <summary>A row of the source that the table has none for comes.</summary>
    /// <param name="Values">By the names of columns; others get their default.</param>
    public sealed record Insert(string? Condition, IReadOnlyDictionary<string, string> Values) : MergeStep(Condition);
}

/// <summary>A MERGE.</summary>
/// <param name="Source">A query.</param>
/// <param name="TargetAlias">What the expressions call the table.</param>
/// <param name="SourceAlias">What they call the source.</param>
/// <param name="On">Which rows belong together.</param>
/// <param name="Steps">For each row the first whose condition is true counts.</param>
internal sealed record MergeRequest(string Source, string TargetAlias, string SourceAlias, string On, IReadOnlyList<MergeStep> Steps)
{
    /// <summary>The condition as its author wrote it, for the history.</summary>
    public string Text { get; init; } = On;

    /// <summary>What the table's schema becomes, or null to leave it.</summary>
    public DeltaType.Struct? Schema { get; init; }
}

/// <summary>MERGE.</summary>
internal sealed class Merging(DeltaSession session, IDeltaStorage storage, Snapshot current)
{
    private const string SourceTable = "__delta_merge_source";
    private const string ResultTable = "__delta_merge_result";
    // There where a row of the source is.
    private const string SourceRow = "__delta_source_row";
    private const string Step = "__delta_step";

    // Of keys of the source so many at most become a list by which files of the table are chosen; of more, only the least and the greatest.
    private const int MostKeys = 1000;

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
            // Read once: it may be another thing the second time, and it may be a file or a stream.
            session.DuckDb.Execute(
                $"CREATE OR REPLACE TEMP TABLE {SourceTable} AS SELECT *, 1 AS {SourceRow} FROM ({request.Source})", cancellationToken);
            return Run(request, transaction, cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception) when (RowChecks.Explain(exception) is { } explained)
        {
            throw explained;
        }
        finally
        {
            session.DuckDb.Execute($"DROP TABLE IF EXISTS {SourceTable}; DROP TABLE IF EXISTS {ResultTable}", CancellationToken.None);
        }
    }

    private DeltaResult Run(MergeRequest request, DeltaTransaction transaction, CancellationToken cancellationToken)
    {
        var change = new RowChange(session, transaction);
        var bySource = request.Steps.Any(step => step is MergeStep.Delete { Matched: false } or MergeStep.Update { Matched: false });
        var pruned = bySource ? PrunedFiles.All(_table) : Prune(request, cancellationToken);
        transaction.Reads.Read(pruned);
        using var scan = TableScan.Of(
            session, storage, _table, pruned.Files, ScanColumns.Places | (change.TracksRows ? ScanColumns.RowIds : ScanColumns.None), cancellationToken);
        Join(request, transaction, change, scan.Sql, bySource, cancellationToken);
        Check(request, cancellationToken);

        var matched = change.Match(
            scan, $"SELECT {TableScan.FileColumn}, {TableScan.RowColumn} FROM {ResultTable} WHERE {TableScan.FileColumn} IS NOT NULL", cancellationToken);
        var updates = Steps<MergeStep.Update>(request);
        var inserts = Steps<MergeStep.Insert>(request);
        var counts = session.DuckDb.Query(
            $"SELECT {Step}, count(*) FROM {ResultTable} GROUP BY 1", reader => (Step: (int)reader.GetInt64(0), Rows: reader.GetInt64(1)), cancellationToken)
            .ToDictionary(count => count.Step, count => count.Rows);
        var columns = string.Join(", ", _table.Schema.Fields.Select((field, i) => $"o{i} AS {DuckDb.Name(field.Name)}"));
        var coming = updates.Concat(inserts).ToArray();
        string? rows = null;
        if (coming.Any(counts.ContainsKey))
        {
            var ids = change.TracksRows
                ? $", {TableScan.RowIdColumn} AS {DuckDb.Name(change.RowIdColumns[0])}, CAST(NULL AS BIGINT) AS {DuckDb.Name(change.RowIdColumns[1])}"
                : "";
            rows = RowChecks.Apply(
                $"SELECT {columns}{ids} FROM {ResultTable} WHERE {Step} IN ({string.Join(", ", coming)})", transaction.Metadata, _table.Schema,
                Assigned(request));
        }

        if (_table.Properties.ChangeDataFeed && counts.Count > 0)
        {
            StageChanges(request, change, columns, cancellationToken);
        }

        change.Stage(matched, rows, cancellationToken);
        Count(transaction, counts, "numTargetRowsUpdated", updates);
        Count(transaction, counts, "numTargetRowsInserted", inserts);
        Count(transaction, counts, "numTargetRowsDeleted", Steps<MergeStep.Delete>(request));
        transaction.Metrics["numTargetFilesAdded"] = transaction.Metrics["numAddedFiles"];
        transaction.Metrics["numTargetFilesRemoved"] = transaction.Metrics["numRemovedFiles"];
        transaction.Metrics["numTargetFilesRead"] = pruned.Files.Count;
        return transaction.Actions.Count == 0
            ? new(null, transaction.Metrics)
            : new(transaction.Commit("MERGE", Parameters(request), cancellationToken), transaction.Metrics);
    }

    /// <summary>The rows that something happens to: where they are, which step it is, and their new values.</summary>
    private void Join(
        MergeRequest request, DeltaTransaction transaction, RowChange change, string scan, bool bySource, CancellationToken cancellationToken)
    {
        var (target, source) = (request.TargetAlias, request.SourceAlias);
        var steps = new List<string>();
        var needsInsert = false;
        for (var i = 0; i < request.Steps.Count; i++)
        {
            var step = request.Steps[i];
            var which = step switch
            {
                MergeStep.Insert => $"{target}.{TableScan.FileColumn} IS NULL",
                MergeStep.Delete { Matched: true } or MergeStep.Update { Matched: true } =>
                    $"{target}.{TableScan.FileColumn} IS NOT NULL AND {source}.{SourceRow} IS NOT NULL",
                _ => $"{source}.{SourceRow} IS NULL",
            };
            needsInsert |= step is MergeStep.Insert;
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"WHEN {which}{(step.Condition is null ? "" : $" AND ({step.Condition})")} THEN {i}"));
        }

        var join = (bySource, needsInsert) switch
        {
            (true, true) => "FULL",
            (true, false) => "LEFT",
            (false, true) => "RIGHT",
            _ => "INNER",
        };
        var defaults = new RowShape(transaction.Metadata);
        var generated = _table.Schema.Fields.Where(field => defaults.IsGenerated(field)).ToArray();
        var values = _table.Schema.Fields.Select((field, i) => string.Create(
            CultureInfo.InvariantCulture, $"CAST({Value(request, defaults, field)} AS {DuckTypes.Of(field.Type)}) AS o{i}")).ToList();
        if (_table.Properties.ChangeDataFeed)
        {
            values.AddRange(_table.Schema.Fields.Select((field, i) =>
                string.Create(CultureInfo.InvariantCulture, $"{target}.{DuckDb.Name(field.Name)} AS p{i}")));
        }

        if (change.TracksRows)
        {
            values.Add($"{target}.{TableScan.RowIdColumn}");
        }

        // The step is computed below the values, which are computed for the rows that have one only.
        var sql = $"SELECT * FROM (SELECT {target}.{TableScan.FileColumn}, {target}.{TableScan.RowColumn}, {source}.{SourceRow}, "
            + $"CASE {string.Join(" ", steps)} END AS {Step}, {string.Join(", ", values)} "
            + $"FROM ({scan}) AS {target} {join} JOIN {SourceTable} AS {source} ON {request.On}) WHERE {Step} IS NOT NULL";
        session.DuckDb.Execute($"CREATE OR REPLACE TEMP TABLE {ResultTable} AS {sql}", cancellationToken);
        foreach (var field in _table.Schema.Fields.Where(RowShape.IsIdentity))
        {
            Number(request, transaction, field, cancellationToken);
        }

        foreach (var field in generated)
        {
            Generate(request, field, cancellationToken);
        }
    }

    /// <summary>Gives rows that come an identity, where their step gives none itself.</summary>
    private void Number(MergeRequest request, DeltaTransaction transaction, StructField field, CancellationToken cancellationToken)
    {
        var steps = request.Steps.Select((step, i) => (Step: step, Place: i))
            .Where(step => step.Step is MergeStep.Insert insert && Find(insert.Values, field.Name) is null).Select(step => step.Place).ToArray();
        if (steps.Length == 0)
        {
            return;
        }

        var place = _table.Schema.Fields.ToList().IndexOf(field);
        var rows = session.DuckDb.Execute(
            string.Create(CultureInfo.InvariantCulture, $"UPDATE {ResultTable} SET o{place} = numbered.v FROM ")
                + $"(SELECT rowid AS r, {RowShape.Identity(field, "row_number() OVER () - 1")} AS v FROM {ResultTable} "
                + $"WHERE {Step} IN ({string.Join(", ", steps)})) AS numbered WHERE {ResultTable}.rowid = numbered.r",
            cancellationToken);
        if (rows > 0)
        {
            transaction.SetMetadata(new RowShape(transaction.Metadata).Counted([field.Name], rows));
        }
    }

    /// <summary>Computes a generated column from the new values of the others, but where a step gives it itself.</summary>
    private void Generate(MergeRequest request, StructField field, CancellationToken cancellationToken)
    {
        var given = request.Steps.Select((step, i) => (Step: step, Place: i)).Where(step => step.Step switch
        {
            MergeStep.Update update => update.Set.Keys.Contains(field.Name, StringComparer.OrdinalIgnoreCase),
            MergeStep.Insert insert => insert.Values.Keys.Contains(field.Name, StringComparer.OrdinalIgnoreCase),
            _ => true,
        }).Select(step => step.Place).ToArray();
        var place = _table.Schema.Fields.ToList().IndexOf(field);
        var names = string.Join(", ", _table.Schema.Fields.Select((other, i) =>
            string.Create(CultureInfo.InvariantCulture, $"o{i} AS {DuckDb.Name(other.Name)}")));
        var filter = given.Length == 0 ? "" : $" WHERE {Step} NOT IN ({string.Join(", ", given)})";
        session.DuckDb.Execute(
            string.Create(
                CultureInfo.InvariantCulture,
                $"UPDATE {ResultTable} SET o{place} = (SELECT CAST({TableExpression.ToSql(field.Text("delta.generationExpression")!, _table.Schema)} AS {DuckTypes.Of(field.Type)}) FROM (SELECT {names}))")
                + filter,
            cancellationToken);
    }

    private static string Value(MergeRequest request, RowShape defaults, StructField field)
    {
        var cases = new List<string>();
        for (var i = 0; i < request.Steps.Count; i++)
        {
            var value = request.Steps[i] switch
            {
                MergeStep.Update update => Find(update.Set, field.Name) ?? $"{request.TargetAlias}.{DuckDb.Name(field.Name)}",
                MergeStep.Insert insert => Find(insert.Values, field.Name) ?? defaults.Missing(field),
                _ => null,
            };
            if (value is not null)
            {
                var cast = $"{SqlPlaces.Leading(value)}CAST(({value}) AS {DuckTypes.Of(field.Type)})";
                cases.Add(string.Create(CultureInfo.InvariantCulture, $"WHEN {i} THEN {cast}"));
            }
        }

        return cases.Count == 0 ? "NULL" : $"CASE {Step} {string.Join(" ", cases)} END";
    }

    private static string? Find(IReadOnlyDictionary<string, string> values, string name) =>
        values.FirstOrDefault(value => string.Equals(value.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    private static IReadOnlyCollection<string> Assigned(MergeRequest request) => [.. request.Steps.SelectMany(step => step switch
    {
        MergeStep.Update update => update.Set.Keys,
        MergeStep.Insert insert => insert.Values.Keys,
        _ => [],
    })];

    /// <summary>A row of the table that more than one row of the source wants to change has no one outcome.</summary>
    private void Check(MergeRequest request, CancellationToken cancellationToken)
    {
        if (request.Steps.Where(step => step is MergeStep.Delete { Matched: true } or MergeStep.Update { Matched: true }).ToArray()
            is [MergeStep.Delete { Condition: null }])
        {
            return;
        }

        var twice = session.DuckDb.Query(
            $"SELECT count(*) FROM (SELECT 1 FROM {ResultTable} WHERE {TableScan.FileColumn} IS NOT NULL "
                + $"GROUP BY {TableScan.FileColumn}, {TableScan.RowColumn} HAVING count(*) > 1)",
            reader => reader.GetInt64(0), cancellationToken)[0];
        if (twice > 0)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument,
                string.Create(CultureInfo.InvariantCulture, $"{twice} row{(twice == 1 ? "" : "s")} of the table match more than one row of the source, so that it cannot be told which of them counts."),
                "Make the rows of the source unique by the columns of ON.");
        }
    }

    private void StageChanges(MergeRequest request, RowChange change, string columns, CancellationToken cancellationToken)
    {
        var before = string.Join(", ", _table.Schema.Fields.Select((field, i) =>
            string.Create(CultureInfo.InvariantCulture, $"p{i} AS {DuckDb.Name(field.Name)}")));
        var parts = new List<string>();
        Part(before, "update_preimage", Steps<MergeStep.Update>(request));
        Part(columns, "update_postimage", Steps<MergeStep.Update>(request));
        Part(before, "delete", Steps<MergeStep.Delete>(request));
        Part(columns, "insert", Steps<MergeStep.Insert>(request));
        change.StageChanges(string.Join(" UNION ALL ", parts), cancellationToken);

        void Part(string values, string type, int[] steps)
        {
            if (steps.Length > 0)
            {
                parts.Add($"SELECT {values}, '{type}' AS {RowChange.ChangeType} FROM {ResultTable} WHERE {Step} IN ({string.Join(", ", steps)})");
            }
        }
    }

    /// <summary>The files that rows of the source may match in, by the values that the columns of ON have in the source.</summary>
    private PrunedFiles Prune(MergeRequest request, CancellationToken cancellationToken)
    {
        var pruner = new FilePruner(session);
        var conditions = new List<string>();
        foreach (var (target, source) in MergeKeys.Of(request, _table))
        {
            var column = $"{request.TargetAlias}.{DuckDb.Name(target)}";
            var range = session.DuckDb.Query(
                $"SELECT count(DISTINCT v), CAST(min(v) AS VARCHAR), CAST(max(v) AS VARCHAR) FROM (SELECT {source} AS v FROM {SourceTable} AS {request.SourceAlias})",
                reader => (Count: reader.GetInt64(0), Least: reader.IsDBNull(1) ? null : reader.GetString(1), Greatest: reader.IsDBNull(2) ? null : reader.GetString(2)),
                cancellationToken)[0];
            var type = DuckTypes.Of(_table.Schema.Find(target)!.Type);
            if (range.Least is null)
            {
                conditions.Add("false");
            }
            else if (range.Count <= MostKeys)
            {
                var values = session.DuckDb.Query(
                    $"SELECT DISTINCT CAST(v AS VARCHAR) FROM (SELECT {source} AS v FROM {SourceTable} AS {request.SourceAlias}) WHERE v IS NOT NULL",
                    reader => reader.GetString(0), cancellationToken);
                conditions.Add($"{column} IN ({string.Join(", ", values.Select(value => $"CAST({DuckDb.Text(value)} AS {type})"))})");
            }
            else
            {
                conditions.Add($"{column} BETWEEN CAST({DuckDb.Text(range.Least)} AS {type}) AND CAST({DuckDb.Text(range.Greatest!)} AS {type})");
            }
        }

        // What ON says of the table alone is in the plan of the join.
        conditions.Add("true");
        return pruner.Prune(
            [_table],
            standIns => pruner.Explain(
                $"SELECT 1 FROM {standIns[0]} AS {request.TargetAlias} JOIN {SourceTable} AS {request.SourceAlias} ON {request.On} WHERE {string.Join(" AND ", conditions)}",
                cancellationToken))[0];
    }

    private static int[] Steps<T>(MergeRequest request)
        where T : MergeStep => [.. request.Steps.Select((step, i) => (step, i)).Where(item => item.step is T).Select(item => item.i)];

    private static void Count(DeltaTransaction transaction, Dictionary<int, long> counts, string name, int[] steps) =>
        transaction.Metrics[name] = steps.Sum(step => counts.GetValueOrDefault(step));

    private static JsonObject Parameters(MergeRequest request)
    {
        var parameters = new JsonObject { ["predicate"] = JsonSerializer.Serialize(new JsonArray(JsonValue.Create(request.Text))) };
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
