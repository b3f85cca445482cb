using System.Dynamic;
using System.Text;
using Kadali.Cells;
using Kadali.Formatting;

namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>HTML built in C#, as .NET Interactive's notebooks do it: <c>div[id: "x"](b("bold"), "text")</c>. Text is encoded.</summary>
public sealed class PocketView : DynamicObject, IDisplayable
{
    private readonly string _tag;
    private readonly IReadOnlyList<(string Name, object? Value)> _attributes;
    private readonly IReadOnlyList<object?> _content;

    internal PocketView(string tag)
        : this(tag, [], [])
    {
    }

    private PocketView(string tag, IReadOnlyList<(string Name, object? Value)> attributes, IReadOnlyList<object?> content) =>
        (_tag, _attributes, _content) = (tag, attributes, content);

    public MimeBundle ToMimeBundle() => MimeBundle.Of(MimeBundle.Html, ToString(), ToString());

    public override bool TryInvoke(InvokeBinder binder, object?[]? args, out object? result)
    {
        result = new PocketView(_tag, _attributes, [.. _content, .. args ?? []]);
        return true;
    }

    public override bool TryGetIndex(GetIndexBinder binder, object?[] indexes, out object? result)
    {
        // Names stand for the last arguments; what has no name is an attribute without a value.
        var names = binder.CallInfo.ArgumentNames;
        var plain = indexes.Length - names.Count;
        result = new PocketView(
            _tag,
            [
                .. _attributes,
                .. indexes.Select((value, i) => i < plain ? (value?.ToString() ?? "", null)
                    : (names[i - plain].TrimStart('@').Replace('_', '-'), (object?)(value?.ToString() ?? ""))),
            ],
            _content);
        return true;
    }

    public override bool TryGetMember(GetMemberBinder binder, out object? result)
    {
        result = new PocketView(
            _tag, [.. _attributes.Where(pair => pair.Name != "class"), ("class", binder.Name.Replace('_', '-'))], _content);
        return true;
    }

    public override string ToString()
    {
        var html = new StringBuilder("<").Append(_tag);
        foreach (var (name, value) in _attributes)
        {
            html.Append(' ').Append(HtmlForms.Encode(name)).Append(value is null ? "" : $"=\"{HtmlForms.Encode(value.ToString()!)}\"");
        }

        html.Append('>');
        foreach (var part in _content)
        {
            Write(html, part);
        }

        return (_tag is "br" or "hr" or "img" or "input" or "meta" or "link"
            ? html
            : html.Append("</").Append(_tag).Append('>')).ToString();
    }

    private static void Write(StringBuilder html, object? part)
    {
        switch (part)
        {
            case null:
                break;
            case PocketView or HtmlContent:
                html.Append(part);
                break;
            case string text:
                html.Append(HtmlForms.Encode(text));
                break;
            case System.Collections.IEnumerable parts when parts is IEnumerable<PocketView> or IEnumerable<HtmlContent>
                or IEnumerable<object>:
                foreach (var inner in parts)
                {
                    Write(html, inner);
                }

                break;
            default:
                var bundle = Formatter.Format(part);
                html.Append(bundle.Data.TryGetValue(MimeBundle.Html, out var own)
                    && !own.ToString()!.StartsWith("<div class=\"dni-plaintext\"", StringComparison.Ordinal)
                    ? own : HtmlForms.Encode(bundle.PlainText));
                break;
        }
    }
}

/// <summary>The tags, for <c>using static Microsoft.DotNet.Interactive.Formatting.PocketViewTags;</c>.</summary>
#pragma warning disable IDE1006, SA1300 // Tags are written as HTML writes them.
public static class PocketViewTags
{
    public static dynamic a => Tag("a");

    public static dynamic b => Tag("b");

    public static dynamic br => Tag("br");

    public static dynamic button => Tag("button");

    public static dynamic code => Tag("code");

    public static dynamic details => Tag("details");

    public static dynamic div => Tag("div");

    public static dynamic em => Tag("em");

    public static dynamic figure => Tag("figure");

    public static dynamic h1 => Tag("h1");

    public static dynamic h2 => Tag("h2");

    public static dynamic h3 => Tag("h3");

    public static dynamic h4 => Tag("h4");

    public static dynamic hr => Tag("hr");

    public static dynamic i => Tag("i");

    public static dynamic img => Tag("img");

    public static dynamic li => Tag("li");

    public static dynamic ol => Tag("ol");

    public static dynamic p => Tag("p");

    public static dynamic pre => Tag("pre");

    public static dynamic script => Tag("script");

    public static dynamic section => Tag("section");

    public static dynamic span => Tag("span");

    public static dynamic strong => Tag("strong");

    public static dynamic style => Tag("style");

    public static dynamic summary => Tag("summary");

    public static dynamic svg => Tag("svg");

    public static dynamic table => Tag("table");

    public static dynamic tbody => Tag("tbody");

    public static dynamic td => Tag("td");

    public static dynamic th => Tag("th");

    public static dynamic thead => Tag("thead");

    public static dynamic tr => Tag("tr");

    public static dynamic u => Tag("u");

    public static dynamic ul => Tag("ul");

    /// <summary>Any tag.</summary>
    public static dynamic _(string tag) => Tag(tag);

    private static dynamic Tag(string name) => new PocketView(name);
}
#pragma warning restore IDE1006, SA1300
