using System.Globalization;

namespace Kadali.Delta;

/// <summary>Whether a table property may have a value.</summary>
internal static class TablePropertyCheck
{
    private static readonly string[] Flags =
    [
        "delta.appendOnly", "delta.enableDeletionVectors", "delta.enableChangeDataFeed", "delta.enableRowTracking",
        "delta.enableTypeWidening", "delta.enableInCommitTimestamps", "delta.enableExpiredLogCleanup", "delta.checkpoint.writeStatsAsJson",
        "delta.checkpoint.writeStatsAsStruct", "delta.enableVariantShredding", "delta.autoOptimize.optimizeWrite",
        "delta.autoOptimize.autoCompact",
    ];

    private static readonly string[] Numbers =
        ["delta.checkpointInterval", "delta.dataSkippingNumIndexedCols", "delta.dataSkippingStringPrefixLength"];

    private static readonly string[] Others =
    [
        "delta.columnMapping.mode", "delta.checkpointPolicy", "delta.isolationLevel", "delta.logRetentionDuration",
        "delta.deletedFileRetentionDuration", "delta.dataSkippingStatsColumns", "delta.targetFileSize",
        "delta.parquet.compression.codec", "delta.parquet.format.version",
        "delta.columnMapping.maxColumnId", "delta.tuneFileSizesForRewrites", "delta.randomizeFilePrefixes", "delta.randomPrefixLength",
        "delta.setTransactionRetentionDuration", "delta.sampleRetentionDuration", "delta.checkpointRetentionDuration",
        "delta.requireCheckpointProtectionBeforeVersion", "delta.dropFeatureTruncateHistory.retentionDuration",
        "delta.minReaderVersion", "delta.minWriterVersion", "delta.universalFormat.enabledFormats",
    ];

    /// <summary>The properties that somebody may set.</summary>
    public static IEnumerable<string> Keys => Flags.Concat(Numbers).Concat(Others.Where(key => key is not
        ("delta.columnMapping.maxColumnId" or "delta.requireCheckpointProtectionBeforeVersion" or "delta.minReaderVersion"
            or "delta.minWriterVersion"))).Order(StringComparer.Ordinal);

    /// <summary>The values that a property may have, where they can be counted.</summary>
    public static IReadOnlyList<string> Values(string key) => Is(Flags, key) ? ["true", "false"]
        : Equals(key, "delta.columnMapping.mode") ? ["none", "name", "id"]
        : Equals(key, "delta.checkpointPolicy") ? ["classic", "v2"]
        : Equals(key, "delta.isolationLevel") ? ["Serializable", "WriteSerializable"]
        : [];

    /// <exception cref="DeltaException">Delta has no such property, or no such value of it.</exception>
    public static void Check(string key, string value)
    {
        if (!key.StartsWith("delta.", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (Is(Flags, key))
        {
            if (!bool.TryParse(value, out _))
            {
                throw Wrong(key, value, "It is true or false.");
            }
        }
        else if (Is(Numbers, key))
        {
            if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                || (number < 1 && !string.Equals(key, "delta.dataSkippingNumIndexedCols", StringComparison.OrdinalIgnoreCase)))
            {
                throw Wrong(key, value, "It is a whole number.");
            }
        }
        else if (Equals(key, "delta.columnMapping.mode") && value.ToLowerInvariant() is not ("none" or "name" or "id"))
        {
            throw Wrong(key, value, "It is none, name or id.");
        }
        else if (Equals(key, "delta.checkpointPolicy") && value.ToLowerInvariant() is not ("classic" or "v2"))
        {
            throw Wrong(key, value, "It is classic or v2.");
        }
        else if (Equals(key, "delta.isolationLevel") && value.ToLowerInvariant() is not ("serializable" or "writeserializable"))
        {
            throw Wrong(key, value, "It is Serializable or WriteSerializable.");
        }
        else if (!Is(Others, key) && !IsOpen(key))
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, $"Delta has no table property '{key}'.",
                Nearest(key) is { } nearest ? $"Did you mean '{nearest}'?" : "Properties of your own do not begin with 'delta.'.");
        }
    }

    private static bool IsOpen(string key) =>
        new[] { "delta.constraints.", "delta.feature.", "delta.rowTracking.", "delta.inCommitTimestamp", "delta.kadali." }
            .Any(prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static bool Is(string[] names, string key) => names.Contains(key, StringComparer.OrdinalIgnoreCase);

    private static bool Equals(string key, string name) => string.Equals(key, name, StringComparison.OrdinalIgnoreCase);

    private static DeltaException Wrong(string key, string value, string hint) =>
        new(DeltaErrorKind.Argument, $"The table property '{key}' cannot be '{value}'.", hint);

    private static string? Nearest(string key) => Spelling.Nearest(key, [.. Flags, .. Numbers, .. Others]);
}
