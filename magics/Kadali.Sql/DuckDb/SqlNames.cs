using System.Text.RegularExpressions;

namespace Kadali.Sql;

/// <summary>The names in a statement that is being written, and therefore cannot be parsed.</summary>
internal static partial class SqlNames
{
    /// <param name="Source">A table's name, or a file in single quotes.</param>
    /// <param name="Alias">What the statement calls it.</param>
    internal sealed record Table(string Source, string Alias);

    /// <summary>What stands after FROM, JOIN, UPDATE and INTO.</summary>
    public static IEnumerable<Table> Tables(string text) => FromClause().Matches(text).Select(match =>
    {
        var source = match.Groups["source"].Value;
        var alias = match.Groups["alias"];
        return new Table(source, alias.Success && !Reserved().IsMatch(alias.Value) ? alias.Value : source.Split('.')[^1].Trim('"'));
    });

    /// <summary>The table whose name or alias ends before a dot, or null.</summary>
    public static string? TableBefore(string text, int dot)
    {
        var start = dot;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
        {
            start--;
        }

        var name = text[start..dot];
        return name.Length == 0 || char.IsDigit(name[0])
            ? null
            : Tables(text).FirstOrDefault(table => string.Equals(table.Alias, name, StringComparison.OrdinalIgnoreCase))?.Source ?? name;
    }

    /// <summary>Whether a place lies inside of a string.</summary>
    public static bool IsInsideQuotes(string text, int position) => text.AsSpan(0, position).Count('\'') % 2 == 1;

    [GeneratedRegex(
        """\b(from|join|update|into)\s+(?<source>'[^']+'|"[^"]+"|[A-Za-z_][\w.]*)(\s+(as\s+)?(?<alias>[A-Za-z_]\w*))?""",
        RegexOptions.IgnoreCase)]
    private static partial Regex FromClause();

    [GeneratedRegex(
        @"^(where|group|order|limit|join|left|right|inner|full|cross|asof|on|using|set|values|select|"
        + @"union|having|qualify|window|sample|natural|positional)$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}
