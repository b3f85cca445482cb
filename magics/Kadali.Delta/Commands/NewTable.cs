using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What a table is to be.</summary>
internal sealed record TableDefinition(DeltaType.Struct Schema)
{
    public IReadOnlyList<string> PartitionColumns { get; init; } = [];

    /// <summary>Columns of liquid clustering, as they are written; null where it is not asked for.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? ClusterBy { get; init; }

    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    public string? Comment { get; init; }
}

/// <summary>Metadata of new tables, and of tables whose definition is replaced.</summary>
internal static class NewTable
{
    /// <summary>Stages the metadata, and the clustering.</summary>
    /// <exception cref="DeltaException">Names, partition columns or properties make no sense.</exception>
    public static void Stage(DeltaSession session, DeltaTransaction transaction, TableDefinition definition)
    {
        SchemaCheck.Check(definition.Schema, definition.PartitionColumns);
        SchemaCheck.CheckNulls(definition.Schema);
        var properties = new Dictionary<string, string>(definition.Properties, StringComparer.OrdinalIgnoreCase);

        foreach (var (key, value) in definition.Properties)
        {
            TablePropertyCheck.Check(key, value);
        }

        // A table that is replaced stays what it is where nothing else is said.
        if (transaction.Snapshot is null)
        {
            properties.TryAdd("delta.enableDeletionVectors", "true");
        }

        var schema = definition.Schema;
        var mode = properties.GetValueOrDefault("delta.columnMapping.mode") ?? "none";
        if (!string.Equals(mode, "none", StringComparison.OrdinalIgnoreCase))
        {
            var last = transaction.Snapshot?.Metadata.Configuration.GetValueOrDefault(ColumnMappingIds.MaximumKey) is { } text
                && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
            schema = ColumnMappingIds.Assign(schema, keepsNames: false, ref last);
            properties[ColumnMappingIds.MaximumKey] = last.ToString(CultureInfo.InvariantCulture);
        }

        if (string.Equals(properties.GetValueOrDefault("delta.enableRowTracking"), "true", StringComparison.OrdinalIgnoreCase))
        {
            properties.TryAdd(RowTracking.RowIdProperty, $"_row-id-col-{Guid.NewGuid():D}");
            properties.TryAdd(RowTracking.VersionProperty, $"_row-commit-version-col-{Guid.NewGuid():D}");
        }

        var features = definition.ClusterBy is null ? [] : new[] { TableFeature.Clustering };
        var metadata = new Metadata(
            transaction.Snapshot?.Metadata.Id ?? Guid.NewGuid().ToString("D"), new("parquet", new Dictionary<string, string>()),
            SchemaJson.Write(schema),
            [.. definition.PartitionColumns.Select(name => schema.Find(name)!.Name)],
            properties.Where(pair => !IsFeature(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
            Description: definition.Comment, CreatedTime: session.Time.GetUtcNow().ToUnixTimeMilliseconds());
        var protocol = ProtocolUpgrade.For(
            Override(transaction.Protocol, properties), metadata with { Configuration = properties }, features);
        transaction.SetMetadata(metadata);
        transaction.SetProtocol(protocol);
        if (definition.ClusterBy is { } columns)
        {
            transaction.Set(Clustering.Domain(schema, new(metadata.Configuration), definition.PartitionColumns, columns));
        }
    }

    // These are asked for once and are no properties of the table.
    private static bool IsFeature(string key) => key.StartsWith("delta.feature.", StringComparison.OrdinalIgnoreCase)
        || key.Equals("delta.minReaderVersion", StringComparison.OrdinalIgnoreCase)
        || key.Equals("delta.minWriterVersion", StringComparison.OrdinalIgnoreCase);

    private static Protocol? Override(Protocol? current, IReadOnlyDictionary<string, string> properties) =>
        current is null
            && int.TryParse(properties.GetValueOrDefault("delta.minWriterVersion"), CultureInfo.InvariantCulture, out var writer)
            && writer is > 0 and < 7
            ? new(
                int.TryParse(properties.GetValueOrDefault("delta.minReaderVersion"), CultureInfo.InvariantCulture, out var reader)
                    ? reader
                    : 1,
                writer)
            : current;
}

/// <summary>Ids and physical names of columns (Delta protocol, "Column Mapping").</summary>
internal static class ColumnMappingIds
{
    public const string MaximumKey = "delta.columnMapping.maxColumnId";

    /// <summary>Gives the columns that have none an id and a name.</summary>
    /// <param name="keepsNames">Whether files are there already that have the columns under their names.</param>
    /// <param name="last">The greatest id that was ever given.</param>
    public static DeltaType.Struct Assign(DeltaType.Struct schema, bool keepsNames, ref int last)
    {
        var fields = new List<StructField>();
        foreach (var field in schema.Fields)
        {
            var mapped = field;
            if (ColumnMapping.Id(field) is { } id)
            {
                last = Math.Max(last, id);
            }
            else
            {
                mapped = mapped.With(ColumnMapping.IdKey, JsonValue.Create(++last));
            }

            if (field.Text(ColumnMapping.PhysicalKey) is null)
            {
                mapped = mapped.With(ColumnMapping.PhysicalKey, JsonValue.Create(keepsNames ? field.Name : $"col-{Guid.NewGuid():D}"));
            }

            fields.Add(mapped with { Type = Assign(field.Type, keepsNames, ref last) });
        }

        return new(fields);
    }

    private static DeltaType Assign(DeltaType type, bool keepsNames, ref int last)
    {
        switch (type)
        {
            case DeltaType.Struct record:
                return Assign(record, keepsNames, ref last);
            case DeltaType.Array array:
                return array with { Element = Assign(array.Element, keepsNames, ref last) };
            case DeltaType.Map map:
                var key = Assign(map.Key, keepsNames, ref last);
                return map with { Key = key, Value = Assign(map.Value, keepsNames, ref last) };
            default:
                return type;
        }
    }
}

/// <summary>Liquid clustering (Delta protocol, "Clustered Table").</summary>
internal static class Clustering
{
    public const string DomainName = "delta.clustering";

    /// <summary>The domain that names the columns.</summary>
    /// <exception cref="DeltaException">A column is not there, or partitions the table.</exception>
    public static DomainMetadata Domain(
        DeltaType.Struct schema, TableProperties properties, IReadOnlyList<string> partitions, IReadOnlyList<IReadOnlyList<string>> columns)
    {
        if (partitions.Count > 0)
        {
            throw new DeltaException(DeltaErrorKind.Argument, "A table is either partitioned or clustered, not both.");
        }

        var mapping = new ColumnMapping(properties);
        var paths = columns.Select(path => new JsonArray([.. Physical(schema, mapping, path).Select(name => JsonValue.Create(name))]));
        return new(DomainName, new JsonObject { ["clusteringColumns"] = new JsonArray([.. paths]) }.ToJsonString(), Removed: false);
    }

    /// <summary>The columns of a table's clustering by their logical names; none where it is not clustered.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Columns(Snapshot snapshot)
    {
        if (!snapshot.Domains.TryGetValue(DomainName, out var domain)
            || JsonNode.Parse(domain.Configuration)?["clusteringColumns"] is not JsonArray columns)
        {
            return [];
        }

        var mapping = new ColumnMapping(snapshot.Properties);
        return [.. columns.Select(path => Logical(snapshot.Schema, mapping, [.. path!.AsArray().Select(name => (string)name!)]))];
    }

    private static IReadOnlyList<string> Physical(DeltaType.Struct schema, ColumnMapping mapping, IReadOnlyList<string> path)
    {
        var names = new List<string>();
        DeltaType type = schema;
        foreach (var name in path)
        {
            var field = (type as DeltaType.Struct)?.Find(name)
                ?? throw new DeltaException(
                    DeltaErrorKind.Schema, $"The table has no column '{string.Join('.', path)}' to be clustered by.");
            names.Add(mapping.Physical(field));
            type = field.Type;
        }

        return names;
    }

    private static List<string> Logical(DeltaType.Struct schema, ColumnMapping mapping, IReadOnlyList<string> path)
    {
        var names = new List<string>();
        DeltaType type = schema;
        foreach (var name in path)
        {
            var field = (type as DeltaType.Struct)?.Fields.FirstOrDefault(field => mapping.Physical(field) == name);
            names.Add(field?.Name ?? name);
            type = field?.Type ?? DeltaType.Void;
        }

        return names;
    }
}
