namespace Kadali.Delta;

internal abstract partial record DeltaCommand
{
    /// <summary>A statement that changes rows.</summary>
    public abstract record RowCommand : DeltaCommand
    {
        /// <summary>The <c>WITH</c> clause before it, whose names its queries know; null where there is none.</summary>
        public SqlPart? With { get; init; }
    }

    /// <summary><c>INSERT INTO</c>, <c>INSERT OVERWRITE</c>, <c>INSERT INTO … REPLACE WHERE</c></summary>
    /// <param name="Source">The rows: <c>VALUES</c>, a query, <c>TABLE t</c> or <c>DEFAULT VALUES</c>.</param>
    public sealed record Insert(TableRef Table, SqlPart Source) : RowCommand
    {
        /// <summary>Whether the rows replace those of the table, or of the partitions that are named or met.</summary>
        public bool Overwrite { get; init; }

        /// <summary>The rows that these replace: each new row must fulfil it too.</summary>
        public SqlPart? ReplaceWhere { get; init; }

        /// <summary>The columns that the source gives, in its order; null for all of the table.</summary>
        public IReadOnlyList<ColumnPath>? Columns { get; init; }

        /// <summary>Whether columns are matched by name and not by place.</summary>
        public bool ByName { get; init; }

        /// <summary>Whether columns that only the source has are added to the table.</summary>
        public bool SchemaEvolution { get; init; }

        /// <summary>The <c>PARTITION (p = value, q)</c> clause; a null value stands for a column that the source gives.</summary>
        public IReadOnlyList<PartitionValue> Partition { get; init; } = [];
    }

    /// <summary>One column of a <c>PARTITION</c> clause.</summary>
    public sealed record PartitionValue(string Column, SqlPart? Value);

    /// <summary><c>UPDATE … SET … [WHERE …]</c></summary>
    public sealed record Update(TableRef Table, IReadOnlyList<Assignment> Set) : RowCommand
    {
        public string? Alias { get; init; }

        public SqlPart? Where { get; init; }
    }

    /// <summary>A column and its new value; the value may be <c>DEFAULT</c>.</summary>
    public sealed record Assignment(ColumnPath Column, SqlPart Value);

    /// <summary><c>DELETE FROM … [WHERE …]</c></summary>
    public sealed record Delete(TableRef Table) : RowCommand
    {
        public string? Alias { get; init; }

        public SqlPart? Where { get; init; }
    }

    /// <summary><c>MERGE INTO … USING … ON … WHEN …</c></summary>
    /// <param name="Source">A table (with time travel, or a table function) or a query in brackets; without its alias.</param>
    /// <param name="On">Which rows of the two belong together.</param>
    /// <param name="Clauses">In the order in which they are tried.</param>
    public sealed record Merge(TableRef Table, SqlPart Source, SqlPart On, IReadOnlyList<MergeClause> Clauses) : RowCommand
    {
        public string? Alias { get; init; }

        public string? SourceAlias { get; init; }

        /// <summary>The names that the alias gives the columns of the source, <c>s(id, name)</c>; null where it gives none.</summary>
        public IReadOnlyList<string>? SourceColumns { get; init; }

        /// <summary>Whether columns that only the source has are added to the table.</summary>
        public bool SchemaEvolution { get; init; }
    }

    /// <summary>Which rows a clause of <c>MERGE</c> is for.</summary>
    public enum MergeMatch
    {
        Matched,
        NotMatched,
        NotMatchedBySource,
    }

    /// <summary>A <c>WHEN</c> of <c>MERGE</c>.</summary>
    /// <param name="Condition">Null for all rows that <paramref name="Match"/> says.</param>
    public sealed record MergeClause(MergeMatch Match, SqlPart? Condition, MergeAction Action);

    /// <summary>What a clause of <c>MERGE</c> does.</summary>
    public abstract record MergeAction
    {
        private MergeAction() { }

        public sealed record Delete : MergeAction;

        /// <summary><c>UPDATE SET *</c></summary>
        public sealed record UpdateAll : MergeAction;

        public sealed record Update(IReadOnlyList<Assignment> Set) : MergeAction;

        /// <summary><c>INSERT *</c></summary>
        public sealed record InsertAll : MergeAction;

        /// <param name="Values">One column and value each. The columns are all of the table, in its order, where the statement names none;
        /// each path is then empty.</param>
        public sealed record Insert(IReadOnlyList<Assignment> Values) : MergeAction;
    }
}
