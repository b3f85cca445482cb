using System.Collections;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>
/// Values to MIME bundles. Cells register their own forms here, under the names of .NET Interactive; a form that was registered goes before ours,
/// the one of the most specific type first, of equals the latest. Every bundle has <c>text/plain</c>.
/// </summary>
public static class Formatter
{
    private static readonly ConcurrentDictionary<(Type Type, string Mime), Func<object, string>> Registered = new();
    private static readonly ConcurrentDictionary<Type, string[]> Preferred = new();

    /// <summary>How many items of a list are written out.</summary>
    public static int ListExpansionLimit { get; set; } = 20;

    /// <summary>How deep objects within objects are written out.</summary>
    public static int RecursionLimit { get; set; } = 6;

    /// <summary>What stands for null.</summary>
    public static string NullString { get; set; } = "null";

    /// <summary>Registers a form for values of a type and of types below it.</summary>
    public static void Register<T>(Func<T, string> format, string mimeType = MimeBundle.Html) => Registered[(typeof(T), mimeType)] = value => format((T)value);

    /// <inheritdoc cref="Register{T}(Func{T, string}, string)"/>
    public static void Register<T>(Action<T, TextWriter> format, string mimeType = MimeBundle.Html) => Register(
        typeof(T), (value, writer) => format((T)value, writer), mimeType);

    /// <summary>Registers a form for a type, which may be an open generic one such as <c>typeof(List&lt;&gt;)</c>.</summary>
    public static void Register(Type type, Action<object, TextWriter> format, string mimeType = MimeBundle.Html) => Registered[(type, mimeType)] = value =>
    {
        using var writer = new StringWriter();
        format(value, writer);
        return writer.ToString();
    };

    /// <summary>Shows values of a type in these MIME types only (and as plain text).</summary>
    public static void SetPreferredMimeTypesFor(Type type, params string[] mimeTypes) => Preferred[type] = mimeTypes;

    /// <summary>Forgets what was registered and sets the limits back.</summary>
    public static void ResetToDefault()
    {
        Registered.Clear();
        Preferred.Clear();
        (ListExpansionLimit, RecursionLimit, NullString) = (20, 6, "null");
    }

    /// <summary>The forms of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="mimeTypes">The forms that are wanted besides plain text; none for all.</param>
    public static MimeBundle Format(object? value, params string[] mimeTypes)
    {
        var bundle = value is null ? MimeBundle.Of(MimeBundle.Html, $"<i>{NullString}</i>", NullString) : WithRegistered(value, Default(value));
        var wanted = mimeTypes.Length > 0 ? mimeTypes : value is null ? [] : Preferred.FirstOrDefault(pair => pair.Key.IsInstanceOfType(value)).Value ?? [];
        if (wanted.Length == 0)
        {
            return bundle;
        }

        var kept = bundle.Data.Where(pair => wanted.Contains(pair.Key) || pair.Key == MimeBundle.Plain).ToDictionary();
        foreach (var missing in wanted.Where(mime => !kept.ContainsKey(mime)))
        {
            kept[missing] = missing == MimeBundle.Json ? Json(value) : bundle.PlainText;
        }

        return bundle with { Data = kept };
    }

    private static MimeBundle WithRegistered(object value, MimeBundle bundle)
    {
        if (Registered.IsEmpty)
        {
            return bundle;
        }

        Dictionary<string, object>? data = null;
        foreach (var type in TypesOf(value.GetType()))
        {
            foreach (var ((registered, mime), format) in Registered)
            {
                if (registered == type && data?.ContainsKey(mime) != true)
                {
                    (data ??= [])[mime] = format(value);
                }
            }
        }

        if (data is null)
        {
            return bundle;
        }

        data.TryAdd(MimeBundle.Plain, bundle.PlainText);
        return new(data);
    }

