using System.Text;

namespace Kadali.Delta;

/// <summary>
/// What <c>INSERT … VALUES</c> may say beyond DuckDB's own: <c>DEFAULT</c>, which DuckDB knows only for tables of its own, and functions of
/// Spark.
/// </summary>
internal static class InsertedValues
{
    /// <summary>VALUES with DuckDB's SQL in place of these; marks say where the author's text goes on.</summary>
    /// <param name="values">The text from VALUES on; anything else is left as it is.</param>
    /// <param name="columns">The columns of rows of so many values.</param>
    /// <param name="missing">SQL of the value of a column.</param>
    public static SqlPart Fill(SqlPart values, Func<int, IReadOnlyList<string>> columns, Func<string, SqlPart, string> missing)
    {
        var cursor = new SqlCursor(values.Text);
        if (!cursor.Try("VALUES"))
        {
            return values;
        }

        var text = values.Text;
        var filled = new StringBuilder();
        var copied = 0;
        foreach (var row in Rows(cursor))
        {
            foreach (var value in row)
            {
                var part = new SqlPart(text[value.Start..value.End], values.Start + value.Start);
                var place = SqlPlaces.Point(part.Start);
                var sql = value.IsSparks ? TryTranslate(part)
                    : !part.Text.Equals("DEFAULT", StringComparison.OrdinalIgnoreCase) ? null
                    : columns(row.Count) is var names && value.Place < names.Count ? $"{place}({missing(names[value.Place], part)})"
                    : $"{place}NULL";
                if (sql is not null)
                {
                    filled.Append(text, copied, value.Start - copied).Append(sql).Append(SqlPlaces.From(values.Start + value.End));
                    copied = value.End;
                }
            }
        }

        return copied == 0 ? values : values with { Text = filled.Append(text, copied, text.Length - copied).ToString() };
    }

    /// <summary>Null for what only DuckDB can read.</summary>
    private static string? TryTranslate(SqlPart part)
    {
        try
        {
            return SparkExpression.ToDuckDb(part, new DeltaType.Struct([]), marks: true);
        }
        catch (DeltaException exception) when (exception.Kind == DeltaErrorKind.Syntax)
        {
            return null;
        }
    }

    /// <param name="Place">Which column's it is, from 0.</param>
    /// <param name="IsSparks">Whether a function is called in it, or it has a string in double quotes.</param>
    private readonly record struct Value(int Place, int Start, int End, bool IsSparks);

    private static IEnumerable<List<Value>> Rows(SqlCursor cursor)
    {
        var (depth, start, isSparks) = (0, 0, false);
        var row = new List<Value>();
        while (!cursor.AtEnd)
        {
            var before = cursor.LastEnd;
            var token = cursor.Read();
            var closes = cursor.Is(token, ")") || cursor.Is(token, "]") || cursor.Is(token, "}");
            if (depth == 1 && (closes || cursor.Is(token, ",")))
            {
                row.Add(new(row.Count, start, before, isSparks));
                (start, isSparks) = (cursor.Current.Start, false);
            }

            if (cursor.Is(token, "(") || cursor.Is(token, "[") || cursor.Is(token, "{"))
            {
                if (++depth == 1)
                {
                    start = cursor.Current.Start;
                }
            }
            else if (closes && --depth == 0)
            {
                yield return row;
                row = [];
            }

            isSparks |= depth > 0 && (token.Kind == SqlTokenKind.DoubleQuotes
                || (token.Kind == SqlTokenKind.Word && cursor.Is("(") && !cursor.Is(token, "IN")));
        }
    }
}
