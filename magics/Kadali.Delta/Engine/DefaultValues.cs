using System.Text;

namespace Kadali.Delta;

/// <summary><c>DEFAULT</c> among the values of <c>INSERT … VALUES</c>, which DuckDB knows only for tables of its own.</summary>
internal static class DefaultValues
{
    /// <summary>VALUES with what DEFAULT stands for in its place.</summary>
    /// <param name="values">The text from VALUES on; anything else is left as it is.</param>
    /// <param name="columns">The columns of rows of so many values.</param>
    /// <param name="missing">SQL of the value of a column.</param>
    public static string Fill(string values, Func<int, IReadOnlyList<string>> columns, Func<string, string> missing)
    {
        var cursor = new SqlCursor(values);
        if (!cursor.Try("VALUES"))
        {
            return values;
        }

        var filled = new StringBuilder();
        var copied = 0;
        foreach (var row in Rows(cursor))
        {
            foreach (var (place, token) in row.Defaults)
            {
                var names = columns(row.Count);
                filled.Append(values, copied, token.Start - copied).Append(place < names.Count ? $"({missing(names[place])})" : "NULL");
                copied = token.End;
            }
        }

        return copied == 0 ? values : filled.Append(values, copied, values.Length - copied).ToString();
    }

    /// <summary>How many values each row has, and which of them are DEFAULT alone.</summary>
    private static IEnumerable<(int Count, List<(int Place, SqlToken Token)> Defaults)> Rows(SqlCursor cursor)
    {
        var (depth, place, begins) = (0, 0, false);
        var defaults = new List<(int, SqlToken)>();
        while (!cursor.AtEnd)
        {
            var token = cursor.Read();
            if (depth == 1 && begins && cursor.Is(token, "DEFAULT") && cursor.IsAny(",", ")"))
            {
                defaults.Add((place, token));
            }

            begins = depth == 1 && cursor.Is(token, ",");
            if (cursor.Is(token, "(") || cursor.Is(token, "[") || cursor.Is(token, "{"))
            {
                begins = ++depth == 1;
            }
            else if (cursor.Is(token, ")") || cursor.Is(token, "]") || cursor.Is(token, "}"))
            {
                if (--depth == 0)
                {
                    yield return (place + 1, defaults);
                    (place, defaults) = (0, []);
                }
            }
            else if (begins)
            {
                place++;
            }
        }
    }
}
