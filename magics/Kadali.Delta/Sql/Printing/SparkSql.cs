using System.Globalization;

namespace Kadali.Delta;

/// <summary>Commands as Spark's SQL, for a cluster.</summary>
internal static partial class SparkSql
{
    /// <summary>One statement, without a semicolon.</summary>
    public static string Print(DeltaCommand command) => command switch
    {
        DeltaCommand.CreateTable create => Create(create),
        DeltaCommand.CloneTable clone => Words(
            Verb(clone.Mode), Table(clone.Table), clone.Shallow ? "SHALLOW CLONE" : "DEEP CLONE", Table(clone.Source),
            Properties(clone.Properties), Location(clone.Location)),
        DeltaCommand.ConvertToDelta convert => Words(
            $"CONVERT TO DELTA parquet.{SqlQuotes.Backticks(convert.Path)}", convert.CollectsStatistics ? null : "NO STATISTICS",
            convert.PartitionedBy.Count == 0 ? null : $"PARTITIONED BY ({List(convert.PartitionedBy, Column)})"),
        DeltaCommand.DropTable drop => Words("DROP TABLE", IfExists(drop.IfExists), Table(drop.Table), drop.Purge ? "PURGE" : null),
        DeltaCommand.Truncate truncate => $"TRUNCATE TABLE {Table(truncate.Table)}",
        DeltaCommand.CommentOn on =>
            $"COMMENT ON TABLE {Table(on.Table)} IS {(on.Comment is null ? "NULL" : SqlQuotes.Spark(on.Comment))}",
        DeltaCommand.AlterTable alter => Alter(alter),
        DeltaCommand.CreateDatabase create => Words(
            "CREATE DATABASE", create.IfNotExists ? "IF NOT EXISTS" : null, SqlQuotes.Backticks(create.Name), Comment(create.Comment),
            Location(create.Location)),
        DeltaCommand.DropDatabase drop => Words(
            "DROP DATABASE", IfExists(drop.IfExists), SqlQuotes.Backticks(drop.Name), drop.Cascade ? "CASCADE" : null),
        DeltaCommand.Use use => $"USE DATABASE {SqlQuotes.Backticks(use.Database)}",
        DeltaCommand.RowCommand rows => Words(rows.With?.Text, Rows(rows)),
        DeltaCommand.Optimize optimize => Words(
            "OPTIMIZE", Table(optimize.Table), optimize.Full ? "FULL" : null, Clause("WHERE", optimize.Where),
            optimize.ZOrderBy.Count == 0 ? null : $"ZORDER BY ({List(optimize.ZOrderBy, Path)})"),
        DeltaCommand.Vacuum vacuum => Words(
            "VACUUM", Table(vacuum.Table), vacuum.Lite ? "LITE" : null,
            vacuum.RetainHours is { } hours ? string.Create(CultureInfo.InvariantCulture, $"RETAIN {hours} HOURS") : null,
            vacuum.DryRun ? "DRY RUN" : null),
        DeltaCommand.Restore restore => $"RESTORE TABLE {Table(restore.Table)} TO {Travel(restore.To)}",
        DeltaCommand.Reorg reorg => Words("REORG TABLE", Table(reorg.Table), Clause("WHERE", reorg.Where), "APPLY (PURGE)"),
        DeltaCommand.Fsck fsck => Words("FSCK REPAIR TABLE", Table(fsck.Table), fsck.DryRun ? "DRY RUN" : null),
        DeltaCommand.DescribeDetail detail => $"DESCRIBE DETAIL {Table(detail.Table)}",
        DeltaCommand.DescribeHistory history => Words(
            "DESCRIBE HISTORY", Table(history.Table),
            history.Limit is { } limit ? string.Create(CultureInfo.InvariantCulture, $"LIMIT {limit}") : null),
        DeltaCommand.DescribeTable describe => Words("DESCRIBE TABLE", describe.Extended ? "EXTENDED" : null, Table(describe.Table)),
        DeltaCommand.ShowDatabases show => Words("SHOW DATABASES", Like(show.Like)),
        DeltaCommand.ShowTables show => Words(
            "SHOW TABLES", show.Database is null ? null : $"IN {SqlQuotes.Backticks(show.Database)}", Like(show.Like)),
        DeltaCommand.ShowColumns show => $"SHOW COLUMNS IN {Table(show.Table)}",
        DeltaCommand.ShowPartitions show => Words(
            "SHOW PARTITIONS", Table(show.Table), show.Only.Count == 0 ? null : $"PARTITION ({List(show.Only, Partition)})"),
        DeltaCommand.DescribeColumn describe => $"DESCRIBE TABLE {Table(describe.Table)} {Path(describe.Column)}",
        DeltaCommand.DescribeDatabase describe => $"DESCRIBE DATABASE {SqlQuotes.Backticks(describe.Name)}",
        DeltaCommand.ShowCurrentDatabase => "SHOW CURRENT DATABASE",
        DeltaCommand.Refresh refresh => $"REFRESH TABLE {Table(refresh.Table)}",
        DeltaCommand.SetOption set => $"SET {set.Key} = {set.Value}",
        DeltaCommand.ShowProperties show => Words(
            "SHOW TBLPROPERTIES", Table(show.Table), show.Key is null ? null : $"({SqlQuotes.Spark(show.Key)})"),
        DeltaCommand.ShowCreateTable show => $"SHOW CREATE TABLE {Table(show.Table)}",
        _ => throw new InvalidOperationException($"{command.GetType()} has no SQL."),
    };

