namespace Kadali.Cells;

/// <summary>
/// What the loops and lambdas of C# cells look at, so that an interrupt ends them. The compiler of cells puts the call in.
/// </summary>
public static class CellLoops
{
    private static volatile bool _interrupted;

    /// <summary>Ends the loop that calls, if its cell was interrupted.</summary>
    /// <exception cref="CellInterruptedException">The cell was interrupted.</exception>
    public static void Check()
    {
        if (_interrupted)
        {
            Throw();
        }
    }

    /// <summary>The same of an expression: gives its value.</summary>
    /// <exception cref="CellInterruptedException">The cell was interrupted.</exception>
    public static T Checked<T>(T value)
        where T : allows ref struct
    {
        Check();
        return value;
    }

    /// <summary>A cell begins (false), or is interrupted (true).</summary>
    public static void Interrupt(bool interrupted) => _interrupted = interrupted;

    private static void Throw() => throw new CellInterruptedException();
}

/// <summary>Ends the code of a cell that was interrupted.</summary>
public sealed class CellInterruptedException() : OperationCanceledException("The cell was interrupted.");
