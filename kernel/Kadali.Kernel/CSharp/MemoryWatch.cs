namespace Kadali.Kernel.CSharp;

/// <summary>
/// Ends a cell whose objects come near to all the memory that they may have, while there is still some left to say so with. Past that point
/// the collector runs for every few objects, and nothing else does.
/// </summary>
internal static class MemoryWatch
{
    // At 0.93 a third of the cells that filled 384 MiB took the process along: the runtime's own needs did not fit into what was left.
    private const double Full = 0.85;
    private static Action? _full;
    private static int _started;

    /// <summary>What to do for the cell that runs now; null where none runs.</summary>
    public static void Set(Action? full)
    {
        _full = full;
        if (full is not null && Interlocked.Exchange(ref _started, 1) == 0)
        {
            _ = new Sentinel();
        }
    }

    /// <summary>Is finalized after each full collection, once it has grown old itself, and comes back.</summary>
    private sealed class Sentinel
    {
        ~Sentinel()
        {
            var memory = GC.GetGCMemoryInfo();
            if (memory.HeapSizeBytes > Full * memory.TotalAvailableMemoryBytes)
            {
                Volatile.Read(ref _full)?.Invoke();
            }

            if (!Environment.HasShutdownStarted)
            {
                GC.ReRegisterForFinalize(this);
            }
        }
    }
}
