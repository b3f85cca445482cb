namespace Kadali.Cells;

/// <summary>One submission of a front end: a whole cell of a notebook.</summary>
/// <param name="Code">Its text; <c>#!</c> lines in it choose languages and magics.</param>
/// <param name="Language">The language that the front end names for the cell, or null for the session's default.</param>
/// <param name="CellId">What the front end calls the cell, or null.</param>
public sealed record Submission(string Code, string? Language = null, string? CellId = null)
{
    /// <summary>The file whose text it is, or null for a cell of the notebook.</summary>
    public string? Source { get; init; }

    /// <summary>Takes what threads and tasks of this submission say after it has ended; null where nobody listens.</summary>
    public Action<CellEvent>? Late { get; init; }
}

/// <summary>A session that takes submissions one at a time, whatever front end they come from.</summary>
public interface ISubmissions
{
    /// <summary>
    /// Runs one submission. Ends by returning, by <see cref="CellFaultException"/>, by <see cref="CellFailedException"/> (the cell's own
    /// code threw), or by <see cref="OperationCanceledException"/> (interrupted).
    /// </summary>
    IAsyncEnumerable<CellEvent> RunAsync(Submission submission, CancellationToken cancellationToken);
}

/// <summary>The cell's own code threw: what Jupyter's <c>error</c> message says.</summary>
/// <param name="name">The exception's type name.</param>
/// <param name="value">Its message.</param>
/// <param name="traceback">Lines that point into the reader's cells and show no frame of ours; may hold ANSI colours.</param>
public sealed class CellFailedException(string name, string value, IReadOnlyList<string> traceback, Exception? innerException = null)
    : Exception(value, innerException)
{
    public string ErrorName { get; } = name;

    public IReadOnlyList<string> Traceback { get; } = traceback;
}
