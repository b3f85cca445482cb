namespace Kadali.Benchmarks.Delta;

/// <summary>
/// Delta tables beside plain DuckDB on the same rows, in one process: the figures B1 to B18, and the work that other engines were
/// measured by.
/// </summary>
internal static class DeltaBench
{
    // A task of the peers bears the name that it has in their table.
    private static readonly (string[] Names, Func<DeltaRun, Task> Measure)[] Figures =
    [
        (["B1"], Opening.JsonLogAsync),
        (["B2", "peers", "open-cp"], Opening.CheckpointAsync),
        (["B3"], Opening.RefreshAsync),
        (["B4"], Appending.CommitAsync),
        (["B5"], Scanning.ScanAsync),
        (["B6"], Scanning.DeletedAsync),
        (["B7"], Scanning.PointQueryAsync),
        (["B8"], Appending.ManyRowsAsync),
        (["B9"], Changing.DeleteAsync),
        (["B10"], Changing.MergeAsync),
        (["B11"], Upkeep.OptimizeAsync),
        (["B12"], LargeMerge.RunAsync),
        (["B13"], Upkeep.VacuumAsync),
        (["B16"], Appending.ManyTimesAsync),
        (["B17"], Tpch.QueriesAsync),
        (["B18"], Changing.OnePartitionAsync),
        (["peers", "scan"], PeerTasks.ScanAsync),
        (["peers", "open-log"], PeerTasks.OpenLogAsync),
        (["peers", "append-1m"], PeerTasks.AppendMillionAsync),
        (["peers", "append-10"], PeerTasks.AppendTenAsync),
        (["peers", "merge"], PeerTasks.MergeAsync),
        (["peers", "delete"], PeerTasks.DeleteAsync),
        (["peers", "compact"], PeerTasks.CompactAsync),
    ];

    /// <param name="run">Its sizes.</param>
    /// <param name="only">Names of figures, such as <c>B5</c>, or <c>peers</c> for the tasks of these; none for all.</param>
    public static async Task RunAsync(DeltaRun run, IReadOnlyCollection<string> only)
    {
        Comparison.PrintHead();
        foreach (var (names, measure) in Figures)
        {
            if (only.Count == 0 || only.Intersect(names, StringComparer.OrdinalIgnoreCase).Any())
            {
                await measure(run);
            }
        }

        run.Peers.Print();
        Comparison.Say(
            $"\nMedians of {run.Repeats}, scans of 15, turn about, after one turn that is not counted. "
            + "'alone' has no baseline: its bound is in milliseconds.");
    }
}
