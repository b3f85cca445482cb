namespace Kadali.Benchmarks.Delta;

/// <summary>The TPC-H tables as Delta tables, and as views over the same Parquet files.</summary>
internal static class Tpch
{
    // Keys of a copy follow those of the one before, so that joins give as many rows as there are copies.
    private static readonly Dictionary<string, string[]> Keys = new()
    {
        ["customer"] = ["c_custkey"], ["orders"] = ["o_orderkey", "o_custkey"],
        ["lineitem"] = ["l_orderkey", "l_partkey", "l_suppkey"], ["part"] = ["p_partkey"],
        ["partsupp"] = ["ps_partkey", "ps_suppkey"], ["supplier"] = ["s_suppkey"], ["nation"] = [], ["region"] = [],
    };

    private const int Shift = 10_000_000;

    public static async Task QueriesAsync(DeltaRun run)
    {
        var folder = run.Shared("data", "tpch");
        if (!Directory.Exists(folder))
        {
            Comparison.Say("B17 skipped: the TPC-H tables are not beside the repository.");
            return;
        }

        using var delta = new DeltaLab();
        using var plain = new DeltaLab();
        Load(delta, plain, folder, run.Pick(20, 1));
        var queries = Directory.GetFiles(Path.Combine(folder, "queries"), "*.sql").Order(StringComparer.Ordinal)
            .Select(file => File.ReadAllText(file).TrimEnd().TrimEnd(';')).ToList();
        await run.CompareAsync(
            "B17 TPC-H, 22 queries", () => queries.ForEach(delta.Query), () => queries.ForEach(plain.Drain),
            "the same Parquet files", 1.05, repeats: run.Few);
    }

    private static void Load(DeltaLab delta, DeltaLab plain, string folder, int copies)
    {
        foreach (var (table, keys) in Keys)
        {
            var source = $"read_parquet('{Path.Combine(folder, table + ".parquet")}')";
            var shifted = string.Join(", ", keys.Select(key => $"CAST({key} AS BIGINT) + {Shift} * copy AS {key}"));
            var query = keys.Length == 0
                ? $"SELECT * FROM {source}"
                : $"SELECT t.* REPLACE ({shifted}) FROM {source} t, range({copies}) r(copy)";
            delta.Run($"CREATE TABLE {table} USING DELTA AS {query}");
            plain.Duck.Execute($"CREATE VIEW {table} AS SELECT * FROM {delta.Parquet(table)}", CancellationToken.None);
        }
    }
}
