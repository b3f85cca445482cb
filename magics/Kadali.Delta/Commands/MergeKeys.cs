using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>The equalities in a MERGE's ON, by which files of the table can be chosen.</summary>
internal static partial class MergeKeys
{
    /// <summary>
    /// Pairs of a column of the table and an expression of the source that have to be equal. Only what stands between AND at the outside,
    /// and is a plain comparison of two qualified columns, is seen; the rest of ON is left to the join.
    /// </summary>
    public static IEnumerable<(string Target, string Source)> Of(MergeRequest request, Snapshot snapshot)
    {
        foreach (var part in Conjuncts(SqlPlaces.Strip(request.On)))
        {
            var match = Equality().Match(part);
            if (!match.Success)
            {
                continue;
            }

            var (left, right) = (Side(match, "l"), Side(match, "r"));
            var (target, source) = Is(left.Alias, request.TargetAlias) && Is(right.Alias, request.SourceAlias) ? (left, right)
                : Is(right.Alias, request.TargetAlias) && Is(left.Alias, request.SourceAlias) ? (right, left)
                : default;
            if (target.Column is not null && snapshot.Schema.Find(target.Column) is { } field)
            {
                yield return (field.Name, $"{request.SourceAlias}.{DuckDb.Name(source.Column)}");
            }
        }
    }

    private static (string Alias, string Column) Side(Match match, string side) =>
        (match.Groups[side + "a"].Value.Trim('"'), match.Groups[side + "c"].Value.Trim('"'));

    private static bool Is(string name, string alias) => string.Equals(name, alias.Trim('"'), StringComparison.OrdinalIgnoreCase);

    /// <summary>What stands between AND outside of brackets and quotes; nothing where there is an OR.</summary>
    private static List<string> Conjuncts(string text)
    {
        var parts = new List<string>();
        var (start, depth) = (0, 0);
        text = Strip(text);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '\'' or '"')
            {
                i = text.IndexOf(text[i], i + 1) is >= 0 and var end ? end : text.Length;
            }
            else if (text[i] is '(' or '[')
            {
                depth++;
            }
            else if (text[i] is ')' or ']')
            {
                depth--;
            }
            else if (depth == 0 && Word(text, i, "AND"))
            {
                parts.Add(text[start..i]);
                start = i + 3;
            }
            else if (depth == 0 && (Word(text, i, "OR") || Word(text, i, "BETWEEN")))
            {
                return [];
            }
        }

        parts.Add(text[start..]);
        return [.. parts.SelectMany(part => Strip(part) is var inner && inner.Length < part.Trim().Length ? Conjuncts(inner) : [inner])];
    }

    private static string Strip(string text)
    {
        text = text.Trim();
        while (text.StartsWith('(') && Closing(text) == text.Length - 1)
        {
            text = text[1..^1].Trim();
        }

        return text;
    }

    private static int Closing(string text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '\'' or '"')
            {
                i = text.IndexOf(text[i], i + 1) is >= 0 and var end ? end : text.Length;
            }
            else if (text[i] == '(')
            {
                depth++;
            }
            else if (text[i] == ')' && --depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Word(string text, int at, string word) =>
        string.Compare(text, at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0
        && (at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '.'))
        && (at + word.Length >= text.Length || !(char.IsLetterOrDigit(text[at + word.Length]) || text[at + word.Length] == '_'));

    [GeneratedRegex("""^\s*(?<la>"[^"]+"|\w+)\.(?<lc>"[^"]+"|\w+)\s*==?\s*(?<ra>"[^"]+"|\w+)\.(?<rc>"[^"]+"|\w+)\s*$""")]
    private static partial Regex Equality();
}