    private static IEnumerable<Type> TypesOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            yield return at;
            if (at.IsGenericType)
            {
                yield return at.GetGenericTypeDefinition();
            }
        }

        foreach (var face in type.GetInterfaces())
        {
            yield return face;
            if (face.IsGenericType)
            {
                yield return face.GetGenericTypeDefinition();
            }
        }

        yield return typeof(object);
    }

    private static MimeBundle Default(object value)
    {
        switch (value)
        {
            case MimeBundle bundle:
                return bundle;
            case string text:
                return MimeBundle.Text(text);
            case HtmlContent html:
                return MimeBundle.Of(MimeBundle.Html, html.ToString(), html.ToString());
            case MimeContent content:
                return MimeBundle.Of(content.MimeType, content.ToString(), content.ToString());
            case IDisplayable displayable:
                return displayable.ToMimeBundle();
            case ITable table:
                return TableFormatter.Format(table);
            case JsonNode or JsonElement:
                return MimeBundle.Of(MimeBundle.Html, Plain(Indented(value)), Indented(value));
            case IDictionary map:
                return TableFormatter.Format(
                    [new("key", "", false), new("value", "", false)],
                    [.. map.Keys.Cast<object>().Take(TableFormatter.EmbeddedRows + 1).Select(key => new[] { key, map[key] })], map.Count);
            case IEnumerable sequence and not byte[]:
                return Sequence(sequence);
            case Exception exception:
                return MimeBundle.Of(MimeBundle.Html, Plain(exception.ToString()), exception.ToString());
            default:
                return IsPlain(value) ? MimeBundle.Of(MimeBundle.Html, Plain(ValueText.Of(value)), ValueText.Of(value)) : Object(value);
        }
    }

    private static MimeBundle Sequence(IEnumerable sequence)
    {
        var element = sequence.GetType().GetInterfaces().Append(sequence.GetType())
            .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            .Select(face => face.GetGenericArguments()[0])
            .FirstOrDefault();
        if (element is not null && SequenceTable.IsRow(element) && !typeof(IEnumerable).IsAssignableFrom(element) || typeof(IDictionary<string, object?>).IsAssignableFrom(element))
        {
            return TableFormatter.Format(new SequenceTable(sequence, element!));
        }

        var text = ValueText.Of(sequence);
        return MimeBundle.Of(MimeBundle.Html, Plain(text), text);
    }

    private static bool IsPlain(object value)
    {
        var type = value.GetType();
        return type.IsPrimitive || type.IsEnum || value is Type or byte[] || type.Namespace == "System" && value is IFormattable
            || !ValueText.MembersOf(value).Any();
    }

    private static MimeBundle Object(object value)
    {
        var html = new StringBuilder();
        Tree(html, value, 0, []);
        return MimeBundle.Of(MimeBundle.Html, html.ToString(), HasOwnText(value) ? value.ToString()! : ValueText.Members(value));
    }

    private static bool HasOwnText(object value) =>
        value.GetType().GetMethod("ToString", [])?.DeclaringType is { } declaring && declaring != typeof(object) && declaring != typeof(ValueType);

    private static void Tree(StringBuilder html, object value, int depth, HashSet<object> above)
    {
        var title = Encode(HasOwnText(value) ? ValueText.Of(value) : TypeNames.Of(value.GetType()));
        html.Append($"<details class=\"dni-treeview\"{(depth == 0 ? " open" : "")}><summary><span class=\"dni-code-hint\"><code>{title}</code></span></summary><table><tbody>");
        above.Add(value);
        foreach (var (name, member) in ValueText.MembersOf(value))
        {
            html.Append($"<tr><th style=\"text-align:left\">{Encode(name)}</th><td style=\"text-align:left\">");
            if (member is null || IsPlain(member) || member is string or IEnumerable || depth + 1 >= RecursionLimit || above.Contains(member))
            {
                html.Append(above.Contains(member!) ? "<i>(see above)</i>" : member is null ? $"<i>{NullString}</i>" : Encode(ValueText.Of(member)));
            }
            else
            {
                Tree(html, member, depth + 1, above);
            }

            html.Append("</td></tr>");
        }

        above.Remove(value);
        html.Append("</tbody></table></details>");
    }

    private static object Json(object? value) => JsonSerializer.SerializeToNode(value) ?? JsonValue.Create("null");

    private static string Indented(object value) => value is JsonNode node
        ? node.ToJsonString(new() { WriteIndented = true })
        : JsonSerializer.Serialize((JsonElement)value, new JsonSerializerOptions { WriteIndented = true });

    private static string Plain(string text) => $"<div class=\"dni-plaintext\"><pre>{Encode(text)}</pre></div>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A value that knows how to show itself.</summary>
public interface IDisplayable
{
    MimeBundle ToMimeBundle();
}
