using System.Globalization;
using System.Text;

namespace Kadali.Benchmarks.Delta;

/// <summary>What a commit costs, and how fast rows are added.</summary>
internal static class Appending
{
    public static async Task CommitAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        lab.Run("CREATE TABLE small (id BIGINT, v DOUBLE) USING DELTA");
        var storage = lab.Storage("small");
        var times = new List<double>();
        for (var i = 0; i < run.Pick(300, 20); i++)
        {
            var (name, bytes) = ($"_delta_log/probe/{i}.json", Encoding.UTF8.GetBytes(BenchTables.Add(i)));
            times.Add(DeltaRun.Time(() => storage.TryWriteNew(name, bytes, CancellationToken.None)));
        }

        DeltaRun.Alone("B4 commit file with fsync, p50 (bound 2 ms)", DeltaRun.Quantile(times, 0.5), 2);
        DeltaRun.Alone("B4 commit file with fsync, p99 (bound 15 ms)", DeltaRun.Quantile(times, 0.99), 15);
        var file = 0;
        await run.CompareAsync(
            "B4 append of 1 row (bound 15 ms)", () => lab.Run("INSERT INTO small VALUES (1, 2.0)"),
            () => lab.Drain($"COPY (SELECT 1 AS id, 2.0 AS v) TO '{lab[$"plain-{file++}.parquet"]}' (FORMAT parquet, RETURN_STATS)"),
            "COPY of the row", repeats: run.Pick(30, 2));
    }

    public static async Task ManyRowsAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        var rows = 10 * run.Million;
        lab.Duck.Execute($"CREATE TABLE source AS {BenchTables.Readings(rows)}", CancellationToken.None);
        lab.Run("CREATE TABLE big USING DELTA AS SELECT * FROM source LIMIT 0");
        var file = 0;
        await run.CompareAsync(
            $"B8 append of {rows:N0} rows", () => lab.Run("INSERT INTO big SELECT * FROM source"),
            () => lab.Drain(lab.Rewrite("FROM source", $"copy-{file++}")), "COPY", 1.10, repeats: run.Few);
    }

    public static Task ManyTimesAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        lab.Run("CREATE TABLE log (id BIGINT, v DOUBLE) USING DELTA");
        var times = new List<double>();
        for (var i = 0; i < run.Pick(1010, 60); i++)
        {
            times.Add(DeltaRun.Time(() => lab.Run("INSERT INTO log SELECT range, range FROM range(10)")));
        }

        var (first, last) = (DeltaRun.Quantile(times.Skip(5).Take(20), 0.5), DeltaRun.Quantile(times.TakeLast(20), 0.5));
        Comparison.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"B16 append of 10 rows, {times.Count} times: p50 at 10 {first:F1} ms, at the end {last:F1} ms, ")
            + string.Create(CultureInfo.InvariantCulture, $"{last / first:F2}x (must 1.2x) {DeltaRun.Verdict(last <= 1.2 * first)}"));
        return Task.CompletedTask;
    }
}
