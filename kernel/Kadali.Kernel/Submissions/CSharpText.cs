using Kadali.Kernel.CSharp;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kadali.Kernel.Submissions;

/// <summary>Which lines of C# are inside of a string or a comment that goes over several.</summary>
internal static class CSharpText
{
    private static readonly string[] Openings = ["@\"", "@$\"", "\"\"\"", "/*"];

    /// <summary>Whether the first of <paramref name="rest"/> is in what <paramref name="before"/> opens and the others close.</summary>
    public static bool IsInside(IReadOnlyList<string> before, IReadOnlyList<string> rest)
    {
        if (!before.Any(line => Openings.Any(opening => line.Contains(opening, StringComparison.Ordinal))))
        {
            return false;
        }

        var start = string.Join('\n', before) + "\n";
        return IsInside(start + string.Join('\n', rest), start.Length);
    }

    /// <summary>Whether a place is in a string or comment that is closed.</summary>
    public static bool IsInside(string text, int position)
    {
        foreach (var token in SyntaxFactory.ParseTokens(text, options: CellSyntax.Script))
        {
            if (token.FullSpan.End > position)
            {
                return token.Span.Contains(position)
                    ? token.SpanStart < position && !token.ContainsDiagnostics
                    : token.LeadingTrivia.Concat(token.TrailingTrivia).Any(trivia => trivia.Span.Contains(position)
                        && trivia.IsKind(SyntaxKind.MultiLineCommentTrivia) && !trivia.ContainsDiagnostics);
            }
        }

        return false;
    }
}
