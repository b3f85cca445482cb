namespace Kadali.Delta;

/// <summary>Reads expressions: operators by their precedence in Spark.</summary>
internal sealed partial class ExpressionParser
{
    // From weak to strong; NOT and the predicates (=, LIKE, IN, IS …) stand between AND and these.
    private static readonly string[][] Levels = [["|"], ["^"], ["&"], ["<<", ">>", ">>>"], ["+", "-", "||"], ["*", "/", "//", "%", "DIV"]];

    private static readonly string[] Comparisons =
        ["=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>", "~", "!~", "@>", "<@", "&&", "->", "->>", "**"];

    private readonly SqlCursor _cursor;
    private readonly bool _spark;
    private readonly Func<string, bool> _isColumn;

    private ExpressionParser(SqlCursor cursor, bool spark, Func<string, bool> isColumn) =>
        (_cursor, _spark, _isColumn) = (cursor, spark, isColumn);

    /// <param name="text">The whole expression.</param>
    /// <param name="spark">Whether double quotes make strings and backslashes mean something, as in Spark.</param>
    /// <param name="isColumn">Else, whether what stands in double quotes is a column and no string.</param>
    /// <exception cref="DeltaException">The text is no expression; with the offset.</exception>
    public static SqlExpression Parse(string text, bool spark, Func<string, bool> isColumn)
    {
        var parser = new ExpressionParser(new(text, escapes: spark), spark, isColumn);
        var expression = parser.Expression();
        parser._cursor.ExpectEnd("an operator");
        return expression;
    }

    private SqlExpression Expression()
    {
        Nesting.Check(_cursor.Current.Start);
        var left = And();
        while (_cursor.Is("OR"))
        {
            var place = _cursor.Read().Start;
            left = new SqlExpression.Binary("OR", left, And()) { Place = place };
        }

        return left;
    }

    private SqlExpression And()
    {
        var left = Not();
        while (_cursor.Is("AND"))
        {
            var place = _cursor.Read().Start;
            left = new SqlExpression.Binary("AND", left, Not()) { Place = place };
        }

        return left;
    }

    private SqlExpression Not()
    {
        var nots = 0;
        while (_cursor.Try("NOT") || _cursor.Try("!"))
        {
            nots++;
        }

        var operand = Predicate();
        for (; nots > 0; nots--)
        {
            operand = new SqlExpression.Unary("NOT", operand);
        }

        return operand;
    }

    /// <summary>Comparisons and what is like them; one may follow another.</summary>
    private SqlExpression Predicate()
    {
        var left = Level(0);
        while (true)
        {
            if (_cursor.IsAny(Comparisons))
            {
                var symbol = _cursor.Read();
                left = new SqlExpression.Binary(_cursor.TextOf(symbol).ToString(), left, Level(0)) { Place = symbol.Start };
            }
            else if (_cursor.Is("IS"))
            {
                left = Is(left);
            }
            else if (_cursor.Is("ISNULL") || _cursor.Is("NOTNULL"))
            {
                left = new SqlExpression.Suffixed(left, _cursor.Is("ISNULL") ? "IS NULL" : "IS NOT NULL");
                _cursor.Read();
            }
            else if (IsPredicate(_cursor.Current) || (_cursor.Is("NOT") && IsPredicate(_cursor.Peek())))
            {
                left = Negatable(left, _cursor.Try("NOT"));
            }
            else
            {
                return left;
            }
        }
    }

    private bool IsPredicate(SqlToken token) => _cursor.Is(token, "LIKE") || _cursor.Is(token, "ILIKE") || _cursor.Is(token, "RLIKE")
        || _cursor.Is(token, "REGEXP") || _cursor.Is(token, "IN") || _cursor.Is(token, "BETWEEN") || _cursor.Is(token, "GLOB")
        || _cursor.Is(token, "SIMILAR");

