namespace Kadali.Delta;

/// <summary>Writes an expression as DuckDB reads it, with Spark's meaning.</summary>
/// <param name="column">The type of a column, or null where it is not known.</param>
/// <param name="start">The offset of the expression in its statement, for marks of <see cref="SqlPlaces"/>; null for none.</param>
internal sealed class DuckDbWriter(Func<IReadOnlyList<string>, DeltaType?> column, int? start = null)
{
    // Names that lambdas bind, and what stands for them; the innermost last.
    private readonly List<(string Name, string Sql)> _bound = [];

    public DeltaType? TypeOf(SqlExpression expression) => ExpressionTypes.Of(
        expression, parts => parts.Count == 1 && IsBound(parts[0]) ? null : column(parts));

    public string Write(SqlExpression expression)
    {
        Nesting.Check();
        return expression is SqlExpression.Binary ? Written(expression) : Mark(expression) + Written(expression);
    }

    private string Mark(SqlExpression expression) =>
        start is { } offset && expression.Place >= 0 ? SqlPlaces.Point(offset + expression.Place) : "";

    private string Written(SqlExpression expression) => expression switch
    {
        SqlExpression.Name name => Name(name),
        SqlExpression.Literal literal => literal.Sql,
        SqlExpression.Verbatim { Start: >= 0 } query when start is { } offset => SqlPlaces.Verbatim(new(query.Sql, offset + query.Start)),
        SqlExpression.Verbatim verbatim => verbatim.Sql,
        SqlExpression.Unary { Operator: "NOT" } not => $"NOT {Operand(not.Operand)}",
        SqlExpression.Unary unary => $"{unary.Operator}{Operand(unary.Operand)}",
        SqlExpression.Binary binary => Binary(binary),
        SqlExpression.Suffixed { Words: ['[', ..] } slice => $"{Operand(slice.Operand)}{slice.Words}",
        SqlExpression.Suffixed suffixed => $"{Operand(suffixed.Operand)} {suffixed.Words}",
        SqlExpression.Like like => Like(like),
        SqlExpression.In list => $"{Operand(list.Operand)} {(list.Negated ? "NOT " : "")}IN ({List(list.Choices)})",
        SqlExpression.Between three =>
            $"{Operand(three.Operand)} {(three.Negated ? "NOT " : "")}BETWEEN {Operand(three.Low)} AND {Operand(three.High)}",
        SqlExpression.Case choice => Case(choice),
        SqlExpression.Cast cast => Casts.Write(cast, this),
        SqlExpression.Call call => Call(call),
        SqlExpression.Named named => $"{DuckDb.Name(named.Label)} := {Write(named.Value)}",
        SqlExpression.Lambda lambda => Lambda(lambda, 0),
        SqlExpression.Element element => Element(element),
        SqlExpression.Field field => $"({Write(field.Operand)}).{DuckDb.Name(field.Member)}",
        SqlExpression.Items items => $"{items.Open}{List(items.Values)}{items.Close}",
        SqlExpression.Entries entries =>
            $"{entries.Open}{string.Join(", ", entries.Values.Select(entry => $"{Write(entry.Key)}: {Write(entry.Value)}"))}}}",
        SqlExpression.Interval interval => Intervals.Write(interval, Write),
        _ => throw new InvalidOperationException($"{expression.GetType()} cannot be written."),
    };

    /// <summary>An expression beside an operator: in brackets unless it is whole by itself.</summary>
    public string Operand(SqlExpression expression)
    {
        var written = Write(expression);
        return expression is SqlExpression.Binary or SqlExpression.Unary or SqlExpression.Suffixed or SqlExpression.Like or SqlExpression.In
            or SqlExpression.Between or SqlExpression.Call ? $"({written})" : written;
    }

    public string List(IEnumerable<SqlExpression> expressions) => string.Join(", ", expressions.Select(Write));

    /// <summary>A lambda whose parameter of that place counts from 0 in Spark and from 1 in DuckDB, if there is one.</summary>
    public string Lambda(SqlExpression.Lambda lambda, int indexed)
    {
        var before = _bound.Count;
        for (var i = 0; i < lambda.Parameters.Count; i++)
        {
            var name = DuckDb.Name(lambda.Parameters[i]);
            _bound.Add((lambda.Parameters[i], i == indexed && i > 0 ? $"({name} - 1)" : name));
        }

        var written = $"lambda {string.Join(", ", lambda.Parameters.Select(DuckDb.Name))}: {Write(lambda.Body)}";
        _bound.RemoveRange(before, _bound.Count - before);
        return written;
    }

