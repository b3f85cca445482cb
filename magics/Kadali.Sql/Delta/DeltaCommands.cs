using System.Globalization;
using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>What the subcommands of <c>#!delta</c> stand for.</summary>
internal static class DeltaCommands
{
    /// <summary>The command of a subcommand that is no query.</summary>
    public static DeltaCommand Of(string name, DeltaArguments arguments) => name switch
    {
        "history" => new DeltaCommand.DescribeHistory(arguments.Table(), arguments.Number("limit")),
        "detail" => new DeltaCommand.DescribeDetail(arguments.Table()),
        "restore" => new DeltaCommand.Restore(
            arguments.Table(), arguments.Travel() ?? throw new CellFaultException(new(
                "KDL104", "'#!delta restore' needs '--version N' or '--at TIME'.", "'#!delta history' shows the versions."))),
        "optimize" => new DeltaCommand.Optimize(arguments.Table())
        {
            Where = arguments.Expression("where"), ZOrderBy = arguments.Columns("zorder-by"), Full = arguments.Has("full"),
        },
        "vacuum" => new DeltaCommand.Vacuum(
            arguments.Table(), arguments.Hours("retain-hours"), arguments.Has("lite"), arguments.Has("dry-run")),
        "clone" => new DeltaCommand.CloneTable(
            arguments.Table(), arguments.Table("source") with { AsOf = arguments.Travel() }, arguments.Has("shallow"))
        {
            Mode = arguments.Has("replace") ? DeltaCommand.CreateMode.OrReplace : DeltaCommand.CreateMode.Create,
        },
        "convert" => Convert(arguments),
        "fsck" => new DeltaCommand.Fsck(arguments.Table(), arguments.Has("dry-run")),
        _ => throw new InvalidOperationException($"'#!delta {name}' is not known."),
    };

    /// <summary>CREATE TABLE, by the options; the query is last, so that places in it are found again.</summary>
    public static string Create(DeltaArguments arguments)
    {
        var columns = arguments.Text("schema") is { } schema ? $" ({schema})" : "";
        var query = arguments.Query();
        if (columns.Length == 0 && query is null)
        {
            throw new CellFaultException(new(
                "KDL104", "'#!delta create' needs columns or rows.", "Give '--schema', '--from', or a query below the line."));
        }

        var properties = string.Join(", ", arguments.Properties().Select(pair => $"{DuckDb.Text(pair.Key)} = {DuckDb.Text(pair.Value)}"));
        return $"CREATE {(arguments.Has("replace") ? "OR REPLACE " : "")}TABLE {SparkSql.Table(arguments.Table())}{columns} USING DELTA"
            + Names(" PARTITIONED BY", arguments.Columns("partition-by")) + Names(" CLUSTER BY", arguments.Columns("cluster-by"))
            + (arguments.Text("location") is { } location ? $" LOCATION {DuckDb.Text(location)}" : "")
            + (arguments.Text("comment") is { } comment ? $" COMMENT {DuckDb.Text(comment)}" : "")
            + (properties.Length > 0 ? $" TBLPROPERTIES ({properties})" : "")
            + (query is { } rows ? $" AS {rows.Text}" : "");
    }

    public static string Append(DeltaArguments arguments) => arguments.Query() is { } query
        ? $"INSERT {(arguments.Has("overwrite") ? "OVERWRITE" : "INTO")} {SparkSql.Table(arguments.Table())} BY NAME {query.Text}"
        : throw new CellFaultException(new("KDL104", "'#!delta append' needs rows.", "Give '--from', or a query below the line."));

    public static string Read(DeltaArguments arguments)
    {
        var columns = arguments.Columns("columns");
        var table = SparkSql.Table(arguments.Table() with { AsOf = arguments.Travel() });
        return $"SELECT {(columns.Count == 0 ? "*" : List(columns))} FROM {table}"
            + (arguments.Text("where") is { } condition ? $" WHERE {condition}" : "");
    }

    public static string Changes(DeltaArguments arguments)
    {
        var table = arguments.Table();
        var (from, to) = (arguments.Number("from"), arguments.Number("to"));
        var name = table.Path is { } path ? $"table_changes_by_path({DuckDb.Text(path)}" : $"table_changes({DuckDb.Text(table.ToString())}";
        return string.Create(CultureInfo.InvariantCulture, $"SELECT * FROM {name}, {from}{(to is null ? "" : $", {to}")}) ")
            + "ORDER BY _commit_version, _change_type";
    }

    /// <summary>The columns of folders' names: <c>year INT, month INT</c>.</summary>
    private static DeltaCommand.ConvertToDelta Convert(DeltaArguments arguments)
    {
        var path = arguments.Text("path")!;
        path = path.Contains("://", StringComparison.Ordinal) ? path : Path.GetFullPath(path);
        var partitions = arguments.Text("partition-by") is { } columns ? $" PARTITIONED BY ({columns})" : "";
        return (DeltaCommand.ConvertToDelta)DeltaSqlParser.Parse($"CONVERT TO DELTA parquet.{SqlQuotes.Backticks(path)}{partitions}");
    }

    private static string Names(string words, IReadOnlyList<ColumnPath> columns) => columns.Count == 0 ? "" : $"{words} ({List(columns)})";

    private static string List(IReadOnlyList<ColumnPath> columns) =>
        string.Join(", ", columns.Select(column => string.Join('.', column.Parts.Select(SqlQuotes.Backticks))));
}
