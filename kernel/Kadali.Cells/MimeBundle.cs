using System.Text.Json.Nodes;

namespace Kadali.Cells;

/// <summary>
/// One value in several MIME types, as Jupyter's display messages carry it. Text types hold a string, <c>image/*</c> except SVG holds
/// base64 text, and types that end in <c>json</c> hold a JSON value. <c>text/plain</c> is always there.
/// </summary>
/// <param name="Data">MIME type to content; each content is a string or a <see cref="JsonNode"/>.</param>
/// <param name="Metadata">MIME type (or a front end's own key) to metadata; null is the same as empty.</param>
public sealed record MimeBundle(IReadOnlyDictionary<string, object> Data, IReadOnlyDictionary<string, JsonNode?>? Metadata = null)
{
    public const string Plain = "text/plain";
    public const string Html = "text/html";
    public const string Markdown = "text/markdown";
    public const string Json = "application/json";
    public const string JavaScript = "application/javascript";
    public const string Svg = "image/svg+xml";
    public const string Png = "image/png";
    public const string Csv = "text/csv";

    /// <summary>A bundle of plain text alone.</summary>
    public static MimeBundle Text(string text) => new(new Dictionary<string, object>(1) { [Plain] = text });

    /// <summary>A bundle of a rich form and its plain text.</summary>
    public static MimeBundle Of(string mimeType, object content, string plain) =>
        new(new Dictionary<string, object>(2) { [mimeType] = content, [Plain] = plain });

    /// <summary>The plain text of this value.</summary>
    public string PlainText => Data.TryGetValue(Plain, out var text) ? text.ToString() ?? "" : "";
}
