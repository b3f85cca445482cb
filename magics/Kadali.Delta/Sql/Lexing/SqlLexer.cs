namespace Kadali.Delta;

/// <summary>
/// Cuts SQL into tokens, one at a time. It never fails: what is not closed is an <see cref="SqlTokenKind.Unterminated"/> token.
/// </summary>
internal static class SqlLexer
{
    // The longest first.
    private static readonly string[] Symbols =
    [
        "<=>", ">>>", "->>", "!~~", "<=", ">=", "<>", "!=", "==", "||", "::", ":=", "=>", "->", "<<", ">>", "//", "**", "!~", "@>", "<@",
        "&&",
    ];

    /// <summary>The token at or behind an offset.</summary>
    /// <param name="escapes">Whether a backslash in a string takes the next character with it, as in Spark.</param>
    public static SqlToken Next(string text, int offset, bool escapes = false)
    {
        if (SkipSpace(text, ref offset) is { } open)
        {
            return open;
        }

        if (offset >= text.Length)
        {
            return new(SqlTokenKind.End, text.Length, text.Length);
        }

        var letter = text[offset];
        switch (letter)
        {
            case '\'':
                return Quoted(text, offset, offset, '\'', SqlTokenKind.String, escapes);
            case '"':
                return Quoted(text, offset, offset, '"', SqlTokenKind.DoubleQuotes, escapes);
            case '`':
                return Quoted(text, offset, offset, '`', SqlTokenKind.Backticks, escapes: false);
            case '?':
                return new(SqlTokenKind.Parameter, offset, offset + 1);
            case '$':
                return Dollar(text, offset);
            case ':' when offset + 1 < text.Length && IsWordStart(text[offset + 1]):
                return new(SqlTokenKind.Parameter, offset, WordEnd(text, offset + 1));
        }

        if (IsWordStart(letter))
        {
            // e'…', r'…', x'…', b'…': the letter says how the string is to be read.
            if (offset + 1 < text.Length && text[offset + 1] == '\'' && letter is 'e' or 'E' or 'r' or 'R' or 'x' or 'X' or 'b' or 'B')
            {
                return Quoted(
                    text, offset, offset + 1, '\'', SqlTokenKind.String, letter is 'e' or 'E' || (escapes && letter is not ('r' or 'R')));
            }

            return new(SqlTokenKind.Word, offset, WordEnd(text, offset));
        }

        if (char.IsAsciiDigit(letter) || (letter == '.' && offset + 1 < text.Length && char.IsAsciiDigit(text[offset + 1])))
        {
            return new(SqlTokenKind.Number, offset, NumberEnd(text, offset));
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, offset, symbol, 0, symbol.Length) == 0)
            {
                return new(SqlTokenKind.Symbol, offset, offset + symbol.Length);
            }
        }

        return new(SqlTokenKind.Symbol, offset, offset + 1);
    }

    /// <summary>Passes over spaces and comments; gives the comment that is not closed, if one is not.</summary>
    private static SqlToken? SkipSpace(string text, ref int offset)
    {
        while (offset < text.Length)
        {
            if (char.IsWhiteSpace(text[offset]))
            {
                offset++;
            }
            else if (text[offset] == '-' && offset + 1 < text.Length && text[offset + 1] == '-')
            {
                offset = text.IndexOf('\n', offset) is >= 0 and var line ? line + 1 : text.Length;
            }
            else if (text[offset] == '/' && offset + 1 < text.Length && text[offset + 1] == '*')
            {
                if (text.IndexOf("*/", offset + 2, StringComparison.Ordinal) is not (>= 0 and var close))
                {
                    return new(SqlTokenKind.Unterminated, offset, text.Length);
                }

                offset = close + 2;
            }
            else
            {
                break;
            }
        }

        return null;
    }

    private static SqlToken Quoted(string text, int start, int quote, char mark, SqlTokenKind kind, bool escapes)
    {
        for (var i = quote + 1; i < text.Length; i++)
        {
            if (escapes && text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == mark)
            {
                if (i + 1 >= text.Length || text[i + 1] != mark)
                {
                    return new(kind, start, i + 1);
                }

                i++;
            }
        }

        return new(SqlTokenKind.Unterminated, start, text.Length);
    }

    /// <summary>A parameter, or a string between dollar quotes.</summary>
    private static SqlToken Dollar(string text, int start)
    {
        var end = WordEnd(text, start + 1, dollars: false);
        if (end < text.Length && text[end] == '$')
        {
            var quote = text[start..(end + 1)];
            return text.IndexOf(quote, end + 1, StringComparison.Ordinal) is >= 0 and var stop
                ? new(SqlTokenKind.String, start, stop + quote.Length)
                : new(SqlTokenKind.Unterminated, start, text.Length);
        }

        return new(end == start + 1 ? SqlTokenKind.Symbol : SqlTokenKind.Parameter, start, end);
    }

    private static int NumberEnd(string text, int offset)
    {
        while (offset < text.Length && (char.IsAsciiDigit(text[offset]) || text[offset] == '_'))
        {
            offset++;
        }

        if (offset < text.Length && text[offset] == '.' && !(offset + 1 < text.Length && IsWordStart(text[offset + 1])))
        {
            offset++;
            while (offset < text.Length && char.IsAsciiDigit(text[offset]))
            {
                offset++;
            }
        }

        if (offset < text.Length && text[offset] is 'e' or 'E')
        {
            var digits = offset + 1 < text.Length && text[offset + 1] is '+' or '-' ? offset + 2 : offset + 1;
            if (digits < text.Length && char.IsAsciiDigit(text[digits]))
            {
                offset = digits;
                while (offset < text.Length && char.IsAsciiDigit(text[offset]))
                {
                    offset++;
                }
            }
        }

        // 0x1F of DuckDB, and the suffixes of Spark: L S Y D F BD.
        return WordEnd(text, offset);
    }

    private static int WordEnd(string text, int offset, bool dollars = true)
    {
        while (offset < text.Length && (char.IsLetterOrDigit(text[offset]) || text[offset] == '_' || (dollars && text[offset] == '$')
            || char.IsSurrogate(text[offset])))
        {
            offset++;
        }

        return offset;
    }

    private static bool IsWordStart(char letter) => char.IsLetter(letter) || letter == '_' || char.IsSurrogate(letter);
}
