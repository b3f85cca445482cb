using System.Collections.Concurrent;
using System.Text.Json;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>
/// Values to MIME bundles. Cells register their own forms here, under the names of .NET Interactive; a form that was registered goes before
/// ours, the one of the most specific type first, of equals the latest. Every bundle has <c>text/plain</c>.
/// </summary>
public static class Formatter
{
    private const string Summary = "text/plain+summary";
    private const int SummaryLength = 300;
    private const int DefaultListLimit = 20;
    private const int DefaultDepth = 6;
    private static readonly RegisteredForms Forms = new();
    private static bool _anyRegistered;

    /// <summary>How many items of a list are written out.</summary>
    public static int ListExpansionLimit { get; set; } = DefaultListLimit;

    /// <summary>How deep objects within objects are written out.</summary>
    public static int RecursionLimit { get; set; } = DefaultDepth;

    /// <summary>What stands for null.</summary>
    public static string NullString { get; set; } = "null";

    internal static ConcurrentDictionary<Type, int> Limits { get; } = new();

    /// <summary>
    /// Registers a form for values of a type and of types below it. The default is text, as in .NET Interactive; <c>"text/html"</c> for
    /// HTML.
    /// </summary>
    public static void Register<T>(Func<T, string> format, string mimeType = MimeBundle.Plain) =>
        Register<T>((value, writer) => writer.Write(format(value)), mimeType);

    /// <inheritdoc cref="Register{T}(Func{T, string}, string)"/>
    public static void Register<T>(Action<T, TextWriter> format, string mimeType = MimeBundle.Plain) =>
        Register(typeof(T), (value, writer) => format((T)value, writer), mimeType);

    /// <summary>Registers a form that may leave a value to others, by returning false.</summary>
    public static void Register<T>(Func<T, FormatContext, bool> format, string mimeType = MimeBundle.Plain) =>
        Register(new Form(typeof(T), mimeType, (value, writer) => format((T)value, new(writer))));

    /// <summary>Registers a form for a type, which may be an open generic one such as <c>typeof(List&lt;&gt;)</c>.</summary>
    public static void Register(Type type, Action<object, TextWriter> format, string mimeType = MimeBundle.Plain) =>
        Register(new Form(type, mimeType, (value, writer) =>
        {
            format(value, writer);
            return true;
        }));

    /// <inheritdoc cref="Register(Type, Action{object, TextWriter}, string)"/>
    public static void Register(Type type, Func<object, string> format, string mimeType = MimeBundle.Plain) =>
        Register(type, (value, writer) => writer.Write(format(value)), mimeType);

    /// <summary>Registers a form.</summary>
    public static void Register(ITypeFormatter formatter)
    {
        Forms.Add(formatter);
        _anyRegistered = true;
    }

    /// <summary>Shows values of a type (and of types below it) in these MIME types only, and as plain text.</summary>
    public static void SetPreferredMimeTypesFor(Type type, params string[] mimeTypes) => Forms.Prefer(type, mimeTypes);

    /// <summary>Forgets what was registered and sets the limits back.</summary>
    public static void ResetToDefault()
    {
        Forms.Clear();
        Limits.Clear();
        _anyRegistered = false;
        (ListExpansionLimit, RecursionLimit, NullString) = (DefaultListLimit, DefaultDepth, "null");
    }

    /// <summary>The forms of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="mimeTypes">The forms that are wanted besides plain text; none for all.</param>
    public static MimeBundle Format(object? value, params string[] mimeTypes)
    {
        if (value is null)
        {
            return Only(MimeBundle.Of(MimeBundle.Html, $"<i>{HtmlForms.Encode(NullString)}</i>", NullString), null, mimeTypes);
        }

        var known = Forms.For(value.GetType());
        var bundle = known.Forms.Length > 0 && Registered(value, known.Forms) is { } registered ? registered : DefaultForms.Of(value);
        var wanted = mimeTypes.Length > 0 ? mimeTypes : known.Preferred;
        return wanted.Length == 0 ? bundle : Only(bundle, value, wanted);
    }

    /// <summary>How many items of a sequence of a type are written out.</summary>
    internal static int LimitFor(Type sequence) =>
        Limits.IsEmpty || Sequences.ItemType(sequence) is not { } item
            ? ListExpansionLimit
            : Limits.GetValueOrDefault(item, ListExpansionLimit);

    /// <summary>What was registered as plain text for a value, or null.</summary>
    internal static string? RegisteredText(object? value)
    {
        if (!_anyRegistered || value is null)
        {
            return null;
        }

        foreach (var form in Forms.For(value.GetType()).Forms)
        {
            if (form.MimeType == MimeBundle.Plain && Written(form, value) is { } text)
            {
                return text;
            }
        }

        return null;
    }

    private static MimeBundle? Registered(object value, ITypeFormatter[] forms)
    {
        var data = new Dictionary<string, object>();
        foreach (var form in forms)
        {
            if (!data.ContainsKey(form.MimeType) && Written(form, value) is { } text)
            {
                data[form.MimeType] = form.MimeType.EndsWith("json", StringComparison.Ordinal)
                    ? JsonSerializer.Deserialize<System.Text.Json.Nodes.JsonNode>(text) ?? (object)text
                    : text;
            }
        }

        if (data.Count == 0)
        {
            return null;
        }

        if (!data.ContainsKey(MimeBundle.Plain))
        {
            data[MimeBundle.Plain] = DefaultForms.Of(value).PlainText;
        }

        return new(data);
    }

    private static string? Written(ITypeFormatter form, object value)
    {
        using var writer = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        return form.Format(value, writer) ? writer.ToString() : null;
    }

    private static MimeBundle Only(MimeBundle bundle, object? value, string[] wanted)
    {
        if (wanted.Length == 0)
        {
            return bundle;
        }

        var kept = bundle.Data.Where(pair => wanted.Contains(pair.Key) || pair.Key == MimeBundle.Plain).ToDictionary();
        foreach (var missing in wanted.Where(mime => !kept.ContainsKey(mime)))
        {
            kept[missing] = missing switch
            {
                MimeBundle.Json => JsonForms.Node(value),
                MimeBundle.Csv when value is not null && TableForms.Of(value) is { } table => TableForms.Csv(table),
                MimeBundle.Html => HtmlForms.Plain(bundle.PlainText),
                Summary => ValueText.Of(bundle.PlainText.ReplaceLineEndings(" "), SummaryLength),
                _ => bundle.PlainText,
            };
        }

        return bundle with { Data = kept };
    }

    private sealed class Form(Type type, string mimeType, Func<object, TextWriter, bool> format) : ITypeFormatter
    {
        public string MimeType => mimeType;

        public Type Type => type;

        public bool Format(object value, TextWriter writer) => format(value, writer);
    }
}

/// <summary>A value that knows how to show itself.</summary>
public interface IDisplayable
{
    MimeBundle ToMimeBundle();
}
