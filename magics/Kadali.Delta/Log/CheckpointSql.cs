using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// The columns of a checkpoint as DuckDB reads them from lines of the log and writes them (Delta protocol, "Checkpoint Schema").
/// </summary>
internal sealed class CheckpointSql(Snapshot snapshot)
{
    private const string Texts = "MAP(VARCHAR, VARCHAR)";

    private const string Vector =
        """STRUCT("storageType" VARCHAR, "pathOrInlineDv" VARCHAR, "offset" INTEGER, "sizeInBytes" INTEGER, cardinality BIGINT)""";

    /// <summary>The type of each column, by its name.</summary>
    public static IReadOnlyDictionary<string, string> Types { get; } = new Dictionary<string, string>
    {
        ["protocol"] = """
            STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER, "readerFeatures" VARCHAR[], "writerFeatures" VARCHAR[])
            """,
        ["metaData"] = $"""
            STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options {Texts}), "schemaString" VARCHAR,
            "partitionColumns" VARCHAR[], configuration {Texts}, "createdTime" BIGINT)
            """,
        ["txn"] = """STRUCT("appId" VARCHAR, version BIGINT, "lastUpdated" BIGINT)""",
        ["domainMetadata"] = "STRUCT(domain VARCHAR, configuration VARCHAR, removed BOOLEAN)",
        ["add"] = $"""
            STRUCT(path VARCHAR, "partitionValues" {Texts}, size BIGINT, "modificationTime" BIGINT, "dataChange" BOOLEAN, stats VARCHAR,
            tags {Texts}, "deletionVector" {Vector}, "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT, "clusteringProvider" VARCHAR)
            """,
        ["remove"] = $"""
            STRUCT(path VARCHAR, "deletionTimestamp" BIGINT, "dataChange" BOOLEAN, "extendedFileMetadata" BOOLEAN,
            "partitionValues" {Texts}, size BIGINT, "deletionVector" {Vector}, "baseRowId" BIGINT, "defaultRowCommitVersion" BIGINT)
            """,
    };

    /// <summary>SQL that gives the value of a column.</summary>
    public string Value(string column) => column == "add" ? Add() : DuckDb.Name(column);

    private string Add()
    {
        var fields = new List<string>(
            new[] { "path", "partitionValues", "size", "modificationTime", "dataChange" }.Select(Keep));
        if (snapshot.Properties.StatsAsJson)
        {
            fields.Add(Keep("stats"));
        }

        fields.AddRange(new[] { "tags", "deletionVector", "baseRowId", "defaultRowCommitVersion", "clusteringProvider" }.Select(Keep));
        if (snapshot.Properties.StatsAsStruct)
        {
            if (snapshot.PartitionColumns.Count > 0)
            {
                fields.Add($"partitionValues_parsed := struct_pack({string.Join(", ", Partitions())})");
            }

            fields.Add($"stats_parsed := json_transform(add.stats, {DuckDb.Text(Stats().ToJsonString())})");
        }

        return $"CASE WHEN add IS NULL THEN NULL ELSE struct_pack({string.Join(", ", fields)}) END";
    }

    private static string Keep(string field) => $"{DuckDb.Name(field)} := add.{DuckDb.Name(field)}";

    private IEnumerable<string> Partitions()
    {
        var mapping = new ColumnMapping(snapshot.Properties);
        foreach (var field in snapshot.PartitionColumns.Select(name => snapshot.Schema.Find(name)).OfType<StructField>())
        {
            var name = mapping.Physical(field);
            var text = $"nullif(add.\"partitionValues\"[{DuckDb.Text(name)}], '')";
            var value = field.Type switch
            {
                DeltaType.Primitive { Name: "binary" } => $"encode({text})",

                // Text without a zone is taken as UTC, here as in scans.
                DeltaType.Primitive { Name: "timestamp" } =>
                    $"coalesce(try_cast({text} || '+00' AS TIMESTAMPTZ), try_cast({text} AS TIMESTAMPTZ))",
                _ => $"try_cast({text} AS {DuckTypes.Of(field.Type)})",
            };
            yield return $"{DuckDb.Name(name)} := {value}";
        }
    }

    private JsonObject Stats()
    {
        var (minima, maxima, nulls) = (new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var (path, type) in new ColumnStatistics(snapshot.Schema, snapshot.PartitionColumns, snapshot.Properties).Leaves)
        {
            Put(nulls, path, "BIGINT");

            // DuckDB reads exact numbers in JSON as floating point ones, whose digits from the sixteenth on are wrong: no bounds for
            // others.
            if (type is not (DeltaType.Primitive { Name: "boolean" or "binary" } or DeltaType.Decimal { Precision: > 15 }))
            {
                Put(minima, path, DuckTypes.Of(type));
                Put(maxima, path, DuckTypes.Of(type));
            }
        }

        var stats = new JsonObject { ["numRecords"] = "BIGINT" };
        foreach (var (name, part) in new[] { ("minValues", minima), ("maxValues", maxima), ("nullCount", nulls) })
        {
            // A struct has at least one field.
            if (part.Count > 0)
            {
                stats[name] = part;
            }
        }

        stats["tightBounds"] = "BOOLEAN";
        return stats;
    }

    private static void Put(JsonObject root, IReadOnlyList<string> path, string type)
    {
        var at = root;
        foreach (var name in path.SkipLast(1))
        {
            at = (JsonObject)(at[name] ??= new JsonObject());
        }

        at[path[^1]] = type;
    }
}
