namespace Kadali.Delta;

/// <summary>Delta's types as Spark's SQL spells them.</summary>
internal static class SparkTypes
{
    /// <param name="limitedString"><c>char(n)</c> or <c>varchar(n)</c> in place of a string.</param>
    public static string Print(DeltaType type, string? limitedString = null) => type switch
    {
        _ when limitedString is not null => limitedString.ToUpperInvariant(),
        DeltaType.Primitive primitive => primitive.Name switch
        {
            "integer" => "INT",
            "long" => "BIGINT",
            "short" => "SMALLINT",
            "byte" => "TINYINT",
            _ => primitive.Name.ToUpperInvariant(),
        },
        DeltaType.Decimal => type.ToString().ToUpperInvariant(),
        DeltaType.Array array => $"ARRAY<{Print(array.Element)}>",
        DeltaType.Map map => $"MAP<{Print(map.Key)}, {Print(map.Value)}>",
        DeltaType.Struct record => $"STRUCT<{string.Join(", ", record.Fields.Select(Field))}>",
        _ => throw new InvalidOperationException($"{type.GetType()} has no name in Spark."),
    };

    private static string Field(StructField field) =>
        $"{SqlQuotes.Backticks(field.Name)}: {Print(field.Type, field.Text(ColumnDefinition.StringLimit))}"
        + (field.Nullable ? "" : " NOT NULL")
        + (field.Text("comment") is { } comment ? $" COMMENT {SqlQuotes.Spark(comment)}" : "");
}
