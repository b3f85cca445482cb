using System.Text;

namespace Kadali.Delta;

/// <summary>SQL in which tables were replaced, with the way back to the places of the original.</summary>
internal sealed class RewrittenSql
{
    private readonly List<Piece> _pieces = [];

    private RewrittenSql(string text) => Text = text;

    public string Text { get; private set; }

    /// <summary>Puts SQL in place of tables, and DuckDB's quotes in place of backticks.</summary>
    /// <param name="sql">The original.</param>
    /// <param name="references">What was found in it.</param>
    /// <param name="replace">
    /// What stands for a reference, such as a query in brackets, or null to leave it; it gets the table's name as its alias unless the
    /// statement gives it one.
    /// </param>
    public static RewrittenSql Of(string sql, IReadOnlyList<TableReference> references, Func<TableReference, string?> replace)
    {
        var rewritten = new RewrittenSql(sql);
        var (text, copied) = (new StringBuilder(sql.Length), 0);
        foreach (var reference in references)
        {
            if (replace(reference) is { } replacement)
            {
                rewritten.Copy(text, sql, copied, reference.Start);
                var alias = reference is { HasAlias: false, Table: { Path: null, Parts: [.., var name] } }
                    ? $" AS {DuckDb.Name(name)}" : "";
                rewritten._pieces.Add(new(text.Length, reference.Start, IsCopy: false));
                text.Append(SqlPlaces.Replacing(sql, reference.Start)).Append(replacement).Append(alias)
                    .Append(SqlPlaces.Resuming(sql, reference.End));
                copied = reference.End;
            }
        }

        rewritten.Copy(text, sql, copied, sql.Length);
        rewritten.Text = text.ToString();
        return rewritten;
    }

    /// <summary>The place in the original of a place in <see cref="Text"/>; the table's, for a place in what replaced it.</summary>
    public int ToOriginal(int offset)
    {
        var piece = _pieces.FindLast(piece => piece.Start <= offset);
        return piece.IsCopy ? piece.Original + offset - piece.Start : piece.Original;
    }

    private void Copy(StringBuilder text, string sql, int from, int to)
    {
        _pieces.Add(new(text.Length, from, IsCopy: true));
        text.Append(Backticks.ToDoubleQuotes(sql[from..to]));
    }

    private readonly record struct Piece(int Start, int Original, bool IsCopy);
}
