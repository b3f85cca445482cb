using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>
/// Writes JSON as Jupyter's nbformat does, byte for byte: <c>json.dumps(…, ensure_ascii=False, indent=1)</c> with keys in their order and numbers as they were
/// spelled. (.NET's own writer escapes what Python leaves, emoji for instance.)
/// </summary>
internal static class NotebookJson
{
    public static string Write(JsonNode node, int indent)
    {
        var text = new StringBuilder();
        Write(text, node, indent, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int indent, int depth)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject { Count: 0 }:
                text.Append("{}");
                break;
            case JsonArray { Count: 0 }:
                text.Append("[]");
                break;
            case JsonObject map:
                text.Append('{');
                var first = true;
                foreach (var (key, value) in map)
                {
                    Next(ref first);
                    String(text, key);
                    text.Append(": ");
                    Write(text, value, indent, depth + 1);
                }

                Line(depth);
                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                var start = true;
                foreach (var item in items)
                {
                    Next(ref start);
                    Write(text, item, indent, depth + 1);
                }

                Line(depth);
                text.Append(']');
                break;
            default:
                if (node.GetValueKind() == JsonValueKind.String)
                {
                    String(text, node.GetValue<string>());
                }
                else
                {
                    text.Append(node.ToJsonString());
                }

                break;
        }

        void Next(ref bool isFirst)
        {
            if (!isFirst)
            {
                text.Append(',');
            }

            isFirst = false;
            Line(depth + 1);
        }

        void Line(int level) => text.Append('\n').Append(' ', level * indent);
    }

    private static void String(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => text.Append(letter),
            };
        }

        text.Append('"');
    }
}
