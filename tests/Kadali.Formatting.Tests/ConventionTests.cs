using System.Text.Encodings.Web;
using Kadali.Cells;

namespace Kadali.Formatting.Tests;

/// <summary>What notebooks and libraries of .NET Interactive rely on, under their names.</summary>
public sealed class ConventionTests : IDisposable
{
    [Fact]
    public void A_library_formats_its_own_types_without_knowing_us()
    {
        var bundle = Formatter.Format(new Money(5));

        Assert.Equal("<b>5</b>", bundle.Data["text/html"]);
        Assert.Equal(["text/html", "text/plain"], bundle.Data.Keys.Order());
    }

    [Fact]
    public void Of_two_forms_for_a_type_the_later_wins()
    {
        Formatter.Register<Version>(_ => "first");
        Formatter.Register<Version>(_ => "second");

        Assert.Equal("second", new Version(1, 2).ToDisplayString());
    }

    [Fact]
    public void A_form_that_declines_leaves_the_value_to_the_next()
    {
        Formatter.Register<Version>(_ => "any");
        Formatter.Register<Version>((version, context) =>
        {
            context.Writer.Write("major");
            return version.Minor == 0;
        });

        Assert.Equal("major", new Version(1, 0).ToDisplayString());
        Assert.Equal("any", new Version(1, 2).ToDisplayString());
    }

    [Fact]
    public void A_text_form_holds_inside_tables_too()
    {
        Formatter.Register<Version>(version => $"v{version.Major}");

        Assert.Contains("v3", Formatter.Format(new[] { new { Version = new Version(3, 1) } }).PlainText, StringComparison.Ordinal);
    }

    [Fact]
    public void Preferred_types_are_what_a_value_is_shown_as()
    {
        Formatter.SetPreferredMimeTypesFor(typeof(Exception), "text/plain");

        Assert.Equal(["text/plain"], Formatter.Format(new ArgumentException("x")).Data.Keys);
    }

    [Fact]
    public void A_limit_for_one_type_of_item_leaves_others_alone()
    {
        Formatter<int>.ListExpansionLimit = 2;

        Assert.Equal("[ 1, 2 … (1 more) ]", new[] { 1, 2, 3 }.ToDisplayString());
        Assert.Equal("[ 1, 2, 3 ]", new[] { 1L, 2, 3 }.ToDisplayString());
    }

    [Fact]
    public void Content_that_knows_its_HTML_writes_it() => Assert.Equal("<em>x</em>", Formatter.Format(new Html()).Data["text/html"]);

    [Fact]
    public void A_table_can_be_had_as_CSV_and_a_value_as_JSON()
    {
        Assert.Equal("a\r\n1\r\n", new[] { new { a = 1 } }.ToDisplayString("text/csv"));
        Assert.Equal("{\"a\":1}", new { a = 1, b = (string?)null }.ToDisplayString("application/json")
            .Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
    }

    public void Dispose() => Formatter.ResetToDefault();

    private interface IHtmlContent
    {
        void WriteTo(TextWriter writer, HtmlEncoder encoder);
    }

    private sealed class Html : IHtmlContent
    {
        public void WriteTo(TextWriter writer, HtmlEncoder encoder) => writer.Write("<em>x</em>");
    }

    [AttributeUsage(AttributeTargets.Class)]
    private sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
    {
        public Type FormatterSourceType => formatterSourceType;

        public string[] PreferredMimeTypes { get; set; } = [];
    }

    [TypeFormatterSource(typeof(Source), PreferredMimeTypes = ["text/html"])]
    private sealed record Money(int Amount);

    private sealed class Source
    {
        public IEnumerable<object> CreateTypeFormatters() => [new MoneyFormatter()];
    }

    private sealed class MoneyFormatter
    {
        public string MimeType => "text/html";

        public bool Format(object value, TextWriter writer)
        {
            writer.Write($"<b>{((Money)value).Amount}</b>");
            return true;
        }
    }
}

public sealed class PocketViewTests
{
    [Fact]
    public void Tags_take_attributes_and_content_and_encode_text()
    {
        dynamic view = Microsoft.DotNet.Interactive.Formatting.PocketViewTags.div[id: "x", @class: "wide"](
            "<a> & ", Microsoft.DotNet.Interactive.Formatting.PocketViewTags.b(1));

        Assert.Equal(
            "<div id=\"x\" class=\"wide\">&lt;a&gt; &amp; <b>1</b></div>", ((MimeBundle)Formatter.Format(view)).Data[MimeBundle.Html]);
    }
}
