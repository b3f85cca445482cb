namespace Kadali.Delta;

/// <content>Values, names and what else stands between operators.</content>
internal sealed partial class ExpressionParser
{
    // Constants that are called without brackets.
    private static readonly HashSet<string> Constants = new(StringComparer.OrdinalIgnoreCase)
    {
        "current_timestamp", "current_date", "localtimestamp", "current_user", "session_user", "user",
    };

    private SqlExpression Primary()
    {
        var start = _cursor.Current.Start;
        var value = Value();
        return value.Place < 0 ? value with { Place = start } : value;
    }

    private SqlExpression Value()
    {
        var token = _cursor.Current;
        switch (token.Kind)
        {
            case SqlTokenKind.Number:
                _cursor.Read();
                return NumberLiterals.Of(_cursor.TextOf(token));
            case SqlTokenKind.String:
                return StringLiteral();
            case SqlTokenKind.DoubleQuotes when _spark || !_isColumn(SqlQuotes.Name(_cursor.TextOf(token))):
                return StringLiteral();
            case SqlTokenKind.DoubleQuotes or SqlTokenKind.Backticks:
                return NameOrCall();
            case SqlTokenKind.Parameter:
                _cursor.Read();
                return new SqlExpression.Verbatim(token.Length == 1 ? "?" : $"${_cursor.TextOf(token)[1..]}");
            case SqlTokenKind.Word:
                return Word();
        }

        if (_cursor.Try("("))
        {
            return Bracketed();
        }

        if (_cursor.Try("["))
        {
            var items = Arguments("]");
            _cursor.Read();
            return new SqlExpression.Items('[', items, ']');
        }

        return _cursor.Is("{") ? Entries("{")
            : _cursor.Try("*") ? new SqlExpression.Verbatim("*")
            : throw _cursor.Expected("an expression");
    }

    private SqlExpression Word()
    {
        var word = _cursor.TextOf(_cursor.Current).ToString().ToUpperInvariant();
        var next = _cursor.Peek();
        var calls = _cursor.Is(next, "(");
        switch (word)
        {
            case "NULL":
                _cursor.Read();
                return new SqlExpression.Literal("NULL", null);
            case "TRUE" or "FALSE":
                _cursor.Read();
                return new SqlExpression.Literal(word, DeltaType.Boolean);
            case "CASE":
                return Case();
            case "NOT":
                return Not();
            case "DATE" or "TIMESTAMP" or "TIMESTAMP_NTZ" or "TIMESTAMP_LTZ" or "TIMESTAMPTZ"
                when next.Kind == SqlTokenKind.String || (next.Kind == SqlTokenKind.DoubleQuotes && _spark):
                _cursor.Read();
                var moment = DuckDb.Text(_cursor.ReadString("a date or time"));
                return word switch
                {
                    "DATE" => new SqlExpression.Literal($"DATE {moment}", DeltaType.Date),
                    "TIMESTAMP_NTZ" => new SqlExpression.Literal($"TIMESTAMP {moment}", DeltaType.TimestampNtz),
                    _ => new SqlExpression.Literal($"TIMESTAMPTZ {moment}", DeltaType.Timestamp),
                };
            case "INTERVAL" when next.Kind is SqlTokenKind.String or SqlTokenKind.Number || calls || _cursor.Is(next, "-"):
                return Interval();
            case "EXISTS" when calls:
                return Exists();
            case "CAST" or "TRY_CAST" or "SAFE_CAST" when calls:
                return Cast(isTry: word != "CAST");
            case "EXTRACT" when calls:
                return Extract();
            case "SUBSTRING" or "SUBSTR" or "POSITION" or "TRIM" or "OVERLAY" when calls:
                return WordySyntax(word);
            case "MAP" when _cursor.Is(next, "{"):
                _cursor.Read();
                return Entries("MAP {");
            case "ARRAY" when _cursor.Is(next, "["):
                _cursor.Read();
                return Primary();
            case "LAMBDA" when next.Kind == SqlTokenKind.Word:
                return DuckLambda();
            default:
                return !calls && Constants.Contains(word) && !_cursor.Is(next, ".")
                    ? new SqlExpression.Call(_cursor.TextOf(_cursor.Read()).ToString(), [], _cursor.LastEnd)
                    : NameOrCall();
        }
    }

