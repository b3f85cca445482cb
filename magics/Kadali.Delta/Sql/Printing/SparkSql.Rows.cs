namespace Kadali.Delta;

/// <content>Statements that change rows, and <c>ALTER TABLE</c>.</content>
internal static partial class SparkSql
{
    private static string Rows(DeltaCommand.RowCommand command) => command switch
    {
        DeltaCommand.Insert insert => Words(
            "INSERT", insert.SchemaEvolution ? "WITH SCHEMA EVOLUTION" : null, insert.Overwrite ? "OVERWRITE" : "INTO", Table(insert.Table),
            insert is { ByName: true, Partition: [] } ? "BY NAME" : null, Clause("REPLACE WHERE", insert.ReplaceWhere),
            insert.Partition.Count == 0 ? null : $"PARTITION ({List(insert.Partition, Partition)})",
            insert.Columns is { } columns ? $"({List(columns, Path)})" : null,
            insert is { ByName: true, Partition: not [] } ? "BY NAME" : null, insert.Source.Text),
        DeltaCommand.Update update => Words(
            "UPDATE", Table(update.Table), Alias(update.Alias), "SET", Set(update.Set), Clause("WHERE", update.Where)),
        DeltaCommand.Delete delete => Words("DELETE FROM", Table(delete.Table), Alias(delete.Alias), Clause("WHERE", delete.Where)),
        DeltaCommand.Merge merge => Words(
            merge.SchemaEvolution ? "MERGE WITH SCHEMA EVOLUTION INTO" : "MERGE INTO", Table(merge.Table), Alias(merge.Alias),
            "USING", Source(merge), Alias(merge.SourceAlias), "ON", merge.On.Text,
            // Spark wants them in this order; which of two kinds comes first changes nothing.
            string.Join(' ', merge.Clauses.OrderBy(clause => clause.Match).Select(When))),
        _ => throw new InvalidOperationException($"{command.GetType()} changes no rows."),
    };

    private static string Partition(DeltaCommand.PartitionValue partition) =>
        SqlQuotes.Backticks(partition.Column) + (partition.Value is { } value ? $" = {value}" : "");

    /// <summary>Spark's MERGE gives the columns of its source no other names, a query does.</summary>
    private static string Source(DeltaCommand.Merge merge) => merge.SourceColumns is { } columns
        ? $"(SELECT * FROM {merge.Source} AS {SqlQuotes.Backticks(merge.SourceAlias!)}({List(columns, SqlQuotes.Backticks)}))"
        : merge.Source.Text;

    private static string? Alias(string? alias) => alias is null ? null : $"AS {SqlQuotes.Backticks(alias)}";

    private static string Set(IReadOnlyList<DeltaCommand.Assignment> set) => List(set, one => $"{Path(one.Column)} = {one.Value}");

    private static string When(DeltaCommand.MergeClause clause) => Words(
        clause.Match switch
        {
            DeltaCommand.MergeMatch.Matched => "WHEN MATCHED",
            DeltaCommand.MergeMatch.NotMatched => "WHEN NOT MATCHED",
            _ => "WHEN NOT MATCHED BY SOURCE",
        },
        Clause("AND", clause.Condition),
        "THEN",
        clause.Action switch
        {
            DeltaCommand.MergeAction.Delete => "DELETE",
            DeltaCommand.MergeAction.UpdateAll => "UPDATE SET *",
            DeltaCommand.MergeAction.Update update => $"UPDATE SET {Set(update.Set)}",
            DeltaCommand.MergeAction.InsertAll => "INSERT *",
            DeltaCommand.MergeAction.Insert insert => Words(
                "INSERT",
                insert.Values.All(value => value.Column.Parts.Count > 0) ? $"({List(insert.Values, value => Path(value.Column))})" : null,
                $"VALUES ({List(insert.Values, value => value.Value.Text)})"),
            _ => throw new InvalidOperationException($"{clause.Action.GetType()} has no SQL."),
        });

    private static string Alter(DeltaCommand.AlterTable alter)
    {
        var table = $"ALTER TABLE {Table(alter.Table)}";
        if (alter.Changes is [TableChange.AddColumn, ..])
        {
            return $"{table} ADD COLUMNS ({List(alter.Changes, change => Added((TableChange.AddColumn)change))})";
        }

        return alter.Changes.Count == 1
            ? $"{table} {Change(alter.Changes[0])}"
            : $"{table} ALTER COLUMN {List(alter.Changes, change => Change(change)["ALTER COLUMN ".Length..])}";
    }

    private static string Added(TableChange.AddColumn add) =>
        Words(Path(add.Column), ColumnType(add.Definition), add.Position is { } position ? Place(position) : null);

    private static string Change(TableChange change) => change switch
    {
        TableChange.DropColumns drop => Words("DROP COLUMNS", IfExists(drop.IfExists), $"({List(drop.Columns, Path)})"),
        TableChange.RenameColumn rename => $"RENAME COLUMN {Path(rename.Column)} TO {SqlQuotes.Backticks(rename.To)}",
        TableChange.ChangeType type => $"ALTER COLUMN {Path(type.Column)} TYPE {SparkTypes.Print(type.Type, type.LimitedString)}",
        TableChange.ChangeComment comment => $"ALTER COLUMN {Path(comment.Column)} COMMENT {SqlQuotes.Spark(comment.Comment)}",
        TableChange.ChangeNullability nulls => $"ALTER COLUMN {Path(nulls.Column)} {(nulls.Nullable ? "DROP" : "SET")} NOT NULL",
        TableChange.ChangeDefault { Default: { } value } set => $"ALTER COLUMN {Path(set.Column)} SET DEFAULT {value}",
        TableChange.ChangeDefault drop => $"ALTER COLUMN {Path(drop.Column)} DROP DEFAULT",
        TableChange.SyncIdentity sync => $"ALTER COLUMN {Path(sync.Column)} SYNC IDENTITY",
        TableChange.MoveColumn move => $"ALTER COLUMN {Path(move.Column)} {Place(move.Position)}",
        TableChange.AddCheck add => $"ADD CONSTRAINT {SqlQuotes.Backticks(add.Check.Name)} CHECK ({add.Check.Expression})",
        TableChange.DropConstraint drop => Words("DROP CONSTRAINT", IfExists(drop.IfExists), SqlQuotes.Backticks(drop.Name)),
        TableChange.SetProperties set => $"SET {Properties(set.Properties)}",
        TableChange.UnsetProperties unset =>
            Words("UNSET TBLPROPERTIES", IfExists(unset.IfExists), $"({List(unset.Keys, SqlQuotes.Spark)})"),
        TableChange.ClusterBy cluster => cluster.Columns.Count == 0 ? "CLUSTER BY NONE" : $"CLUSTER BY ({List(cluster.Columns, Path)})",
        TableChange.DropFeature drop =>
            Words("DROP FEATURE", SqlQuotes.Backticks(drop.Feature), drop.TruncateHistory ? "TRUNCATE HISTORY" : null),
        TableChange.RenameTo rename => $"RENAME TO {Table(rename.Name)}",
        _ => throw new InvalidOperationException($"{change.GetType()} has no SQL."),
    };

    private static string Place(ColumnPosition position) => position.After is { } after ? $"AFTER {SqlQuotes.Backticks(after)}" : "FIRST";
}
