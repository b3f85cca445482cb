namespace Kadali.Delta;

/// <summary>A data file that belongs to the table from this version on.</summary>
/// <param name="Path">
/// As in the log: a URI, relative to the table's folder or absolute, percent-encoded. <see cref="DeltaPath"/> reads it.
/// </param>
/// <param name="PartitionValues">By physical column name; null and the empty string both mean null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModificationTime">Milliseconds since 1970 UTC.</param>
/// <param name="DataChange">Whether rows came to the table, rather than moved within it.</param>
internal sealed record AddFile(
    string Path, IReadOnlyDictionary<string, string?> PartitionValues, long Size, long ModificationTime, bool DataChange)
{
    private readonly Func<string?>? _statsSource;
    private readonly Func<IReadOnlyDictionary<string, string>?>? _tagsSource;

    /// <summary>Statistics in Delta's JSON form, or null.</summary>
    public string? Stats
    {
        get => _statsSource is null ? field : _statsSource();
        init => (field, _statsSource) = (value, null);
    }

    public IReadOnlyDictionary<string, string>? Tags
    {
        get => _tagsSource is null ? field : _tagsSource();
        init => (field, _tagsSource) = (value, null);
    }

    /// <summary>Where statistics and tags come from when somebody asks: in checkpoints they are most of what there is.</summary>
    internal (Func<string?> Stats, Func<IReadOnlyDictionary<string, string>?> Tags) Sources
    {
        init => (_statsSource, _tagsSource) = value;
    }

    /// <summary>The rows of the file that are gone, or null.</summary>
    public DeletionVectorDescriptor? DeletionVector { get; init; }

    /// <summary>Row tracking: the id of the file's first row.</summary>
    public long? BaseRowId { get; init; }

    /// <summary>Row tracking: the version in which the file's rows were last changed, where the file does not say it itself.</summary>
    public long? DefaultRowCommitVersion { get; init; }

    /// <summary>What clustered the file, for instance <c>liquid</c>.</summary>
    public string? ClusteringProvider { get; init; }

    internal FileKey Key => new(Path, DeletionVector?.UniqueId);

    /// <summary>The tombstone of this file.</summary>
    internal RemoveFile Remove(long timestamp, bool dataChange) => new(Path, dataChange)
    {
        DeletionTimestamp = timestamp, ExtendedFileMetadata = true, PartitionValues = PartitionValues, Size = Size, Stats = Stats,
        Tags = Tags, DeletionVector = DeletionVector, BaseRowId = BaseRowId, DefaultRowCommitVersion = DefaultRowCommitVersion,
    };
}

/// <summary>A data file that belongs to the table no more from this version on.</summary>
internal sealed record RemoveFile(string Path, bool DataChange)
{
    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long? DeletionTimestamp { get; init; }

    /// <summary>Whether partition values, size and tags are there.</summary>
    public bool? ExtendedFileMetadata { get; init; }

    public IReadOnlyDictionary<string, string?>? PartitionValues { get; init; }

    public long? Size { get; init; }

    public string? Stats { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public DeletionVectorDescriptor? DeletionVector { get; init; }

    public long? BaseRowId { get; init; }

    public long? DefaultRowCommitVersion { get; init; }

    internal FileKey Key => new(Path, DeletionVector?.UniqueId);
}

/// <summary>A file with the changes of one version, in <c>_change_data</c>.</summary>
internal sealed record AddCdcFile(string Path, IReadOnlyDictionary<string, string?> PartitionValues, long Size, bool DataChange = false)
{
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

/// <summary>What makes a file one of a table's: the same path with another deletion vector is another.</summary>
internal readonly record struct FileKey(string Path, string? DeletionVectorId);

/// <summary>Where the positions of a file's deleted rows stand (Delta protocol, "Deletion Vector Descriptor Schema").</summary>
/// <param name="StorageType"><c>u</c>: a file named by a UUID; <c>i</c>: inline; <c>p</c>: an absolute path.</param>
/// <param name="PathOrInlineDv">By type: optional prefix and Z85 of the UUID; Z85 of the bitmap; the path.</param>
/// <param name="Offset">Where it begins in its file; null for inline ones.</param>
/// <param name="SizeInBytes">Bytes of the bitmap.</param>
/// <param name="Cardinality">Rows that are deleted.</param>
internal sealed record DeletionVectorDescriptor(
    string StorageType, string PathOrInlineDv, int? Offset, int SizeInBytes, long Cardinality)
{
    /// <summary>What tells it from others in the log.</summary>
    internal string UniqueId => Offset is { } offset
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{StorageType}{PathOrInlineDv}@{offset}")
        : StorageType + PathOrInlineDv;
}
