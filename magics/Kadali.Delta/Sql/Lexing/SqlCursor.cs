using System.Globalization;

namespace Kadali.Delta;

/// <summary>Reads a statement token by token, and says what it expected where something else stands.</summary>
/// <param name="text">The statement.</param>
/// <param name="start">Where reading begins.</param>
/// <param name="escapes">Whether a backslash in a string takes the next character with it, as in Spark.</param>
internal sealed class SqlCursor(string text, int start = 0, bool escapes = false)
{
    private SqlToken _peeked;
    private bool _hasPeeked;

    public string Text { get; } = text;

    /// <summary>The token that is read next.</summary>
    public SqlToken Current { get; private set; } = SqlLexer.Next(text, start, escapes);

    /// <summary>The end of the token that was read last; where nothing was read, the start.</summary>
    public int LastEnd { get; private set; } = start;

    public bool AtEnd => Current.Kind == SqlTokenKind.End || (Current.Kind == SqlTokenKind.Symbol && IsOnlySemicolonLeft());

    /// <summary>The token behind the current one.</summary>
    public SqlToken Peek()
    {
        if (!_hasPeeked)
        {
            (_peeked, _hasPeeked) = (SqlLexer.Next(Text, Current.End, escapes), true);
        }

        return _peeked;
    }

    public SqlToken Read()
    {
        var read = Current;
        LastEnd = read.End;
        Current = _hasPeeked ? _peeked : SqlLexer.Next(Text, read.End, escapes);
        _hasPeeked = false;
        return read;
    }

    /// <summary>Goes on at an offset.</summary>
    public void MoveTo(int offset)
    {
        Current = SqlLexer.Next(Text, offset, escapes);
        _hasPeeked = false;
        LastEnd = offset;
    }

    /// <summary>The text of a token.</summary>
    public ReadOnlySpan<char> TextOf(SqlToken token) => Text.AsSpan(token.Start, token.Length);

    /// <summary>The number of a token of digits, or null.</summary>
    public long? NumberOf(SqlToken token) =>
        token.Kind == SqlTokenKind.Number && long.TryParse(TextOf(token), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    /// <summary>Whether a token is that keyword or symbol.</summary>
    public bool Is(SqlToken token, ReadOnlySpan<char> word) =>
        token.Kind is SqlTokenKind.Word or SqlTokenKind.Symbol && TextOf(token).Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool Is(ReadOnlySpan<char> word) => Is(Current, word);

    /// <summary>Whether the current token and the next are these.</summary>
    public bool Is(ReadOnlySpan<char> first, ReadOnlySpan<char> second) => Is(Current, first) && Is(Peek(), second);

    public bool IsAny(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Is(word))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a keyword or symbol if it stands here.</summary>
    public bool Try(ReadOnlySpan<char> word)
    {
        if (!Is(word))
        {
            return false;
        }

        Read();
        return true;
    }

    /// <summary>Reads two keywords if they stand here.</summary>
    public bool Try(ReadOnlySpan<char> first, ReadOnlySpan<char> second)
    {
        if (!Is(first, second))
        {
            return false;
        }

        Read();
        Read();
        return true;
    }

    /// <summary>Reads keywords that must stand here.</summary>
    public void Expect(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (!Try(word))
            {
                throw Expected(word);
            }
        }
    }

    /// <summary>A name: a word, or between backticks or double quotes.</summary>
    public string ReadName(string what)
    {
        switch (Current.Kind)
        {
            case SqlTokenKind.Word:
                return TextOf(Read()).ToString();
            case SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes when Current.Length > 2:
                return SqlQuotes.Name(TextOf(Read()));
            default:
                throw Expected(what);
        }
    }

    /// <summary>A string, in single or double quotes.</summary>
    public string ReadString(string what) => Current.Kind is SqlTokenKind.String or SqlTokenKind.DoubleQuotes
        ? SqlQuotes.String(TextOf(Read()), escapes) : throw Expected(what);

    public long ReadNumber(string what)
    {
        if (NumberOf(Current) is not { } number)
        {
            throw Expected(what);
        }

        Read();
        return number;
    }

    /// <summary>Fails unless the statement ends here.</summary>
    public void ExpectEnd(params string[] else_)
    {
        if (!AtEnd)
        {
            throw Expected([.. else_, "the end of the statement"]);
        }
    }

    /// <summary>The failure of something else standing here than what may stand here.</summary>
    /// <param name="what">Keywords in capitals, else descriptions.</param>
    public DeltaException Expected(params string[] what) => Expected(what, what.SelectMany(Keywords));

    /// <param name="what">Keywords in capitals, else descriptions.</param>
    /// <param name="words">The words of which one may have been meant.</param>
    public DeltaException Expected(IReadOnlyList<string> what, IEnumerable<string> words)
    {
        var list = what.Count == 1 ? what[0] : string.Join(", ", what.SkipLast(1)) + " or " + what[^1];
        if (Current.Kind == SqlTokenKind.Unterminated)
        {
            var opened = Text[Current.Start] switch { '/' => "comment", '`' => "name in backticks", _ => "string" };
            return Failure($"The {opened} that begins here is not closed.", Current.Start);
        }

        if (Current.Kind == SqlTokenKind.End)
        {
            return Failure($"Expected {list}, but the statement ends.", Math.Min(LastEnd, Text.Length));
        }

        var found = Current.Kind == SqlTokenKind.String ? TextOf(Current).ToString() : $"'{TextOf(Current)}'";
        var near = Current.Kind == SqlTokenKind.Word ? Spelling.Nearest(TextOf(Current).ToString(), words) : null;
        return Failure(
            $"Expected {list}, but found {Clip(found)}.", Current.Start,
            near is null || near.Equals(TextOf(Current).ToString(), StringComparison.OrdinalIgnoreCase) ? null : $"Did you mean {near}?");
    }

    public static DeltaException Failure(string message, int offset, string? hint = null) =>
        new(DeltaErrorKind.Syntax, message, hint) { Offset = offset };

    private bool IsOnlySemicolonLeft() => Is(";") && Peek().Kind == SqlTokenKind.End;

    private static IEnumerable<string> Keywords(string what) =>
        what.Split(' ').Where(word => word.Length > 1 && word.All(char.IsAsciiLetterUpper));

    private static string Clip(string found) =>
        found.Length > 40 ? found[..(char.IsHighSurrogate(found[37]) ? 37 : 38)] + "…'" : found;
}
