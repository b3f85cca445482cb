using System.Globalization;

namespace Kadali.Cells;

/// <summary>Cuts texts that are too long to be shown, never within what a reader sees as one character.</summary>
public static class TextCut
{
    /// <summary>The text, or as much of its beginning as makes <paramref name="most"/> UTF-16 units with an ellipsis behind it.</summary>
    public static string Clip(string text, int most) =>
        text.Length <= most ? text : string.Concat(text.AsSpan(0, Length(text, Math.Max(0, most - 1))), "…");

    /// <summary>How many UTF-16 units a text may be cut to: at most so many.</summary>
    public static int Length(ReadOnlySpan<char> text, int most)
    {
        if (text.Length <= most)
        {
            return text.Length;
        }

        // From far enough before the cut, since a long text would take long: no letter with all its marks has so many units.
        var end = Math.Max(0, most - Longest);
        end -= end > 0 && char.IsLowSurrogate(text[end]) ? 1 : 0;
        var begin = end;
        while (StringInfo.GetNextTextElementLength(text[end..]) is var next && end + next <= most)
        {
            end += next;
        }

        // One that is longer after all is cut between its marks.
        return end > begin ? end : most > 0 && char.IsLowSurrogate(text[most]) && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
    }

    private const int Longest = 128;
}
