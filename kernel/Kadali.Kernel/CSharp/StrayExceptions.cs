using System.Runtime.ExceptionServices;
using Kadali.Cells;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// What cells' code throws on threads, timers and tasks of its own, where nobody awaits it. The runtime would end the process, and every
/// variable with it. An interrupt ends such code by an exception too, which is nobody's news.
/// </summary>
public static class StrayExceptions
{
    private static volatile Action<Exception>? _report;
    private static int _installed;

    /// <summary>
    /// Sets who tells the reader. It is called on the thread that ends, with the cell's own console. Without anybody to tell, such an
    /// exception ends the process as in any program.
    /// </summary>
    public static void ReportTo(Action<Exception> report) => _report = report;

    /// <summary>Takes them from here on, once for the process.</summary>
    internal static void Take()
    {
        if (Interlocked.Exchange(ref _installed, 1) == 0)
        {
            ExceptionHandling.SetUnhandledExceptionHandler(Handle);
        }
    }

    private static bool Handle(Exception exception)
    {
        if (exception is CellInterruptedException)
        {
            return true;
        }

        _report?.Invoke(exception);
        return _report is not null;
    }
}
