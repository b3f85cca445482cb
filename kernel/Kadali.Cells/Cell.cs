namespace Kadali.Cells;

/// <summary>
/// One part of what the reader submitted: the text that one magic (or one language) is to run.
/// </summary>
/// <param name="Language">Name of the magic or language without <c>#!</c>, for instance <c>sql</c> or <c>csharp</c>.</param>
/// <param name="Arguments">What stood on the magic's line, parsed against its <see cref="MagicSyntax"/>; values are already
/// resolved.</param>
/// <param name="Body">The text below the magic's line, as written (may be empty).</param>
/// <param name="BodyStart">Where <see cref="Body"/> begins in the submission.</param>
/// <param name="Line">The magic's own line, or null where the language came from the front end.</param>
public sealed record Cell(string Language, MagicArguments Arguments, string Body, TextPosition BodyStart, TextLine? Line)
{
    /// <summary>The language in which the magic's line stands: <c>#!set</c> and <c>#!who</c> speak of its variables.</summary>
    public string Around { get; init; } = "csharp";

    /// <summary>The file from which the cell comes, as it was written, or null for a cell of the notebook.</summary>
    public string? Source { get; init; }

    /// <summary>
    /// The lines of a command that stands for several, such as all <c>#r "nuget:…"</c> of a submission: one for each of its values.
    /// </summary>
    public IReadOnlyList<TextLine> Lines { get; init; } = Line is { } only ? [only] : [];

    /// <summary>A cell that is nothing but a body in <paramref name="language"/>.</summary>
    public static Cell Of(string language, string body) => new(language, MagicArguments.None, body, TextPosition.Zero, null);

    /// <summary>The place of an offset into <see cref="Body"/> (UTF-16 units), in the reader's whole cell.</summary>
    public TextPosition PositionAt(int offset) => BodyStart.Advance(Body.AsSpan(0, Math.Clamp(offset, 0, Body.Length)));
}

/// <summary>A place in the reader's cell: line and column count from 0, the column in UTF-16 units.</summary>
public readonly record struct TextPosition(int Line, int Column)
{
    public static TextPosition Zero => default;

    /// <summary>The place reached from here after reading <paramref name="text"/>.</summary>
    public TextPosition Advance(ReadOnlySpan<char> text)
    {
        var last = text.LastIndexOf('\n');
        return last < 0 ? this with { Column = Column + text.Length } : new(Line + text.Count('\n'), text.Length - last - 1);
    }
}

/// <summary>A line of the reader's cell: its number from 0 and its text.</summary>
public readonly record struct TextLine(int Number, string Text);
