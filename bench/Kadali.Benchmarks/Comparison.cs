using System.Diagnostics;
using System.Globalization;

namespace Kadali.Benchmarks;

/// <summary>Two ways to do the same, run turn about so that both meet the same load of the machine.</summary>
/// <param name="Name">The figure.</param>
/// <param name="Ours">As a cell does it.</param>
/// <param name="Baseline">As well as it can be done by hand, or the first of two runs.</param>
/// <param name="BaselineName">What the baseline is.</param>
/// <param name="Must">The ratio that has to be reached, or null where none is promised.</param>
/// <param name="Allowance">Milliseconds that ours may take on top of its ratio.</param>
internal sealed record Comparison(
    string Name, Func<Task> Ours, Func<Task> Baseline, string BaselineName, double? Must = null, double Allowance = 0)
{
    // Console belongs to the cells once a session is open.
    private static readonly TextWriter Report = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };

    /// <summary>Undoes what either left behind; not measured.</summary>
    public Func<Task> Between { get; init; } = () => Task.CompletedTask;

    /// <summary>Prints a line of the report.</summary>
    public static void Say(string line) => Report.WriteLine(line);

    /// <summary>Prints the head of the table that <see cref="RunAsync"/> adds lines to.</summary>
    public static void PrintHead() =>
        Print("figure", "kadali", "baseline", "ratio", "must", "allocated", "baseline's", "");

    /// <summary>Measures both and prints one line: medians of time, their ratio, and what was allocated.</summary>
    /// <returns>The ratio.</returns>
    public async Task<double> RunAsync(int repeats)
    {
        var ours = new List<Sample>();
        var baseline = new List<Sample>();
        for (var i = 0; i <= repeats; i++)
        {
            var first = await MeasureAsync(Baseline);
            await Between();
            var second = await MeasureAsync(Ours);
            await Between();

            // The first turn pays for what is loaded and compiled once.
            if (i > 0)
            {
                baseline.Add(first);
                ours.Add(second);
            }
        }

        double mine = Median(ours, sample => sample.Milliseconds), theirs = Median(baseline, sample => sample.Milliseconds);
        var verdict = Must is not { } must ? "" : mine <= must * theirs + Allowance ? "within" : "MISSED";
        Print(
            $"{Name} (base: {BaselineName})", $"{mine:N1} ms", $"{theirs:N1} ms", $"{mine / theirs:F2}x",
            Must is null ? "" : $"{Must:0.##}x" + (Allowance > 0 ? $"+{Allowance:0}ms" : ""),
            Size(Median(ours, sample => sample.Bytes)), Size(Median(baseline, sample => sample.Bytes)), verdict);
        return mine / theirs;
    }

    private static async Task<Sample> MeasureAsync(Func<Task> run)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        await run();
        clock.Stop();
        return new(clock.Elapsed.TotalMilliseconds, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    private static double Median(IEnumerable<Sample> samples, Func<Sample, double> value)
    {
        var sorted = samples.Select(value).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Size(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20):F1} MiB");

    private static void Print(params string[] cells)
    {
        int[] widths = [-78, 11, 11, 7, 9, 11, 11, 0];
        Say(string.Join("  ", cells.Select((cell, i) => widths[i] < 0 ? cell.PadRight(-widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
    }

    private readonly record struct Sample(double Milliseconds, double Bytes);
}
