namespace Kadali.Delta;

/// <summary>
/// A statement about Delta tables. One model for all front ends: parsed from SQL by <see cref="DeltaSqlParser"/>, built by C# callers,
/// executed here, or printed for a cluster by <see cref="SparkSql"/>.
/// </summary>
internal abstract partial record DeltaCommand
{
    private DeltaCommand() { }

    /// <summary>Whether it only asks, and changes nothing.</summary>
    public bool IsQuestion => this is DescribeDetail or DescribeHistory or DescribeTable or ShowDatabases or ShowTables or ShowColumns
        or ShowPartitions or ShowProperties or ShowCreateTable or DescribeColumn or DescribeDatabase or ShowCurrentDatabase or Refresh
        or SetOption;

    /// <summary>How <c>CREATE</c> meets a table that is there.</summary>
    public enum CreateMode
    {
        /// <summary>It is an error.</summary>
        Create,

        /// <summary>Nothing happens.</summary>
        IfNotExists,

        /// <summary>It gets this definition and content; its history goes on.</summary>
        OrReplace,

        /// <summary>As <see cref="OrReplace"/>, and it has to be there.</summary>
        Replace,
    }

    /// <summary><c>CREATE TABLE … USING DELTA</c>, also <c>AS</c> a query or <c>LIKE</c> a table.</summary>
    public sealed record CreateTable(TableRef Table) : DeltaCommand
    {
        public CreateMode Mode { get; init; }

        public IReadOnlyList<ColumnDefinition> Columns { get; init; } = [];

        public IReadOnlyList<CheckDefinition> Checks { get; init; } = [];

        public IReadOnlyList<string> PartitionedBy { get; init; } = [];

        /// <summary>Columns of liquid clustering; null where it is not asked for.</summary>
        public IReadOnlyList<ColumnPath>? ClusterBy { get; init; }

        /// <summary>The folder, or null for the warehouse's.</summary>
        public string? Location { get; init; }

        public string? Comment { get; init; }

        public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

        /// <summary>The rows, or null for an empty table.</summary>
        public SqlPart? Query { get; init; }

        /// <summary>The table whose definition this one takes.</summary>
        public TableRef? Like { get; init; }
    }

    /// <summary><c>CREATE TABLE … { SHALLOW | DEEP } CLONE</c></summary>
    public sealed record CloneTable(TableRef Table, TableRef Source, bool Shallow) : DeltaCommand
    {
        public CreateMode Mode { get; init; }

        public string? Location { get; init; }

        public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
    }

    /// <summary><c>CONVERT TO DELTA</c>: a folder of Parquet files gets a log.</summary>
    /// <param name="Path">The folder.</param>
    /// <param name="PartitionedBy">The columns that are in its folders' names.</param>
    public sealed record ConvertToDelta(string Path, IReadOnlyList<ColumnDefinition> PartitionedBy, bool CollectsStatistics = true)
        : DeltaCommand;

    /// <summary><c>DROP TABLE</c></summary>
    public sealed record DropTable(TableRef Table, bool IfExists = false, bool Purge = false) : DeltaCommand;

    /// <summary><c>TRUNCATE TABLE</c></summary>
    public sealed record Truncate(TableRef Table) : DeltaCommand;

    /// <summary><c>COMMENT ON TABLE … IS</c> a text or <c>NULL</c>.</summary>
    public sealed record CommentOn(TableRef Table, string? Comment) : DeltaCommand;

    /// <summary><c>ALTER TABLE</c>; the changes are made together, in their order.</summary>
    public sealed record AlterTable(TableRef Table, IReadOnlyList<TableChange> Changes) : DeltaCommand;

    /// <summary><c>CREATE DATABASE</c></summary>
    public sealed record CreateDatabase(string Name, bool IfNotExists = false, string? Comment = null, string? Location = null)
        : DeltaCommand;

    /// <summary><c>DROP DATABASE</c>; <c>CASCADE</c> drops its tables too.</summary>
    public sealed record DropDatabase(string Name, bool IfExists = false, bool Cascade = false) : DeltaCommand;

    /// <summary><c>USE</c> a database: names without one are looked up there.</summary>
    public sealed record Use(string Database) : DeltaCommand;
}
