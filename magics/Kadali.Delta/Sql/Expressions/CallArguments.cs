using System.Globalization;

namespace Kadali.Delta;

/// <summary>The arguments of a call, as a function's translation wants them.</summary>
internal readonly struct CallArguments(SqlExpression.Call call, DuckDbWriter writer)
{
    public int Count => call.Arguments.Count;

    public string Function => call.Function;

    public DuckDbWriter Writer => writer;

    /// <summary>The expression itself.</summary>
    /// <exception cref="DeltaException">There are less.</exception>
    public SqlExpression Expression(int index) => index < call.Arguments.Count ? call.Arguments[index] : throw new DeltaException(
        DeltaErrorKind.Syntax, $"'{call.Function}' wants more arguments than {call.Arguments.Count}.") { Offset = call.Start };

    /// <summary>Written, to stand between commas.</summary>
    public string this[int index] => writer.Write(Expression(index));

    /// <summary>Written, to stand beside operators.</summary>
    public string Operand(int index) => writer.Operand(Expression(index));

    public DeltaType? Type(int index) => writer.TypeOf(Expression(index));

    /// <summary>The text of a string that is written out, or null.</summary>
    public string? Text(int index) => (Expression(index) as SqlExpression.Literal)?.Text;

    /// <summary>A whole number that is written out, or null.</summary>
    public long? Number(int index) => Expression(index) switch
    {
        SqlExpression.Literal literal => Digits(literal),
        SqlExpression.Unary { Operator: "-", Operand: SqlExpression.Literal literal } => -Digits(literal),
        _ => null,
    };

    private static long? Digits(SqlExpression.Literal literal) =>
        long.TryParse(literal.Sql, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public string As(int index, DeltaType type) =>
        Type(index) == type ? Operand(index) : Casts.Write(this[index], Type(index), type, DuckTypes.Of(type), isTry: false);

    public string Date(int index) => As(index, DeltaType.Date);

    public string Timestamp(int index) => As(index, DeltaType.Timestamp);

    /// <summary>What has a year: strings are read, all else stays.</summary>
    public string Moment(int index) => Type(index) == DeltaType.String ? Timestamp(index) : this[index];

    /// <summary>All from a place on.</summary>
    public string From(int index) => writer.List(call.Arguments.Skip(index));

    /// <summary>A lambda; of its parameters the one at that place is an index.</summary>
    public string Lambda(int index, int indexed = 0) =>
        Expression(index) is SqlExpression.Lambda lambda ? writer.Lambda(lambda, indexed) : this[index];

    /// <summary>A date pattern, which has to be written out.</summary>
    public string Pattern(int index) => Text(index) is { } pattern ? DuckDb.Text(DatePatterns.ToDuckDb(pattern)) : throw new DeltaException(
        DeltaErrorKind.Unsupported, $"The pattern of {Function} has to be written as a string.");
}
