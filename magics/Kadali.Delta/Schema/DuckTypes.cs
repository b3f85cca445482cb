namespace Kadali.Delta;

/// <summary>Delta's types as DuckDB spells them.</summary>
internal static class DuckTypes
{
    /// <summary>The type for reading and computing.</summary>
    /// <param name="blobs">Whether variants are stored as structs of two blobs.</param>
    public static string Of(DeltaType type, bool blobs = false) => type switch
    {
        DeltaType.Primitive primitive => primitive.Name switch
        {
            "string" => "VARCHAR",
            "long" => "BIGINT",
            "integer" => "INTEGER",
            "short" => "SMALLINT",
            "byte" => "TINYINT",
            "float" => "FLOAT",
            "double" => "DOUBLE",
            "boolean" => "BOOLEAN",
            "binary" => "BLOB",
            "date" => "DATE",
            "timestamp" => "TIMESTAMPTZ",
            "timestamp_ntz" => "TIMESTAMP",
            "variant" => blobs ? "STRUCT(value BLOB, metadata BLOB)" : "VARIANT",
            "void" => "INTEGER",
            _ => throw new DeltaException(DeltaErrorKind.Unsupported, $"Columns of type '{primitive.Name}' cannot be read here."),
        },
        DeltaType.Decimal number => $"DECIMAL({number.Precision}, {number.Scale})",
        DeltaType.Array array => Of(array.Element, blobs) + "[]",
        DeltaType.Map map => $"MAP({Of(map.Key, blobs)}, {Of(map.Value, blobs)})",
        DeltaType.Struct record =>
            $"STRUCT({string.Join(", ", record.Fields.Select(field => $"{DuckDb.Name(field.Name)} {Of(field.Type, blobs)}"))})",
        _ => throw new InvalidOperationException($"{type.GetType()} has no type in DuckDB."),
    };

    /// <summary>Whether variants stand somewhere in it.</summary>
    public static bool HoldsVariant(DeltaType type) => type switch
    {
        DeltaType.Primitive { Name: "variant" } => true,
        DeltaType.Array array => HoldsVariant(array.Element),
        DeltaType.Map map => HoldsVariant(map.Value),
        DeltaType.Struct record => record.Fields.Any(field => HoldsVariant(field.Type)),
        _ => false,
    };
}
