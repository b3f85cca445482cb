namespace Kadali.Delta;

/// <summary>An expression or a query as it is written, to be understood by <see cref="SparkExpression"/> or DuckDB.</summary>
/// <param name="Text">Without spaces and comments round it.</param>
/// <param name="Start">UTF-16 offset into the statement. It is no part of what is said: equal parts may stand elsewhere.</param>
internal readonly record struct SqlPart(string Text, int Start = 0)
{
    public bool Equals(SqlPart other) => Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}

/// <summary>The name of a column, or of a field inside of one.</summary>
/// <param name="Parts">At least one; <c>element</c>, <c>key</c> and <c>value</c> lead into lists and maps.</param>
/// <param name="Start">UTF-16 offset into the statement.</param>
internal sealed record ColumnPath(IReadOnlyList<string> Parts, int Start = 0)
{
    public bool Equals(ColumnPath? other) => other is not null && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);

    public override string ToString() => string.Join('.', Parts);
}
