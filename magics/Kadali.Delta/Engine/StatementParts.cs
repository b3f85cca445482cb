using System.Text;

namespace Kadali.Delta;

/// <summary>
/// The expressions and queries of one statement as DuckDB's SQL, with the Delta tables of their subqueries in place and marks of where they
/// stand. To be disposed when the statement has run.
/// </summary>
/// <param name="with">The statement's <c>WITH</c> clause, or null.</param>
internal sealed class StatementParts(QueryBinder binder, SqlPart? with, CancellationToken cancellationToken) : IDisposable
{
    private readonly List<BoundQuery> _bound = [];

    /// <summary>An expression over columns of a table.</summary>
    public string Expression(SqlPart expression, DeltaType.Struct? schema)
    {
        var sql = SparkExpression.ToDuckDb(expression, schema, marks: true);
        return with is { } clause ? Bind(IntoQueries(sql, clause)) : Bind(sql);
    }

    /// <summary>An expression of MERGE, which joins: it can have no subquery, as in Spark.</summary>
    public string JoinExpression(SqlPart expression, DeltaType.Struct schema)
    {
        var cursor = new SqlCursor(expression.Text);
        while (!cursor.AtEnd)
        {
            var token = cursor.Read();
            if (cursor.Is(token, "(") && IsQuery(cursor))
            {
                throw new DeltaException(
                    DeltaErrorKind.Unsupported, "MERGE takes no subqueries in its conditions and values.",
                    "Join what they need in the source: USING (SELECT …) AS s.") { Offset = expression.Start + cursor.Current.Start };
            }
        }

        return SparkExpression.ToDuckDb(expression, schema, marks: true);
    }

    /// <summary>The rows of VALUES, a query, a table, or of what stands behind FROM.</summary>
    /// <param name="before">What stands before the author's text: <c>SELECT * FROM</c>, or nothing for a query.</param>
    /// <param name="behind">What stands behind it, such as names of its columns.</param>
    public string Rows(SqlPart source, string before = "", string behind = "")
    {
        var query = before + SqlPlaces.Verbatim(source) + behind;
        return Bind(with is not { } clause ? query
            : $"{SqlPlaces.Verbatim(clause)} {(before.Length > 0 ? query : $"SELECT * FROM ({query})")}");
    }

    public void Dispose()
    {
        _bound.ForEach(bound => bound.Dispose());
        _bound.Clear();
    }

    private string Bind(string sql)
    {
        try
        {
            var bound = binder.Bind(sql, null, cancellationToken);
            _bound.Add(bound);
            return bound.Sql;
        }
        catch (DeltaException exception) when (exception.Offset is { } offset)
        {
            throw new DeltaException(exception.Kind, exception.Message, exception.Hint, exception)
            {
                Offset = SqlPlaces.ToOriginal(sql, offset),
            };
        }
    }

    private static bool IsQuery(SqlCursor cursor) => cursor.IsAny("SELECT", "WITH", "FROM", "VALUES")
        && cursor.Peek() is var next && !cursor.Is(next, ",") && !cursor.Is(next, ")") && !cursor.Is(next, ".");

    /// <summary>Gives the WITH clause to each query in the brackets of an expression.</summary>
    private static string IntoQueries(string sql, SqlPart clause)
    {
        var (text, copied) = (new StringBuilder(), 0);
        var cursor = new SqlCursor(sql);
        while (!cursor.AtEnd)
        {
            var token = cursor.Read();
            if (!cursor.Is(token, "(") || !IsQuery(cursor))
            {
                continue;
            }

            // Names of the query's own clause go before these, as inner names do.
            var start = cursor.Current.Start;
            text.Append(sql, copied, start - copied).Append(SqlPlaces.Verbatim(clause)).Append(' ');
            if (cursor.Is("WITH"))
            {
                text.Append("SELECT * FROM (");
            }

            text.Append(SqlPlaces.Resuming(sql, start));
            copied = start;
            var nested = cursor.Is("WITH");
            for (var depth = 1; depth > 0 && !cursor.AtEnd;)
            {
                depth += cursor.Is("(") ? 1 : cursor.Is(")") ? -1 : 0;
                if (depth > 0)
                {
                    cursor.Read();
                }
            }

            if (nested)
            {
                text.Append(sql, copied, cursor.LastEnd - copied).Append(')').Append(SqlPlaces.Resuming(sql, cursor.LastEnd));
                copied = cursor.LastEnd;
            }
        }

        return text.Append(sql, copied, sql.Length - copied).ToString();
    }
}
