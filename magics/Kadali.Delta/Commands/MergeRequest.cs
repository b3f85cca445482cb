namespace Kadali.Delta;

/// <summary>What a MERGE does with rows; all SQL is DuckDB's.</summary>
internal abstract record MergeStep(string? Condition)
{
    /// <summary>A row of the table goes.</summary>
    /// <param name="Matched">Whether it has a row of the source, or has none.</param>
    public sealed record Delete(bool Matched, string? Condition) : MergeStep(Condition);

    /// <summary>A row of the table changes.</summary>
    /// <param name="Set">By the names of columns.</param>
    public sealed record Update(bool Matched, string? Condition, IReadOnlyDictionary<string, string> Set) : MergeStep(Condition);

    /// <summary>A row of the source that the table has none for comes.</summary>
    /// <param name="Values">By the names of columns; others get their default.</param>
    public sealed record Insert(string? Condition, IReadOnlyDictionary<string, string> Values) : MergeStep(Condition);
}

/// <summary>A MERGE.</summary>
/// <param name="Source">A query.</param>
/// <param name="TargetAlias">What the expressions call the table.</param>
/// <param name="SourceAlias">What they call the source.</param>
/// <param name="On">Which rows belong together.</param>
/// <param name="Steps">For each row the first whose condition is true counts.</param>
internal sealed record MergeRequest(string Source, string TargetAlias, string SourceAlias, string On, IReadOnlyList<MergeStep> Steps)
{
    /// <summary>The condition as its author wrote it, for the history.</summary>
    public string Text { get; init; } = On;

    /// <summary>What the table's schema becomes, or null to leave it.</summary>
    public DeltaType.Struct? Schema { get; init; }

    /// <summary>The places of the steps of a kind.</summary>
    public int[] Places<T>()
        where T : MergeStep => [.. Steps.Select((step, i) => (step, i)).Where(item => item.step is T).Select(item => item.i)];
}
