using System.Runtime.CompilerServices;
using Kadali.Cells;
using Markdig;

namespace Kadali.Kernel.Magics;

/// <summary>Languages whose cells are shown rather than run.</summary>
public static class TextMagics
{
    private static readonly Lazy<MarkdownPipeline> Pipeline = new(() => new MarkdownPipelineBuilder().UseAdvancedExtensions().Build());

    public static IEnumerable<IMagic> All { get; } =
    [
        new TextMagic(
            new("html", "Shows HTML.", "HTML") { Examples = [("#!html\n<b>bold</b>", "shows bold text")] },
            body => MimeBundle.Of(MimeBundle.Html, body, body)),
        new TextMagic(
            new("javascript", "Runs JavaScript in the reader's browser.", "JavaScript")
            {
                Aliases = ["js"], Examples = [("#!javascript\nconsole.log('hello')", "writes to the browser's console")]
            },
            body => new(new Dictionary<string, object> { [MimeBundle.JavaScript] = body, [MimeBundle.Plain] = "<JavaScript>" })),
        new TextMagic(
            new("markdown", "Shows Markdown, formulas included.", "Markdown")
            {
                Aliases = ["md"], Examples = [("#!markdown\n# Title", "shows a heading")]
            },
            body => new(new Dictionary<string, object>
            {
                [MimeBundle.Markdown] = body,
                [MimeBundle.Html] = Markdown.ToHtml(body, Pipeline.Value),
                [MimeBundle.Plain] = body,
            })),
        new TextMagic(
            new("mermaid", "Shows a Mermaid diagram, where the front end can draw one.", "a Mermaid diagram")
            {
                Examples = [("#!mermaid\ngraph LR; A-->B", "shows two boxes and an arrow")]
            },
            // JupyterLab 4.1 and later, GitHub and VS Code draw fenced mermaid in Markdown by themselves, so that nothing is fetched from a
            // CDN. No HTML beside it: JupyterLab would take that and draw nothing.
            body => new(new Dictionary<string, object>
            {
                ["text/vnd.mermaid"] = body,
                [MimeBundle.Markdown] = $"```mermaid\n{body.Trim()}\n```",
                [MimeBundle.Plain] = body,
            })),
    ];

    private sealed class TextMagic(MagicSyntax syntax, Func<string, MimeBundle> show) : IMagic
    {
        public MagicSyntax Syntax => syntax;

        public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            if (cell.Body.Trim().Length > 0)
            {
                yield return new CellEvent.Display(show(cell.Body));
            }
        }
    }
}
