using System.Text;

namespace Kadali.Delta;

/// <summary>Patterns of dates: Java's letters, as Spark takes them, and DuckDB's.</summary>
internal static class DatePatterns
{
    /// <exception cref="DeltaException">The pattern has letters that DuckDB has nothing for.</exception>
    public static string ToDuckDb(string pattern)
    {
        var written = new StringBuilder();
        for (var i = 0; i < pattern.Length;)
        {
            var letter = pattern[i];
            if (letter == '\'')
            {
                i = Quoted(pattern, i, written);
                continue;
            }

            var end = i;
            while (end < pattern.Length && pattern[end] == letter)
            {
                end++;
            }

            written.Append(letter == '%' ? new string('%', (end - i) * 2)
                : char.IsAsciiLetter(letter) ? Letters(letter, end - i, pattern)
                : pattern[i..end]);
            i = end;
        }

        return written.ToString();
    }

    /// <summary>Text in single quotes; two of them are one.</summary>
    private static int Quoted(string pattern, int start, StringBuilder written)
    {
        if (start + 1 < pattern.Length && pattern[start + 1] == '\'')
        {
            written.Append('\'');
            return start + 2;
        }

        var end = pattern.IndexOf('\'', start + 1);
        end = end < 0 ? pattern.Length : end;
        written.Append(pattern[(start + 1)..end].Replace("%", "%%", StringComparison.Ordinal));
        return end + 1;
    }

    private static string Letters(char letter, int count, string pattern) => (letter, count) switch
    {
        ('y' or 'u', 2) => "%y",
        ('y' or 'u', <= 4) => "%Y",
        ('M' or 'L', 1) => "%-m",
        ('M' or 'L', 2) => "%m",
        ('M' or 'L', 3) => "%b",
        ('M' or 'L', 4) => "%B",
        ('d', 1) => "%-d",
        ('d', 2) => "%d",
        ('D', 1) => "%-j",
        ('D', 3) => "%j",
        ('H', 1) => "%-H",
        ('H', 2) => "%H",
        ('h', 1) => "%-I",
        ('h', 2) => "%I",
        ('m', 1) => "%-M",
        ('m', 2) => "%M",
        ('s', 1) => "%-S",
        ('s', 2) => "%S",
        ('S', 3) => "%g",
        ('S', 6) => "%f",
        ('S', 9) => "%n",
        ('E', <= 3) => "%a",
        ('E', 4) => "%A",
        ('a', 1) => "%p",
        ('X' or 'x' or 'Z', <= 3) => "%z",
        _ => throw new DeltaException(
            DeltaErrorKind.Unsupported, $"The date pattern '{pattern}' has '{new string(letter, count)}', which DuckDB cannot write.",
            "Patterns of y, M, d, H, h, m, s, S, E, a and X are known."),
    };
}
