namespace Kadali.Delta;

/// <summary>Partition values, which the log holds as text (Delta protocol, "Partition Value Serialization").</summary>
internal static class PartitionValue
{
    /// <summary>A constant of the column's type.</summary>
    /// <exception cref="DeltaException">Delta has no partitions by that type.</exception>
    public static string Literal(DeltaType type, string? text) => string.IsNullOrEmpty(text)
        ? $"CAST(NULL AS {DuckTypes.Of(type)})"
        : type switch
        {
            DeltaType.Primitive { Name: "string" } => DuckDb.Text(text),
            DeltaType.Primitive { Name: "binary" } => $"encode({DuckDb.Text(text)})",
            DeltaType.Primitive { Name: "timestamp" } => $"CAST({DuckDb.Text(WithZone(text))} AS TIMESTAMPTZ)",
            DeltaType.Primitive or DeltaType.Decimal => $"CAST({DuckDb.Text(text)} AS {DuckTypes.Of(type)})",
            _ => throw new DeltaException(DeltaErrorKind.Unsupported, $"A table cannot be partitioned by values of type '{type}'."),
        };

    /// <summary>What a file's partition value says of the column.</summary>
    public static ValueRange Range(AddFile file, ScanColumn column)
    {
        if (!file.PartitionValues.TryGetValue(column.Path, out var text))
        {
            return ValueRange.Unknown;
        }

        if (string.IsNullOrEmpty(text))
        {
            return new(null, null, MayBeNull: true, MayBeValue: false);
        }

        var value = StatValue.Parse(column.Type, text);
        return new(value, value, MayBeNull: false, MayBeValue: true);
    }

    /// <summary>SQL that gives the text of a value, as the log holds it; null stays null.</summary>
    public static string Text(DeltaType type, string value) => type switch
    {
        DeltaType.Primitive { Name: "timestamp" } => $"strftime(({value}) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')",
        DeltaType.Primitive { Name: "timestamp_ntz" } => $"strftime({value}, '%Y-%m-%d %H:%M:%S.%f')",
        DeltaType.Primitive { Name: "date" } => $"strftime({value}, '%Y-%m-%d')",
        DeltaType.Primitive { Name: "binary" } => $"decode({value})",
        _ => DuckTypes.Text(type, value),
    };

    /// <summary>Text without a zone is in the zone of its writer, which nobody knows any more: UTC.</summary>
    private static string WithZone(string text)
    {
        var time = text.IndexOfAny(['T', ' ']) is >= 0 and var at ? text[at..] : "";
        return time.EndsWith('Z') || time.Contains('+', StringComparison.Ordinal) || time.LastIndexOf('-') > 0
            ? text
            : time.Length == 0 ? text + " 00:00:00+00" : text + "+00";
    }
}
