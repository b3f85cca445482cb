using System.Globalization;
using System.Text;

namespace Kadali.Host.Terminal;

/// <summary>How many columns text takes in a terminal.</summary>
internal static class TextWidth
{
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F),
        (0xFF00, 0xFF60), (0xFFE0, 0xFFE6),
        (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    public static int Of(ReadOnlySpan<char> text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += Of(rune);
        }

        return width;
    }

    /// <summary>As much of the text as fits.</summary>
    public static string Fit(string text, int columns)
    {
        var width = 0;
        var fits = 0;
        for (var end = 0; end < text.Length;)
        {
            // What a reader sees as one character is not cut apart.
            var next = StringInfo.GetNextTextElementLength(text, end);
            width += Of(text.AsSpan(end, next));
            if (width > columns)
            {
                return text[..fits] + "…";
            }

            end += next;
            fits = width < columns ? end : fits;
        }

        return text;
    }

    /// <summary>The text in lines that fit, broken between words; a word that is longer has a line of its own.</summary>
    public static string Wrap(string text, int columns)
    {
        var wrapped = new StringBuilder();
        var used = 0;
        foreach (var (index, word) in text.Split(' ').Index())
        {
            var width = Of(Ansi.Strip(word));
            if (index > 0)
            {
                var fits = used + 1 + width <= columns;
                wrapped.Append(fits ? ' ' : '\n');
                used = fits ? used + 1 : 0;
            }

            wrapped.Append(word);
            used += width;
        }

        return wrapped.ToString();
    }

    private static int Of(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format ? 0
        : rune.Value >= Wide[0].First && Array.Exists(Wide, range => rune.Value >= range.First && rune.Value <= range.Last) ? 2
        : 1;
}
