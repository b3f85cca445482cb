namespace Kadali.Delta;

/// <summary>
/// What the two sides of a MERGE are called. A clause for rows that only one side has cannot name the other: there would be nothing but
/// nulls.
/// </summary>
/// <param name="target">What the table is called, quoted.</param>
/// <param name="source">What the source is called, quoted.</param>
internal sealed class MergeSides(
    string target, DeltaType.Struct table, string source, IReadOnlyList<SourceColumn> columns)
{
    /// <exception cref="DeltaException">The expression names the side that has no row.</exception>
    public void Check(DeltaCommand.MergeMatch match, SqlPart expression)
    {
        if (match == DeltaCommand.MergeMatch.Matched)
        {
            return;
        }

        var bySource = match == DeltaCommand.MergeMatch.NotMatchedBySource;
        var wrong = SparkExpression.ColumnReferences(expression.Text, spark: false)
            .FirstOrDefault(name => bySource ? !IsTables(name) && IsSources(name) : !IsSources(name) && IsTables(name));
        if (wrong is not null)
        {
            throw new DeltaException(
                DeltaErrorKind.Schema,
                bySource
                    ? $"WHEN NOT MATCHED BY SOURCE is for rows that the source has no row for: it cannot name '{wrong}' of the source."
                    : $"WHEN NOT MATCHED is for rows that the table has none for: it cannot name '{wrong}' of the table.",
                bySource ? "Name columns of the table alone." : "Name columns of the source alone.")
            {
                Offset = expression.Start + wrong.Start,
            };
        }
    }

    /// <summary>A clause behind one that takes all rows would never be asked.</summary>
    /// <exception cref="DeltaException">There is such a clause.</exception>
    public static void CheckOrder(IReadOnlyList<DeltaCommand.MergeClause> clauses)
    {
        foreach (var same in clauses.GroupBy(clause => clause.Match))
        {
            if (same.SkipLast(1).Any(clause => clause.Condition is null))
            {
                var name = same.Key switch
                {
                    DeltaCommand.MergeMatch.Matched => "WHEN MATCHED",
                    DeltaCommand.MergeMatch.NotMatched => "WHEN NOT MATCHED",
                    _ => "WHEN NOT MATCHED BY SOURCE",
                };
                throw new DeltaException(
                    DeltaErrorKind.Argument, $"A {name} without a condition takes all rows, and another {name} stands behind it.",
                    "Only the last may be without a condition.");
            }
        }
    }

    private bool IsTables(ColumnPath name) => Is(name, target) || table.Find(name.Parts[0]) is not null;

    private bool IsSources(ColumnPath name) => Is(name, source)
        || columns.Any(column => string.Equals(column.Name, name.Parts[0], StringComparison.OrdinalIgnoreCase));

    private static bool Is(ColumnPath name, string alias) =>
        string.Equals(DuckDb.Name(name.Parts[0]), alias, StringComparison.OrdinalIgnoreCase);
}
