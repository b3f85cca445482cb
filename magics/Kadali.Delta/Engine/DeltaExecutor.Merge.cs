namespace Kadali.Delta;

/// <content>MERGE.</content>
internal sealed partial class DeltaExecutor
{
    private CommandOutput MergeOutput(DeltaCommand.Merge merge, CancellationToken cancellationToken)
    {
        var output = CommandOutput.Of(
            Merge(merge, cancellationToken), ("num_affected_rows", ""), ("num_updated_rows", "numTargetRowsUpdated"),
            ("num_deleted_rows", "numTargetRowsDeleted"), ("num_inserted_rows", "numTargetRowsInserted"));
        output.Rows[0][0] = output.Rows[0][1..].Sum(count => (long)count!);
        return output;
    }

    /// <summary>Runs a MERGE.</summary>
    public DeltaResult Merge(DeltaCommand.Merge merge, CancellationToken cancellationToken)
    {
        var storage = Open(merge.Table);
        var snapshot = Newest(storage, cancellationToken);
        merge = merge with { SchemaEvolution = merge.SchemaEvolution || MergesSchema };
        MergeSides.CheckOrder(merge.Clauses);
        using var parts = new StatementParts(Binder, merge.With, cancellationToken);
        var source = parts.Rows(
            merge.Source, before: "SELECT * FROM ",
            merge.SourceColumns is { } named
                ? $" AS {DuckDb.Name(merge.SourceAlias!)}({string.Join(", ", named.Select(DuckDb.Name))})" : "");
        var columns = RowShape.Columns(session.DuckDb, source, cancellationToken);
        var schema = snapshot.Schema;
        _named = [.. schema.Fields.Select(field => field.Name), .. columns.Select(column => column.Name)];
        if (merge.SchemaEvolution)
        {
            var rows = new DeltaType.Struct(
                [.. columns.Select(column => new StructField(column.Name, DuckTypes.ToDelta(column.Name, column.Type)))]);
            schema = SchemaMerger.Merge(schema, rows, snapshot.Properties.TypeWidening);
        }

        var (target, from) = (Alias(merge.Table, merge.Alias), DuckDb.Name(merge.SourceAlias ?? SourceName(merge.Source)));
        var view = snapshot.With(snapshot.Metadata with { SchemaString = SchemaJson.Write(schema) });
        var both = new DeltaType.Struct([.. schema.Fields, .. columns.Where(column => schema.Find(column.Name) is null)
            .Select(column => new StructField(column.Name, DuckTypes.ToDelta(column.Name, column.Type)))]);
        var star = new MergeStar(merge, view, columns, from);
        var sides = new MergeSides(target, schema, from, columns);
        return new Merging(session, storage, snapshot).Run(
            new(
                source, target, from, parts.JoinExpression(merge.On, both),
                [.. merge.Clauses.Select(clause => Step(clause, view, star, target, part =>
                {
                    var sql = parts.JoinExpression(part, both);
                    sides.Check(clause.Match, part);
                    return sql;
                }))])
            {
                Text = merge.On.Text, Schema = merge.SchemaEvolution ? schema : null,
            },
            cancellationToken);
    }

    private MergeStep Step(
        DeltaCommand.MergeClause clause, Snapshot snapshot, MergeStar star, string target, Func<SqlPart, string> write)
    {
        var condition = clause.Condition is { } text ? write(text) : null;
        var matched = clause.Match == DeltaCommand.MergeMatch.Matched;
        return clause.Action switch
        {
            DeltaCommand.MergeAction.Delete => new MergeStep.Delete(matched, condition),
            DeltaCommand.MergeAction.UpdateAll => new MergeStep.Update(matched, condition, star.Update()),
            DeltaCommand.MergeAction.Update update =>
                new MergeStep.Update(matched, condition, Assigned(update.Set, snapshot, target, isNew: false, write)),
            DeltaCommand.MergeAction.InsertAll => new MergeStep.Insert(condition, star.Insert()),
            DeltaCommand.MergeAction.Insert insert => new MergeStep.Insert(condition, Inserted(insert)),
            _ => throw new InvalidOperationException($"{clause.Action} is no action of MERGE."),
        };

        IReadOnlyDictionary<string, string> Inserted(DeltaCommand.MergeAction.Insert insert)
        {
            if (insert.Values.Any(value => value.Column.Parts.Count > 0))
            {
                return Assigned(insert.Values, snapshot, target, isNew: true, write);
            }

            var fields = snapshot.Schema.Fields;
            return insert.Values.Count == fields.Count
                ? Assigned(
                    [.. insert.Values.Zip(fields, (given, field) => given with { Column = new([field.Name], given.Value.Start) })],
                    snapshot, target, isNew: true, write)
                : throw new DeltaException(
                    DeltaErrorKind.Argument,
                    $"INSERT gives {insert.Values.Count} values, and the table has {snapshot.Schema.Fields.Count} columns.")
                {
                    Offset = insert.Values.Count > 0 ? insert.Values[0].Value.Start : null,
                };
        }
    }

    private static string SourceName(SqlPart source)
    {
        var found = TableReferences.Find($"SELECT * FROM {source.Text}");
        return found is [{ Table.Parts: [.., var name] }] && !source.Text.StartsWith('(') ? name : "source";
    }
}
