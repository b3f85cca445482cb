using Kadali.Host.Terminal;

namespace Kadali.Host.Tests;

public sealed class TerminalMarkdownTests
{
    [Theory]
    [InlineData("## From C#", "From C#")]
    [InlineData("## Closed ##", "Closed")]
    [InlineData("### One # two", "One # two")]
    public void A_heading_loses_only_the_signs_that_close_it(string source, string shown)
    {
        Assert.Contains(shown + Ansi.Off, TerminalMarkdown.Render(source, 80), StringComparison.Ordinal);
    }
}
