using System.Text;

namespace Kadali.Delta;

/// <summary>Spark's quotes round names, as DuckDB's.</summary>
internal static class Backticks
{
    /// <summary>SQL with names in double quotes in place of backticks. No place moves, unless a name has quotes in it.</summary>
    public static string ToDoubleQuotes(string sql)
    {
        if (!sql.Contains('`', StringComparison.Ordinal))
        {
            return sql;
        }

        var changed = new StringBuilder(sql.Length);
        var copied = 0;
        var token = SqlLexer.Next(sql, 0);
        for (; token.Kind is not (SqlTokenKind.End or SqlTokenKind.Unterminated); token = SqlLexer.Next(sql, token.End))
        {
            if (token.Kind == SqlTokenKind.Backticks)
            {
                changed.Append(sql, copied, token.Start - copied)
                    .Append(DuckDb.Name(SqlQuotes.Name(sql.AsSpan(token.Start, token.Length))));
                copied = token.End;
            }
        }

        return changed.Append(sql, copied, sql.Length - copied).ToString();
    }
}