    private bool IsBound(string name) => _bound.Any(bound => bound.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private string Name(SqlExpression.Name name)
    {
        var bound = _bound.FindLast(bound => bound.Name.Equals(name.Parts[0], StringComparison.OrdinalIgnoreCase));
        return string.Join('.', name.Parts.Select((part, i) => i == 0 && bound.Sql is { } sql ? sql : DuckDb.Name(part)));
    }

    /// <summary>A date and whole days are a date again; DuckDB makes a timestamp of them.</summary>
    private bool IsDate(SqlExpression.Binary binary) => binary.Right is SqlExpression.Interval && TypeOf(binary) == DeltaType.Date;

    private string Binary(SqlExpression.Binary binary)
    {
        var (left, right, mark) = (Operand(binary.Left), Operand(binary.Right), Mark(binary));
        return binary.Operator switch
        {
            "+" or "-" when IsDate(binary) => $"CAST({left} {mark}{binary.Operator} {right} AS DATE)",
            "==" => $"{left} {mark}= {right}",
            "!=" => $"{left} {mark}<> {right}",
            "<=>" => $"{left} {mark}IS NOT DISTINCT FROM {right}",
            "^" => $"{mark}xor({left}, {right})",
            "/" or "%" => Divided(binary.Operator, left, right, binary.Right),
            "DIV" => $"CAST({Divided("//", left, right, binary.Right)} AS BIGINT)",
            ">>>" => throw new DeltaException(DeltaErrorKind.Unsupported, "The operator >>> has no equal in DuckDB.", "Use >>."),
            _ => $"{left} {mark}{binary.Operator} {right}",
        };
    }

    /// <summary>A division that fails where it divides by zero, as in Spark; DuckDB would give infinity or null.</summary>
    public string Divided(string symbol, string left, string right, SqlExpression by) =>
        by is SqlExpression.Literal { Sql: var sql } && sql.Any(letter => letter is >= '1' and <= '9')
            ? $"{left} {symbol} {right}"
            : $"CASE WHEN {right} = 0 THEN error('Division by zero.') ELSE {left} {symbol} {right} END";

    private string Like(SqlExpression.Like like)
    {
        // A backslash escapes in Spark's patterns, and is plain in DuckDB's unless it is named.
        var escapes = like.Operator is "LIKE" or "ILIKE"
            && (like.Pattern is not SqlExpression.Literal { Text: { } text } || text.Contains('\\', StringComparison.Ordinal));
        var escape = like.Escape is { } named ? $" ESCAPE {Operand(named)}" : escapes ? @" ESCAPE '\'" : "";
        return $"{Operand(like.Operand)} {(like.Negated ? "NOT " : "")}{like.Operator} {Operand(like.Pattern)}{escape}";
    }

    private string Case(SqlExpression.Case choice)
    {
        var branches = string.Concat(choice.Branches.Select(branch => $" WHEN {Write(branch.When)} THEN {Write(branch.Then)}"));
        return $"CASE{(choice.Operand is { } operand ? $" {Operand(operand)}" : "")}{branches}"
            + $"{(choice.Else is { } otherwise ? $" ELSE {Write(otherwise)}" : "")} END";
    }

    private string Call(SqlExpression.Call call) => (call.Distinct ? null : SparkFunctions.Write(call, this))
        ?? $"{call.Function}({(call.Distinct ? "DISTINCT " : "")}{List(call.Arguments)}){call.Tail}";

    /// <summary>Spark counts lists from 0, DuckDB from 1; maps and structs go by their keys.</summary>
    private string Element(SqlExpression.Element element)
    {
        var operand = Operand(element.Operand);
        return TypeOf(element.Operand) is DeltaType.Map or DeltaType.Struct || element.Index is SqlExpression.Literal { Text: not null }
            ? $"{operand}[{Write(element.Index)}]"
            : element.Index is SqlExpression.Literal { Sql: var digits } && int.TryParse(digits, out var index)
                ? $"{operand}[{index + 1}]"
                : $"{operand}[{Operand(element.Index)} + 1]";
    }
}
