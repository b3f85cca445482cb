using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>DELETE and MERGE.</summary>
internal static class Changing
{
    /// <summary>Takes up <c>changes</c> into <c>again</c>.</summary>
    public const string Upsert =
        "MERGE INTO again t USING changes s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *";

    public static async Task DeleteAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        BenchTables.Lineitem(lab, run);
        lab.Run(
            """
            CREATE TABLE items USING DELTA TBLPROPERTIES ('delta.targetFileSize' = '16mb')
            AS SELECT *, hash(l_orderkey, l_linenumber) % 200 AS h FROM plain_items
            """);
        lab.CloneAgain();
        await run.CompareAsync(
            "B9 DELETE of 0.5 % of the rows, spread", () => lab.Run("DELETE FROM again WHERE h = 7"),
            () => lab.Query("SELECT count(*) FROM items WHERE h = 7"), "count(*) with the condition", 1.5, 50, lab.CloneAgain);
    }

    public static async Task MergeAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        BenchTables.Lineitem(lab, run);
        lab.Run("CREATE TABLE items USING DELTA AS SELECT row_number() OVER () AS id, * FROM plain_items");
        lab.CloneAgain();
        lab.Duck.Execute(
            """
            CREATE TABLE changes AS SELECT id + CASE WHEN id % 2 = 0 THEN 100000000 ELSE 0 END AS id, * EXCLUDE (id)
            FROM (SELECT row_number() OVER () AS id, * FROM plain_items) WHERE hash(id) % 100 = 3
            """,
            CancellationToken.None);
        var file = 0;
        await run.CompareAsync(
            "B10 MERGE of 60,000 rows into 6M", () => lab.Run(Upsert),
            () =>
            {
                lab.Query("SELECT count(*) FROM items WHERE id IN (SELECT id FROM changes)");
                lab.Drain($"COPY changes TO '{lab[$"out-{file++}.parquet"]}' (FORMAT parquet, COMPRESSION zstd)");
            },
            "semi join and COPY of the rows", 1.6, between: lab.CloneAgain);
    }

    public static Task OnePartitionAsync(DeltaRun run)
    {
        var count = run.Pick(1000, 50);
        using var lab = new DeltaLab();
        lab.Run(
            $"""
            CREATE TABLE parts USING DELTA PARTITIONED BY (p)
            AS SELECT range AS id, range % {count} AS p, 0 AS v FROM range({count * 100})
            """);
        var update = new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "1" });
        var read = new Merging(lab.Session, lab.Storage("parts"), lab.Snapshot("parts")).Run(
            new("SELECT 42 AS p, 42 AS id", "t", "s", "t.p = s.p AND t.id = s.id", [update]),
            CancellationToken.None).Metrics["numTargetFilesRead"];
        Comparison.Say(
            $"B18 MERGE into 1 of {count:N0} partitions reads {read} of {count:N0} files (must 1) {DeltaRun.Verdict(read == 1)}");
        return Task.CompletedTask;
    }
}
