using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>How the columns of a schema are called in data files (Delta protocol, "Column Mapping").</summary>
internal sealed class ColumnMapping(TableProperties properties)
{
    public const string IdKey = "delta.columnMapping.id";
    public const string PhysicalKey = "delta.columnMapping.physicalName";

    private readonly bool _mapped = !string.Equals(properties.ColumnMappingMode, "none", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether files are read by the ids of their columns rather than by names.</summary>
    public bool ById { get; } = string.Equals(properties.ColumnMappingMode, "id", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether names in files may differ from those of the schema.</summary>
    public bool IsOn => _mapped;

    /// <summary>The name in files, in statistics and in partition values.</summary>
    public string Physical(StructField field) => (_mapped ? field.Text(PhysicalKey) : null) ?? field.Name;

    /// <summary>The id in files, or null.</summary>
    public static int? Id(StructField field) => field.Metadata[IdKey] is JsonValue value && value.TryGetValue<int>(out var id) ? id : null;

    /// <summary>The type with the names of files.</summary>
    public DeltaType Physical(DeltaType type) => type switch
    {
        _ when !_mapped => type,
        DeltaType.Array array => array with { Element = Physical(array.Element) },
        DeltaType.Map map => map with { Key = Physical(map.Key), Value = Physical(map.Value) },
        DeltaType.Struct record => new DeltaType.Struct(
            [.. record.Fields.Select(field => field with { Name = Physical(field), Type = Physical(field.Type) })]),
        _ => type,
    };

    /// <summary>SQL that gives a value read under its physical names the names of the schema.</summary>
    /// <param name="blobs">Whether variants stand there as structs of two blobs.</param>
    public string ToLogical(DeltaType type, string value, bool blobs = false) => Convert(
        type, value, new(Physical, field => field.Name, blobs ? FromBlobs : null));

    /// <summary>SQL that gives a value the names that files use, and makes variants of it the two blobs that all readers know.</summary>
    public string ToPhysical(DeltaType type, string value) => Convert(
        type, value, new(field => field.Name, Physical, variant => $"variant_to_parquet_variant({variant})"));

    /// <param name="Variant">What is done with variants, or null.</param>
    private sealed record Conversion(Func<StructField, string> From, Func<StructField, string> To, Func<string, string>? Variant);

    private static string FromBlobs(string value) =>
        $"CASE WHEN {value} IS NULL THEN NULL ELSE "
            + $"variant_bytes_to_variant(struct_extract({value}, 'metadata') || struct_extract({value}, 'value')) END";

    private static string Convert(DeltaType type, string value, Conversion how, int depth = 0)
    {
        if (!Changes(type, how))
        {
            return value;
        }

        var item = $"_{depth}";
        return type switch
        {
            DeltaType.Primitive { Name: "variant" } => how.Variant!(value),

            // A struct of nulls is not a null struct.
            DeltaType.Struct record => $"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack("
                + string.Join(", ", record.Fields.Select(field => $"{DuckDb.Name(how.To(field))} := "
                    + Convert(field.Type, $"struct_extract({value}, {DuckDb.Text(how.From(field))})", how, depth + 1)))
                + ") END",
            DeltaType.Array array => $"list_transform({value}, lambda {item}: {Convert(array.Element, item, how, depth + 1)})",
            DeltaType.Map map => $"CASE WHEN {value} IS NULL THEN NULL ELSE map("
                + $"list_transform(map_keys({value}), lambda {item}: {Convert(map.Key, item, how, depth + 1)}), "
                + $"list_transform(map_values({value}), lambda {item}: {Convert(map.Value, item, how, depth + 1)})) END",
            _ => value,
        };
    }

    private static bool Changes(DeltaType type, Conversion how) => type switch
    {
        DeltaType.Primitive { Name: "variant" } => how.Variant is not null,
        DeltaType.Struct record => record.Fields.Any(field => how.From(field) != how.To(field) || Changes(field.Type, how)),
        DeltaType.Array array => Changes(array.Element, how),
        DeltaType.Map map => Changes(map.Key, how) || Changes(map.Value, how),
        _ => false,
    };
}
