using System.Globalization;

namespace Kadali.Delta;

/// <summary>
/// Which rows of the table and of the source a MERGE does something to. Only places, numbers of rows, and those columns of the table
/// that new values are made of are kept: the values themselves come from the source when they are written.
/// </summary>
internal sealed class MergeJoin(DeltaSession session, MergeRequest request, MergeSource source, Snapshot table, bool tracksRows)
    : IDisposable
{
    /// <summary>
    /// The place of the step in the request; null for a row of the source that belongs to one of the table and changes nothing.
    /// </summary>
    public const string Step = "__delta_step";

    private const string Matches = "__delta_merge_matches";

    // The number of the row of the source that belongs to a row of the table.
    private const string Partner = "__delta_partner";

    private HashSet<string> _needed = [];

    private string Target => request.TargetAlias;

    /// <summary>Whether something happens to rows of the table that no row of the source belongs to.</summary>
    public bool BySource { get; } = request.Steps.Any(
        step => step is MergeStep.Delete { Matched: false } or MergeStep.Update { Matched: false });

    /// <summary>What values are computed from: rows that a step is for, under the alias of the table, beside those of the source.</summary>
    public string Sql => BySource
        ? $"{Rows} LEFT JOIN {source.Sql} ON {Pairs}"
        : $"{source.Sql} JOIN {Rows} ON {Pairs}";

    private string Pairs => $"{Target}.{Partner} = {request.SourceAlias}.{MergeSource.Row}";

    private string Rows =>
        $"(SELECT {TableScan.FileColumn}, {Partner}, {Step}{(tracksRows ? $", {TableScan.RowIdColumn}" : "")}, "
        + $"{Columns(_needed.Contains)} FROM {Matches} WHERE {Step} IS NOT NULL) AS {Target}";

    /// <summary>Finds the rows.</summary>
    /// <param name="scan">The rows of the table, with their places.</param>
    /// <param name="rows">What new rows are made of.</param>
    public void Run(string scan, MergeRows rows, CancellationToken cancellationToken)
    {
        _needed = rows.Needed() ?? Needed(rows.Values(), cancellationToken);
        var inserts = request.Steps.Any(step => step is MergeStep.Insert);
        var kept = string.Concat(_needed.Select(name => $", {Target}.{DuckDb.Name(name)}"));
        session.DuckDb.Execute(
            $"CREATE OR REPLACE TEMP TABLE {Matches} AS SELECT * FROM ("
                + $"SELECT {Target}.{TableScan.FileColumn}, {Target}.{TableScan.RowColumn}, "
                + $"{request.SourceAlias}.{MergeSource.Row} AS {Partner}, {Case(insert: false)} AS {Step}"
                + $"{(tracksRows ? $", {Target}.{TableScan.RowIdColumn}" : "")}{kept} FROM ({scan}) AS {Target} "
                + $"{(BySource ? "LEFT" : "INNER")} JOIN {source.Sql} ON {request.On}) "
                + $"WHERE {Step} IS NOT NULL{(inserts ? $" OR {Partner} IS NOT NULL" : "")}",
            cancellationToken);
        if (inserts)
        {
            // Known by number, so that the table is not read again, and an inner join can tell the scan which keys there are.
            session.DuckDb.Execute(
                $"INSERT INTO {Matches} ({Partner}, {Step}) SELECT * FROM ("
                    + $"SELECT {request.SourceAlias}.{MergeSource.Row}, {Case(insert: true)} AS {Step} FROM {source.Sql} "
                    + $"CROSS JOIN (SELECT CAST(NULL AS BIGINT) AS {TableScan.FileColumn}, {Columns(_ => false)}) AS {Target} "
                    // With one column, so that none of the table's that is called like the source comes before it.
                    + $"WHERE NOT EXISTS (SELECT 1 FROM (SELECT {Partner} FROM {Matches}) "
                    + $"WHERE {Partner} = {request.SourceAlias}.{MergeSource.Row})) "
                    + $"WHERE {Step} IS NOT NULL",
                cancellationToken);
        }
    }

    /// <summary>The rows of the table that go, or change.</summary>
    /// <exception cref="DeltaException">More than one row of the source wants to change the same: it has no one outcome.</exception>
    public RowChange.Matched Match(RowChange change, TableScan scan, CancellationToken cancellationToken)
    {
        var where = $"FROM {Matches} WHERE {TableScan.FileColumn} IS NOT NULL AND {Step} IS NOT NULL";
        var matched = change.Match(scan, $"SELECT {TableScan.FileColumn}, {TableScan.RowColumn} {where}", cancellationToken);
        var matching = request.Steps.Where(step => step is MergeStep.Delete { Matched: true } or MergeStep.Update { Matched: true });
        if (!matched.HasRepeated)
        {
            return matched;
        }

        if (matching.ToArray() is [MergeStep.Delete { Condition: null }])
        {
            // They all want the same, which is done, counted and told of once.
            session.DuckDb.Execute(
                $"CREATE OR REPLACE TEMP TABLE {Matches} AS SELECT * FROM {Matches} "
                    + $"QUALIFY {TableScan.FileColumn} IS NULL OR {Step} IS NULL "
                    + $"OR row_number() OVER (PARTITION BY {TableScan.FileColumn}, {TableScan.RowColumn}) = 1",
                cancellationToken);
            return matched with { HasRepeated = false };
        }

        var twice = session.DuckDb.Scalar<long>(
            $"SELECT count(*) FROM (SELECT 1 {where} GROUP BY {TableScan.FileColumn}, {TableScan.RowColumn} HAVING count(*) > 1)",
            cancellationToken);
        throw new DeltaException(
            DeltaErrorKind.Argument,
            string.Create(CultureInfo.InvariantCulture, $"{twice} row{(twice == 1 ? "" : "s")} of the table match ")
                + "more than one row of the source, so that it cannot be told which of them counts.",
            "Make the rows of the source unique by the columns of ON.");
    }

    /// <summary>How many rows each step is for, by its place.</summary>
    public Dictionary<int, long> Count(CancellationToken cancellationToken) => session.DuckDb.Query(
        $"SELECT {Step}, count(*) FROM {Matches} WHERE {Step} IS NOT NULL GROUP BY 1",
        reader => (Step: (int)reader.GetInt64(0), Rows: reader.GetInt64(1)), cancellationToken)
        .ToDictionary(count => count.Step, count => count.Rows);

    public void Dispose() => session.DuckDb.Drop(Matches);

    /// <summary>The columns of the table that expressions need, by DuckDB's plan.</summary>
    private HashSet<string> Needed(string values, CancellationToken cancellationToken)
    {
        var ids = tracksRows ? $", CAST(NULL AS BIGINT) AS {TableScan.RowIdColumn}" : "";
        return new FilePruner(session).Columns(
            table,
            // A step that the optimizer knows nothing of, so that all of them stay in the plan, and no join that an empty source empties.
            standIn => $"SELECT {values} FROM (SELECT *, CAST(random() * 100 AS INTEGER) AS {Step}, "
                + $"CAST(NULL AS BIGINT) AS {TableScan.FileColumn}{ids} FROM {standIn}) AS {Target} LEFT JOIN {source.Sql} ON true",
            cancellationToken);
    }

    private string Columns(Func<string, bool> isKept) => string.Join(", ", table.Schema.Fields.Select(field => isKept(field.Name)
        ? DuckDb.Name(field.Name)
        : $"CAST(NULL AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}"));

    private string Case(bool insert)
    {
        var steps = new List<string>();
        for (var i = 0; i < request.Steps.Count; i++)
        {
            var step = request.Steps[i];
            if (step is MergeStep.Insert != insert)
            {
                continue;
            }

            var which = step switch
            {
                MergeStep.Insert => "true",
                MergeStep.Delete { Matched: true } or MergeStep.Update { Matched: true } =>
                    $"{request.SourceAlias}.{MergeSource.Row} IS NOT NULL",
                _ => $"{request.SourceAlias}.{MergeSource.Row} IS NULL",
            };
            var condition = step.Condition is null ? "" : $" AND ({step.Condition})";
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"WHEN {which}{condition} THEN {i}"));
        }

        return steps.Count == 0 ? "CAST(NULL AS INTEGER)" : $"CASE {string.Join(" ", steps)} END";
    }
}
