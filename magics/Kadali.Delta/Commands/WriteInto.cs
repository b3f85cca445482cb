using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What becomes of the rows that are there.</summary>
internal abstract record WriteMode
{
    public sealed record Append : WriteMode;

    /// <summary>They go, all.</summary>
    public sealed record Overwrite : WriteMode;

    /// <summary>Those of partitions that the new rows have go.</summary>
    public sealed record OverwritePartitions : WriteMode;

    /// <summary>Those for which the condition is true go; the new ones have to fulfil it.</summary>
    /// <param name="Condition">DuckDB's SQL.</param>
    /// <param name="Text">As its author wrote it.</param>
    public sealed record ReplaceWhere(string Condition, string Text) : WriteMode;
}

/// <summary>Rows to be written, and how.</summary>
/// <param name="Query">DuckDB's SQL.</param>
internal sealed record WriteRequest(string Query, WriteMode Mode)
{
    /// <summary>The table's columns that the query gives, in its order; null to match by name.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Whether columns that are new, and wider types, change the table's schema.</summary>
    public bool MergesSchema { get; init; }

    /// <summary>Whether the schema becomes that of the rows; only where all rows go.</summary>
    public bool OverwritesSchema { get; init; }

    /// <summary>
    /// The application's progress that comes with the rows: rows of a version that is there already are not written again.
    /// </summary>
    public SetTransaction? Transaction { get; init; }
}

/// <summary>What a command did.</summary>
/// <param name="Version">The version that it made, or null where there was nothing to do.</param>
/// <param name="Metrics">By the names that Spark has for them.</param>
public sealed record DeltaResult(long? Version, IReadOnlyDictionary<string, long> Metrics)
{
    /// <summary>The version and the metrics, in one line.</summary>
    public override string ToString() =>
        $"{(Version is { } version ? $"version {version}" : "nothing to do")}{string.Concat(Metrics.Select(pair => $", {pair.Key} {pair.Value}"))}";
}

/// <summary>Appends and overwrites.</summary>
internal sealed class WriteInto(DeltaSession session, IDeltaStorage storage)
{
    /// <summary>Makes a table, with the rows of a query where one is given.</summary>
    /// <param name="snapshot">The table to be replaced, or null.</param>
    public DeltaResult Create(
        TableDefinition definition, string? query, IReadOnlyList<string>? columns, Snapshot? snapshot, CancellationToken cancellationToken)
    {
        using var transaction = new DeltaTransaction(session, storage, snapshot);
        transaction.Reads.ReadAll();
        NewTable.Stage(session, transaction, definition);
        SchemaCheck.CheckNames(SchemaJson.Read(transaction.Metadata.SchemaString), new(transaction.Metadata.Configuration));
        foreach (var file in snapshot?.Files ?? Enumerable.Empty<AddFile>())
        {
            transaction.Remove(file);
        }

        if (query is not null)
        {
            Insert(transaction, query, columns, cancellationToken);
        }

        var operation = (snapshot is null ? "CREATE TABLE" : "CREATE OR REPLACE TABLE") + (query is null ? "" : " AS SELECT");
        return new(transaction.Commit(operation, CreateParameters(transaction.Metadata), cancellationToken), transaction.Metrics);
    }

    /// <summary>Writes rows into a table that is there.</summary>
    public DeltaResult Write(WriteRequest request, Snapshot snapshot, CancellationToken cancellationToken)
    {
        using var transaction = new DeltaTransaction(session, storage, snapshot);
        if (request.Transaction is { } application)
        {
            transaction.Reads.ReadApplication(application.AppId);
            if (snapshot.Transactions.TryGetValue(application.AppId, out var last) && last.Version >= application.Version)
            {
                return new(null, transaction.Metrics);
            }

            transaction.Set(application with { LastUpdated = transaction.Timestamp });
        }

        if (request.Mode is not WriteMode.Append && snapshot.Properties.AppendOnly)
        {
            throw AppendOnly(snapshot);
        }

        Evolve(request, transaction, cancellationToken);
        switch (request.Mode)
        {
            case WriteMode.Append:
                Insert(transaction, request.Query, request.Columns, cancellationToken);
                break;
            case WriteMode.Overwrite:
                transaction.Reads.ReadAll();
                foreach (var file in snapshot.Files)
                {
                    transaction.Remove(file);
                }

                Insert(transaction, request.Query, request.Columns, cancellationToken);
                break;
            case WriteMode.OverwritePartitions:
                var written = Insert(transaction, request.Query, request.Columns, cancellationToken);
                var partitions = written.Files.Select(file => Key(file, snapshot)).ToHashSet(StringComparer.Ordinal);
                var replaced = new PrunedFiles(
                    [.. snapshot.Files.Where(file => partitions.Contains(Key(file, snapshot)))],
                    file => partitions.Contains(Key(file, snapshot)));
                transaction.Reads.Read(replaced);
                foreach (var file in replaced.Files)
                {
                    transaction.Remove(file);
                }

                break;
            case WriteMode.ReplaceWhere replace:
                var pruned = new FilePruner(session).Prune(snapshot, replace.Condition, null, cancellationToken);
                transaction.Reads.Read(pruned);
                Deletion.Stage(session, transaction, pruned, replace.Condition, null, cancellationToken);
                Insert(transaction, request.Query, request.Columns, cancellationToken, replace);
                break;
        }

        return new(transaction.Commit("WRITE", WriteParameters(request.Mode, snapshot), cancellationToken), transaction.Metrics);
    }

