namespace Kadali.Protocol;

/// <summary>Jupyter counts Unicode code points, .NET UTF-16 units.</summary>
public static class CodePoints
{
    /// <summary>The UTF-16 offset of a place counted in code points.</summary>
    public static int ToUtf16(string text, int points)
    {
        var index = 0;
        for (; points > 0 && index < text.Length; points--)
        {
            index += char.IsHighSurrogate(text[index]) && index + 1 < text.Length ? 2 : 1;
        }

        return index;
    }

    /// <summary>The place in code points of a UTF-16 offset.</summary>
    public static int FromUtf16(string text, int index)
    {
        var points = 0;
        for (var i = 0; i < index && i < text.Length; points++)
        {
            i += char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
        }

        return points;
    }
}
