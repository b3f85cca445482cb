namespace Kadali.Delta;

/// <summary>A parsed expression. Names are as written; literals are already as DuckDB spells them.</summary>
internal abstract record SqlExpression
{
    private SqlExpression() { }

    /// <summary>UTF-16 offset of its first token, or of an operator between operands; -1 where it is of nobody's writing.</summary>
    public int Place { get; init; } = -1;

    /// <summary>A column, a field of one, or a parameter of a lambda.</summary>
    public sealed record Name(IReadOnlyList<string> Parts, int Start) : SqlExpression;

    /// <summary>A value.</summary>
    /// <param name="Sql">As DuckDB spells it.</param>
    /// <param name="Text">What it says, where it is a string.</param>
    public sealed record Literal(string Sql, DeltaType? Type, string? Text = null) : SqlExpression;

    /// <summary>What DuckDB is to read as it stands: subqueries, parameters, <c>*</c>.</summary>
    /// <param name="Start">UTF-16 offset of a subquery, whose text is the author's; else -1.</param>
    public sealed record Verbatim(string Sql, int Start = -1) : SqlExpression;

    /// <summary>An operator before its operand.</summary>
    public sealed record Unary(string Operator, SqlExpression Operand) : SqlExpression;

    /// <summary>An operator between its operands.</summary>
    /// <param name="Operator">In capitals, as Spark or DuckDB spells it.</param>
    public sealed record Binary(string Operator, SqlExpression Left, SqlExpression Right) : SqlExpression;

    /// <summary>Words behind an operand: <c>IS NOT NULL</c>, <c>COLLATE x</c>, <c>AT TIME ZONE 'x'</c>.</summary>
    public sealed record Suffixed(SqlExpression Operand, string Words) : SqlExpression;

    /// <summary><c>[NOT] LIKE</c>, <c>ILIKE</c></summary>
    public sealed record Like(SqlExpression Operand, string Operator, SqlExpression Pattern, SqlExpression? Escape, bool Negated)
        : SqlExpression;

    /// <summary><c>[NOT] IN (…)</c></summary>
    public sealed record In(SqlExpression Operand, IReadOnlyList<SqlExpression> Choices, bool Negated) : SqlExpression;

    /// <summary><c>[NOT] BETWEEN … AND …</c></summary>
    public sealed record Between(SqlExpression Operand, SqlExpression Low, SqlExpression High, bool Negated) : SqlExpression;

    /// <summary><c>CASE … END</c></summary>
    public sealed record Case(
        SqlExpression? Operand, IReadOnlyList<(SqlExpression When, SqlExpression Then)> Branches, SqlExpression? Else) : SqlExpression;

    /// <summary><c>CAST(… AS …)</c>, <c>TRY_CAST</c>, <c>::</c></summary>
    /// <param name="Type">Null for a type that Delta does not have.</param>
    /// <param name="DuckType">The type as DuckDB spells it.</param>
    public sealed record Cast(SqlExpression Operand, DeltaType? Type, string DuckType, bool Try) : SqlExpression;

    /// <summary>A function that is called.</summary>
    /// <param name="Function">As written.</param>
    /// <param name="Tail">What stands behind the brackets: <c>FILTER (…)</c>, <c>OVER (…)</c>; else empty.</param>
    public sealed record Call(string Function, IReadOnlyList<SqlExpression> Arguments, int Start, string Tail = "") : SqlExpression
    {
        public bool Distinct { get; init; }
    }

    /// <summary>An argument with a name: <c>x AS name</c> of Spark's struct, <c>name := x</c> of DuckDB.</summary>
    public sealed record Named(string Label, SqlExpression Value) : SqlExpression;

    /// <summary><c>x -&gt; …</c></summary>
    public sealed record Lambda(IReadOnlyList<string> Parameters, SqlExpression Body) : SqlExpression;

    /// <summary>An element of a list or map.</summary>
    public sealed record Element(SqlExpression Operand, SqlExpression Index) : SqlExpression;

    /// <summary>A field of what is no name.</summary>
    public sealed record Field(SqlExpression Operand, string Member) : SqlExpression;

    /// <summary>A list <c>[…]</c> or row <c>(…)</c> of DuckDB.</summary>
    public sealed record Items(char Open, IReadOnlyList<SqlExpression> Values, char Close) : SqlExpression;

    /// <summary>A struct <c>{…}</c> or map <c>MAP {…}</c> of DuckDB.</summary>
    public sealed record Entries(string Open, IReadOnlyList<(SqlExpression Key, SqlExpression Value)> Values) : SqlExpression;

    /// <summary><c>INTERVAL 1 DAY 2 HOURS</c></summary>
    public sealed record Interval(IReadOnlyList<(SqlExpression Amount, string? Unit)> Parts) : SqlExpression;

    /// <summary>The expressions right in this one.</summary>
    public IEnumerable<SqlExpression> Children => this switch
    {
        Unary one => [one.Operand],
        Binary two => [two.Left, two.Right],
        Suffixed one => [one.Operand],
        Like like => like.Escape is null ? [like.Operand, like.Pattern] : [like.Operand, like.Pattern, like.Escape],
        In list => [list.Operand, .. list.Choices],
        Between three => [three.Operand, three.Low, three.High],
        Case choice =>
        [
            .. choice.Operand is null ? (SqlExpression[])[] : [choice.Operand],
            .. choice.Branches.SelectMany(branch => new[] { branch.When, branch.Then }),
            .. choice.Else is null ? (SqlExpression[])[] : [choice.Else],
        ],
        Cast cast => [cast.Operand],
        Call call => call.Arguments,
        Named named => [named.Value],
        Lambda lambda => [lambda.Body],
        Element element => [element.Operand, element.Index],
        Field member => [member.Operand],
        Items items => items.Values,
        Entries entries => entries.Values.SelectMany(entry => new[] { entry.Key, entry.Value }),
        Interval interval => interval.Parts.Select(part => part.Amount),
        _ => [],
    };
}
