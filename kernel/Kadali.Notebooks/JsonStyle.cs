using System.Globalization;

namespace Kadali.Notebooks;

/// <summary>How the JSON of a file is laid out, so that a change of one cell does not touch the lines of the others.</summary>
/// <param name="Indent">What each level is indented by, or null where all stands on one line.</param>
/// <param name="Ascii">Whether letters beyond ASCII are written as <c>\uXXXX</c>.</param>
/// <param name="NewLine">The line end, of the file and not of its cells.</param>
/// <param name="Tail">What follows the last bracket.</param>
/// <param name="Compact">Whether no blank follows commas and colons; only where all stands on one line.</param>
internal sealed record JsonStyle(string? Indent, bool Ascii, string NewLine, string Tail, bool Compact = false)
{
    /// <summary>As nbformat writes.</summary>
    public static JsonStyle Jupyter { get; } = new(" ", Ascii: false, "\n", "\n");

    /// <summary>The style of a text that holds a JSON object.</summary>
    public static JsonStyle Of(string text)
    {
        var open = text.IndexOf('{', StringComparison.Ordinal);
        var close = text.LastIndexOf('}');
        var line = text.IndexOf('\n', open + 1);
        var ascii = text.All(char.IsAscii) && HasEscapedLetters(text);
        var tail = text[(close + 1)..];
        if (line < 0 || line > close || !string.IsNullOrWhiteSpace(text[(open + 1)..line]))
        {
            return new(null, ascii, "\n", tail, !text.Contains("\": ", StringComparison.Ordinal));
        }

        var end = line + 1;
        while (text[end] is ' ' or '\t')
        {
            end++;
        }

        return new(text[(line + 1)..end], ascii, text[line - 1] == '\r' ? "\r\n" : "\n", tail);
    }

    // "\u001b" says nothing: control characters are escaped in every style.
    private static bool HasEscapedLetters(string text)
    {
        const int length = 6;
        for (var at = Next(0); at >= 0 && at + length <= text.Length; at = Next(at + 2))
        {
            if (ushort.TryParse(text.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var letter)
                && letter >= 0x80)
            {
                return true;
            }
        }

        return false;

        int Next(int from) => text.IndexOf("\\u", from, StringComparison.Ordinal);
    }
}
