using System.Diagnostics;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>How long it takes until the files of a table are known.</summary>
internal static class Opening
{
    /// <summary>The baseline of all openings.</summary>
    public const string Listing = "DuckDB's path and size in C#";

    public static async Task JsonLogAsync(DeltaRun run)
    {
        var packed = run.Shared("data", "delta", "perf", "300k-add-files-100-col-partitioned.tar.zst");
        if (!File.Exists(packed))
        {
            Comparison.Say("B1 skipped: the log of 300,000 files is not beside the repository.");
            return;
        }

        using var lab = new DeltaLab();
        using (var tar = Process.Start("tar", ["--zstd", "-xf", packed, "-C", lab.Folder]))
        {
            await tar.WaitForExitAsync();
        }

        var table = Path.GetDirectoryName(Directory.GetDirectories(lab.Folder, "_delta_log", SearchOption.AllDirectories)[0])!;
        var storage = new LocalStorage(table);
        await run.CompareAsync(
            "B1 open a log of 300,000 files in JSON", () => Open(lab, storage),
            () => List(lab, ReadJson(table)), Listing, must: 1.28);
    }

    public static async Task CheckpointAsync(DeltaRun run)
    {
        var count = run.Pick(100_000, 1000);
        using var lab = new DeltaLab();
        var storage = BenchTables.ManyFiles(lab, "many", count);
        LogUpkeep.Checkpoint(
            lab.Session.Log(storage), lab.Snapshot("many"), lab.Session.Scratch, DateTimeOffset.UtcNow, CancellationToken.None);
        File.Delete(Path.Combine(lab["many"], "_delta_log", "00000000000000000000.json"));
        var checkpoint = Directory.GetFiles(Path.Combine(lab["many"], "_delta_log"), "*.parquet")[0];
        await run.CompareAsync(
            $"B2 open {count:N0} files from a checkpoint", () => Open(lab, storage),
            () => List(lab, $"read_parquet('{checkpoint}')"), Listing, task: "open-cp");
        run.Alone("B2 open and prune to one file, cold (bound 350 ms)", 350, () =>
        {
            lab.Session.Forget(storage);
            Expect(1, new FilePruner(lab.Session).Prune(lab.Snapshot("many"), "id = 500", null, CancellationToken.None).Files.Count);
        });
    }

    public static Task RefreshAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        var storage = BenchTables.ManyFiles(lab, "many", run.Pick(100_000, 1000));
        lab.Snapshot("many");
        run.Alone("B3 refresh, nothing new (bound 1 ms)", 1, () => lab.Snapshot("many"));
        var version = 0;
        run.Alone(
            "B3 refresh, one commit more (bound 5 ms)", 5, () => lab.Snapshot("many"),
            before: () => BenchTables.Commit(storage, ++version, BenchTables.Add(version + 1_000_000) + "\n"));
        return Task.CompletedTask;
    }

    /// <summary>Reads a log as if for the first time, and lists its files.</summary>
    public static void Open(DeltaLab lab, IDeltaStorage storage)
    {
        lab.Session.Forget(storage);
        _ = lab.Session.Log(storage).Update(CancellationToken.None).Files.Count;
    }

    /// <summary>What of the adds can be had as C# values without knowing Delta.</summary>
    public static void List(DeltaLab lab, string source) => _ = lab.Duck.Query(
        $"SELECT add.path, add.size FROM {source} WHERE add.path IS NOT NULL",
        reader => (reader.GetString(0), reader.GetInt64(1)), CancellationToken.None);

    /// <summary>DuckDB's source for the commits of a table.</summary>
    public static string ReadJson(string table) =>
        $$"""
        read_json('{{table}}/_delta_log/*.json', format = 'newline_delimited', maximum_object_size = 100000000,
            columns = {add: 'STRUCT(path VARCHAR, size BIGINT)'})
        """;

    private static void Expect(int expected, int actual)
    {
        if (expected != actual)
        {
            throw new InvalidOperationException($"{actual} in place of {expected}.");
        }
    }
}
