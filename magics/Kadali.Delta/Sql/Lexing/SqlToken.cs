namespace Kadali.Delta;

/// <summary>A piece of SQL text that means something; spaces and comments lie between tokens.</summary>
/// <param name="Start">UTF-16 offset of its first character.</param>
/// <param name="End">UTF-16 offset behind its last character.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>Sorts of tokens.</summary>
internal enum SqlTokenKind
{
    /// <summary>The text ends.</summary>
    End,

    /// <summary>A keyword or a name without quotes.</summary>
    Word,

    /// <summary>A name in backticks.</summary>
    Backticks,

    /// <summary>Something in double quotes: a name in DuckDB, a string in Spark.</summary>
    DoubleQuotes,

    /// <summary>Something in single quotes, with a letter before them that may say how to read it, or in dollar quotes.</summary>
    String,

    /// <summary>A number, with its sign's absence and a suffix such as the <c>L</c> of <c>1L</c>.</summary>
    Number,

    /// <summary><c>$name</c>, <c>:name</c> or <c>?</c>.</summary>
    Parameter,

    /// <summary>An operator or a punctuation mark.</summary>
    Symbol,

    /// <summary>A string, quoted name or comment that the text ends in the middle of.</summary>
    Unterminated,
}
