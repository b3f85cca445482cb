using System.Diagnostics;
using System.Globalization;
using System.Text;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>
/// Delta tables beside plain DuckDB on the same rows, in one process: the figures B1 to B18, and the work that other engines were measured by.
/// </summary>
internal sealed class DeltaBench(string shared, bool quick)
{
    private readonly int _repeats = quick ? 1 : 5;
    private readonly int _million = quick ? 20_000 : 1_000_000;

    /// <param name="only">Names of figures, such as <c>B5</c>; none for all.</param>
    public async Task RunAsync(IReadOnlyCollection<string> only)
    {
        (string Name, Func<Task> Run)[] figures =
        [
            ("B1", OpenJsonLogAsync), ("B2", OpenCheckpointAsync), ("B3", RefreshAsync), ("B4", CommitAsync), ("B5", ScanAsync), ("B7", PointQueryAsync),
            ("B8", AppendAsync), ("B9", DeleteAsync), ("B10", MergeAsync), ("B11", OptimizeAsync), ("B13", VacuumAsync), ("B16", ManyAppendsAsync),
            ("B17", TpchAsync), ("B18", OnePartitionAsync),
        ];
        Comparison.PrintHead();
        foreach (var (name, run) in figures)
        {
            if (only.Count == 0 || only.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                await run();
            }
        }

        Comparison.Say(
            $"\nMedians of {_repeats}, turn about, after one turn that is not counted. 'alone' has no baseline: its bound is in milliseconds.");
    }

    private async Task OpenJsonLogAsync()
    {
        var packed = Path.Combine(shared, "data", "delta", "perf", "300k-add-files-100-col-partitioned.tar.zst");
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
        await Compare(
            "B1 open a log of 300,000 files in JSON", () => _ = Open(lab, storage),
            () => _ = lab.Duck.Query(
                $"SELECT add.path, add.size FROM read_json('{table}/_delta_log/*.json', format = 'newline_delimited', maximum_object_size = 100000000, columns = {{add: 'STRUCT(path VARCHAR, size BIGINT)'}}) WHERE add.path IS NOT NULL",
                reader => (reader.GetString(0), reader.GetInt64(1)), CancellationToken.None),
            "DuckDB's path and size as C# values", must: 1.28).RunAsync(_repeats);
    }

    private async Task OpenCheckpointAsync()
    {
        using var lab = new DeltaLab();
        var storage = ManyFiles(lab, "many", quick ? 1000 : 100_000);
        LogUpkeep.Checkpoint(lab.Session.Log(storage), lab.Snapshot("many"), lab.Session.Scratch, DateTimeOffset.UtcNow, CancellationToken.None);
        File.Delete(Path.Combine(lab["many"], "_delta_log", "00000000000000000000.json"));
        var checkpoint = Directory.GetFiles(Path.Combine(lab["many"], "_delta_log"), "*.parquet")[0];
        await Compare(
            "B2 open 100,000 files from a checkpoint", () => _ = Open(lab, storage),
            () => _ = lab.Duck.Query(
                $"SELECT add.path, add.size FROM read_parquet('{checkpoint}') WHERE add.path IS NOT NULL",
                reader => (reader.GetString(0), reader.GetInt64(1)), CancellationToken.None),
            "DuckDB's path and size as C# values", must: 2.0)
            .RunAsync(_repeats);
        await AloneAsync("B2 open and prune to one file, cold (bound 350 ms)", 350, () =>
        {
            lab.Session.Forget(storage);
            Expect(1, new FilePruner(lab.Session).Prune(lab.Snapshot("many"), "id = 500", null, CancellationToken.None).Files.Count);
        });
    }

