namespace Kadali.Benchmarks.Delta;

/// <summary>OPTIMIZE and VACUUM.</summary>
internal static class Upkeep
{
    public static async Task OptimizeAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        BenchTables.Lineitem(lab, run);
        lab.Run("CREATE TABLE items (l_orderkey BIGINT) USING DELTA");
        lab.Run(
            """
            CREATE OR REPLACE TABLE items USING DELTA TBLPROPERTIES ('delta.targetFileSize' = '4mb') AS SELECT * FROM plain_items
            """);
        lab.Run("ALTER TABLE items SET TBLPROPERTIES ('delta.targetFileSize' = '128mb')");
        lab.CloneAgain();
        var file = 0;
        await run.CompareAsync(
            "B11 OPTIMIZE of 6M rows", () => lab.Run("OPTIMIZE again"),
            () => lab.Query(lab.Rewrite("SELECT * FROM items", $"one-{file++}")), "one COPY", 1.15,
            between: lab.CloneAgain, repeats: run.Few);
        await run.CompareAsync(
            "B11 OPTIMIZE ZORDER BY two columns", () => lab.Run("OPTIMIZE again ZORDER BY (l_partkey, l_suppkey)"),
            () => lab.Query(lab.Rewrite("SELECT * FROM items ORDER BY l_partkey, l_suppkey", $"sorted-{file++}")),
            "COPY ... ORDER BY", 1.30, between: lab.CloneAgain, repeats: run.Few);
    }

    public static Task VacuumAsync(DeltaRun run)
    {
        var count = run.Pick(100_000, 500);
        using var lab = new DeltaLab();
        BenchTables.ManyFiles(lab, "many", count);
        for (var i = 0; i < count; i++)
        {
            File.Create(lab[$"many/part-{i:D10}-0000000000000000.parquet"]).Dispose();
        }

        run.Alone($"B13 VACUUM, dry run, {count:N0} files (bound 2 s)", 2000, () => lab.Run("VACUUM many DRY RUN"));
        return Task.CompletedTask;
    }
}