    public static DeltaException AppendOnly(Snapshot snapshot) => new(
        DeltaErrorKind.Constraint,
        $"The table at '{snapshot.Location}' takes appends only ('delta.appendOnly' is true): rows cannot be removed or changed.");

    private WrittenFiles Insert(
        DeltaTransaction transaction, string query, IReadOnlyList<string>? columns, CancellationToken cancellationToken,
        WriteMode.ReplaceWhere? replace = null)
    {
        var shape = new RowShape(transaction.Metadata);
        var rows = shape.Of(query, RowShape.Columns(session.DuckDb, query, cancellationToken), columns);
        if (replace is not null)
        {
            rows = RowChecks.Require(
                rows, replace.Condition, $"The rows have to fulfil the condition that they replace rows by, which is {replace.Text}.");
        }

        WrittenFiles written;
        try
        {
            written = transaction.Writer.Write(rows, WriteTarget.Of(transaction.Metadata), cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception) when (RowChecks.Explain(exception) is { } explained)
        {
            throw explained;
        }

        transaction.AddAll(written.Files);
        if (shape.AfterWrite(written.Rows) is var metadata && metadata != transaction.Metadata)
        {
            transaction.SetMetadata(metadata);
        }

        transaction.Metrics["numFiles"] = written.Files.Count;
        transaction.Metrics["numOutputRows"] = written.Rows;
        transaction.Metrics["numOutputBytes"] = written.Bytes;
        return written;
    }

    private void Evolve(WriteRequest request, DeltaTransaction transaction, CancellationToken cancellationToken)
    {
        if (!request.MergesSchema && !request.OverwritesSchema)
        {
            return;
        }

        var rows = new DeltaType.Struct([.. RowShape.Columns(session.DuckDb, request.Query, cancellationToken)
            .Select(column => new StructField(column.Name, DuckTypes.ToDelta(column.Name, column.Type)))]);
        var table = SchemaJson.Read(transaction.Metadata.SchemaString);
        var merged = request.OverwritesSchema ? rows : SchemaMerger.Merge(table, rows, transaction.Snapshot!.Properties.TypeWidening);
        SchemaChange.Stage(transaction, merged);
    }

    /// <summary>The partition of a file, as text.</summary>
    private static string Key(AddFile file, Snapshot snapshot)
    {
        var mapping = new ColumnMapping(snapshot.Properties);
        return string.Join('\u001f', snapshot.PartitionColumns.Select(name =>
            file.PartitionValues.GetValueOrDefault(mapping.Physical(snapshot.Schema.Find(name)!)) is { Length: > 0 } text
                ? "=" + text
                : "-"));
    }

    private static JsonObject CreateParameters(Metadata metadata) => new()
    {
        ["partitionBy"] = Json(metadata.PartitionColumns), ["clusterBy"] = "[]", ["description"] = metadata.Description,
        ["isManaged"] = "false",
        ["properties"] = ActionJson.Text(
            new JsonObject(metadata.Configuration.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)))),
    };

    private static JsonObject WriteParameters(WriteMode mode, Snapshot snapshot)
    {
        var parameters = new JsonObject { ["mode"] = mode is WriteMode.Append ? "Append" : "Overwrite" };
        if (mode is WriteMode.ReplaceWhere replace)
        {
            parameters["predicate"] = ActionJson.Text(new JsonArray(replace.Text));
        }

        if (mode is WriteMode.OverwritePartitions)
        {
            parameters["isDynamicPartitionOverwrite"] = "true";
        }

        parameters["partitionBy"] = Json(snapshot.PartitionColumns);
        return parameters;
    }

    private static string Json(IReadOnlyList<string> names) =>
        ActionJson.Text(new JsonArray([.. names.Select(name => JsonValue.Create(name))]));
}
