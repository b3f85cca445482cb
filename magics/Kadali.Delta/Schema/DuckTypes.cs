namespace Kadali.Delta;

/// <summary>Delta's types as DuckDB spells them.</summary>
internal static class DuckTypes
{
    /// <summary>The type for reading and computing, with the fields' logical names.</summary>
    public static string Of(DeltaType type) => type switch
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
            "variant" => "VARIANT",
            "void" => "INTEGER",
            _ => throw new DeltaException(DeltaErrorKind.Unsupported, $"Columns of type '{primitive.Name}' cannot be read here."),
        },
        DeltaType.Decimal number => $"DECIMAL({number.Precision}, {number.Scale})",
        DeltaType.Array array => Of(array.Element) + "[]",
        DeltaType.Map map => $"MAP({Of(map.Key)}, {Of(map.Value)})",
        DeltaType.Struct record =>
            $"STRUCT({string.Join(", ", record.Fields.Select(field => $"{DuckDb.Name(field.Name)} {Of(field.Type)}"))})",
        _ => throw new InvalidOperationException($"{type.GetType()} has no type in DuckDB."),
    };
}
