using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta.Tests.Acceptance;

/// <summary>Rows in the form that the expectations have: see the README beside the tables.</summary>
internal static class CanonicalRows
{
    /// <summary>The rows of a query whose columns are those of the schema, each as one text, sorted.</summary>
    public static string[] Of(DuckDb duckDb, string sql, DeltaType.Struct schema)
    {
        var row = $"json_object({string.Join(", ", schema.Fields.SelectMany(field =>
            new[] { DuckDb.Text(field.Name), Json(field.Type, DuckDb.Name(field.Name)) }))})";
        return [.. duckDb.Query($"SELECT CAST({row} AS VARCHAR) FROM ({sql})", reader => reader.GetString(0), CancellationToken.None)
            .Select(json => Text(JsonNode.Parse(json))).Order(StringComparer.Ordinal)];
    }

    /// <summary>Rows of an expectation.</summary>
    public static string[] Of(JsonArray rows) => [.. rows.Select(Text).Order(StringComparer.Ordinal)];

    private static string Json(DeltaType type, string value, int depth = 0)
    {
        var item = $"i{depth}";
        return type switch
        {
            DeltaType.Primitive { Name: "binary" } => $"to_json(hex({value}))",
            DeltaType.Primitive { Name: "date" } => $"to_json(strftime({value}, '%Y-%m-%d'))",
            DeltaType.Primitive { Name: "timestamp" } => $"to_json(strftime({value} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'))",
            DeltaType.Primitive { Name: "timestamp_ntz" } => $"to_json(strftime({value}, '%Y-%m-%dT%H:%M:%S.%f'))",
            DeltaType.Primitive { Name: "float" or "double" } =>
                $"CASE WHEN isnan({value}) OR isinf({value}) THEN to_json(CAST({value} AS VARCHAR)) ELSE to_json({value}) END",
            DeltaType.Primitive { Name: "variant" } => $"CAST({value} AS JSON)",
            DeltaType.Decimal => $"to_json(CAST({value} AS VARCHAR))",
            DeltaType.Array array => $"to_json(list_transform({value}, lambda {item}: {Json(array.Element, item, depth + 1)}))",
            DeltaType.Map map => $"CASE WHEN {value} IS NULL THEN CAST('null' AS JSON) ELSE to_json(list_transform(map_entries({value}), "
                + $"lambda {item}: [{Json(map.Key, item + ".key", depth + 1)}, {Json(map.Value, item + ".value", depth + 1)}])) END",
            DeltaType.Struct record => $"CASE WHEN {value} IS NULL THEN CAST('null' AS JSON) ELSE json_object({string.Join(", ", record.Fields.SelectMany(field =>
                new[] { DuckDb.Text(field.Name),
                    Json(field.Type, $"struct_extract({value}, {DuckDb.Text(field.Name)})", depth + 1) }))}) END",
            _ => $"to_json({value})",
        };
    }

    /// <summary>
    /// A text that is the same for equal values: numbers by value, the pairs of a map (arrays of pairs are only those) by their text.
    /// </summary>
    private static string Text(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject record => "{" + string.Join(",", record.Select(field => JsonSerializer.Serialize(field.Key) + ":" + Text(field.Value)))
            + "}",
        JsonArray array => "[" + string.Join(",", Sorted(array)) + "]",
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => Number(value),
        _ => node.ToJsonString(),
    };

    private static IEnumerable<string> Sorted(JsonArray array) => array.Count > 0 && array.All(item => item is JsonArray { Count: 2 })
        ? array.Select(Text).Order(StringComparer.Ordinal)
        : array.Select(Text);

    private static string Number(JsonValue value)
    {
        var text = value.ToJsonString();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0
            ? text
            : double.Parse(text, CultureInfo.InvariantCulture) is var number && number == Math.Floor(number) && Math.Abs(number) < 1e15
                ? ((long)number).ToString(CultureInfo.InvariantCulture)
                : number.ToString("R", CultureInfo.InvariantCulture);
    }
}
