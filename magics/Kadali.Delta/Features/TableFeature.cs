namespace Kadali.Delta;

/// <summary>A capability that a table may ask of its readers and writers (Delta protocol, "Table Features").</summary>
/// <param name="Name">As in the log.</param>
/// <param name="IsReader">Whether readers must know it, too.</param>
/// <param name="Writer">The writer version that implied it before features had names; 7 where it always had one.</param>
/// <param name="Reader">The same for readers; 3 where it always had a name.</param>
/// <param name="Property">The table property that asks for it when set to <c>true</c>, or null.</param>
/// <param name="CanRead">Whether tables with it are read here.</param>
/// <param name="CanWrite">Whether tables with it are written here.</param>
/// <param name="Needs">Features that it brings along.</param>
internal sealed record TableFeature(
    string Name, bool IsReader = false, int Writer = 7, int Reader = 3, string? Property = null, bool CanRead = true, bool CanWrite = true,
    params IReadOnlyList<string> Needs)
{
    public const string AppendOnly = "appendOnly";
    public const string Invariants = "invariants";
    public const string CheckConstraints = "checkConstraints";
    public const string ChangeDataFeed = "changeDataFeed";
    public const string GeneratedColumns = "generatedColumns";
    public const string ColumnMapping = "columnMapping";
    public const string IdentityColumns = "identityColumns";
    public const string DeletionVectors = "deletionVectors";
    public const string TimestampNtz = "timestampNtz";
    public const string V2Checkpoint = "v2Checkpoint";
    public const string ColumnDefaults = "allowColumnDefaults";
    public const string DomainMetadata = "domainMetadata";
    public const string RowTracking = "rowTracking";
    public const string Clustering = "clustering";
    public const string TypeWidening = "typeWidening";
    public const string TypeWideningPreview = "typeWidening-preview";
    public const string InCommitTimestamp = "inCommitTimestamp";
    public const string VariantType = "variantType";
    public const string VariantShredding = "variantShredding";
    public const string VacuumProtocolCheck = "vacuumProtocolCheck";
    public const string CheckpointProtection = "checkpointProtection";

    /// <summary>All that are known by name.</summary>
    public static IReadOnlyList<TableFeature> All { get; } =
    [
        new(AppendOnly, Writer: 2, Property: "delta.appendOnly"),
        new(Invariants, Writer: 2),
        new(CheckConstraints, Writer: 3),
        new(ChangeDataFeed, Writer: 4, Property: "delta.enableChangeDataFeed"),
        new(GeneratedColumns, Writer: 4),
        new(ColumnMapping, IsReader: true, Writer: 5, Reader: 2),
        new(IdentityColumns, Writer: 6),
        new(DeletionVectors, IsReader: true, Property: "delta.enableDeletionVectors"),
        new(TimestampNtz, IsReader: true),
        new(V2Checkpoint, IsReader: true),
        new(ColumnDefaults),
        new(DomainMetadata),
        new(RowTracking, Property: "delta.enableRowTracking", Needs: DomainMetadata),
        new(Clustering, Needs: DomainMetadata),
        new("liquid"),
        new(TypeWidening, IsReader: true, Property: "delta.enableTypeWidening"),
        new(TypeWideningPreview, IsReader: true),
        new(InCommitTimestamp, Property: "delta.enableInCommitTimestamps"),
        new("inCommitTimestamp-preview"),
        new(VacuumProtocolCheck, IsReader: true),
        new(VariantType, IsReader: true),
        new("variantType-preview", IsReader: true),
        new(VariantShredding, IsReader: true, Property: "delta.enableVariantShredding"),
        new("variantShredding-preview", IsReader: true),
        new("icebergCompatV1", CanWrite: false, Property: "delta.enableIcebergCompatV1"),
        new("icebergCompatV2", CanWrite: false, Property: "delta.enableIcebergCompatV2"),
        new("icebergCompatV3", CanWrite: false, Property: "delta.enableIcebergCompatV3"),
        new("icebergWriterCompatV1", CanWrite: false),
        new("materializePartitionColumns", CanWrite: false),
        new(CheckpointProtection),
        new("catalogManaged", IsReader: true, CanRead: false, CanWrite: false),
        new("coordinatedCommits-preview", CanWrite: false),
        new("collations", CanWrite: false),
        new("geospatial", IsReader: true, CanRead: false, CanWrite: false),
        new("redirectReaderWriter-preview", IsReader: true, CanRead: false, CanWrite: false),
        new("redirectWriterOnly-preview", CanWrite: false),
    ];

    private static readonly Dictionary<string, TableFeature> ByName =
        All.ToDictionary(feature => feature.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The feature of that name, or null.</summary>
    public static TableFeature? Find(string name) => ByName.GetValueOrDefault(name);
}
