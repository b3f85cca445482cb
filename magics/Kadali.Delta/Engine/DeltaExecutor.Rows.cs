namespace Kadali.Delta;

internal sealed partial class DeltaExecutor
{
    private CommandOutput Insert(DeltaCommand.Insert insert, CancellationToken cancellationToken)
    {
        var storage = Open(insert.Table);
        var snapshot = Newest(storage, cancellationToken);
        insert = OfDefaults(insert, snapshot);
        Knows(snapshot.Schema, insert.Source);
        using var parts = new StatementParts(Binder, insert.With, cancellationToken);
        var query = Source(parts, WithDefaults(insert, snapshot));
        var source = RowShape.Columns(session.DuckDb, query, cancellationToken);
        var (given, evolves) = (source.Count, insert.SchemaEvolution || MergesSchema);
        var columns = Columns(insert, snapshot, given);
        if (evolves && insert.Columns is null && columns?.Count < given)
        {
            // What comes behind the columns of the table is new.
            columns = [.. columns, .. source.Skip(columns.Count).Select(column => column.Name)];
        }

        if (columns?.Count == given)
        {
            // What cannot be cast is said of the column that it is for.
            query = $"SELECT * FROM ({query}) AS _source({string.Join(", ", columns.Select(DuckDb.Name))})";
        }

        var constants = insert.Partition.Where(part => part.Value is not null).ToArray();
        if (constants.Length > 0)
        {
            var values = constants.Select(part => $"({parts.Expression(part.Value!.Value, null)}) AS {DuckDb.Name(part.Column)}");
            query = $"SELECT *, {string.Join(", ", values)} FROM ({query})";
            columns = columns is null ? null : [.. columns, .. constants.Select(part => part.Column)];
        }

        query = SqlPlaces.Point(insert.Source.Start) + query;
        WriteMode mode = insert switch
        {
            { ReplaceWhere: { } where } => new WriteMode.ReplaceWhere(parts.Expression(where, snapshot.Schema), where.Text),
            { Overwrite: true, Partition.Count: 0 } => new WriteMode.Overwrite(),
            { Overwrite: true } when constants.Length == insert.Partition.Count => new WriteMode.ReplaceWhere(
                string.Join(
                    " AND ", constants.Select(part => $"{DuckDb.Name(part.Column)} = ({parts.Expression(part.Value!.Value, null)})")),
                string.Join(" AND ", constants.Select(part => $"{part.Column} = {part.Value!.Value.Text}"))),
            { Overwrite: true } => new WriteMode.OverwritePartitions(),
            _ => new WriteMode.Append(),
        };
        DeltaResult result;
        try
        {
            result = new WriteInto(session, storage).Write(
                new(query, mode) { Columns = columns, MergesSchema = evolves }, snapshot, cancellationToken);
        }
        catch (DeltaException exception) when (exception is { Kind: DeltaErrorKind.Schema, Offset: null })
        {
            throw new DeltaException(exception.Kind, exception.Message, exception.Hint, exception) { Offset = insert.Source.Start };
        }

        return CommandOutput.Of(result, ("num_affected_rows", "numOutputRows"), ("num_inserted_rows", "numOutputRows"));
    }

    /// <summary>DEFAULT VALUES is a row of defaults.</summary>
    private static DeltaCommand.Insert OfDefaults(DeltaCommand.Insert insert, Snapshot snapshot)
    {
        if (!insert.Source.Text.StartsWith("DEFAULT", StringComparison.OrdinalIgnoreCase))
        {
            return insert;
        }

        var shape = new RowShape(snapshot.Metadata);
        var plain = snapshot.Schema.Fields.Where(field => !shape.IsComputed(field)).Select(field => new ColumnPath([field.Name])).ToArray();
        return insert with
        {
            Columns = plain, Source = new($"VALUES ({string.Join(", ", plain.Select(_ => "DEFAULT"))})", insert.Source.Start),
        };
    }

    private static SqlPart WithDefaults(DeltaCommand.Insert insert, Snapshot snapshot)
    {
        var shape = new RowShape(snapshot.Metadata);
        return InsertedValues.Fill(
            insert.Source, count => Columns(insert, snapshot, count) ?? [], (name, place) => snapshot.Schema.Find(name) switch
            {
                { } field when shape.IsComputed(field) => throw new DeltaException(
                    DeltaErrorKind.Argument, $"Column '{name}' has no default: its values are computed.",
                    "Leave it out of the columns that are given.")
                {
                    Offset = place.Start,
                },
                { } field => shape.Missing(field),
                null => "NULL",
            });
    }

    /// <summary>The table's columns that a statement gives values for; null to match by name.</summary>
    /// <param name="given">How many values a row has.</param>
    private static IReadOnlyList<string>? Columns(DeltaCommand.Insert insert, Snapshot snapshot, int given)
    {
        if (insert.ByName)
        {
            return null;
        }

        if (insert.Columns is { } named)
        {
            return
            [
                .. named.Select(column => column.Parts is [var name] && snapshot.Schema.Find(name) is { } field
                    ? field.Name : throw NoColumn(column, snapshot)),
            ];
        }

        // By place: without those that PARTITION gives, and without those that give themselves a value where as many are missing.
        var constant = insert.Partition.Where(part => part.Value is not null).Select(part => part.Column)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var all = snapshot.Schema.Fields.Where(field => !constant.Contains(field.Name)).ToArray();
        var shape = new RowShape(snapshot.Metadata);
        var plain = all.Where(field => !shape.IsComputed(field)).ToArray();
        return [.. (given == plain.Length ? plain : all).Select(field => field.Name)];
    }