    /// <summary>A table with the version that is meant.</summary>
    public static string Table(TableRef table)
    {
        var name = table.Path is { } path
            ? $"delta.{SqlQuotes.Backticks(path)}"
            : string.Join('.', table.Parts.Select(SqlQuotes.Backticks));
        return table.AsOf is { } travel ? $"{name} {Travel(travel)}" : name;
    }

    private static string Create(DeltaCommand.CreateTable create)
    {
        var items = create.Columns.Select(Column)
            .Concat(create.Checks.Select(check => $"CONSTRAINT {SqlQuotes.Backticks(check.Name)} CHECK ({check.Expression})")).ToArray();
        return Words(
            Verb(create.Mode), Table(create.Table),
            create.Like is { } like ? $"LIKE {Table(like)}" : null,
            items.Length == 0 ? null : $"({string.Join(", ", items)})",
            "USING DELTA",
            create.PartitionedBy.Count == 0 ? null : $"PARTITIONED BY ({List(create.PartitionedBy, SqlQuotes.Backticks)})",
            create.ClusterBy is { } cluster ? $"CLUSTER BY ({List(cluster, Path)})" : null,
            Location(create.Location), Comment(create.Comment), Properties(create.Properties), Clause("AS", create.Query));
    }

    private static string Verb(DeltaCommand.CreateMode mode) => mode switch
    {
        DeltaCommand.CreateMode.IfNotExists => "CREATE TABLE IF NOT EXISTS",
        DeltaCommand.CreateMode.OrReplace => "CREATE OR REPLACE TABLE",
        DeltaCommand.CreateMode.Replace => "REPLACE TABLE",
        _ => "CREATE TABLE",
    };

    private static string Column(ColumnDefinition column) => $"{SqlQuotes.Backticks(column.Name)} {ColumnType(column)}";

    private static string ColumnType(ColumnDefinition column) => Words(
        SparkTypes.Print(column.Type, column.LimitedString),
        column.Nullable ? null : "NOT NULL",
        column.Generated is { } generated ? $"GENERATED ALWAYS AS ({generated})" : null,
        column.Identity is { } identity ? string.Create(
            CultureInfo.InvariantCulture,
            $"GENERATED {(identity.AllowsExplicit ? "BY DEFAULT" : "ALWAYS")} AS IDENTITY "
                + $"(START WITH {identity.Start} INCREMENT BY {identity.Step})") : null,
        Clause("DEFAULT", column.Default), Comment(column.Comment));

    private static string Travel(TimeTravel travel) => travel switch
    {
        TimeTravel.Version version => string.Create(CultureInfo.InvariantCulture, $"VERSION AS OF {version.Number}"),
        TimeTravel.Timestamp time => $"TIMESTAMP AS OF {time.Expression}",
        _ => throw new InvalidOperationException($"{travel.GetType()} has no SQL."),
    };

    private static string? Properties(IReadOnlyDictionary<string, string> properties) => properties.Count == 0 ? null
        : $"TBLPROPERTIES ({List(properties, property => $"{SqlQuotes.Spark(property.Key)} = {SqlQuotes.Spark(property.Value)}")})";

    private static string? Location(string? location) => location is null ? null : $"LOCATION {SqlQuotes.Spark(location)}";

    private static string? Comment(string? comment) => comment is null ? null : $"COMMENT {SqlQuotes.Spark(comment)}";

    private static string? Like(string? pattern) => pattern is null ? null : $"LIKE {SqlQuotes.Spark(pattern)}";

    private static string? IfExists(bool ifExists) => ifExists ? "IF EXISTS" : null;

    private static string? Clause(string word, SqlPart? part) => part is { } written ? $"{word} {written}" : null;

    private static string Path(ColumnPath path) => string.Join('.', path.Parts.Select(SqlQuotes.Backticks));

    private static string List<T>(IEnumerable<T> items, Func<T, string> print) => string.Join(", ", items.Select(print));

    private static string Words(params ReadOnlySpan<string?> words)
    {
        var text = new System.Text.StringBuilder();
        foreach (var word in words)
        {
            if (word is not null)
            {
                text.Append(text.Length == 0 ? "" : " ").Append(word);
            }
        }

        return text.ToString();
    }
}
