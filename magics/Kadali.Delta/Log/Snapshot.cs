using System.Collections.Frozen;
using System.Globalization;

namespace Kadali.Delta;

/// <summary>A table as it is in one version. Never changes.</summary>
public sealed class Snapshot
{
    private readonly Lazy<DeltaType.Struct> _schema;

    internal Snapshot(
        string location, LogSegment segment, Protocol protocol, Metadata metadata, ActiveFiles files,
        IReadOnlyDictionary<string, SetTransaction> transactions, IReadOnlyDictionary<string, DomainMetadata> domains,
        Func<CancellationToken, IReadOnlyList<RemoveFile>> tombstones, long? inCommitTimestamp)
    {
        Location = location;
        Segment = segment;
        Protocol = protocol;
        Metadata = metadata;
        Files = files;
        Transactions = transactions;
        Domains = domains;
        Tombstones = tombstones;
        InCommitTimestamp = inCommitTimestamp;
        Features = ProtocolChecker.Features(protocol);
        Properties = new(metadata.Configuration);
        _schema = new(() => SchemaJson.Read(metadata.SchemaString));
    }

    /// <summary>The table's folder.</summary>
    public string Location { get; }

    /// <summary>The version's number; a table's first is 0.</summary>
    public long Version => Segment.Version;

    /// <summary>What a reader and a writer must know to touch the table in this version.</summary>
    public Protocol Protocol { get; }

    /// <summary>Schema, partitioning and properties of the table in this version, as they stand in the log.</summary>
    public Metadata Metadata { get; }

    /// <summary>The table's schema, with partition columns in their place. Read at the first call.</summary>
    /// <exception cref="DeltaException">The schema in the log is damaged, or has a type that is not known here.</exception>
    public DeltaType.Struct Schema => _schema.Value;

    /// <summary>Names of the columns by which files lie in folders, outermost first; empty where there are none.</summary>
    public IReadOnlyList<string> PartitionColumns => Metadata.PartitionColumns;

    /// <summary>
    /// When the version was committed, in milliseconds since 1970 UTC: in-commit where that is on, else the time of the commit's file.
    /// </summary>
    public long Timestamp => InCommitTimestamp ?? Segment.Commit?.File.ModificationTime ?? Segment.Checkpoint[0].File.ModificationTime;

    /// <summary>Names of all features of the table, also those that its protocol versions imply.</summary>
    public IReadOnlySet<string> Features { get; }

    /// <summary>How far applications have come, by their ids.</summary>
    public IReadOnlyDictionary<string, SetTransaction> Transactions { get; }

    /// <summary>Those that checkpoints have to keep in mind (<c>delta.setTransactionRetentionDuration</c>).</summary>
    internal IEnumerable<SetTransaction> TransactionsAt(DateTimeOffset now) => Properties.SetTransactionRetention is { } kept
        ? Transactions.Values.Where(transaction => !(transaction.LastUpdated < now.ToUnixTimeMilliseconds() - kept.TotalMilliseconds))
        : Transactions.Values;

    internal LogSegment Segment { get; }

    internal ActiveFiles Files { get; }

    internal IReadOnlyDictionary<string, DomainMetadata> Domains { get; }

    /// <summary>Files that are gone, for checkpoints and VACUUM.</summary>
    internal Func<CancellationToken, IReadOnlyList<RemoveFile>> Tombstones { get; }

    internal long? InCommitTimestamp { get; }

    internal TableProperties Properties { get; }

    /// <summary>The same version, read from elsewhere in the log.</summary>
    internal Snapshot StartingFrom(LogSegment segment, IReadOnlyList<RemoveFile> tombstones) =>
        new(Location, segment, Protocol, Metadata, Files, Transactions, Domains, _ => tombstones, InCommitTimestamp);

    /// <summary>The same files seen by another schema.</summary>
    internal Snapshot With(Metadata metadata) => metadata == Metadata
        ? this
        : new(Location, Segment, Protocol, metadata, Files, Transactions, Domains, Tombstones, InCommitTimestamp);
}

