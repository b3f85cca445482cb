using System.Diagnostics;
using System.Globalization;

namespace Kadali.Benchmarks.Delta;

/// <summary>One run of the bench: its sizes, and the ways in which a figure measures and says what it found.</summary>
/// <param name="shared">The folder of the shared data, beside the repository.</param>
/// <param name="quick">Whether it only has to show that the figures run.</param>
internal sealed class DeltaRun(string shared, bool quick)
{
    /// <summary>What other engines took, and what we took for the same tasks in this run.</summary>
    public Peers Peers { get; } = new(Path.Combine(shared, "reference", "peers.md"));

    /// <summary>How often a comparison is repeated.</summary>
    public int Repeats => Pick(5, 1);

    /// <summary>How often one is repeated that takes seconds.</summary>
    public int Few => Pick(3, 1);

    /// <summary>A million rows.</summary>
    public int Million => Pick(1_000_000, 20_000);

    /// <summary>A size, or the one that only shows that the figure runs.</summary>
    public int Pick(int full, int small) => quick ? small : full;

    /// <summary>A path below the shared data.</summary>
    public string Shared(params string[] parts) => Path.Combine([shared, .. parts]);

    /// <summary>Runs ours and the baseline turn about and prints their ratio.</summary>
    /// <param name="between">Undoes what either left behind; not measured.</param>
    /// <param name="task">The task of the peers that this is: the best of them is the ratio to stay under.</param>
    /// <param name="repeats">How often, where <see cref="Repeats"/> is not it.</param>
    public async Task CompareAsync(
        string name, Action ours, Action baseline, string baselineName, double? must = null, double allowance = 0,
        Action? between = null, string? task = null, int? repeats = null)
    {
        var comparison = new Comparison(
            name, Done(ours), Done(baseline), baselineName, task is null ? must : Peers.Best(task), allowance)
        {
            Between = Done(between ?? (() => { })),
        };
        var ratio = await comparison.RunAsync(repeats ?? Repeats);
        if (task is not null)
        {
            Peers.Add(task, ratio);
        }
    }

    /// <summary>Prints the median time of what has no baseline.</summary>
    /// <param name="bound">Milliseconds that it may take.</param>
    /// <param name="before">Done before each turn; not measured.</param>
    public void Alone(string name, double bound, Action run, Action? before = null)
    {
        var times = new List<double>();
        for (var i = 0; i <= Pick(7, 1); i++)
        {
            before?.Invoke();
            var time = Time(run);
            if (i > 0)
            {
                times.Add(time);
            }
        }

        Alone(name, Quantile(times, 0.5), bound);
    }

    /// <summary>Prints a time that has no baseline.</summary>
    public static void Alone(string name, double milliseconds, double bound) => Comparison.Say(
        $"{name + " (alone)",-78}  {milliseconds.ToString("N2", CultureInfo.InvariantCulture),8} ms{new string(' ', 58)}"
        + Verdict(milliseconds <= bound));

    public static string Verdict(bool within) => within ? "within" : "MISSED";

    /// <summary>The milliseconds that a piece of work takes.</summary>
    public static double Time(Action run)
    {
        var clock = Stopwatch.StartNew();
        run();
        return clock.Elapsed.TotalMilliseconds;
    }

    public static double Quantile(IEnumerable<double> times, double part)
    {
        var sorted = times.Order().ToArray();
        return sorted[(int)(sorted.Length * part)];
    }

    private static Func<Task> Done(Action run) => () =>
    {
        run();
        return Task.CompletedTask;
    };
}