    private SqlExpression.Literal StringLiteral()
    {
        var token = _cursor.Read();
        var written = _cursor.TextOf(token);
        if (written[0] is 'x' or 'X')
        {
            var digits = written[2..^1].ToString();
            return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
                ? new($"unhex('{digits}')", DeltaType.Binary)
                : throw SqlCursor.Failure($"{written} is no pairs of hexadecimal digits.", token.Start);
        }

        var text = SqlQuotes.String(written, _spark);

        // 'a' 'b' is one string.
        while (_cursor.Current.Kind == SqlTokenKind.String)
        {
            text += SqlQuotes.String(_cursor.TextOf(_cursor.Read()), _spark);
        }

        return new(DuckDb.Text(text), DeltaType.String, text);
    }

    private SqlExpression Bracketed()
    {
        if (BeginsQuery())
        {
            var query = Subquery();
            _cursor.Expect(")");
            return query with { Sql = $"({query.Sql})", Start = query.Start - 1 };
        }

        var items = Arguments(")");
        _cursor.Read();
        return items.Count == 1 ? items[0] : new SqlExpression.Items('(', items, ')');
    }

    private SqlExpression NameOrCall()
    {
        var start = _cursor.Current.Start;
        var quoted = _cursor.Current.Kind != SqlTokenKind.Word;
        var parts = new List<string> { _cursor.ReadName("a name") };
        if (!quoted && _cursor.Is("("))
        {
            return Call(parts[0], start);
        }

        while (_cursor.Is(".") && _cursor.Peek().Kind is SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes)
        {
            _cursor.Read();
            parts.Add(_cursor.ReadName("a name"));
        }

        return new SqlExpression.Name(parts, start);
    }

    private SqlExpression.Case Case()
    {
        _cursor.Read();
        var operand = _cursor.Is("WHEN") ? null : Expression();
        var branches = new List<(SqlExpression, SqlExpression)>();
        while (_cursor.Try("WHEN"))
        {
            var when = Expression();
            _cursor.Expect("THEN");
            branches.Add((when, Expression()));
        }

        var otherwise = _cursor.Try("ELSE") ? Expression() : null;
        if (branches.Count == 0 || !_cursor.Try("END"))
        {
            throw branches.Count == 0 ? _cursor.Expected("WHEN") : _cursor.Expected("WHEN", "ELSE", "END");
        }

        return new(operand, branches, otherwise);
    }

    /// <summary>A query, or Spark's function of a list and a lambda.</summary>
    private SqlExpression Exists()
    {
        var exists = _cursor.Read();
        var open = _cursor.Read();
        if (!BeginsQuery())
        {
            _cursor.MoveTo(open.Start);
            return Call(_cursor.TextOf(exists).ToString(), exists.Start);
        }

        var query = Subquery();
        _cursor.Expect(")");
        return query with { Sql = $"EXISTS ({query.Sql})", Start = query.Start - "EXISTS (".Length };
    }

    private SqlExpression.Cast Cast(bool isTry)
    {
        _cursor.Read();
        _cursor.Read();
        var operand = Expression();
        if (!_cursor.Try("AS"))
        {
            throw _cursor.Expected("an operator", "AS");
        }

        var cast = CastTo(operand, isTry);
        _cursor.Expect(")");
        return cast;
    }

    private SqlExpression.Entries Entries(string open)
    {
        _cursor.Read();
        var entries = new List<(SqlExpression, SqlExpression)>();
        while (!_cursor.Try("}"))
        {
            var key = _cursor.Current.Kind == SqlTokenKind.Word && open == "{"
                ? new SqlExpression.Literal(DuckDb.Name(_cursor.TextOf(_cursor.Read()).ToString()), null) : Primary();
            if (_cursor.Current.Kind == SqlTokenKind.Parameter)
            {
                _cursor.MoveTo(_cursor.Current.Start + 1);
            }
            else
            {
                _cursor.Expect(":");
            }

            entries.Add((key, Expression()));
            if (!_cursor.Try(",") && !_cursor.Is("}"))
            {
                throw _cursor.Expected(",", "}");
            }
        }

        return new(open, entries);
    }

    private SqlExpression.Interval Interval()
    {
        _cursor.Read();
        var parts = new List<(SqlExpression, string?)>();
        while (_cursor.Current.Kind is SqlTokenKind.String or SqlTokenKind.Number || (parts.Count == 0 && _cursor.IsAny("-", "(")))
        {
            var amount = Unary();
            var unit = _cursor.Current.Kind == SqlTokenKind.Word && Intervals.IsUnit(_cursor.TextOf(_cursor.Current))
                ? _cursor.TextOf(_cursor.Read()).ToString().ToUpperInvariant() : null;
            if (unit is not null && _cursor.Try("TO"))
            {
                unit += " TO " + _cursor.ReadName("a unit").ToUpperInvariant();
            }

            parts.Add((amount, unit));
            if (unit is null)
            {
                break;
            }
        }

        return new(parts);
    }
}
