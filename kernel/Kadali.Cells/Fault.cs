namespace Kadali.Cells;

/// <summary>
/// What the author of a cell can mend: a code, one sentence that names what was written, the place, and what to do next.
/// Codes: KDL1xx cells and magics, 2xx C#, 3xx SQL, 4xx Spark, 5xx Delta, 6xx models, 7xx control plane.
/// </summary>
/// <param name="Code">For instance <c>KDL101</c>.</param>
/// <param name="Message">What happened, naming what the reader wrote.</param>
/// <param name="Hint">What to do next, or null.</param>
/// <param name="Place">Where, in the reader's cell, or null where there is no place.</param>
public sealed record Fault(string Code, string Message, string? Hint = null, FaultPlace? Place = null);

/// <summary>A place in the reader's cell with the text of its line, so that the error can show it.</summary>
/// <param name="Position">Line and column from 0.</param>
/// <param name="Line">The text of that line.</param>
/// <param name="Length">How many UTF-16 units from the position are meant; 0 for a single caret.</param>
public sealed record FaultPlace(TextPosition Position, string Line, int Length = 0)
{
    /// <summary>The file in which the place is, or null for the cell itself.</summary>
    public string? Source { get; init; }

    /// <summary>A whole line.</summary>
    public static FaultPlace Of(TextLine line, string? source = null) =>
        new(new(line.Number, 0), line.Text, line.Text.Length) { Source = source };
}

/// <summary>Ends a cell with a <see cref="Fault"/>. The reader sees the fault and no stack of ours.</summary>
public sealed class CellFaultException(Fault fault, Exception? innerException = null) : Exception(fault.Message, innerException)
{
    public Fault Fault { get; } = fault;
}
