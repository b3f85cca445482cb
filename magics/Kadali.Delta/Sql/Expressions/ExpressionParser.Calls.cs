namespace Kadali.Delta;

/// <content>Functions that are called, and lambdas.</content>
internal sealed partial class ExpressionParser
{
    // Functions whose arguments may be lambdas; elsewhere "->" is DuckDB's way into JSON.
    private static readonly HashSet<string> TakeLambdas = new(StringComparer.OrdinalIgnoreCase)
    {
        "transform", "filter", "exists", "any_match", "forall", "all_match", "aggregate", "reduce", "zip_with", "array_sort",
        "transform_keys", "transform_values", "map_filter", "list_transform", "list_filter", "list_reduce", "array_transform",
        "array_filter", "list_apply", "apply", "array_apply", "array_reduce",
    };

    private SqlExpression.Call Call(string function, int start)
    {
        _cursor.Read();
        var distinct = _cursor.Try("DISTINCT");
        var arguments = new List<SqlExpression>();
        if (!_cursor.Is(")"))
        {
            do
            {
                arguments.Add(Argument(function));
            }
            while (_cursor.Try(","));
        }

        if (!_cursor.Try(")"))
        {
            throw _cursor.Expected("an operator", ",", ")");
        }

        var tail = _cursor.LastEnd;
        while (_cursor.Is("OVER", "(") || _cursor.Is("FILTER", "("))
        {
            _cursor.Read();
            _cursor.SkipBrackets();
        }

        var behind = Backticks.ToDoubleQuotes(_cursor.Text[tail.._cursor.LastEnd]);
        return new(function, arguments, start, behind) { Distinct = distinct };
    }

    private SqlExpression Argument(string function)
    {
        if (TakeLambdas.Contains(function) && TryLambda() is { } lambda)
        {
            return lambda;
        }

        // name := value
        if (_cursor.Current.Kind is SqlTokenKind.Word or SqlTokenKind.DoubleQuotes or SqlTokenKind.Backticks
            && (_cursor.Is(_cursor.Peek(), ":=") || _cursor.Is(_cursor.Peek(), "=>")))
        {
            var name = _cursor.ReadName("a name");
            _cursor.Read();
            return new SqlExpression.Named(name, Expression());
        }

        if (BeginsQuery())
        {
            return Subquery();
        }

        var value = Expression();
        return _cursor.Try("AS") ? new SqlExpression.Named(_cursor.ReadName("a name"), value) : value;
    }

    private SqlExpression.Lambda? TryLambda()
    {
        var start = _cursor.Current.Start;
        var parameters = new List<string>();
        if (_cursor.Current.Kind == SqlTokenKind.Word && _cursor.Is(_cursor.Peek(), "->"))
        {
            parameters.Add(_cursor.ReadName("a parameter"));
        }
        else if (_cursor.Is("(") && _cursor.Peek().Kind == SqlTokenKind.Word)
        {
            _cursor.Read();
            do
            {
                if (_cursor.Current.Kind != SqlTokenKind.Word)
                {
                    break;
                }

                parameters.Add(_cursor.ReadName("a parameter"));
            }
            while (_cursor.Try(","));
            if (!_cursor.Is(")", "->"))
            {
                _cursor.MoveTo(start);
                return null;
            }

            _cursor.Read();
        }
        else
        {
            return null;
        }

        _cursor.Expect("->");
        return new(parameters, Expression());
    }

    /// <summary><c>lambda x, y: x + y</c> of DuckDB</summary>
    private SqlExpression.Lambda DuckLambda()
    {
        _cursor.Read();
        var parameters = new List<string>();
        do
        {
            parameters.Add(_cursor.ReadName("a parameter"));
        }
        while (_cursor.Try(","));

        // ":x" of "lambda x:x" comes as a parameter.
        if (_cursor.Current.Kind == SqlTokenKind.Parameter)
        {
            _cursor.MoveTo(_cursor.Current.Start + 1);
        }
        else
        {
            _cursor.Expect(":");
        }

        return new(parameters, Expression());
    }

    /// <summary><c>EXTRACT(YEAR FROM x)</c></summary>
    private SqlExpression.Call Extract()
    {
        var start = _cursor.Read().Start;
        _cursor.Read();
        var part = _cursor.Current.Kind == SqlTokenKind.String ? _cursor.ReadString("a part") : _cursor.ReadName("a part");
        _cursor.Expect("FROM");
        var from = Expression();
        _cursor.Expect(")");
        return new("date_part", [new SqlExpression.Literal(DuckDb.Text(part), DeltaType.String, part), from], start);
    }

    /// <summary>Functions whose arguments may be parted by words: <c>SUBSTRING(x FROM 1 FOR 2)</c>, <c>TRIM(BOTH 'x' FROM y)</c>.</summary>
    private SqlExpression WordySyntax(string word)
    {
        var start = _cursor.Read().Start;
        _cursor.Read();
        if (word == "TRIM" && _cursor.IsAny("BOTH", "LEADING", "TRAILING"))
        {
            var side = _cursor.TextOf(_cursor.Read()).ToString().ToUpperInvariant();
            var letters = _cursor.Is("FROM") ? null : Level(0);
            _cursor.Expect("FROM");
            var trimmed = Expression();
            _cursor.Expect(")");
            return new SqlExpression.Call(
                side switch { "LEADING" => "ltrim", "TRAILING" => "rtrim", _ => "trim" },
                letters is null ? [trimmed] : [letters, trimmed], start);
        }

        var arguments = new List<SqlExpression> { Level(0) };
        if (word == "POSITION" && _cursor.Try("IN"))
        {
            var within = Level(0);
            _cursor.Expect(")");
            return new SqlExpression.Call("instr", [within, arguments[0]], start);
        }

        while (_cursor.Try(",") || _cursor.Try("FROM") || _cursor.Try("FOR"))
        {
            arguments.Add(Expression());
        }

        if (!_cursor.Try(")"))
        {
            throw _cursor.Expected(",", ")");
        }

        return new SqlExpression.Call(word.ToLowerInvariant(), arguments, start);
    }
}
