using System.Text;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>
/// The tasks that other engines were measured by, at their sizes. Opening a checkpoint is in <see cref="Opening"/>.
/// </summary>
internal static class PeerTasks
{
    public static async Task ScanAsync(DeltaRun run)
    {
        var rows = 20 * run.Million;
        using var lab = new DeltaLab();
        BenchTables.InFiles(
            lab, "events", 40, rows,
            """
            range AS id, CAST(hash(range) % 10000 AS INTEGER) AS key, 'kind ' || hash(range + 1) % 20 AS kind,
            hash(range + 2) / 1e9 AS value, hash(range + 3)::VARCHAR AS note
            """);

        // Three of the 20 kinds, by the 10,000 keys.
        await run.CompareAsync(
            $"peers: scan of {rows:N0} rows in 40 files", () => lab.Query(ByKey("events")),
            () => lab.Drain(ByKey(lab.Parquet("events"))), "read_parquet", task: "scan");

        static string ByKey(string table) =>
            $"SELECT key, sum(value), count(*) FROM {table} WHERE kind IN ('kind 3', 'kind 7', 'kind 11') GROUP BY key";
    }

    public static async Task OpenLogAsync(DeltaRun run)
    {
        var (commits, files) = (run.Pick(100, 10), 1000);
        using var lab = new DeltaLab();
        var storage = BenchTables.ManyFiles(lab, "many", 0);
        for (var version = 1; version <= commits; version++)
        {
            var first = (version - 1) * files;
            BenchTables.Commit(storage, version, string.Join('\n', Enumerable.Range(first, files).Select(BenchTables.Add)) + "\n");
        }

        await run.CompareAsync(
            $"peers: open a log of {commits * files:N0} files in JSON", () => Opening.Open(lab, storage),
            () => Opening.List(lab, Opening.ReadJson(lab["many"])), Opening.Listing, task: "open-log");
    }

    public static async Task AppendMillionAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        lab.Duck.Execute($"CREATE TABLE source AS {BenchTables.Readings(run.Million)}", CancellationToken.None);
        lab.Run("CREATE TABLE big USING DELTA AS SELECT * FROM source LIMIT 0");
        var file = 0;
        await run.CompareAsync(
            $"peers: append of {run.Million:N0} rows", () => lab.Run("INSERT INTO big SELECT * FROM source"),
            () => lab.Drain($"COPY source TO '{lab[$"copy-{file++}"]}' (FORMAT parquet, COMPRESSION zstd)"), "COPY", task: "append-1m");
    }

    public static async Task AppendTenAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        lab.Run("CREATE TABLE small (id BIGINT, v DOUBLE) USING DELTA");
        var file = 0;
        await run.CompareAsync(
            "peers: append of 10 rows", () => lab.Run("INSERT INTO small SELECT range, range FROM range(10)"),
            () => lab.Drain(
                $"COPY (SELECT range AS id, range AS v FROM range(10)) TO '{lab[$"plain-{file++}.parquet"]}' (FORMAT parquet)"),
            "COPY", task: "append-10", repeats: run.Pick(30, 2));
    }

    public static async Task MergeAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        var rows = Items(lab, run);
        lab.Duck.Execute(
            $"""
            CREATE TABLE changes AS SELECT CASE WHEN id % 100 = 0 THEN id ELSE id + {rows} END AS id, * EXCLUDE (id)
            FROM ({BenchTables.Readings(rows)}) WHERE id % 50 = 0
            """,
            CancellationToken.None);
        var columns = string.Join(
            ", ", lab.Snapshot("items").Schema.Fields.Select(field => $"coalesce(s.{field.Name}, t.{field.Name}) AS {field.Name}"));
        var file = 0;

        // Half of the changes are updates.
        await run.CompareAsync(
            $"peers: MERGE of {rows / 50:N0} rows into {rows:N0}", () => lab.Run(Changing.Upsert),
            () => lab.Query(lab.Rewrite($"SELECT {columns} FROM items t FULL JOIN changes s ON t.id = s.id", $"full-{file++}")),
            "full outer join and rewrite", between: lab.CloneAgain, task: "merge", repeats: run.Few);
    }

    public static async Task DeleteAsync(DeltaRun run)
    {
        using var lab = new DeltaLab();
        var rows = Items(lab, run);
        var file = 0;
        await run.CompareAsync(
            $"peers: DELETE of 1 % of {rows:N0} rows, spread", () => lab.Run("DELETE FROM again WHERE id % 100 = 7"),
            () => lab.Query(lab.Rewrite("SELECT * FROM items WHERE id % 100 <> 7", $"rest-{file++}")), "rewrite by COPY",
            between: lab.CloneAgain, task: "delete", repeats: run.Few);
    }

    public static async Task CompactAsync(DeltaRun run)
    {
        var files = run.Pick(1000, 20);
        using var lab = new DeltaLab();

        // 40 bytes a row that no compression makes less.
        lab.Duck.Execute(
            $"""
            COPY (
                SELECT range AS id, (hash(range + 0) >> 1)::BIGINT AS a, (hash(range + 1) >> 1)::BIGINT AS b,
                    (hash(range + 2) >> 1)::BIGINT AS c, (hash(range + 3) >> 1)::BIGINT AS d
                FROM range({files * 26624}))
            TO '{lab["items"]}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 26624, ROW_GROUPS_PER_FILE 1)
            """,
            CancellationToken.None);
        lab.Run($"CONVERT TO DELTA parquet.`{lab["items"]}`");
        lab.CloneAgain();
        var file = 0;
        await run.CompareAsync(
            $"peers: OPTIMIZE of {files:N0} files of 1 MB", () => lab.Run("OPTIMIZE again"),
            () => lab.Drain(lab.Rewrite($"FROM {lab.Parquet("items")}", $"one-{file++}")), "one COPY",
            between: lab.CloneAgain, task: "compact", repeats: run.Few);
    }

    /// <summary>Makes <c>items</c>, ten million rows in 20 files, and <c>again</c>, its clone.</summary>
    private static int Items(DeltaLab lab, DeltaRun run)
    {
        var rows = 10 * run.Million;
        BenchTables.InFiles(lab, "items", 20, rows, BenchTables.Reading);
        lab.CloneAgain();
        return rows;
    }
}
