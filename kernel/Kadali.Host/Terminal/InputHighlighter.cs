using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace Kadali.Host.Terminal;

/// <summary>Where a colour begins and ends.</summary>
internal readonly record struct ColouredSpan(int Start, int End, string Colour);

/// <summary>Colours for what is being typed: magics, C#, and the words of SQL.</summary>
internal static partial class InputHighlighter
{
    private const string Keyword = "\e[34m";
    private const string Literal = "\e[32m";
    private const string Magic = "\e[35m";

    public static IReadOnlyList<ColouredSpan> Colour(string text)
    {
        var spans = new List<ColouredSpan>();
        var isCSharp = true;
        for (var line = 0; line <= text.Length;)
        {
            var end = NextPart(text, line);
            var lineEnd = text.IndexOf('\n', line) is >= 0 and var found ? found : text.Length;
            if (text.AsSpan(line).StartsWith("#!", StringComparison.Ordinal))
            {
                spans.Add(new(line, lineEnd, Magic));
                var name = text[(line + 2)..lineEnd].Split(' ', 2)[0];
                isCSharp = name is "csharp" or "C#" or "c#" or "cs" or "time" or "set" or "share"
                    || (isCSharp && name.StartsWith("who", StringComparison.Ordinal));
                line = lineEnd;
            }

            if (line < end)
            {
                spans.AddRange(isCSharp ? CSharp(text[line..end], line) : Words(text[line..end], line));
            }

            line = end + 1;
        }

        return spans;
    }

    // Up to the next line of a magic.
    private static int NextPart(string text, int from)
    {
        var next = text.IndexOf("\n#!", from, StringComparison.Ordinal);
        return next < 0 ? text.Length : next;
    }

    private static IEnumerable<ColouredSpan> CSharp(string code, int offset)
    {
        foreach (var token in SyntaxFactory.ParseTokens(code,
            options: new CSharpParseOptions(LanguageVersion.Latest, kind: Microsoft.CodeAnalysis.SourceCodeKind.Script)))
        {
            foreach (var trivia in token.LeadingTrivia.Concat(token.TrailingTrivia))
            {
                if (trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia)
                {
                    yield return new(offset + trivia.SpanStart, offset + trivia.Span.End, Ansi.Dim);
                }
            }

            var colour = token.Kind() switch
            {
                SyntaxKind.NumericLiteralToken or SyntaxKind.CharacterLiteralToken => Literal,
                var kind when IsString(kind.ToString()) => Literal,
                var kind when SyntaxFacts.IsKeywordKind(kind) || token.Text is "var" or "await" or "record" => Keyword,
                _ => null,
            };
            if (colour is not null && token.Span.Length > 0)
            {
                yield return new(offset + token.SpanStart, offset + token.Span.End, colour);
            }
        }
    }

    // A string is many kinds of token: raw, UTF-8, interpolated and the parts of it.
    private static bool IsString(string kind) =>
        kind.Contains("String", StringComparison.Ordinal) && kind.EndsWith("Token", StringComparison.Ordinal);

    private static IEnumerable<ColouredSpan> Words(string code, int offset) => Sql.Matches(code).Select(match => new ColouredSpan(
        offset + match.Index, offset + match.Index + match.Length,
        match.Groups["comment"].Success ? Ansi.Dim : match.Groups["literal"].Success ? Literal
            : match.Groups["variable"].Success ? Magic : Keyword));

    [GeneratedRegex(
        """
        (?<comment>--[^\n]*)|(?<literal>'(?:[^']|'')*'?|\b\d[\d.]*\b)|(?<variable>(?<![:\w]):[A-Za-z_]\w*)
        |\b(?:select|from|where|group|order|by|having|limit|offset|join|left|right|full|inner|outer|cross|on|using
        |as|and|or|not|in|is|null|like|between|case|when|then|else|end|with|union|all|distinct|insert|into
        |values|update|set|delete|create|replace|table|view|drop|describe|explain|over|partition|filter|asc
        |desc|merge|def|import|for|if|return|class|lambda|print|True|False|None)\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Sql { get; }
}
