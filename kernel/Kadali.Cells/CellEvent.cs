namespace Kadali.Cells;

/// <summary>What a cell says while it runs, in the order in which the reader shall see it.</summary>
public abstract record CellEvent
{
    private CellEvent()
    {
    }

    /// <summary>Text written to a standard stream, in pieces of any size; line ends are the writer's own.</summary>
    public sealed record Output(OutputStream Stream, string Text) : CellEvent;

    /// <summary>Something to show. With an id, later <see cref="Update"/>s replace it wherever it is shown.</summary>
    public sealed record Display(MimeBundle Content, string? DisplayId = null) : CellEvent
    {
        /// <summary>It tells how far something is and goes when that ends: where displays cannot change, it is not worth a line.</summary>
        public bool IsProgress { get; init; }
    }

    /// <summary>Replaces what was shown under the id, in this cell or an earlier one.</summary>
    public sealed record Update(MimeBundle Content, string DisplayId) : CellEvent;

    /// <summary>The value of the cell. At most one per submission reaches the reader as its result; earlier ones are displayed.</summary>
    public sealed record Result(MimeBundle Content, string? DisplayId = null) : CellEvent;

    /// <summary>Clears what the cell has shown, at once or when the next output comes.</summary>
    public sealed record Clear(bool Wait) : CellEvent;
}

/// <summary>The two standard streams.</summary>
public enum OutputStream
{
    Out,
    Error,
}
