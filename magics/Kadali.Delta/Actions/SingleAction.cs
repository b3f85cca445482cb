using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Kadali.Delta;

/// <summary>One line of a commit: just one of the members is there (Delta protocol, "Actions").</summary>
internal sealed record SingleAction
{
    public AddFile? Add { get; init; }

    public RemoveFile? Remove { get; init; }

    public AddCdcFile? Cdc { get; init; }

    [JsonPropertyName("metaData")]
    public Metadata? Metadata { get; init; }

    public Protocol? Protocol { get; init; }

    public SetTransaction? Txn { get; init; }

    public DomainMetadata? DomainMetadata { get; init; }

    public JsonObject? CommitInfo { get; init; }

    public CheckpointMetadata? CheckpointMetadata { get; init; }

    public SidecarFile? Sidecar { get; init; }
}

/// <summary>An application's progress: its transactions up to <paramref name="Version"/> are in the table.</summary>
/// <param name="AppId">The application's name for this line of transactions; one that no other uses.</param>
/// <param name="Version">The application's own count; no version of the table.</param>
/// <param name="LastUpdated">Milliseconds since 1970 UTC, or null. A write sets it to the time of its commit.</param>
public sealed record SetTransaction(string AppId, long Version, long? LastUpdated = null);

/// <summary>Configuration of a named domain; what starts with <c>delta.</c> belongs to the system.</summary>
internal sealed record DomainMetadata(string Domain, string Configuration, bool Removed);

/// <summary>What a V2 checkpoint says of itself.</summary>
internal sealed record CheckpointMetadata(long Version, IReadOnlyDictionary<string, string>? Tags = null);

/// <summary>A Parquet file with part of a V2 checkpoint's file actions, in <c>_delta_log/_sidecars</c>.</summary>
internal sealed record SidecarFile(
    string Path, long SizeInBytes, long ModificationTime, IReadOnlyDictionary<string, string>? Tags = null);

/// <summary>What a reader and a writer must know to touch the table (Delta protocol, "Protocol Evolution").</summary>
/// <param name="MinReaderVersion">The oldest protocol for readers, from 1 on.</param>
/// <param name="MinWriterVersion">The oldest protocol for writers, from 1 on.</param>
/// <param name="ReaderFeatures">Named features; there from reader version 3 on, else null.</param>
/// <param name="WriterFeatures">Named features; there from writer version 7 on, else null.</param>
public sealed record Protocol(
    int MinReaderVersion, int MinWriterVersion,
    IReadOnlyList<string>? ReaderFeatures = null, IReadOnlyList<string>? WriterFeatures = null);

/// <summary>Schema, partitioning and properties of a table (Delta protocol, "Change Metadata").</summary>
/// <param name="Id">A GUID that tells the table from all others; it stays when the table moves.</param>
/// <param name="Format">The format of its data files.</param>
/// <param name="SchemaString">The schema in Spark's JSON form; empty where the table has none.</param>
/// <param name="PartitionColumns">Names of the columns by which files lie in folders, outermost first.</param>
/// <param name="Configuration">Table properties, for instance <c>delta.appendOnly</c>, and their values as text.</param>
/// <param name="Name">The table's name, where its writer gave one.</param>
/// <param name="Description">The table's comment, or null.</param>
/// <param name="CreatedTime">Milliseconds since 1970 UTC, or null.</param>
public sealed record Metadata(
    string Id, TableFormat Format, string SchemaString, IReadOnlyList<string> PartitionColumns,
    IReadOnlyDictionary<string, string> Configuration, string? Name = null, string? Description = null, long? CreatedTime = null);

/// <summary>The format of data files (Delta protocol, "Format Specification").</summary>
/// <param name="Provider">Always <c>parquet</c>.</param>
/// <param name="Options">Of the format; Delta has none.</param>
public sealed record TableFormat(string Provider, IReadOnlyDictionary<string, string>? Options = null);