    private async Task RefreshAsync()
    {
        using var lab = new DeltaLab();
        var storage = ManyFiles(lab, "many", quick ? 1000 : 100_000);
        _ = lab.Snapshot("many");
        await AloneAsync("B3 refresh, nothing new (bound 1 ms)", 1, () => lab.Snapshot("many"));
        var version = 0;
        await AloneAsync("B3 refresh, one commit more (bound 5 ms)", 5, () => lab.Snapshot("many"), () =>
            storage.TryWriteNew(LogFiles.Commit(++version), Encoding.UTF8.GetBytes(Add(version + 1_000_000) + "\n"), CancellationToken.None));
    }

    private async Task CommitAsync()
    {
        using var lab = new DeltaLab();
        lab.Run("CREATE TABLE small (id BIGINT, v DOUBLE) USING DELTA");
        var storage = lab.Storage("small");
        var times = new List<double>();
        for (var i = 0; i < (quick ? 20 : 300); i++)
        {
            var clock = Stopwatch.StartNew();
            storage.TryWriteNew($"_delta_log/probe/{i}.json", Encoding.UTF8.GetBytes(Add(i)), CancellationToken.None);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        Line("B4 commit file with fsync, p50 (bound 2 ms)", times[times.Count / 2], 2);
        Line("B4 commit file with fsync, p99 (bound 15 ms)", times[times.Count * 99 / 100], 15);
        var file = 0;
        await Compare(
            "B4 append of 1 row (bound 15 ms)", () => lab.Run("INSERT INTO small VALUES (1, 2.0)"),
            () => lab.Drain($"COPY (SELECT 1 AS id, 2.0 AS v) TO '{lab[$"plain-{file++}.parquet"]}' (FORMAT parquet, RETURN_STATS)"), "COPY of the row")
            .RunAsync(quick ? 2 : 30);
        await Compare(
            "peers: append of 10 rows (best 14.6x)", () => lab.Run("INSERT INTO small SELECT range, range FROM range(10)"),
            () => lab.Drain($"COPY (SELECT range AS id, range AS v FROM range(10)) TO '{lab[$"plain-{file++}.parquet"]}' (FORMAT parquet)"), "COPY", must: 14)
            .RunAsync(quick ? 2 : 30);
    }

    private async Task ScanAsync()
    {
        using var lab = new DeltaLab();
        Lineitem(lab);
        lab.Run("CREATE TABLE items USING DELTA PARTITIONED BY (part) TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = 'true') AS SELECT *, l_orderkey % 4 AS part FROM plain_items");
        var files = string.Join(", ", lab.Snapshot("items").Files.Select(file => $"'{lab["items"]}/{DeltaPath.Decode(file.Path)}'"));
        var mapping = new ColumnMapping(lab.Snapshot("items").Properties);
        var columns = string.Join(", ", lab.Snapshot("items").Schema.Fields.Where(field => field.Name != "part")
            .Select(field => $"\"{mapping.Physical(field)}\" AS {field.Name}"));
        lab.Duck.Execute($"CREATE OR REPLACE VIEW plain AS SELECT {columns} FROM read_parquet([{files}], hive_partitioning = false)", CancellationToken.None);
        await Compare("B5 scan of 6M rows, Q1", () => lab.Query(Q1("items")), () => lab.Drain(Q1("plain")), "read_parquet", 1.05, 10).RunAsync(_repeats);
        await Compare("B5 scan of 6M rows, Q6", () => lab.Query(Q6("items")), () => lab.Drain(Q6("plain")), "read_parquet", 1.05, 10).RunAsync(_repeats);
        lab.Run("DELETE FROM items WHERE part = 1 AND l_orderkey % 100 = 1");
        await Compare("B6 the same, deleted rows in 1 of 4 files, Q1", () => lab.Query(Q1("items")), () => lab.Drain(Q1("plain")), "read_parquet", 1.10, 10).RunAsync(_repeats);
        lab.Run("DELETE FROM items WHERE l_orderkey % 100 = 7 OR l_orderkey % 100 = 38");
        await Compare("B6 the same, 1 % deleted rows in all files, Q1", () => lab.Query(Q1("items")), () => lab.Drain(Q1("plain")), "read_parquet", 1.45).RunAsync(_repeats);
        await Compare("B6 the same, 1 % deleted rows in all files, Q6", () => lab.Query(Q6("items")), () => lab.Drain(Q6("plain")), "read_parquet", 1.20).RunAsync(_repeats);
    }

    private async Task PointQueryAsync()
    {
        var count = quick ? 100 : 10_000;
        using var lab = new DeltaLab();
        lab.Run("CREATE TABLE points (id BIGINT, v DOUBLE) USING DELTA");
        lab.Duck.Execute($"COPY (SELECT 5 AS id, 1.5 AS v) TO '{lab["points/one.parquet"]}' (FORMAT parquet)", CancellationToken.None);
        var size = new FileInfo(lab["points/one.parquet"]).Length;
        var commit = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            File.CreateSymbolicLink(lab[$"points/part-{i}.parquet"], lab["points/one.parquet"]);
            commit.Append(string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"add":{"path":"part-{{{i}}}.parquet","partitionValues":{},"size":{{{size}}},"modificationTime":0,"dataChange":true,"stats":"{\"numRecords\":1,\"minValues\":{\"id\":{{{i}}} },\"maxValues\":{\"id\":{{{i}}} },\"nullCount\":{\"id\":0}}"}}""")).Append('\n');
        }

        lab.Storage("points").TryWriteNew(LogFiles.Commit(1), Encoding.UTF8.GetBytes(commit.ToString()), CancellationToken.None);
        _ = lab.Snapshot("points");
        await AloneAsync($"B7 point query on {count:N0} files, warm (bound 25 ms)", 25, () => lab.Query("SELECT * FROM points WHERE id = 5"));
        await Compare(
            $"B7 point query on {count:N0} files", () => lab.Query("SELECT * FROM points WHERE id = 5"),
            () => lab.Drain($"SELECT * FROM read_parquet('{lab["points"]}/part-*.parquet') WHERE id = 5"), "read_parquet of all").RunAsync(quick ? 1 : 3);
    }

    private async Task AppendAsync()
    {
        using var lab = new DeltaLab();
        var rows = 10 * _million;
        lab.Duck.Execute($"CREATE TABLE source AS {Readings(rows)}", CancellationToken.None);
        lab.Run("CREATE TABLE big USING DELTA AS SELECT * FROM source LIMIT 0");
        var file = 0;
        await Compare(
            $"B8 append of {rows:N0} rows", () => lab.Run("INSERT INTO big SELECT * FROM source"),
            () => lab.Drain($"COPY source TO '{lab[$"copy-{file++}"]}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES 134217728)"), "COPY", 1.10)
            .RunAsync(quick ? 1 : 3);
        await Compare(
            $"peers: append of {_million:N0} rows (best 2.48x)", () => lab.Run($"INSERT INTO big SELECT * FROM source LIMIT {_million}"),
            () => lab.Drain($"COPY (SELECT * FROM source LIMIT {_million}) TO '{lab[$"copy-{file++}"]}' (FORMAT parquet, COMPRESSION zstd)"), "COPY", 2.4)
            .RunAsync(_repeats);
    }

    private async Task DeleteAsync()
    {
        using var lab = new DeltaLab();
        Lineitem(lab);
        lab.Run("CREATE TABLE items USING DELTA TBLPROPERTIES ('delta.targetFileSize' = '16mb') AS SELECT *, hash(l_orderkey, l_linenumber) % 200 AS h FROM plain_items");
        lab.Run("CREATE TABLE again SHALLOW CLONE items");
        await new Comparison(
            "B9 DELETE of 0.5 % of the rows, spread", () => Done(() => lab.Run("DELETE FROM again WHERE h = 7")),
            () => Done(() => lab.Query("SELECT count(*) FROM items WHERE h = 7")), "count(*) with the condition", 1.5, 50)
        {
            Between = () => Done(() => lab.Run("CREATE OR REPLACE TABLE again SHALLOW CLONE items")),
        }.RunAsync(_repeats);
        var file = 0;
        await new Comparison(
            "peers: DELETE of 1 % (best 1.49x of a rewrite)", () => Done(() => lab.Run("DELETE FROM again WHERE h IN (7, 8)")),
            () => Done(() => lab.Query($"COPY (SELECT * FROM items WHERE h NOT IN (7, 8)) TO '{lab[$"rest-{file++}"]}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES 134217728)")),
            "rewrite by COPY", 1.0)
        {
            Between = () => Done(() => lab.Run("CREATE OR REPLACE TABLE again SHALLOW CLONE items")),
        }.RunAsync(quick ? 1 : 3);
    }

    private async Task MergeAsync()
    {
        using var lab = new DeltaLab();
        Lineitem(lab);
        lab.Run("CREATE TABLE items USING DELTA AS SELECT row_number() OVER () AS id, * FROM plain_items");
        lab.Run("CREATE TABLE again SHALLOW CLONE items");
        lab.Duck.Execute(
            $"CREATE TABLE changes AS SELECT id + CASE WHEN id % 2 = 0 THEN 100000000 ELSE 0 END AS id, * EXCLUDE (id) FROM (SELECT row_number() OVER () AS id, * FROM plain_items) WHERE hash(id) % 100 = 3",
            CancellationToken.None);
        var file = 0;
        await new Comparison(
            "B10 MERGE of 60,000 rows into 6M", () => Done(() => lab.Run(
                "MERGE INTO again t USING changes s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")),
            () => Done(() =>
            {
                lab.Query("SELECT count(*) FROM items WHERE id IN (SELECT id FROM changes)");
                lab.Drain($"COPY changes TO '{lab[$"out-{file++}.parquet"]}' (FORMAT parquet, COMPRESSION zstd)");
            }),
            "semi join and COPY of the rows", 1.6)
        {
            Between = () => Done(() => lab.Run("CREATE OR REPLACE TABLE again SHALLOW CLONE items")),
        }.RunAsync(_repeats);
        await new Comparison(
            "peers: MERGE (best 1.62x of a full rewrite)", () => Done(() => lab.Run(
                "MERGE INTO again t USING changes s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")),
            () => Done(() => lab.Query(
                $"COPY (SELECT {string.Join(", ", lab.Snapshot("items").Schema.Fields.Select(field => $"coalesce(s.{field.Name}, t.{field.Name}) AS {field.Name}"))} FROM items t FULL JOIN changes s ON t.id = s.id) TO '{lab[$"full-{file++}"]}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES 134217728)")),
            "full outer join and rewrite", 1.0)
        {
            Between = () => Done(() => lab.Run("CREATE OR REPLACE TABLE again SHALLOW CLONE items")),
        }.RunAsync(quick ? 1 : 3);
    }

    private async Task OptimizeAsync()
    {
        using var lab = new DeltaLab();
        Lineitem(lab);
        lab.Run("CREATE TABLE items (l_orderkey BIGINT) USING DELTA");
        lab.Run("CREATE OR REPLACE TABLE items USING DELTA TBLPROPERTIES ('delta.targetFileSize' = '4mb') AS SELECT * FROM plain_items");
        lab.Run("ALTER TABLE items SET TBLPROPERTIES ('delta.targetFileSize' = '128mb')");
        lab.Run("CREATE TABLE again SHALLOW CLONE items");
        var file = 0;
        await new Comparison(
            "B11 OPTIMIZE of 6M rows", () => Done(() => lab.Run("OPTIMIZE again")),
            () => Done(() => lab.Query($"COPY (SELECT * FROM items) TO '{lab[$"one-{file++}"]}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES 134217728)")),
            "one COPY", 1.15)
        {
            Between = () => Done(() => lab.Run("CREATE OR REPLACE TABLE again SHALLOW CLONE items")),
        }.RunAsync(quick ? 1 : 3);
        await new Comparison(
            "B11 OPTIMIZE ZORDER BY two columns", () => Done(() => lab.Run("OPTIMIZE again ZORDER BY (l_partkey, l_suppkey)")),
            () => Done(() => lab.Query($"COPY (SELECT * FROM items ORDER BY l_partkey, l_suppkey) TO '{lab[$"sorted-{file++}"]}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES 134217728)")),
            "COPY ... ORDER BY", 1.30)
        {
            Between = () => Done(() => lab.Run("CREATE OR REPLACE TABLE again SHALLOW CLONE items")),
        }.RunAsync(quick ? 1 : 3);
    }

    private async Task VacuumAsync()
    {
        var count = quick ? 500 : 100_000;
        using var lab = new DeltaLab();
        ManyFiles(lab, "many", count);
        for (var i = 0; i < count; i++)
        {
            File.Create(lab[$"many/part-{i:D10}-0000000000000000.parquet"]).Dispose();
        }

        await AloneAsync($"B13 VACUUM, dry run, {count:N0} files (bound 2 s)", 2000, () => lab.Run("VACUUM many DRY RUN"));
    }

    private Task ManyAppendsAsync()
    {
        using var lab = new DeltaLab();
        lab.Run("CREATE TABLE log (id BIGINT, v DOUBLE) USING DELTA");
        var times = new List<double>();
        for (var i = 0; i < (quick ? 60 : 1010); i++)
        {
            var clock = Stopwatch.StartNew();
            lab.Run("INSERT INTO log SELECT range, range FROM range(10)");
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        var (first, last) = (P50(times.Skip(5).Take(20)), P50(times.TakeLast(20)));
        Comparison.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"B16 append of 10 rows, {times.Count} times: p50 at 10 {first:F1} ms, at the end {last:F1} ms, {last / first:F2}x (must 1.2x) {(last <= 1.2 * first ? "within" : "MISSED")}"));
        return Task.CompletedTask;

        static double P50(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
    }

    private async Task TpchAsync()
    {
        var folder = Path.Combine(shared, "data", "tpch");
        if (!Directory.Exists(folder))
        {
            Comparison.Say("B17 skipped: the TPC-H tables are not beside the repository.");
            return;
        }

        using var delta = new DeltaLab();
        using var plain = new DeltaLab();
        Tpch.Load(delta, plain, folder, quick ? 1 : 20);
        var queries = Directory.GetFiles(Path.Combine(folder, "queries"), "*.sql").Order(StringComparer.Ordinal).Select(File.ReadAllText).ToArray();
        await Compare(
            "B17 TPC-H, 22 queries", () => { foreach (var query in queries) { delta.Query(query.TrimEnd().TrimEnd(';')); } },
            () => { foreach (var query in queries) { plain.Drain(query.TrimEnd().TrimEnd(';')); } }, "the same Parquet files", 1.05).RunAsync(quick ? 1 : 3);
    }

    private Task OnePartitionAsync()
    {
        var count = quick ? 50 : 1000;
        using var lab = new DeltaLab();
        lab.Run($"CREATE TABLE parts USING DELTA PARTITIONED BY (p) AS SELECT range AS id, range % {count} AS p, 0 AS v FROM range({count * 100})");
        var read = new Merging(lab.Session, lab.Storage("parts"), lab.Snapshot("parts")).Run(
            new("SELECT 42 AS p, 42 AS id", "t", "s", "t.p = s.p AND t.id = s.id", [new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "1" })]),
            CancellationToken.None).Metrics["numTargetFilesRead"];
        Comparison.Say($"B18 MERGE into 1 of {count:N0} partitions reads {read} of {count:N0} files (must 1) {(read == 1 ? "within" : "MISSED")}");
        return Task.CompletedTask;
    }

    /// <summary>The lineitem table, twenty times over: 6M rows.</summary>
    private void Lineitem(DeltaLab lab)
    {
        var file = Path.Combine(shared, "data", "tpch", "lineitem.parquet");
        lab.Duck.Execute(
            $"CREATE TABLE plain_items AS SELECT l.* REPLACE (l_orderkey + 300000 * copy AS l_orderkey) FROM read_parquet('{file}') l, range({(quick ? 1 : 20)}) r(copy)",
            CancellationToken.None);
    }

    private static string Q1(string table) =>
        $"SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice), sum(l_extendedprice * (1 - l_discount)), avg(l_discount), count(*) FROM {table} WHERE l_shipdate <= DATE '1998-09-02' GROUP BY ALL";

    private static string Q6(string table) =>
        $"SELECT sum(l_extendedprice * l_discount) FROM {table} WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24";

    private static string Readings(int rows) =>
        $"SELECT range AS id, range / 7.0::DOUBLE AS value, 'reading ' || range AS label, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(range) AS at, CAST(range % 1000 AS INTEGER) AS station FROM range({rows})";

    private static Snapshot Open(DeltaLab lab, IDeltaStorage storage)
    {
        lab.Session.Forget(storage);
        var snapshot = lab.Session.Log(storage).Update(CancellationToken.None);
        _ = snapshot.Files.Count;
        return snapshot;
    }

    /// <summary>A table whose log names many files, which are not there.</summary>
    private static IDeltaStorage ManyFiles(DeltaLab lab, string name, int count)
    {
        var storage = lab.Storage(name);
        var schema = SchemaJson.Write(new([new("id", DeltaType.Long), new("name", DeltaType.String)]));
        var commit = new StringBuilder(Encoding.UTF8.GetString(ActionJson.Write(
        [
            new() { Protocol = new(1, 2) },
            new() { Metadata = new("many", new("parquet", new Dictionary<string, string>()), schema, [], new Dictionary<string, string>()) },
        ])));
        for (var i = 0; i < count; i++)
        {
            commit.Append(Add(i)).Append('\n');
        }

        storage.TryWriteNew(LogFiles.Commit(0), Encoding.UTF8.GetBytes(commit.ToString()), CancellationToken.None);
        return storage;
    }

    private static string Add(int i) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"add":{"path":"part-{{{i:D10}}}-0000000000000000.parquet","partitionValues":{},"size":{{{1000 + i}}},"modificationTime":0,"dataChange":true,"stats":"{\"numRecords\":10,\"minValues\":{\"id\":{{{10 * i}}},\"name\":\"a\"},\"maxValues\":{\"id\":{{{10 * i + 9}}},\"name\":\"z\"},\"nullCount\":{\"id\":0,\"name\":0}}"}}""");

    private static Comparison Compare(string name, Action ours, Action baseline, string baselineName, double? must = null, double allowance = 0) =>
        new(name, () => Done(ours), () => Done(baseline), baselineName, must, allowance);

    private static void Expect(int expected, int actual)
    {
        if (expected != actual)
        {
            throw new InvalidOperationException($"{actual} in place of {expected}.");
        }
    }

    private async Task AloneAsync(string name, double bound, Action run, Action? before = null)
    {
        var times = new List<double>();
        for (var i = 0; i <= Math.Max(_repeats, quick ? 1 : 7); i++)
        {
            before?.Invoke();
            var clock = Stopwatch.StartNew();
            run();
            if (i > 0)
            {
                times.Add(clock.Elapsed.TotalMilliseconds);
            }
        }

        times.Sort();
        Line(name, times[times.Count / 2], bound);
        await Task.CompletedTask;
    }

    private static void Line(string name, double milliseconds, double bound) => Comparison.Say(
        $"{name + " (alone)",-78}  {milliseconds.ToString("N2", CultureInfo.InvariantCulture),8} ms{new string(' ', 58)}{(milliseconds <= bound ? "within" : "MISSED")}");

    private static Task Done(Action run)
    {
        run();
        return Task.CompletedTask;
    }
}
