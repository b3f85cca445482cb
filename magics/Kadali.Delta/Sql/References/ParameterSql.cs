using System.Text;

namespace Kadali.Delta;

/// <summary>A statement with variables of DuckDB in place of its parameters, for statements that are not prepared themselves.</summary>
internal sealed class ParameterSql
{
    private readonly List<(int Start, int Original, int Length)> _replaced = [];

    private ParameterSql(string text) => Text = text;

    public string Text { get; private set; }

    /// <summary>What a parameter's variable is called.</summary>
    public static string Variable(string name) => "kadali_" + name;

    public static ParameterSql Of(string sql)
    {
        var rewritten = new ParameterSql(sql);
        if (!sql.Contains('$', StringComparison.Ordinal))
        {
            return rewritten;
        }

        var (text, copied) = (new StringBuilder(sql.Length), 0);
        var token = SqlLexer.Next(sql, 0);
        for (; token.Kind is not (SqlTokenKind.End or SqlTokenKind.Unterminated); token = SqlLexer.Next(sql, token.End))
        {
            if (token.Kind == SqlTokenKind.Parameter && sql[token.Start] == '$')
            {
                text.Append(sql, copied, token.Start - copied);
                rewritten._replaced.Add((text.Length, token.Start, token.Length));
                text.Append($"getvariable({DuckDb.Text(Variable(sql[(token.Start + 1)..token.End]))})");
                copied = token.End;
            }
        }

        rewritten.Text = text.Append(sql, copied, sql.Length - copied).ToString();
        return rewritten;
    }

    /// <summary>The place in the original of a place in <see cref="Text"/>.</summary>
    public int ToOriginal(int offset)
    {
        var (start, original, length) = _replaced.FindLast(piece => piece.Start <= offset);
        if (length == 0)
        {
            return offset;
        }

        var end = Text.IndexOf(')', start) + 1;
        return offset < end ? original : original + length + offset - end;
    }
}
