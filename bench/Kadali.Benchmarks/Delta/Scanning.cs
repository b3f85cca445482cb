using System.Text;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>Queries beside read_parquet.</summary>
internal static class Scanning
{
    private const string DeleteOnePercent = "DELETE FROM items WHERE l_orderkey % 100 = 7 OR l_orderkey % 100 = 38";

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
        Plain(lab);
        await CompareAsync(run, lab, "B5 scan of 6M rows, Q1", Q1, 1.05, 10);
        await CompareAsync(run, lab, "B5 scan of 6M rows, Q6", Q6, 1.05, 10);
    }

    public static async Task DeletedAsync(DeltaRun run)
    {
        using (var lab = new DeltaLab())
        {
            InTwelveFiles(lab, run, "(l_shipdate - DATE '1992-01-01') // 211", "ORDER BY l_shipdate");
            lab.Run("DELETE FROM items WHERE (l_shipdate - DATE '1992-01-01') // 211 = 5 AND l_orderkey % 100 = 1");
            await CompareAsync(run, lab, "B6 scan of 6M rows in order of time, deleted ones in 1 of 12 files, Q1", Q1, 1.10);
            lab.Run(DeleteOnePercent);
            await CompareAsync(run, lab, "B6 the same, 1 % deleted rows in all files, Q1", Q1, 1.45);
            await CompareAsync(run, lab, "B6 the same, 1 % deleted rows in all files, Q6", Q6, 1.20);
        }

        using (var lab = new DeltaLab())
        {
            // Where each vector keeps some rows, their numbers and the calls for them are all that is left.
            InTwelveFiles(lab, run, "l_orderkey // 50000 % 12", "");
            lab.Run(DeleteOnePercent);
            await CompareAsync(run, lab, "B6 the same, rows in no order of time, Q6", Q6);
        }
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

    /// <summary>Makes the view <c>plain</c> of the files of <c>items</c>, as they are before any of their rows are deleted.</summary>
    private static void Plain(DeltaLab lab)
    {
        var snapshot = lab.Snapshot("items");
        var mapping = new ColumnMapping(snapshot.Properties);
        var columns = string.Join(", ", snapshot.Schema.Fields.Where(field => !snapshot.PartitionColumns.Contains(field.Name))
            .Select(field => $"\"{mapping.Physical(field)}\" AS {field.Name}"));
        lab.Duck.Execute($"CREATE VIEW plain AS SELECT {columns} FROM {lab.Parquet("items")}", CancellationToken.None);
    }

    private static Task CompareAsync(
        DeltaRun run, DeltaLab lab, string name, Func<string, string> query, double? must = null, double allowance = 0) => run.CompareAsync(
            name, () => lab.Query(query("items")), () => lab.Drain(query("plain")), "read_parquet", must, allowance,
            repeats: run.Pick(15, 1));

    /// <summary>Makes <c>items</c> of lineitem, and the view <c>plain</c> of its files.</summary>
    /// <param name="file">In which of the files a row belongs.</param>
    private static void InTwelveFiles(DeltaLab lab, DeltaRun run, string file, string order)
    {
        BenchTables.Lineitem(lab, run);
        lab.Run(
            """
            CREATE TABLE items USING DELTA
            TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = 'true')
            AS SELECT * FROM plain_items LIMIT 0
            """);
        for (var i = 0; i < 12; i++)
        {
            lab.Run($"INSERT INTO items SELECT * FROM plain_items WHERE {file} = {i} {order}");
        }

        Plain(lab);
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
