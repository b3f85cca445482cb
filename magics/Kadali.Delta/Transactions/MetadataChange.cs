using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What a change of metadata means for a commit that was made without knowing of it.</summary>
internal static class MetadataChange
{
    private const string HighWaterMark = "delta.identity.highWaterMark";
    private const string TypeChanges = "delta.typeChanges";
    private const string TableVersion = "tableVersion";

    // None of these says what a writer has to write.
    private static readonly string[] Harmless =
    [
        "delta.logRetentionDuration", "delta.deletedFileRetentionDuration", "delta.checkpoint", "delta.enableExpiredLogCleanup",
        "delta.setTransactionRetentionDuration", "delta.targetFileSize", "delta.tuneFileSizesForRewrites", "delta.autoOptimize",
        "delta.isolationLevel", "delta.parquet.compression.codec", "delta.dataSkipping", "delta.feature.",
    ];

    /// <summary>What changed that a commit made before does not go with, in words; null where it does.</summary>
    /// <param name="enablesRowTracking">Whether turning row tracking on is no harm: the commit moves no rows, which would lose their
    /// ids.</param>
    public static string? Find(Metadata before, Metadata after, bool enablesRowTracking)
    {
        if (before.Id != after.Id)
        {
            return "the identity";
        }

        if (!before.PartitionColumns.SequenceEqual(after.PartitionColumns))
        {
            return "the partition columns";
        }

        if (before.SchemaString != after.SchemaString && !WithoutMarks(before).Equals(WithoutMarks(after)))
        {
            return "the schema";
        }

        var changed = before.Configuration.Keys.Union(after.Configuration.Keys, StringComparer.Ordinal)
            .Where(key => before.Configuration.GetValueOrDefault(key) != after.Configuration.GetValueOrDefault(key))
            .Where(key => !IsHarmless(key) && !(enablesRowTracking && IsRowTracking(key, after)))
            .ToArray();
        var names = string.Join(", ", changed.Select(key => $"'{key}'"));
        return changed.Length == 0 ? null : $"the propert{(changed.Length == 1 ? "y" : "ies")} {names}";
    }

    /// <summary>
    /// Metadata that was to come with a version, and now comes with the next: type changes of the preview name their version.
    /// </summary>
    public static Metadata Renumber(Metadata metadata, long version)
    {
        if (!metadata.SchemaString.Contains(TableVersion, StringComparison.Ordinal))
        {
            return metadata;
        }

        var schema = JsonNode.Parse(metadata.SchemaString, documentOptions: new() { MaxDepth = 256 })!;
        Renumber(schema, version);
        return metadata with { SchemaString = SchemaJson.Write((DeltaType.Struct)SchemaJson.Type(schema)) };
    }

    private static void Renumber(JsonNode? node, long version)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items)
                {
                    Renumber(item, version);
                }

                break;
            case JsonObject parts:
                if (parts[TypeChanges] is JsonArray changes)
                {
                    foreach (var change in changes.OfType<JsonObject>().Where(change => (long?)change[TableVersion] == version))
                    {
                        change[TableVersion] = version + 1;
                    }
                }

                foreach (var (_, part) in parts)
                {
                    Renumber(part, version);
                }

                break;
        }
    }

    // Identity columns remember there how far they have come: a commit that gives no ids itself need not know.
    private static DeltaType.Struct WithoutMarks(Metadata metadata) =>
        new([.. SchemaJson.Read(metadata.SchemaString).Fields.Select(field => field.With(HighWaterMark, null))]);

    // Properties of other names than Delta's mean nothing to a writer.
    private static bool IsHarmless(string key) => !key.StartsWith("delta.", StringComparison.OrdinalIgnoreCase)
        || Harmless.Any(prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsRowTracking(string key, Metadata after) =>
        key is RowTracking.RowIdProperty or RowTracking.VersionProperty
        || (key == "delta.enableRowTracking"
            && string.Equals(after.Configuration.GetValueOrDefault(key), "true", StringComparison.OrdinalIgnoreCase));
}