    private SqlExpression Is(SqlExpression left)
    {
        _cursor.Read();
        var negated = _cursor.Try("NOT");
        if (_cursor.Try("DISTINCT"))
        {
            _cursor.Expect("FROM");
            return new SqlExpression.Binary(negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", left, Level(0));
        }

        if (!_cursor.IsAny("NULL", "TRUE", "FALSE", "UNKNOWN"))
        {
            throw _cursor.Expected("NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT FROM");
        }

        var what = _cursor.TextOf(_cursor.Read()).ToString().ToUpperInvariant();
        return new SqlExpression.Suffixed(left, $"IS {(negated ? "NOT " : "")}{(what == "UNKNOWN" ? "NULL" : what)}");
    }

    private SqlExpression Negatable(SqlExpression left, bool negated)
    {
        if (_cursor.Try("IN"))
        {
            if (!_cursor.Is("("))
            {
                // DuckDB's own: a list, such as a parameter is.
                var held = new SqlExpression.Call("list_contains", [Level(0), left], 0);
                return negated ? new SqlExpression.Unary("NOT", held) : held;
            }

            _cursor.Expect("(");
            var items = BeginsQuery() ? [Subquery()] : Arguments(")");
            _cursor.Expect(")");
            return new SqlExpression.In(left, items, negated);
        }

        if (_cursor.Try("BETWEEN"))
        {
            var low = Level(0);
            _cursor.Expect("AND");
            return new SqlExpression.Between(left, low, Level(0), negated);
        }

        if (_cursor.Try("RLIKE") || _cursor.Try("REGEXP"))
        {
            var matches = new SqlExpression.Call("regexp_like", [left, Level(0)], 0);
            return negated ? new SqlExpression.Unary("NOT", matches) : matches;
        }

        var word = _cursor.TextOf(_cursor.Read()).ToString().ToUpperInvariant();
        if (word == "SIMILAR")
        {
            _cursor.Expect("TO");
            word = "SIMILAR TO";
        }

        if (_cursor.IsAny("ANY", "SOME", "ALL"))
        {
            return LikeSeveral(left, word, negated);
        }

        var pattern = Level(0);
        return new SqlExpression.Like(left, word, pattern, _cursor.Try("ESCAPE") ? Level(0) : null, negated);
    }

    /// <summary><c>LIKE ANY ('a%', 'b%')</c></summary>
    private SqlExpression LikeSeveral(SqlExpression left, string word, bool negated)
    {
        var all = _cursor.Is("ALL");
        _cursor.Read();
        _cursor.Expect("(");
        if (_cursor.Is(")"))
        {
            throw _cursor.Expected("a pattern");
        }

        var patterns = Arguments(")");
        _cursor.Expect(")");
        return patterns.Select(SqlExpression (pattern) => new SqlExpression.Like(left, word, pattern, null, negated))
            .Aggregate((one, other) => new SqlExpression.Binary(all ? "AND" : "OR", one, other));
    }

    private SqlExpression Level(int level)
    {
        if (level == Levels.Length)
        {
            return Unary();
        }

        var left = Level(level + 1);
        while (_cursor.IsAny(Levels[level]))
        {
            var symbol = _cursor.Read();
            left = new SqlExpression.Binary(_cursor.TextOf(symbol).ToString().ToUpperInvariant(), left, Level(level + 1))
            {
                Place = symbol.Start,
            };
        }

        return left;
    }

    private SqlExpression Unary()
    {
        Nesting.Check(_cursor.Current.Start);
        if (_cursor.Is("-") || _cursor.Is("+") || _cursor.Is("~"))
        {
            var symbol = _cursor.TextOf(_cursor.Read()).ToString();
            return new SqlExpression.Unary(symbol, Unary());
        }

        return Suffixes(Primary());
    }

    private SqlExpression Suffixes(SqlExpression operand)
    {
        while (true)
        {
            if (_cursor.Try("::"))
            {
                operand = CastTo(operand, isTry: false);
            }
            else if (_cursor.Is("["))
            {
                operand = ElementOf(operand);
            }
            else if (_cursor.Is(".") && _cursor.Peek().Kind is SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes)
            {
                _cursor.Read();
                operand = new SqlExpression.Field(operand, _cursor.ReadName("a field's name"));
            }
            else if (_cursor.Try("COLLATE"))
            {
                operand = new SqlExpression.Suffixed(operand, $"COLLATE {DuckDb.Name(_cursor.ReadName("a collation"))}");
            }
            else if (_cursor.Is("AT", "TIME"))
            {
                _cursor.Read();
                _cursor.Read();
                _cursor.Expect("ZONE");
                operand = new SqlExpression.Suffixed(operand, $"AT TIME ZONE {DuckDb.Text(_cursor.ReadString("a time zone"))}");
            }
            else
            {
                return operand;
            }
        }
    }

    private SqlExpression ElementOf(SqlExpression operand)
    {
        var start = _cursor.Read().End;

        // A slice of DuckDB: [a:b], where ":b" may come as a parameter.
        var end = start;
        var colon = false;
        for (var depth = 1; depth > 0; _cursor.Read())
        {
            if (_cursor.Current.Kind is SqlTokenKind.End or SqlTokenKind.Unterminated)
            {
                throw _cursor.Expected("]");
            }

            colon |= depth == 1 && _cursor.TextOf(_cursor.Current)[0] == ':' && !_cursor.Is("::");
            depth += _cursor.IsAny("[", "(", "{") ? 1 : _cursor.IsAny("]", ")", "}") ? -1 : 0;
            end = _cursor.Current.Start;
        }

        if (colon)
        {
            return new SqlExpression.Suffixed(operand, $"[{_cursor.Text[start..end]}]");
        }

        _cursor.MoveTo(start);
        var index = Expression();
        _cursor.Expect("]");
        return new SqlExpression.Element(operand, index);
    }

    private SqlExpression.Cast CastTo(SqlExpression operand, bool isTry)
    {
        if (_cursor.Current.Kind == SqlTokenKind.Word && TypeParser.IsTypeName(_cursor.TextOf(_cursor.Current).ToString()))
        {
            // JSON is a string for Delta, and more than that for what is made of it.
            var (at, isJson) = (_cursor.Current.Start, _cursor.Is("JSON"));
            var (type, _) = TypeParser.Read(_cursor);
            return new(operand, type, isJson ? _cursor.Text[at.._cursor.LastEnd] : DuckTypes.Of(type), isTry);
        }

        // A type of DuckDB alone: TIME, INTERVAL, BIT, a user's own.
        var start = _cursor.Current.Start;
        _cursor.ReadName("a type");
        while (_cursor.IsAny("(", "["))
        {
            _cursor.SkipBrackets();
        }

        return new(operand, null, _cursor.Text[start.._cursor.LastEnd], isTry);
    }

    private List<SqlExpression> Arguments(string close)
    {
        var arguments = new List<SqlExpression>();
        if (_cursor.Is(close))
        {
            return arguments;
        }

        do
        {
            arguments.Add(Expression());
        }
        while (_cursor.Try(","));
        if (!_cursor.Is(close))
        {
            throw _cursor.Expected("an operator", ",", close);
        }

        return arguments;
    }

    private bool BeginsQuery() => _cursor.IsAny("SELECT", "WITH", "FROM", "VALUES", "TABLE")
        && _cursor.Peek().Kind is not SqlTokenKind.End && !_cursor.Is(_cursor.Peek(), ",") && !_cursor.Is(_cursor.Peek(), ")")
        && !_cursor.Is(_cursor.Peek(), ".");

    /// <summary>A query up to the bracket that closes it.</summary>
    private SqlExpression.Verbatim Subquery()
    {
        var start = _cursor.Current.Start;
        for (var depth = 0; depth > 0 || !_cursor.Is(")"); _cursor.Read())
        {
            if (_cursor.Current.Kind is SqlTokenKind.End or SqlTokenKind.Unterminated)
            {
                throw _cursor.Expected(")");
            }

            depth += _cursor.Is("(") ? 1 : _cursor.Is(")") ? -1 : 0;
        }

        return new(Backticks.ToDoubleQuotes(_cursor.Text[start.._cursor.LastEnd]), start);
    }
}
