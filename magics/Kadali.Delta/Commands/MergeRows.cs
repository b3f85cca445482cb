using System.Globalization;

namespace Kadali.Delta;

/// <summary>The new values of rows that a MERGE changes or inserts, and the old ones where the table keeps its changes.</summary>
internal sealed class MergeRows(
    DeltaSession session, MergeRequest request, Snapshot table, DeltaTransaction transaction, RowChange change) : IDisposable
{
    private const string ResultTable = "__delta_merge_result";

    private readonly string _columns = string.Join(", ", table.Schema.Fields.Select((field, i) =>
        string.Create(CultureInfo.InvariantCulture, $"o{i} AS {DuckDb.Name(field.Name)}")));

    private string _result = "";

    /// <summary>The expressions of the values, over the rows of a <see cref="MergeJoin"/>.</summary>
    public string Values()
    {
        var defaults = new RowShape(transaction.Metadata);
        var values = table.Schema.Fields.Select((field, i) => string.Create(
            CultureInfo.InvariantCulture, $"CAST({Value(defaults, field)} AS {DuckTypes.Of(field.Type)}) AS o{i}")).ToList();
        if (table.Properties.ChangeDataFeed)
        {
            values.AddRange(table.Schema.Fields.Select((field, i) =>
                string.Create(CultureInfo.InvariantCulture, $"{request.TargetAlias}.{DuckDb.Name(field.Name)} AS p{i}")));
        }

        if (change.TracksRows)
        {
            values.Add($"{request.TargetAlias}.{TableScan.RowIdColumn}");
        }

        return string.Join(", ", values);
    }

    /// <summary>The columns of the table that the values are made of; null where it takes DuckDB to tell.</summary>
    public HashSet<string>? Needed()
    {
        var names = table.Schema.Fields.Select(field => field.Name);
        if (table.Properties.ChangeDataFeed)
        {
            return [.. names];
        }

        var needed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var step in request.Steps)
        {
            var values = step is MergeStep.Update update ? update.Set : (step as MergeStep.Insert)?.Values;
            if (values?.Values.All(IsOfSource) == false)
            {
                return null;
            }

            needed.UnionWith(step is MergeStep.Update ? names.Where(name => Find(values!, name) is null) : []);
        }

        return needed;
    }

    /// <summary>
    /// Computes what cannot be computed while the rows are written: numbers, values made of new values, and what is written twice.
    /// </summary>
    public void Compute(MergeJoin join, CancellationToken cancellationToken)
    {
        _result = $"(SELECT {MergeJoin.Step}, {Values()} FROM {join.Sql})";
        var defaults = new RowShape(transaction.Metadata);
        var identities = table.Schema.Fields.Where(RowShape.IsIdentity).ToArray();
        var generated = table.Schema.Fields.Where(field => defaults.IsGenerated(field)).ToArray();
        if (identities.Length + generated.Length == 0 && !table.Properties.ChangeDataFeed)
        {
            return;
        }

        session.DuckDb.Execute($"CREATE OR REPLACE TEMP TABLE {ResultTable} AS SELECT * FROM {_result}", cancellationToken);
        _result = ResultTable;
        foreach (var field in identities)
        {
            Number(field, cancellationToken);
        }

        foreach (var field in generated)
        {
            Generate(field, cancellationToken);
        }
    }

    /// <summary>The query of the rows that come by some steps.</summary>
    public string Coming(int[] steps)
    {
        var ids = change.TracksRows
            ? $", {TableScan.RowIdColumn} AS {DuckDb.Name(change.RowIdColumns[0])}, "
                + $"CAST(NULL AS BIGINT) AS {DuckDb.Name(change.RowIdColumns[1])}"
            : "";
        return RowChecks.Apply(
            $"SELECT {_columns}{ids} FROM {_result} WHERE {MergeJoin.Step} IN ({string.Join(", ", steps)})",
            transaction.Metadata, table.Schema, Assigned());
    }

    public void Dispose() => session.DuckDb.Drop(ResultTable);

    /// <summary>Stages the file of changes.</summary>
    public void StageChanges(CancellationToken cancellationToken)
    {
        var before = string.Join(", ", table.Schema.Fields.Select((field, i) =>
            string.Create(CultureInfo.InvariantCulture, $"p{i} AS {DuckDb.Name(field.Name)}")));
        var parts = new List<string>();
        Part(before, "update_preimage", request.Places<MergeStep.Update>());
        Part(_columns, "update_postimage", request.Places<MergeStep.Update>());
        Part(before, "delete", request.Places<MergeStep.Delete>());
        Part(_columns, "insert", request.Places<MergeStep.Insert>());
        change.StageChanges(string.Join(" UNION ALL ", parts), cancellationToken);

        void Part(string values, string type, int[] steps)
        {
            if (steps.Length > 0)
            {
                parts.Add(
                    $"SELECT {values}, '{type}' AS {RowChange.ChangeType} FROM {ResultTable} "
                    + $"WHERE {MergeJoin.Step} IN ({string.Join(", ", steps)})");
            }
        }
    }

    /// <summary>Gives rows that come an identity, where their step gives none itself.</summary>
    private void Number(StructField field, CancellationToken cancellationToken)
    {
        var steps = request.Steps.Select((step, i) => (Step: step, Place: i))
            .Where(step => step.Step is MergeStep.Insert insert && Find(insert.Values, field.Name) is null)
            .Select(step => step.Place).ToArray();
        if (steps.Length == 0)
        {
            return;
        }

        var place = table.Schema.Fields.ToList().IndexOf(field);
        var rows = session.DuckDb.Execute(
            string.Create(CultureInfo.InvariantCulture, $"UPDATE {ResultTable} SET o{place} = numbered.v FROM ")
                + $"(SELECT rowid AS r, {RowShape.Identity(field, "row_number() OVER () - 1")} AS v FROM {ResultTable} "
                + $"WHERE {MergeJoin.Step} IN ({string.Join(", ", steps)})) AS numbered WHERE {ResultTable}.rowid = numbered.r",
            cancellationToken);
        if (rows > 0)
        {
            transaction.SetMetadata(new RowShape(transaction.Metadata).Counted([field.Name], rows));
        }
    }

    /// <summary>Computes a generated column from the new values of the others, but where a step gives it itself.</summary>
    private void Generate(StructField field, CancellationToken cancellationToken)
    {
        var given = request.Steps.Select((step, i) => (Step: step, Place: i)).Where(step => step.Step switch
        {
            MergeStep.Update update => update.Set.Keys.Contains(field.Name, StringComparer.OrdinalIgnoreCase),
            MergeStep.Insert insert => insert.Values.Keys.Contains(field.Name, StringComparer.OrdinalIgnoreCase),
            _ => true,
        }).Select(step => step.Place).ToArray();
        var place = table.Schema.Fields.ToList().IndexOf(field);
        var names = string.Join(", ", table.Schema.Fields.Select((other, i) =>
            string.Create(CultureInfo.InvariantCulture, $"o{i} AS {DuckDb.Name(other.Name)}")));
        var expression = TableExpression.ToSql(field.Text("delta.generationExpression")!, table.Schema);
        var filter = given.Length == 0 ? "" : $" WHERE {MergeJoin.Step} NOT IN ({string.Join(", ", given)})";
        session.DuckDb.Execute(
            string.Create(
                CultureInfo.InvariantCulture,
                $"UPDATE {ResultTable} SET o{place} = (SELECT CAST({expression} AS {DuckTypes.Of(field.Type)}) FROM (SELECT {names}))")
                + filter,
            cancellationToken);
    }

    private string Value(RowShape defaults, StructField field)
    {
        var values = new List<(int Step, string Cast)>();
        for (var i = 0; i < request.Steps.Count; i++)
        {
            var value = request.Steps[i] switch
            {
                MergeStep.Update update => Find(update.Set, field.Name) ?? $"{request.TargetAlias}.{DuckDb.Name(field.Name)}",
                MergeStep.Insert insert => Find(insert.Values, field.Name) ?? defaults.Missing(field),
                _ => null,
            };
            if (value is not null)
            {
                var cast = $"{SqlPlaces.Leading(value)}CAST(({value}) AS {DuckTypes.Of(field.Type)})";
                values.Add((i, cast));
            }
        }

        // What all steps set alike needs no looking at the step. A row that goes is not to fail for a value that it never gets.
        return values.Count == 0 ? "NULL"
            : values.Count == request.Steps.Count && values.DistinctBy(value => SqlPlaces.Strip(value.Cast)).Count() == 1 ? values[0].Cast
            : $"CASE {MergeJoin.Step} {string.Join(" ", values.Select(value =>
                string.Create(CultureInfo.InvariantCulture, $"WHEN {value.Step} THEN {value.Cast}")))} END";
    }

    /// <summary>Whether a value is a column of the source and no more.</summary>
    private bool IsOfSource(string value)
    {
        var begin = request.SourceAlias + ".\"";
        value = SqlPlaces.Strip(value);
        return value.StartsWith(begin, StringComparison.Ordinal) && value.IndexOf('"', begin.Length) == value.Length - 1;
    }

    private static string? Find(IReadOnlyDictionary<string, string> values, string name) =>
        values.FirstOrDefault(value => string.Equals(value.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    private IReadOnlyCollection<string> Assigned() => [.. request.Steps.SelectMany(step => step switch
    {
        MergeStep.Update update => update.Set.Keys,
        MergeStep.Insert insert => insert.Values.Keys,
        _ => [],
    })];
}
