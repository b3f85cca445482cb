using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Formatting.Tests;

public sealed class FormatterTests : IDisposable
{
    public static TheoryData<object?, string> Values() => new()
    {
        { 42, "42" },
        { 1.5, "1.5" },
        { 79228162514264337593543950335m, "79228162514264337593543950335" },
        { true, "true" },
        { "text", "text" },
        { null, "null" },
        { new DateOnly(2026, 1, 2), "2026-01-02" },
        { new DateTime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05" },
        { typeof(Dictionary<string, int?>), "Dictionary<string, int?>" },
        { DayOfWeek.Friday, "Friday" },
        { new[] { 1, 2, 3 }, "[ 1, 2, 3 ]" },
        { Enumerable.Range(0, 30).ToArray(), "[ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 … (10 more) ]" },
        { new byte[] { 1, 255 }, "01FF" },
        { (1, "a"), "(1, a)" },
        { JsonNode.Parse("123456789012345678901234567890"), "123456789012345678901234567890" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_has_plain_text(object? value, string text) => Assert.Equal(text, Formatter.Format(value).PlainText);

    [Fact]
    public void Every_bundle_but_text_has_html_beside_it()
    {
        Assert.Contains("42", (string)Formatter.Format(42).Data[MimeBundle.Html], StringComparison.Ordinal);
        Assert.DoesNotContain(MimeBundle.Html, Formatter.Format("text").Data.Keys);
    }

    [Fact]
    public void What_a_value_says_is_escaped()
    {
        Assert.Contains("&lt;script&gt;", (string)Formatter.Format(new[] { "<script>" }).Data[MimeBundle.Html], StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", (string)Formatter.Format(new[] { new { Name = "<script>" } }).Data[MimeBundle.Html],
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_sequence_without_end_is_cut() =>
        Assert.EndsWith("… (more) ]", Formatter.Format(Forever()).PlainText, StringComparison.Ordinal);

    [Fact]
    public void An_object_that_holds_itself_is_shown_once()
    {
        var node = new Node();
        node.Next = node;

        Assert.Contains("(see above)", (string)Formatter.Format(node).Data[MimeBundle.Html], StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_throws_says_so_and_spoils_nothing()
    {
        var text = Formatter.Format(new Broken()).PlainText;

        Assert.Contains("InvalidOperationException: broken", text, StringComparison.Ordinal);
        Assert.Contains("Good: 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_registered_form_goes_before_ours()
    {
        Formatter.Register<Version>(version => $"<b>{version}</b>", "text/html");

        var bundle = Formatter.Format(new Version(1, 2));

        Assert.Equal("<b>1.2</b>", bundle.Data[MimeBundle.Html]);
        Assert.Equal("1.2", bundle.PlainText);
    }

    [Fact]
    public void The_form_of_the_nearest_type_wins()
    {
        Formatter.Register<Exception>(_ => "any", "text/html");
        Formatter.Register<ArgumentException>(_ => "argument", "text/html");

        Assert.Equal("argument", Formatter.Format(new ArgumentNullException()).Data[MimeBundle.Html]);
        Assert.Equal("any", Formatter.Format(new InvalidOperationException()).Data[MimeBundle.Html]);
    }

    [Fact]
    public void An_open_generic_type_can_be_registered()
    {
        Formatter.Register(typeof(List<>), (_, writer) => writer.Write("a list"), "text/html");

        Assert.Equal("a list", Formatter.Format(new List<int>()).Data[MimeBundle.Html]);
    }

    [Fact]
    public void A_password_does_not_show() => Assert.Equal("***", Formatter.Format(new PasswordString("secret").ToString()).PlainText);

    public void Dispose() => Formatter.ResetToDefault();

    private static IEnumerable<int> Forever()
    {
        for (var i = 0; ; i++)
        {
            yield return i;
        }
    }

    public sealed class Node
    {
        public int Value => 1;

        public Node? Next { get; set; }
    }

    public sealed class Broken
    {
        public int Good => 1;

        public int Bad => throw new InvalidOperationException("broken");
    }
}
