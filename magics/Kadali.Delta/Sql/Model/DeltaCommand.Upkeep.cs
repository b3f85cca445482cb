namespace Kadali.Delta;

internal abstract partial record DeltaCommand
{
    /// <summary><c>OPTIMIZE</c>: few large files in place of many small ones.</summary>
    public sealed record Optimize(TableRef Table) : DeltaCommand
    {
        /// <summary>Partitions that are meant, or null for all.</summary>
        public SqlPart? Where { get; init; }

        public IReadOnlyList<ColumnPath> ZOrderBy { get; init; } = [];

        /// <summary>Whether clustered tables are clustered anew, whatever was clustered before.</summary>
        public bool Full { get; init; }
    }

    /// <summary><c>VACUUM</c>: removes files that no version needs within the retention.</summary>
    /// <param name="RetainHours">Null for the table's own retention.</param>
    /// <param name="Lite">Whether only what the log tells of is looked at, and no folder is listed.</param>
    /// <param name="DryRun">Whether the files are only named.</param>
    public sealed record Vacuum(TableRef Table, double? RetainHours = null, bool Lite = false, bool DryRun = false) : DeltaCommand;

    /// <summary><c>RESTORE</c>: the table becomes again what it was.</summary>
    public sealed record Restore(TableRef Table, TimeTravel To) : DeltaCommand;

    /// <summary><c>REORG TABLE … APPLY (PURGE)</c>: rewrites files that have deleted rows or dropped columns in them.</summary>
    public sealed record Reorg(TableRef Table, SqlPart? Where = null) : DeltaCommand;

    /// <summary><c>FSCK REPAIR TABLE</c>: takes files that are missing out of the table.</summary>
    public sealed record Fsck(TableRef Table, bool DryRun = false) : DeltaCommand;

    /// <summary><c>DESCRIBE DETAIL</c></summary>
    public sealed record DescribeDetail(TableRef Table) : DeltaCommand;

    /// <summary><c>DESCRIBE HISTORY … [LIMIT n]</c></summary>
    public sealed record DescribeHistory(TableRef Table, long? Limit = null) : DeltaCommand;

    /// <summary><c>DESCRIBE [EXTENDED]</c></summary>
    public sealed record DescribeTable(TableRef Table, bool Extended = false) : DeltaCommand;

    /// <summary><c>DESCRIBE table column</c></summary>
    public sealed record DescribeColumn(TableRef Table, ColumnPath Column) : DeltaCommand;

    /// <summary><c>DESCRIBE DATABASE</c></summary>
    public sealed record DescribeDatabase(string Name) : DeltaCommand;

    /// <summary><c>SHOW CURRENT DATABASE</c></summary>
    public sealed record ShowCurrentDatabase : DeltaCommand;

    /// <summary><c>REFRESH TABLE</c>: the log is read anew.</summary>
    public sealed record Refresh(TableRef Table) : DeltaCommand;

    /// <summary><c>SET spark.… = value</c></summary>
    /// <param name="Start">UTF-16 offset of the key.</param>
    public sealed record SetOption(string Key, string Value, int Start = 0) : DeltaCommand;

    /// <summary><c>SHOW DATABASES [LIKE …]</c>, also spelled <c>SCHEMAS</c></summary>
    public sealed record ShowDatabases(string? Like = null) : DeltaCommand;

    /// <summary><c>SHOW TABLES [IN database] [LIKE …]</c></summary>
    public sealed record ShowTables(string? Database = null, string? Like = null) : DeltaCommand;

    /// <summary><c>SHOW COLUMNS IN</c></summary>
    public sealed record ShowColumns(TableRef Table) : DeltaCommand;

    /// <summary><c>SHOW PARTITIONS … [PARTITION (p = value)]</c></summary>
    public sealed record ShowPartitions(TableRef Table) : DeltaCommand
    {
        /// <summary>The values that are asked for; none for all.</summary>
        public IReadOnlyList<PartitionValue> Only { get; init; } = [];
    }

    /// <summary><c>SHOW TBLPROPERTIES … [(key)]</c></summary>
    public sealed record ShowProperties(TableRef Table, string? Key = null) : DeltaCommand;

    /// <summary><c>SHOW CREATE TABLE</c></summary>
    public sealed record ShowCreateTable(TableRef Table) : DeltaCommand;
}
