using System.Globalization;

namespace Kadali.Delta;

/// <summary>
/// Marks in generated SQL that say where its author wrote what follows, so that an error of DuckDB finds its place. They are comments, and
/// survive whatever is made of a piece: <c>/*@12*/</c> says that all up to the next mark stands for what is at offset 12,
/// <c>/*@12=*/</c> that the text behind it is the author's from there on, and <c>/*@*/</c> that what follows is nobody's.
/// </summary>
internal static class SqlPlaces
{
    /// <summary>What follows has no place.</summary>
    public const string None = "/*@*/";

    private const string Open = "/*@";
    private const string Close = "*/";

    /// <summary>What follows stands for what is at an offset.</summary>
    public static string Point(int offset) => string.Create(CultureInfo.InvariantCulture, $"{Open}{offset}{Close}");

    /// <summary>What follows is the author's text from an offset on.</summary>
    public static string From(int offset) => string.Create(CultureInfo.InvariantCulture, $"{Open}{offset}={Close}");

    /// <summary>A piece of the author's text.</summary>
    public static string Verbatim(SqlPart part) => $"{From(part.Start)}{part.Text}{None}";

    /// <summary>The place of a place in generated SQL; null where it is of nobody's.</summary>
    public static int? ToOriginal(string sql, int offset) => MarkBefore(sql, offset) is not { } mark ? null
        : mark.IsVerbatim ? mark.Offset + offset - mark.End : mark.Offset;

    /// <summary>A mark for what replaces the text at an offset, or nothing where none is in force there.</summary>
    public static string Replacing(string sql, int offset) => ToOriginal(sql, offset) is { } place ? Point(place) : "";

    /// <summary>The mark that is in force at an offset, for text that goes on from there; or nothing.</summary>
    public static string Resuming(string sql, int offset) => MarkBefore(sql, offset) is not { } mark ? ""
        : mark.IsVerbatim ? From(mark.Offset + offset - mark.End) : Point(mark.Offset);

    /// <summary>The mark that a piece begins with, for what is put before it; or nothing.</summary>
    public static string Leading(string sql)
    {
        var begin = sql.AsSpan().IndexOfAnyExcept('(', ' ');
        return begin >= 0 && sql.AsSpan(begin).StartsWith(Open, StringComparison.Ordinal)
            && sql.IndexOf(Close, begin, StringComparison.Ordinal) is > 0 and var close
                ? Replacing(sql, close + Close.Length) : "";
    }

    /// <summary>The SQL without marks.</summary>
    public static string Strip(string sql)
    {
        for (var at = sql.IndexOf(Open, StringComparison.Ordinal); at >= 0; at = sql.IndexOf(Open, at, StringComparison.Ordinal))
        {
            sql = sql.Remove(at, sql.IndexOf(Close, at, StringComparison.Ordinal) + Close.Length - at);
        }

        return sql;
    }

    private readonly record struct Mark(int Offset, bool IsVerbatim, int End);

    private static Mark? MarkBefore(string sql, int offset)
    {
        offset = Math.Min(offset, sql.Length);
        if (sql.AsSpan(0, offset).LastIndexOf(Open, StringComparison.Ordinal) is not (>= 0 and var open)
            || sql.IndexOf(Close, open, StringComparison.Ordinal) is not (>= 0 and var close))
        {
            return null;
        }

        var inside = sql.AsSpan(open + Open.Length, close - open - Open.Length);
        var isVerbatim = inside.EndsWith('=');
        return int.TryParse(isVerbatim ? inside[..^1] : inside, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? new(place, isVerbatim, close + Close.Length) : null;
    }
}
