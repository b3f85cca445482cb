using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>How values look for which nobody registered anything.</summary>
internal static class DefaultForms
{
    private const int TextLength = 1 << 18;

    public static MimeBundle Of(object value)
    {
        switch (value)
        {
            case MimeBundle bundle:
                return bundle;
            case string text:
                return MimeBundle.Text(Clipped(text));
            case HtmlContent html:
                return MimeBundle.Of(MimeBundle.Html, html.ToString(), html.ToString());
            case MimeContent content:
                return MimeBundle.Of(content.MimeType, content.ToString(), content.ToString());
            case IDisplayable displayable:
                return displayable.ToMimeBundle();
            case JsonNode or JsonElement or JsonDocument:
                return JsonForms.Of(value);
            case byte[] bytes:
                return Images.Of(bytes) ?? Plain(ValueText.Of(bytes));
            case Exception exception:
                return Plain(exception.ToString());
        }

        if (value.GetType().IsPrimitive)
        {
            return Plain(ValueText.Of(value));
        }

        if (TableForms.Of(value) is { } table)
        {
            return TableFormatter.Format(table);
        }

        return HtmlForms.Own(value) is { } own ? MimeBundle.Of(MimeBundle.Html, own, own)
            : ObjectTree.IsPlain(value) ? Plain(ValueText.Of(value))
            : MimeBundle.Of(
                MimeBundle.Html, ObjectTree.Of(value), ObjectMembers.HasOwnText(value) ? ValueText.Of(value) : ValueText.Members(value));
    }

    private static MimeBundle Plain(string text) =>
        Clipped(text) is var shown ? MimeBundle.Of(MimeBundle.Html, HtmlForms.Plain(shown), shown) : null!;

    /// <summary>A notebook is no place for ten megabytes of one value.</summary>
    private static string Clipped(string text) =>
        TextCut.Length(text, TextLength) is var shown && shown < text.Length
            ? string.Concat(text.AsSpan(0, shown), $"… ({text.Length - shown:N0} more characters)") : text;
}

/// <summary>JSON, as a tree where the front end has one, and indented.</summary>
internal static class JsonForms
{
    private const int TreeLength = 1 << 20;
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        ReferenceHandler = System.Text.Json.Serialization.ReferenceHandler.IgnoreCycles,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static MimeBundle Of(object value)
    {
        var text = JsonSerializer.Serialize(value, value.GetType(), Options);
        var shown = ValueText.Of(text, TreeLength);
        var bundle = MimeBundle.Of(MimeBundle.Html, HtmlForms.Plain(shown), shown);
        return text.Length > TreeLength || Node(value) is not JsonObject and not JsonArray ? bundle
            : bundle with { Data = new Dictionary<string, object>(bundle.Data) { [MimeBundle.Json] = Node(value) } };
    }

    /// <summary>A value as JSON; nulls of objects are left out, as in .NET Interactive.</summary>
    public static JsonNode Node(object? value) =>
        (value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), Options)) ?? JsonValue.Create("null");
}

/// <summary>Bytes that are a picture.</summary>
internal static class Images
{
    public static MimeBundle? Of(ReadOnlySpan<byte> bytes)
    {
        var type = bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]) ? MimeBundle.Png
            : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
            : bytes.StartsWith("GIF8"u8) ? "image/gif"
            : bytes.Length > 12 && bytes.StartsWith("RIFF"u8) && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
            : null;
        return type is null ? null : MimeBundle.Of(type, Convert.ToBase64String(bytes), $"<{type}, {bytes.Length:N0} bytes>");
    }
}
