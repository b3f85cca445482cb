using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>
/// Writes JSON as Python's <c>json.dumps</c> does, which is what nbformat calls, with keys in their order and numbers as they were spelled.
/// (.NET's own writer escapes what Python leaves, emoji for instance.)
/// </summary>
internal sealed class NotebookJson(JsonStyle style)
{
    private readonly StringBuilder _text = new();

    public static string Write(JsonNode node, JsonStyle style)
    {
        var writer = new NotebookJson(style);
        writer.Node(node, 0);
        return writer._text.Append(style.Tail).ToString();
    }

    private void Node(JsonNode? node, int depth)
    {
        switch (node)
        {
            case null:
                _text.Append("null");
                break;
            case JsonObject map:
                Items('{', '}', map, depth, pair =>
                {
                    String(pair.Key);
                    _text.Append(style.Compact ? ":" : ": ");
                    Node(pair.Value, depth + 1);
                });
                break;
            case JsonArray items:
                Items('[', ']', items, depth, item => Node(item, depth + 1));
                break;
            case var value when value.GetValueKind() == JsonValueKind.String:
                String(value.GetValue<string>());
                break;
            default:
                // Numbers that were read keep their spelling; one of ours is spelled as Python does.
                _text.Append(node.AsValue().TryGetValue<JsonElement>(out _) ? node.ToJsonString() : node.ToJsonString().Replace('E', 'e'));
                break;
        }
    }

    private void Items<T>(char open, char close, ICollection<T> items, int depth, Action<T> write)
    {
        _text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            _text.Append(first ? "" : style.Indent is null && !style.Compact ? ", " : ",");
            first = false;
            Line(depth + 1);
            write(item);
        }

        if (!first)
        {
            Line(depth);
        }

        _text.Append(close);
    }

    private void Line(int depth)
    {
        if (style.Indent is null)
        {
            return;
        }

        _text.Append(style.NewLine);
        for (var level = 0; level < depth; level++)
        {
            _text.Append(style.Indent);
        }
    }

    private void String(string value)
    {
        _text.Append('"');
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                < ' ' => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                > '~' when style.Ascii && letter != '\x7f' => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => _text.Append(letter),
            };
        }

        _text.Append('"');
    }
}
