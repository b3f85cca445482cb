using System.Globalization;
using System.Text;

namespace Kadali.Delta;

/// <summary>What stands between quotes, and quotes round it.</summary>
internal static class SqlQuotes
{
    /// <summary>The name in a token: a word, or between backticks or double quotes.</summary>
    public static string Name(ReadOnlySpan<char> token) => token[0] switch
    {
        '`' => token[1..^1].ToString().Replace("``", "`", StringComparison.Ordinal),
        '"' => token[1..^1].ToString().Replace("\"\"", "\"", StringComparison.Ordinal),
        _ => token.ToString(),
    };

    /// <summary>The text of a string token: <c>'…'</c>, <c>"…"</c>, <c>e'…'</c>, <c>r'…'</c>, <c>$$…$$</c>.</summary>
    /// <param name="escapes">Whether backslashes mean something.</param>
    public static string String(ReadOnlySpan<char> token, bool escapes)
    {
        if (token[0] == '$')
        {
            var quote = token[1..].IndexOf('$') + 2;
            return token[quote..^quote].ToString();
        }

        if (token[0] is not ('\'' or '"'))
        {
            escapes = token[0] is 'e' or 'E' || (escapes && token[0] is not ('r' or 'R'));
            token = token[1..];
        }

        var mark = token[0].ToString();
        var inner = token[1..^1].ToString().Replace(mark + mark, mark, StringComparison.Ordinal);
        return escapes && inner.Contains('\\', StringComparison.Ordinal) ? Unescape(inner) : inner;
    }

    /// <summary>A name in backticks, as Spark quotes it.</summary>
    public static string Backticks(string name) => "`" + name.Replace("`", "``", StringComparison.Ordinal) + "`";

    /// <summary>A string as Spark quotes it.</summary>
    public static string Spark(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var letter in text)
        {
            quoted.Append(letter switch
            {
                '\'' => @"\'", '\\' => @"\\", '\n' => @"\n", '\r' => @"\r", '\0' => @"\0",
                _ => letter.ToString(),
            });
        }

        return quoted.Append('\'').ToString();
    }

    /// <summary>Backslash sequences as Spark reads them: a letter that means nothing stands for itself.</summary>
    private static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }

            var letter = text[++i];
            if (letter is 'u' or 'U' && Hex(text, i + 1, letter == 'u' ? 4 : 8) is { } rune)
            {
                plain.Append(char.ConvertFromUtf32(rune));
                i += letter == 'u' ? 4 : 8;
                continue;
            }

            plain.Append(letter switch
            {
                'n' => "\n", 't' => "\t", 'r' => "\r", 'b' => "\b", '0' => "\0", 'Z' => "\u001a",

                // These stay escaped: they mean something to LIKE.
                '%' => @"\%", '_' => @"\_",
                _ => letter.ToString(),
            });
        }

        return plain.ToString();
    }

    private static int? Hex(string text, int start, int length) => start + length <= text.Length
        && int.TryParse(text.AsSpan(start, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rune)
        && Rune.IsValid(rune) ? rune : null;
}
