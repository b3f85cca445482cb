using System.Diagnostics;
using System.Globalization;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>A MERGE into a table that is larger than the memory it gets, in a process of its own, whose peak is read at the end.</summary>
internal static class LargeMerge
{
    /// <summary>The name under which the program runs the MERGE alone.</summary>
    public const string Child = "large-merge";

    private const int Limit = 1000;
    private const int Allowance = 400;

    public static async Task RunAsync(DeltaRun run)
    {
        var copies = run.Pick(200, 1);
        using var lab = new DeltaLab();
        lab.Duck.Execute(
            $"""
            CREATE VIEW plain_items AS SELECT (copy * 10000000 + row_number) AS id, l.* EXCLUDE (row_number)
            FROM (SELECT *, row_number() OVER () AS row_number FROM read_parquet('{run.Shared("data", "tpch", "lineitem.parquet")}')) l,
                range({copies}) r(copy)
            """,
            CancellationToken.None);
        lab.Run("CREATE TABLE items USING DELTA AS SELECT * FROM plain_items");
        var changes = lab["changes.parquet"];
        lab.Duck.Execute(
            $"""
            COPY (SELECT id + CASE WHEN id % 2 = 0 THEN 5000000 ELSE 0 END AS id, * EXCLUDE (id) FROM plain_items WHERE hash(id) % 100 = 3)
            TO '{changes}' (FORMAT parquet)
            """,
            CancellationToken.None);
        var (rows, changed) = (Count(lab, "FROM plain_items"), Count(lab, $"FROM '{changes}'"));
        using var process = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [Child, lab.Folder, changes])
            {
                RedirectStandardOutput = true,
            })!;
        var said = (await process.StandardOutput.ReadToEndAsync()).Split(' ', StringSplitOptions.TrimEntries);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            Comparison.Say($"B12 MERGE of {changed:N0} rows into {rows:N0} within {Limit:N0} MB: MISSED, it failed");
            return;
        }

        var (milliseconds, peak) = (double.Parse(said[0], CultureInfo.InvariantCulture),
            long.Parse(said[1], CultureInfo.InvariantCulture) / 1e6);
        var kept = Count(lab, "FROM items", isDelta: true);
        if (kept != rows + Count(lab, $"FROM '{changes}' WHERE id % 10000000 >= 5000000"))
        {
            throw new InvalidOperationException($"The MERGE left {kept} rows.");
        }

        Comparison.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"B12 MERGE of {changed:N0} rows into {rows:N0} within {Limit:N0} MB: {milliseconds / 1000:N1} s, peak {peak:N0} MB ")
            + $"(must {Limit + Allowance:N0}) {DeltaRun.Verdict(peak <= Limit + Allowance)}");
    }

    /// <summary>The MERGE alone; prints its milliseconds and the bytes that the process had at most.</summary>
    public static void RunChild(string folder, string changes)
    {
        using var lab = new DeltaLab(folder, string.Create(CultureInfo.InvariantCulture, $"{Limit}MB"));
        var time = DeltaRun.Time(() => lab.Run(
            $"MERGE INTO items t USING '{changes}' s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time:F0} {Process.GetCurrentProcess().PeakWorkingSet64}"));
    }

    private static long Count(DeltaLab lab, string from, bool isDelta = false)
    {
        var sql = $"SELECT count(*) {from}";
        if (!isDelta)
        {
            return lab.Duck.Scalar<long>(sql, CancellationToken.None);
        }

        using var bound = new QueryBinder(lab.Session, lab.Tables).Bind(sql, null, CancellationToken.None);
        return lab.Duck.Scalar<long>(bound.Sql, CancellationToken.None);
    }
}
