using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>How <c>#!delta</c> is called.</summary>
internal static class DeltaSyntax
{
    private static readonly MagicOption Table =
        new("table", "The table: a name, or the path of its folder.", "TABLE")
        {
            Required = true, Implicit = true, Takes = OptionValue.Own,
        };

    private static readonly MagicOption Version = new("version", "The version's number.", "N");
    private static readonly MagicOption At = new("at", "The version that was the latest then.", "TIME");
    private static readonly MagicOption Replace = new("replace", "Replace a table that is there; its history goes on.", null);

    private static readonly MagicOption Source = new(
        "from", "A C# sequence, another table or a file; without it, the query that stands below the line.", "SOURCE")
        {
            Takes = OptionValue.Own,
        };

    private static readonly MagicOption DryRun = new("dry-run", "Only say what would be done.", null);

    /// <summary>Options whose values stand in the errors of what they lead to.</summary>
    public static IReadOnlyList<string> ValuesThatErrorsName { get; } =
        ["table", "source", "version", "at", "from", "to", "key", "columns", "zorder-by", "partition-by", "cluster-by", "path", "location"];

    public static MagicSyntax Syntax { get; } = new(
        "delta", "Delta tables: made, read, compared, restored and kept in order, without a server.", "statements of Delta SQL")
    {
        Subcommands =
        [
            new("create", "Makes a table, with the rows of a query or source where there is one.", "a query, or nothing")
            {
                Options =
                [
                    Table, new("schema", "The columns, as in CREATE TABLE: \"id BIGINT NOT NULL, name STRING\".", "COLUMNS"), Source,
                    new("partition-by", "Columns by which files are parted.", "COLUMNS") { Takes = OptionValue.Own },
                    new("cluster-by", "Columns by which rows are laid together.", "COLUMNS") { Takes = OptionValue.Own },
                    new("property", "A property of the table: delta.enableChangeDataFeed=true.", "KEY=VALUE")
                    {
                        Repeatable = true, Takes = OptionValue.Own,
                    },
                    new("location", "Where its folder is to be; else in the warehouse.", "PATH"),
                    new("comment", "What the table is.", "TEXT"),
                    Replace, DryRun,
                ],
                Examples =
                [
                    ("#!delta create flights --partition-by month\nSELECT * FROM 'flights.parquet'", "makes a table of a file"),
                    ("#!delta create people --schema \"id BIGINT, name STRING\"", "makes an empty one"),
                ],
            },
            new("append", "Adds rows; columns are matched by name.", "a query, or nothing")
            {
                Options = [Table, Source, new("overwrite", "Put them in place of all rows.", null), DryRun],
                Examples = [("#!delta append people --from newcomers", "'newcomers' is a C# list")],
            },
            new("read", "Shows rows, of the latest version or another.", null)
            {
                Options =
                [
                    Table, Version, At, new("where", "Only these rows.", "CONDITION") { Takes = OptionValue.Own },
                    new("columns", "Only these columns.", "COLUMNS") { Takes = OptionValue.Own },
                    new("limit", "Stop after so many rows.", "ROWS"), new("name", "Keep the rows in C# under this name.", "NAME"),
                ],
            },
            new("history", "Shows who did what when, version by version.", null)
            {
                Options = [Table, new("limit", "Only so many, the latest.", "VERSIONS")],
            },
            new("detail", "Shows where a table is, how large, and what it can.", null) { Options = [Table] },
            new("changes", "Shows which rows came, went and changed, version by version (needs delta.enableChangeDataFeed).", null)
            {
                Options =
                [
                    Table, new("from", "The first version.", "N") { Required = true },
                    new("to", "The last version; else the latest.", "N"),
                ],
            },
            new("diff", "Shows rows that are added, changed and removed between two versions.", null)
            {
                Options =
                [
                    Table, new("from", "The earlier version; else the one before the later.", "N"),
                    new("to", "The later version; else the latest.", "N"),
                    new("key", "Columns that tell rows apart: rows that changed are then one line.", "COLUMNS") { Takes = OptionValue.Own },
                ],
                Examples = [("#!delta diff people --from 3 --to 5 --key id", "what changed from version 3 to 5, by 'id'")],
            },
            new("restore", "Makes a table again what it was, as a new version.", null) { Options = [Table, Version, At, DryRun] },
            new("optimize", "Makes few large files of many small ones.", null)
            {
                Options =
                [
                    Table, new("where", "Only these partitions.", "CONDITION") { Takes = OptionValue.Own },
                    new("zorder-by", "Columns that queries filter by.", "COLUMNS") { Takes = OptionValue.Own },
                    new("full", "Also what was clustered before.", null), DryRun,
                ],
            },
            new("vacuum", "Removes files that no version of the last days needs.", null)
            {
                Options =
                [
                    Table, new("retain-hours", "Keep what was needed in so many hours; else what the table says, a week.", "HOURS"),
                    new("lite", "Look into the log alone, not into the folder.", null),
                    new("dry-run", "Only name the files.", null),
                ],
            },
            new("clone", "Makes another table with the same rows.", null)
            {
                Options =
                [
                    new("source", "The table.", "SOURCE") { Required = true, Implicit = true, Takes = OptionValue.Own },
                    new("table", "The new one.", "TABLE") { Required = true, Implicit = true },
                    new("shallow", "Share the files, instead of copying them.", null), Version, At, Replace, DryRun,
                ],
            },
            new("convert", "Makes a Delta table of a folder of Parquet files, which stay where they are.", null)
            {
                Options =
                [
                    new("path", "The folder.", "PATH") { Required = true, Implicit = true },
                    new("partition-by", "The columns that are in the names of folders: \"year INT, month INT\".", "COLUMNS"), DryRun,
                ],
            },
            new("fsck", "Looks whether log and files of a table are whole, and takes missing files out of it.", null)
            {
                Options = [Table, new("dry-run", "Only look.", null)],
            },
        ],
        Examples =
        [
            ("#!delta\nMERGE INTO people p USING late l ON p.id = l.id\nWHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
                "'late' may be a C# list, a file or a table"),
            ("#!delta history people", "its versions, the latest first"),
            ("#!delta read people --version 3 --limit 10", "as it was"),
        ],
        Remarks = "Tables lie in the folder of KADALI_WAREHOUSE, else in 'spark-warehouse', as Spark lays them. "
            + "'#!sql' reads and changes them, too.",
    };
}
