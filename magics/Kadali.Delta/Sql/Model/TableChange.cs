namespace Kadali.Delta;

/// <summary>One change of <c>ALTER TABLE</c>.</summary>
internal abstract record TableChange
{
    private TableChange() { }

    public sealed record AddColumn(ColumnPath Column, ColumnDefinition Definition, ColumnPosition? Position = null) : TableChange;

    public sealed record DropColumns(IReadOnlyList<ColumnPath> Columns, bool IfExists = false) : TableChange;

    public sealed record RenameColumn(ColumnPath Column, string To) : TableChange;

    /// <summary><c>ALTER COLUMN … TYPE</c></summary>
    public sealed record ChangeType(ColumnPath Column, DeltaType Type, string? LimitedString = null) : TableChange;

    public sealed record ChangeComment(ColumnPath Column, string Comment) : TableChange;

    /// <summary><c>SET NOT NULL</c> and <c>DROP NOT NULL</c></summary>
    public sealed record ChangeNullability(ColumnPath Column, bool Nullable) : TableChange;

    /// <summary><c>SET DEFAULT</c>, and <c>DROP DEFAULT</c> where the expression is null.</summary>
    public sealed record ChangeDefault(ColumnPath Column, SqlPart? Default) : TableChange;

    /// <summary><c>ALTER COLUMN … SYNC IDENTITY</c>: the values go on behind those that were given.</summary>
    public sealed record SyncIdentity(ColumnPath Column) : TableChange;

    public sealed record MoveColumn(ColumnPath Column, ColumnPosition Position) : TableChange;

    public sealed record AddCheck(CheckDefinition Check) : TableChange;

    public sealed record DropConstraint(string Name, bool IfExists = false) : TableChange;

    public sealed record SetProperties(IReadOnlyDictionary<string, string> Properties) : TableChange;

    public sealed record UnsetProperties(IReadOnlyList<string> Keys, bool IfExists = false) : TableChange;

    /// <summary><c>CLUSTER BY (…)</c>; no columns for <c>CLUSTER BY NONE</c>.</summary>
    public sealed record ClusterBy(IReadOnlyList<ColumnPath> Columns) : TableChange;

    public sealed record DropFeature(string Feature, bool TruncateHistory = false) : TableChange;

    public sealed record RenameTo(TableRef Name) : TableChange;
}