    private static DeltaException NoColumn(ColumnPath column, Snapshot snapshot) => new(
        DeltaErrorKind.Schema, $"The table has no column '{column}'.",
        Spelling.Nearest(column.Parts[^1], snapshot.Schema.Fields.Select(field => field.Name)) is { } near ? $"Did you mean '{near}'?"
            : $"Its columns are {string.Join(", ", snapshot.Schema.Fields.Select(field => field.Name))}.")
    {
        Offset = column.Start,
    };

    /// <summary>The rows of VALUES, a query or a table.</summary>
    private static string Source(StatementParts parts, SqlPart source)
    {
        var cursor = new SqlCursor(source.Text);
        return cursor.Try("TABLE") && !cursor.Is("(")
            ? parts.Rows(new(source.Text[cursor.Current.Start..], source.Start + cursor.Current.Start), before: "SELECT * FROM ")
            : parts.Rows(source);
    }

    private CommandOutput Update(DeltaCommand.Update update, CancellationToken cancellationToken)
    {
        var storage = Open(update.Table);
        var snapshot = Newest(storage, cancellationToken);
        var alias = Alias(update.Table, update.Alias);
        Knows(snapshot.Schema, update.Set[0].Value);
        using var parts = new StatementParts(Binder, update.With, cancellationToken);
        var result = Updating.Run(
            session, storage, snapshot,
            Assigned(update.Set, snapshot, alias, isNew: false, value => parts.Expression(value, snapshot.Schema)),
            Condition(parts, update.Where, snapshot), alias, update.Where?.Text, cancellationToken);
        return CommandOutput.Of(result, ("num_affected_rows", "numUpdatedRows"));
    }

    private CommandOutput Delete(DeltaCommand.Delete delete, CancellationToken cancellationToken)
    {
        var storage = Open(delete.Table);
        var snapshot = Newest(storage, cancellationToken);
        Knows(snapshot.Schema, delete.Where);
        using var parts = new StatementParts(Binder, delete.With, cancellationToken);
        var rows = delete.Where is null ? snapshot.Files.Sum(Rows) : 0;
        var result = Deletion.Run(
            session, storage, snapshot, Condition(parts, delete.Where, snapshot), Alias(delete.Table, delete.Alias), delete.Where?.Text,
            cancellationToken);
        return delete.Where is null
            ? new([new("num_affected_rows", "BIGINT")], [[rows]]) { Version = result.Version }
            : CommandOutput.Of(result, ("num_affected_rows", "numDeletedRows"));
    }

    private CommandOutput Truncate(DeltaCommand.Truncate truncate, CancellationToken cancellationToken)
    {
        var storage = Open(truncate.Table);
        var result = Deletion.Run(session, storage, Newest(storage, cancellationToken), null, null, null, cancellationToken);
        return CommandOutput.Nothing with { Version = result.Version };
    }

    /// <param name="isNew">Whether the values are of a row that comes, or else of one that changes.</param>
    private static IReadOnlyDictionary<string, string> Assigned(
        IReadOnlyList<DeltaCommand.Assignment> set, Snapshot snapshot, string alias, bool isNew, Func<SqlPart, string> write)
    {
        var values = new List<(ColumnPath Column, string Value)>();
        foreach (var assignment in set)
        {
            var column = Unqualified(assignment.Column, snapshot.Schema, alias);
            var field = snapshot.Schema.Find(column.Parts[0]);
            if (field is not null)
            {
                RowShape.CheckGiven(field, isNew, column.Start);
            }

            values.Add((column, Value(assignment.Value, field, snapshot, write)));
        }

        return AssignedValues.Of(snapshot.Schema, values, alias);
    }

    private static string Value(SqlPart value, StructField? field, Snapshot snapshot, Func<SqlPart, string> write) =>
        field is not null && value.Text.Equals("DEFAULT", StringComparison.OrdinalIgnoreCase)
            ? new RowShape(snapshot.Metadata).Missing(field)
            : write(value);

    /// <summary>
    /// A column without the table's name before it. A column of that name is meant only where the table has none of the next name, as in
    /// Spark.
    /// </summary>
    private static ColumnPath Unqualified(ColumnPath column, DeltaType.Struct schema, string alias) =>
        column.Parts.Count > 1 && string.Equals(DuckDb.Name(column.Parts[0]), alias, StringComparison.OrdinalIgnoreCase)
            && (schema.Find(column.Parts[1]) is not null || schema.Find(column.Parts[0]) is null)
            ? column with { Parts = [.. column.Parts.Skip(1)] }
            : column;

    private static string? Condition(StatementParts parts, SqlPart? condition, Snapshot snapshot)
    {
        if (condition is not { } text)
        {
            return null;
        }

        // DuckDB takes any number but zero for true, and all rows would be gone that were to be looked for.
        var sql = parts.Expression(text, snapshot.Schema);
        return SparkExpression.TypeOf(text, snapshot.Schema) is { } type && type != DeltaType.Boolean
            ? throw new DeltaException(
                DeltaErrorKind.Schema, $"WHERE takes a condition, and '{text.Text}' is of type {SparkTypes.Print(type)}.",
                "Compare it with something.") { Offset = text.Start }
            : sql;
    }

    private static long Rows(AddFile file) => (FileStatistics.Rows(file) ?? 0) - (file.DeletionVector?.Cardinality ?? 0);
}
