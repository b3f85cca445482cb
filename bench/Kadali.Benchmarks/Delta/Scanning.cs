using System.Text;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>Queries beside read_parquet.</summary>
internal static class Scanning
{
    public static async Task ScanAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        BenchTables.Lineitem(lab, run);
        lab.Run(
            """
            CREATE TABLE items USING DELTA PARTITIONED BY (part)
            TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = 'true')
            AS SELECT *, l_orderkey % 4 AS part FROM plain_items
            """);
        var mapping = new ColumnMapping(lab.Snapshot("items").Properties);
        var columns = string.Join(", ", lab.Snapshot("items").Schema.Fields.Where(field => field.Name != "part")
            .Select(field => $"\"{mapping.Physical(field)}\" AS {field.Name}"));
        lab.Duck.Execute(
            $"CREATE OR REPLACE VIEW plain AS SELECT {columns} FROM {lab.Parquet("items")}", CancellationToken.None);
        await CompareAsync("B5 scan of 6M rows, Q1", Q1, 1.05, 10);
        await CompareAsync("B5 scan of 6M rows, Q6", Q6, 1.05, 10);
        lab.Run("DELETE FROM items WHERE part = 1 AND l_orderkey % 100 = 1");
        await CompareAsync("B6 the same, deleted rows in 1 of 4 files, Q1", Q1, 1.10, 10);
        lab.Run("DELETE FROM items WHERE l_orderkey % 100 = 7 OR l_orderkey % 100 = 38");
        await CompareAsync("B6 the same, 1 % deleted rows in all files, Q1", Q1, 1.45);
        await CompareAsync("B6 the same, 1 % deleted rows in all files, Q6", Q6, 1.20);

        Task CompareAsync(string name, Func<string, string> query, double must, double allowance = 0) => run.CompareAsync(
            name, () => lab.Query(query("items")), () => lab.Drain(query("plain")), "read_parquet", must, allowance);
    }

    public static async Task PointQueryAsync(DeltaRun run)
    {
        var count = run.Pick(10_000, 100);
        using var lab = new DeltaLab();
        lab.Run("CREATE TABLE points (id BIGINT, v DOUBLE) USING DELTA");
        lab.Duck.Execute($"COPY (SELECT 5 AS id, 1.5 AS v) TO '{lab["points/one.parquet"]}' (FORMAT parquet)", CancellationToken.None);
        var size = new FileInfo(lab["points/one.parquet"]).Length;
        var commit = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            File.CreateSymbolicLink(lab[$"points/part-{i}.parquet"], lab["points/one.parquet"]);
            var stats =
                $$$"""
                "{\"numRecords\":1,\"minValues\":{\"id\":{{{i}}} },\"maxValues\":{\"id\":{{{i}}} },\"nullCount\":{\"id\":0}}"
                """;
            commit.Append(BenchTables.AddLine($"part-{i}.parquet", size, stats)).Append('\n');
        }

        BenchTables.Commit(lab.Storage("points"), 1, commit.ToString());
        lab.Snapshot("points");
        run.Alone($"B7 point query on {count:N0} files, warm (bound 25 ms)", 25, () => lab.Query("SELECT * FROM points WHERE id = 5"));
        await run.CompareAsync(
            $"B7 point query on {count:N0} files", () => lab.Query("SELECT * FROM points WHERE id = 5"),
            () => lab.Drain($"SELECT * FROM read_parquet('{lab["points"]}/part-*.parquet') WHERE id = 5"),
            "read_parquet of all", repeats: run.Few);
    }

    private static string Q1(string table) =>
        $"""
        SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice), sum(l_extendedprice * (1 - l_discount)),
            avg(l_discount), count(*)
        FROM {table} WHERE l_shipdate <= DATE '1998-09-02' GROUP BY ALL
        """;

    private static string Q6(string table) =>
        $"""
        SELECT sum(l_extendedprice * l_discount) FROM {table}
        WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
            AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24
        """;
}
