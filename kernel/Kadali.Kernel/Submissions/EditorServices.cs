using Kadali.Cells;
using Microsoft.CodeAnalysis.CSharp;

namespace Kadali.Kernel.Submissions;

/// <summary>Completion, inspection and completeness of text that mixes languages and magics' lines.</summary>
public sealed class EditorServices(IMagicRegistry magics, IVariables variables, string defaultLanguage) : ILanguageService
{
    private readonly DirectiveCompletion _directives = new(magics, variables);

    public async ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken)
    {
        var at = Locate(text, position, null);
        if (at.DirectiveLine is { } line)
        {
            return IsReference(line) && magics.Find(DirectiveCompletion.NameOf(line)) is ILanguageService references
                ? Moved(await references.CompleteAsync(line, position - at.LineStart, cancellationToken), at.LineStart)
                : await _directives.CompleteAsync(line, at.LineStart, position, at.Language, cancellationToken);
        }

        if (at.Language is not ILanguageService service)
        {
            return CompletionList.Empty(position);
        }

        return Moved(await service.CompleteAsync(at.Body, position - at.BodyStart, cancellationToken), at.BodyStart);
    }

    public async ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken)
    {
        var at = Locate(text, position, null);
        if (at.DirectiveLine is { } line)
        {
            var name = DirectiveCompletion.NameOf(line);
            return magics.Find(name) is { } magic ? MagicHelp.Of(magic.Syntax, null) : null;
        }

        return at.Language is ILanguageService service
            ? await service.InspectAsync(at.Body, position - at.BodyStart, detail, cancellationToken)
            : null;
    }

    /// <summary>
    /// Whether a text can run as it is: <c>complete</c>, <c>incomplete</c> or <c>invalid</c>, and the indent of its next line.
    /// </summary>
    public (string Status, string? Indent) IsComplete(string text)
    {
        var at = Locate(text, text.Length, null);
        if (at.DirectiveLine is not null || at.Language?.Syntax.Name != "csharp")
        {
            // SQL and its like end with their cell; a line on its own that names a language waits for its body.
            return (at.DirectiveLine is { } line && magics.Find(DirectiveCompletion.NameOf(line))?.Syntax.Body is not null
                    && !line.Contains("--help", StringComparison.Ordinal)
                ? "incomplete" : "complete", null);
        }

        var tree = CSharpSyntaxTree.ParseText(at.Body, CSharp.CellSyntax.Script);
        if (!SyntaxFactory.IsCompleteSubmission(tree))
        {
            var open = at.Body.Count(letter => letter == '{') - at.Body.Count(letter => letter == '}');
            return ("incomplete", new string(' ', 4 * Math.Max(0, open)));
        }

        return (tree.GetDiagnostics().Any(diagnostic =>
                diagnostic.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error && diagnostic.Id != "CS7021")
            ? "invalid" : "complete", null);
    }

    private static CompletionList Moved(CompletionList found, int by) => found with { Start = found.Start + by, End = found.End + by };

    private Location Locate(string text, int position, string? language)
    {
        var current = magics.Find(language ?? defaultLanguage);
        var bodyStart = 0;
        var lineStart = 0;
        var body = text.ToCharArray();
        while (lineStart <= text.Length)
        {
            var end = text.IndexOf('\n', lineStart);
            end = end < 0 ? text.Length : end;
            var line = text[lineStart..end].TrimEnd('\r');
            var isText = line.StartsWith('#') && current?.Syntax.Name == "csharp"
                && CSharpText.IsInside(new string(body, bodyStart, body.Length - bodyStart), lineStart - bodyStart);
            var isMagic = !isText && line.StartsWith("#!", StringComparison.Ordinal);
            var isReference = !isText && !isMagic && current?.Syntax.Name == "csharp" && IsReference(line);
            var next = isMagic && magics.Find(DirectiveCompletion.NameOf(line)) is { Syntax.Body: not null } found ? found : null;
            var ownLine = next is null ? null : BodyOn(line, next);
            if ((isMagic || isReference) && position >= lineStart && position <= end && (ownLine is null || position < lineStart + ownLine))
            {
                return new(current, "", bodyStart, line, lineStart);
            }

            if (next is not null)
            {
                if (lineStart > position)
                {
                    return new(current, text[bodyStart..lineStart], bodyStart, null, lineStart);
                }

                current = next;
                bodyStart = ownLine is { } column ? lineStart + column : Math.Min(end + 1, text.Length);
            }
            else if (isMagic || isReference)
            {
                body.AsSpan(lineStart, end - lineStart).Fill(' ');
            }

            lineStart = end + 1;
        }

        return new(current, new string(body, bodyStart, text.Length - bodyStart), bodyStart, null, 0);
    }

    private static int? BodyOn(string line, IMagic magic)
    {
        try
        {
            return ArgumentReader.BodyStart(magic.Syntax, line, 0, line.AsSpan().IndexOfAny(" \t") is >= 0 and var end ? end : line.Length);
        }
        catch (CellFaultException)
        {
            // The line is not finished: a quote is open.
            return null;
        }
    }

    private static bool IsReference(string line) =>
        line.StartsWith("#r ", StringComparison.Ordinal)
            || line.StartsWith("#i ", StringComparison.Ordinal) || line.StartsWith("#load ", StringComparison.Ordinal);

    private sealed record Location(IMagic? Language, string Body, int BodyStart, string? DirectiveLine, int LineStart);
}
