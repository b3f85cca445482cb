using System.Net;
using System.Reflection;
using System.Text.Encodings.Web;

namespace Kadali.Formatting;

/// <summary>Small pieces of HTML. Everything that comes from a value is encoded.</summary>
internal static class HtmlForms
{
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A block of text. The class is the one that notebooks of .NET Interactive style.</summary>
    public static string Plain(string text) => $"<div class=\"dni-plaintext\"><pre>{Encode(text)}</pre></div>";

    /// <summary>
    /// The HTML of an object with an interface called <c>IHtmlContent</c> (ASP.NET Core's, or another of its shape), else null.
    /// </summary>
    public static string? Own(object value)
    {
        foreach (var face in value.GetType().GetInterfaces())
        {
            if (face.Name == "IHtmlContent" && face.GetMethod("WriteTo", BindingFlags.Instance | BindingFlags.Public,
                [typeof(TextWriter), typeof(HtmlEncoder)]) is { } write)
            {
                using var writer = new StringWriter();
                write.Invoke(value, [writer, HtmlEncoder.Default]);
                return writer.ToString();
            }
        }

        return null;
    }
}
