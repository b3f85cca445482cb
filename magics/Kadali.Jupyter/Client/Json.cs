using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Jupyter;

/// <summary>JSON of kernels that are not ours: anything may be missing or of another kind.</summary>
internal static class Json
{
    public static JsonObject Object(ReadOnlyMemory<byte> content) => JsonNode.Parse(content.Span) as JsonObject ?? [];

    public static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static int Number(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;

    public static bool Flag(JsonObject json, string name) => json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static IReadOnlyList<string> Texts(JsonObject json, string name) =>
        [.. (json[name] as JsonArray ?? []).Select(item => item?.ToString() ?? "")];
}
