using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>The TPC-H tables as Delta tables, and as views over the same Parquet files.</summary>
internal static class Tpch
{
    // Keys of a copy follow those of the one before, so that joins give as many rows as there are copies.
    private static readonly Dictionary<string, string[]> Keys = new()
    {
        ["customer"] = ["c_custkey"], ["orders"] = ["o_orderkey", "o_custkey"], ["lineitem"] = ["l_orderkey", "l_partkey", "l_suppkey"],
        ["part"] = ["p_partkey"], ["partsupp"] = ["ps_partkey", "ps_suppkey"], ["supplier"] = ["s_suppkey"], ["nation"] = [], ["region"] = [],
    };

    private const int Shift = 10_000_000;

    public static void Load(DeltaLab delta, DeltaLab plain, string folder, int copies)
    {
        foreach (var (table, keys) in Keys)
        {
            var source = $"read_parquet('{Path.Combine(folder, table + ".parquet")}')";
            var query = keys.Length == 0
                ? $"SELECT * FROM {source}"
                : $"SELECT t.* REPLACE ({string.Join(", ", keys.Select(key => $"CAST({key} AS BIGINT) + {Shift} * copy AS {key}"))}) FROM {source} t, range({copies}) r(copy)";
            delta.Run($"CREATE TABLE {table} USING DELTA AS {query}");
            var files = string.Join(", ", delta.Snapshot(table).Files.Select(file => $"'{delta[table]}/{DeltaPath.Decode(file.Path)}'"));
            plain.Duck.Execute($"CREATE VIEW {table} AS SELECT * FROM read_parquet([{files}], hive_partitioning = false)", CancellationToken.None);
        }
    }
}
