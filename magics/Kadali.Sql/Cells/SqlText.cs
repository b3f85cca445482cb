namespace Kadali.Sql;

/// <summary>
/// Looks at SQL without understanding it: where its statements end, and where <c>:name</c> stands for a variable. Strings, quoted names,
/// comments, dollar quotes and casts are passed over.
/// </summary>
internal static class SqlText
{
    /// <param name="prefix">What <c>:</c> is spelled as before a parameter's name.</param>
    public static IReadOnlyList<SqlStatement> Split(string text, char prefix = '$')
    {
        var statements = new List<SqlStatement>();
        var sql = text.ToCharArray();
        var names = new List<string>();
        var start = 0;
        var i = 0;
        while (i < text.Length)
        {
            var next = Skip(text, i);
            if (next > i)
            {
                i = next;
            }
            else if (text[i] == ';')
            {
                Add(i);
                start = ++i;
            }
            else if (text[i] == ':' && i + 1 < text.Length && (char.IsLetter(text[i + 1]) || text[i + 1] == '_')
                && IsParameterPlace(text, i))
            {
                var end = i + 1;
                while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
                {
                    end++;
                }

                sql[i] = prefix;
                var name = text[(i + 1)..end];
                if (!names.Contains(name))
                {
                    names.Add(name);
                }

                i = end;
            }
            else
            {
                i += text[i] == ':' && i + 1 < text.Length && text[i + 1] == ':' ? 2 : 1;
            }
        }

        Add(text.Length);
        return statements;

        void Add(int end)
        {
            var statement = new string(sql, start, end - start);
            if (HasContent(statement))
            {
                statements.Add(new(statement, start, [.. names]));
            }

            names.Clear();
        }
    }

    /// <summary>Where a parameter stands first in a statement, outside of strings and comments.</summary>
    public static int PlaceOf(SqlStatement statement, string name)
    {
        for (var i = 0; i < statement.Sql.Length;)
        {
            var next = Skip(statement.Sql, i);
            if (next > i)
            {
                i = next;
                continue;
            }

            var end = i + 1 + name.Length;
            if (string.CompareOrdinal(statement.Sql, i + 1, name, 0, name.Length) == 0 && statement.Sql[i] is '$' or '@' or ':'
                && (end >= statement.Sql.Length || (!char.IsLetterOrDigit(statement.Sql[end]) && statement.Sql[end] != '_')))
            {
                return i;
            }

            i++;
        }

        return 0;
    }

    /// <summary>A colon behind a value is a slice, a struct's key or a prefix alias, not a variable.</summary>
    private static bool IsParameterPlace(string text, int colon)
    {
        var before = colon - 1;
        while (before >= 0 && char.IsWhiteSpace(text[before]))
        {
            before--;
        }

        if (before < 0)
        {
            return true;
        }

        if (before == colon - 1 && (char.IsLetterOrDigit(text[before]) || text[before] is '_' or ']' or ')' or '\'' or '"' or ':'))
        {
            return false;
        }

        return text[before] is not ('\'' or '"' or ':');
    }

    private static bool HasContent(string statement)
    {
        for (var i = 0; i < statement.Length;)
        {
            var next = statement[i] is '-' or '/' ? Skip(statement, i) : i;
            if (next > i)
            {
                i = next;
            }
            else if (!char.IsWhiteSpace(statement[i++]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The end of the string, quoted name or comment that begins here; the same place where none does.</summary>
    private static int Skip(string text, int at)
    {
        switch (text[at])
        {
            case '\'' or '"':
                var escaped = text[at] == '\'' && at > 0 && text[at - 1] is 'e' or 'E' && (at < 2 || !char.IsLetterOrDigit(text[at - 2]));
                for (var i = at + 1; i < text.Length; i++)
                {
                    if (escaped && text[i] == '\\')
                    {
                        i++;
                    }
                    else if (text[i] == text[at])
                    {
                        if (i + 1 < text.Length && text[i + 1] == text[at])
                        {
                            i++;
                        }
                        else
                        {
                            return i + 1;
                        }
                    }
                }

                return text.Length;
            case '-' when at + 1 < text.Length && text[at + 1] == '-':
                return text.IndexOf('\n', at) is >= 0 and var line ? line : text.Length;
            case '/' when at + 1 < text.Length && text[at + 1] == '*':
                return text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var close ? close + 2 : text.Length;
            case '$' when at == 0 || !char.IsLetterOrDigit(text[at - 1]):
                var end = at + 1;
                while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
                {
                    end++;
                }

                if (end < text.Length && text[end] == '$')
                {
                    var quote = text[at..(end + 1)];
                    return text.IndexOf(quote, end + 1, StringComparison.Ordinal) is >= 0 and var stop ? stop + quote.Length : text.Length;
                }

                return at;
            default:
                return at;
        }
    }
}
