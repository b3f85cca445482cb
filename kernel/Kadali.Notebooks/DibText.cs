using System.Security.Cryptography;
using System.Text;

namespace Kadali.Notebooks;

/// <summary>Text in the parts that its <c>#!language</c> lines make. Heads, bodies and tail, put together, are the text.</summary>
internal sealed record DibText(IReadOnlyList<DibPart> Parts, string Tail)
{
    /// <summary>Cuts a text.</summary>
    /// <param name="language">The language of what stands before the first such line.</param>
    /// <param name="start">Where its first cell may begin; what stands before becomes part of the first head.</param>
    public static DibText Split(string text, string language, DibLanguages languages, int start = 0)
    {
        var parts = new List<DibPart>();
        var end = 0;
        var from = start;
        for (var line = start; line < text.Length;)
        {
            var after = text.IndexOf('\n', line);
            after = after < 0 ? text.Length : after + 1;
            if (languages.Begun(text.AsSpan(line, after - line)) is { } next)
            {
                Close(line);
                (language, from) = (next, after);
            }

            line = after;
        }

        Close(text.Length);
        return new(parts, text[end..]);

        void Close(int to)
        {
            var (first, last) = WithoutBlankLines(text, from, to);
            if (first < last)
            {
                parts.Add(new(language, text[end..first], text[first..last]));
                end = last;
            }
        }
    }

    /// <summary>Names parts by what they say, so that a name stays with its cell when others come and go.</summary>
    public static IReadOnlyList<string> Keys(IEnumerable<DibPart> parts)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. parts.Select(part =>
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{part.Language}\n{part.Body}")).AsSpan(0, 4));
            var times = seen[hash] = seen.GetValueOrDefault(hash) + 1;
            return times == 1 ? hash : $"{hash}-{times}";
        })];
    }

    private static (int First, int Last) WithoutBlankLines(string text, int from, int to)
    {
        var body = text.AsSpan(from, to - from);
        if (body.IsWhiteSpace())
        {
            return (from, from);
        }

        var letter = from + body.Length - body.TrimStart().Length;
        var first = from + text.AsSpan(from, letter - from).LastIndexOf('\n') + 1;
        var last = from + body.TrimEnd().Length;
        var line = text.AsSpan(last, to - last).IndexOf('\n');
        return (first, line < 0 ? to : last + line);
    }
}

/// <summary>A part of a <c>.dib</c> text: <paramref name="Head"/> is all that stands between the body before it and its own.</summary>
internal sealed record DibPart(string Language, string Head, string Body);