/// <summary>The properties of a table that this library knows, with Delta's defaults.</summary>
internal sealed class TableProperties(IReadOnlyDictionary<string, string> configuration)
{
    private static readonly FrozenDictionary<string, long> Units = new Dictionary<string, long>
    {
        ["millisecond"] = 1, ["second"] = 1000, ["minute"] = 60_000, ["hour"] = 3_600_000, ["day"] = 86_400_000, ["week"] = 604_800_000,
        ["month"] = 2_678_400_000, ["year"] = 31_622_400_000,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, string> Configuration { get; } = configuration;

    public bool AppendOnly => Flag("delta.appendOnly");

    public bool DeletionVectors => Flag("delta.enableDeletionVectors");

    public bool ChangeDataFeed => Flag("delta.enableChangeDataFeed");

    public bool RowTracking => Flag("delta.enableRowTracking");

    public bool TypeWidening => Flag("delta.enableTypeWidening");

    public bool InCommitTimestamps => Flag("delta.enableInCommitTimestamps") || Flag("delta.enableInCommitTimestamps-preview");

    public bool ExpiredLogCleanup => Flag("delta.enableExpiredLogCleanup", otherwise: true);

    public bool StatsAsJson => Flag("delta.checkpoint.writeStatsAsJson", otherwise: true);

    public bool StatsAsStruct => Flag("delta.checkpoint.writeStatsAsStruct", otherwise: true);

    public bool V2Checkpoints => string.Equals(Text("delta.checkpointPolicy"), "v2", StringComparison.OrdinalIgnoreCase);

    public int CheckpointInterval => (int)Number("delta.checkpointInterval", 10);

    /// <summary>Leaf columns with statistics, from the first; -1 for all.</summary>
    public int IndexedColumns => (int)Number("delta.dataSkippingNumIndexedCols", 32);

    /// <summary>Columns with statistics by name, or null where the number decides.</summary>
    public string? StatsColumns => Text("delta.dataSkippingStatsColumns");

    public int StringPrefix => (int)Number("delta.dataSkippingStringPrefixLength", 32);

    public long? TargetFileSize => Text("delta.targetFileSize") is { } text ? Bytes(text) : null;

    public TimeSpan LogRetention => Interval("delta.logRetentionDuration", TimeSpan.FromDays(30));

    public TimeSpan DeletedFileRetention => Interval("delta.deletedFileRetentionDuration", TimeSpan.FromDays(7));

    /// <summary>How long it is kept in mind that an application's transaction was committed; null for ever.</summary>
    public TimeSpan? SetTransactionRetention =>
        Text("delta.setTransactionRetentionDuration") is null ? null : Interval("delta.setTransactionRetentionDuration", TimeSpan.MaxValue);

    public string ColumnMappingMode => Text("delta.columnMapping.mode") ?? "none";

    public string? IsolationLevel => Text("delta.isolationLevel");

    /// <summary>The codec of data files, as DuckDB names it.</summary>
    public string Codec => Text("delta.parquet.compression.codec")?.ToLowerInvariant() switch
    {
        null or "zstd" => "zstd",
        "none" or "uncompressed" => "uncompressed",
        "lz4" or "lz4_raw" => "lz4_raw",
        "gzip" => "gzip",
        "brotli" => "brotli",
        _ => "snappy",
    };

    public string? Text(string name) => Configuration.TryGetValue(name, out var value)
        ? value
        : Configuration.FirstOrDefault(pair => string.Equals(pair.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    public bool Flag(string name, bool otherwise = false) =>
        Text(name) is { } text ? string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) : otherwise;

    public long Number(string name, long otherwise) =>
        long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <summary>A property that is a length of time, as Spark writes it: <c>interval 30 days</c>.</summary>
    public TimeSpan Interval(string name, TimeSpan otherwise)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        words = words is ["interval" or "INTERVAL" or "Interval", ..] ? words[1..] : words;
        var total = 0L;
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            if (!long.TryParse(words[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
                || !Units.TryGetValue(words[i + 1].TrimEnd('s', 'S'), out var unit))
            {
                throw new DeltaException(
                    DeltaErrorKind.Argument, $"The table property '{name}' is no interval: '{text}'.",
                    "Write for instance 'interval 7 days'.");
            }

            total += count * unit;
        }

        return TimeSpan.FromMilliseconds(total);
    }

    private static long? Bytes(string text)
    {
        var digits = new string([.. text.TakeWhile(char.IsAsciiDigit)]);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? text[digits.Length..].Trim().ToLowerInvariant() switch
            {
                "" or "b" => number,
                "k" or "kb" => number << 10,
                "m" or "mb" => number << 20,
                "g" or "gb" => number << 30,
                _ => null,
            }
            : null;
    }
}
