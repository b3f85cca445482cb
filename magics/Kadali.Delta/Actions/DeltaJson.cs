using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Kadali.Delta;

/// <summary>The JSON of the log. Nothing is looked up by reflection; what is unknown is passed over, as the protocol asks.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(SingleAction))]
internal sealed partial class DeltaJson : JsonSerializerContext;

/// <summary>Lines of the log, one action each.</summary>
internal static class ActionJson
{
    // Names and paths are written as they are, not as \u0027.
    private static readonly JsonSerializerOptions AsTheyAre = new(DeltaJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly DeltaJson Context = new(new(AsTheyAre));

    public static SingleAction? Read(ReadOnlySpan<byte> line) => JsonSerializer.Deserialize(line, DeltaJson.Default.SingleAction);

    /// <summary>JSON that stands as text within an action, as statistics and predicates do.</summary>
    public static string Text(JsonNode json) => json.ToJsonString(AsTheyAre);

    /// <summary>The actions as a commit file holds them.</summary>
    public static byte[] Write(IEnumerable<SingleAction> actions)
    {
        using var content = new MemoryStream();
        foreach (var action in actions)
        {
            WriteLine(content, action);
        }

        return content.ToArray();
    }

    public static void WriteLine(Stream content, SingleAction action)
    {
        JsonSerializer.Serialize(content, action, Context.SingleAction);
        content.WriteByte((byte)'\n');
    }
}
