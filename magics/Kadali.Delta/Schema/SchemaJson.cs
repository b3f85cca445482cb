using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>Schemas in Spark's JSON form.</summary>
internal static partial class SchemaJson
{
    private static readonly Dictionary<string, DeltaType> Primitives = new DeltaType.Primitive[]
    {
        DeltaType.String, DeltaType.Long, DeltaType.Integer, DeltaType.Short, DeltaType.Byte, DeltaType.Float, DeltaType.Double,
        DeltaType.Boolean, DeltaType.Binary, DeltaType.Date, DeltaType.Timestamp, DeltaType.TimestampNtz, DeltaType.Variant, DeltaType.Void,
    }.ToDictionary(type => type.Name, DeltaType (type) => type, StringComparer.Ordinal);

    /// <exception cref="DeltaException">The text is no schema, or has a type that is not known.</exception>
    public static DeltaType.Struct Read(string schema)
    {
        if (schema.Length == 0)
        {
            return new([]);
        }

        JsonNode? json;
        try
        {
            json = JsonNode.Parse(schema, documentOptions: new() { MaxDepth = 256 });
        }
        catch (JsonException exception)
        {
            throw new DeltaException(DeltaErrorKind.Corrupt, $"The table's schema is no JSON: {exception.Message}", inner: exception);
        }

        return Type(json) as DeltaType.Struct ?? throw Broken(json);
    }

    public static string Write(DeltaType.Struct schema) => Json(schema).ToJsonString(Options);

    public static JsonNode Json(DeltaType type) => type switch
    {
        DeltaType.Primitive primitive => JsonValue.Create(primitive.Name),
        DeltaType.Decimal number => JsonValue.Create(number.ToString()),
        DeltaType.Array array => new JsonObject
        {
            ["type"] = "array", ["elementType"] = Json(array.Element), ["containsNull"] = array.ContainsNull,
        },
        DeltaType.Map map => new JsonObject
        {
            ["type"] = "map", ["keyType"] = Json(map.Key), ["valueType"] = Json(map.Value), ["valueContainsNull"] = map.ValueContainsNull,
        },
        DeltaType.Struct record => new JsonObject
        {
            ["type"] = "struct",
            ["fields"] = new JsonArray([.. record.Fields.Select(field => new JsonObject
            {
                ["name"] = field.Name, ["type"] = Json(field.Type), ["nullable"] = field.Nullable,
                ["metadata"] = field.Metadata.DeepClone(),
            })]),
        },
        _ => throw new InvalidOperationException($"{type.GetType()} has no JSON."),
    };

    /// <summary>A type as it stands in a schema.</summary>
    public static DeltaType Type(JsonNode? json) => json switch
    {
        JsonValue value when value.TryGetValue<string>(out var name) => Named(name),
        JsonObject item => (string?)item["type"] switch
        {
            "struct" when item["fields"] is JsonArray fields => new DeltaType.Struct([.. fields.Select(Field)]),
            "array" => new DeltaType.Array(Type(item["elementType"]), (bool?)item["containsNull"] ?? true),
            "map" => new DeltaType.Map(Type(item["keyType"]), Type(item["valueType"]), (bool?)item["valueContainsNull"] ?? true),
            _ => throw Broken(json),
        },
        _ => throw Broken(json),
    };

    private static StructField Field(JsonNode? json) => json is JsonObject field && (string?)field["name"] is { } name
        ? new(name, Type(field["type"]), (bool?)field["nullable"] ?? true, field["metadata"]?.DeepClone() as JsonObject ?? [])
        : throw Broken(json);

    private static DeltaType Named(string name)
    {
        if (Primitives.TryGetValue(name, out var type))
        {
            return type;
        }

        if (name == "decimal")
        {
            return new DeltaType.Decimal(10, 0);
        }

        return DecimalName().Match(name) is { Success: true } match
            ? new DeltaType.Decimal(Number(match.Groups[1]), Number(match.Groups[2]))
            : throw new DeltaException(DeltaErrorKind.Unsupported, $"The table has a column of type '{name}', which cannot be read here.");
    }

    private static int Number(Group group) => int.Parse(group.ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    private static DeltaException Broken(JsonNode? json) =>
        new(DeltaErrorKind.Corrupt, $"The table's schema has no type that can be read at: {json?.ToJsonString() ?? "null"}");

    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256,
    };

    [GeneratedRegex(@"^decimal\(\s*(\d+)\s*,\s*(-?\d+)\s*\)$")]
    private static partial Regex DecimalName();
}
