namespace Kadali.Delta;

/// <summary>
/// A MERGE in the making. For each row the first clause counts whose condition is true; expressions call the table <c>target</c> and the
/// rows <c>source</c>.
/// </summary>
/// <typeparam name="T">Of the source's rows.</typeparam>
public sealed class DeltaMerge<T>
{
    private readonly DeltaTable _table;
    private readonly Filling<T> _source;
    private readonly string _on;
    private readonly List<DeltaCommand.MergeClause> _clauses = [];
    private bool _evolves;

    internal DeltaMerge(DeltaTable table, Filling<T> source, string on) => (_table, _source, _on) = (table, source, on);

    /// <summary>A row that has one in the source gets all of that one's values.</summary>
    public DeltaMerge<T> WhenMatchedUpdateAll(string? condition = null) =>
        When(DeltaCommand.MergeMatch.Matched, condition, new DeltaCommand.MergeAction.UpdateAll());

    /// <summary>A row that has one in the source gets some new values.</summary>
    /// <param name="set">Expressions by the names of columns.</param>
    public DeltaMerge<T> WhenMatchedUpdate(IReadOnlyDictionary<string, string> set, string? condition = null) =>
        When(DeltaCommand.MergeMatch.Matched, condition, new DeltaCommand.MergeAction.Update(Assignments(set)));

    /// <summary>A row that has one in the source goes.</summary>
    public DeltaMerge<T> WhenMatchedDelete(string? condition = null) =>
        When(DeltaCommand.MergeMatch.Matched, condition, new DeltaCommand.MergeAction.Delete());

    /// <summary>A row of the source that the table has none for comes.</summary>
    public DeltaMerge<T> WhenNotMatchedInsertAll(string? condition = null) =>
        When(DeltaCommand.MergeMatch.NotMatched, condition, new DeltaCommand.MergeAction.InsertAll());

    /// <summary>A row of the source that the table has none for comes, with these values.</summary>
    /// <param name="values">Expressions by the names of columns; others get their default.</param>
    public DeltaMerge<T> WhenNotMatchedInsert(IReadOnlyDictionary<string, string> values, string? condition = null) =>
        When(DeltaCommand.MergeMatch.NotMatched, condition, new DeltaCommand.MergeAction.Insert(Assignments(values)));

    /// <summary>A row that has none in the source gets some new values.</summary>
    public DeltaMerge<T> WhenNotMatchedBySourceUpdate(IReadOnlyDictionary<string, string> set, string? condition = null) =>
        When(DeltaCommand.MergeMatch.NotMatchedBySource, condition, new DeltaCommand.MergeAction.Update(Assignments(set)));

    /// <summary>A row that has none in the source goes.</summary>
    public DeltaMerge<T> WhenNotMatchedBySourceDelete(string? condition = null) =>
        When(DeltaCommand.MergeMatch.NotMatchedBySource, condition, new DeltaCommand.MergeAction.Delete());

    /// <summary>Columns that only the source has are added to the table.</summary>
    public DeltaMerge<T> WithSchemaEvolution()
    {
        _evolves = true;
        return this;
    }

    /// <summary>Does it, as one version.</summary>
    /// <exception cref="DeltaException">A row of the table has more than one in the source, or another writer was in the way.</exception>
    public Task<DeltaResult> ExecuteAsync(CancellationToken cancellationToken = default) => _clauses.Count == 0
        ? throw new DeltaException(
            DeltaErrorKind.Argument, "The MERGE says of no rows what is to become of them.", "Add for instance WhenMatchedUpdateAll().")
        : _table.MergeAsync(_source, _on, _clauses, _evolves, cancellationToken);

    private DeltaMerge<T> When(DeltaCommand.MergeMatch match, string? condition, DeltaCommand.MergeAction action)
    {
        _clauses.Add(new(match, condition is null ? null : new SqlPart(condition), action));
        return this;
    }

    private static IReadOnlyList<DeltaCommand.Assignment> Assignments(IReadOnlyDictionary<string, string> set) =>
        [.. set.Select(pair => new DeltaCommand.Assignment(new ColumnPath([pair.Key]), new SqlPart(pair.Value)))];
}
