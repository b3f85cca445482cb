using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Scan;

/// <summary>Files are left out by what the log says of them, wherever in the log it stands, and no row is lost by it.</summary>
public sealed class PruningTests : IDisposable
{
    private const int Files = 60;

    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    /// <summary>Where statistics stand: in commits; in a checkpoint as text, as values, or both.</summary>
    public static TheoryData<string> Places => ["commits", "text", "values", "both"];

    // NaN is greater than all, and other writers leave it out of the greatest value.
    /// <summary>Conditions on the rows of <see cref="Fill"/>, and how many files are enough to answer them, at most.</summary>
    public static IReadOnlyList<(string Condition, int Most)> Conditions { get; } =
    [
        ("i = 30", 1), ("i BETWEEN 10 AND 12", 3), ("i < 0", 0), ("i IN (1, 5, 59)", 3), ("s = 'text 07'", 1), ("s LIKE 'text 1%'", 10),
        ("s > 'text 57'", 2),
        ("f = 0.1::FLOAT", 1), ("f = 0.7::FLOAT", 1), ("d = 20.5", 1), ("d < 2", 2), ("d > 58", Files), ("day = DATE '2026-01-11'", 1),
        ("day < DATE '2026-01-03'", 2),
        ("t = TIMESTAMPTZ '2026-01-01 05:00:00.123456+00'", 1), ("n >= TIMESTAMP '2026-01-03 10:00:00'", 2), ("r.x = 44", 1),
        ("c = 12345678901234567890.123456789 + 17", Files), ("e = 33.25", 1), ("nothing IS NOT NULL", 1), ("nothing IS NULL AND i = 3", 1),
        ("p = 2 AND i > 40", 7),
        ("b AND i < 3", 3), ("i = 3 OR s = 'text 50'", 2), ("p IS NULL", 6), ("x'00' = bin", Files),
    ];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_query_reads_few_files_and_finds_the_rows_that_a_scan_of_all_finds(string place)
    {
        Fill(place);
        var snapshot = _table.Snapshot;
        Assert.Equal(Files, snapshot.Files.Count);
        Assert.Equal(place == "commits" ? 0 : snapshot.Version, Math.Max(0, snapshot.Segment.CheckpointVersion));
        foreach (var (condition, most) in Conditions)
        {
            var files = new FilePruner(_table.Session).Prune(snapshot, condition, null, default);
            var again = new FilePruner(_table.Session).Prune(snapshot, condition, null, default);

            Assert.True(files.Files.Count <= most, $"{condition}: {files.Files.Count} files, not {most}");
            Assert.Equal(files.Files.Select(file => file.Path), again.Files.Select(file => file.Path));
            Assert.Equal(snapshot.Files.Where(files.MayHold).Select(file => file.Path).Order(),
                files.Files.Select(file => file.Path).Order());
            Assert.Equal(Rows(snapshot.Files, condition), Rows(files.Files, condition));
        }
    }

    [Fact]
    public void What_belongs_to_a_file_of_a_checkpoint_is_found_where_DuckDB_keeps_no_order()
    {
        Fill("both");
        var checkpoint = Path.Combine(_table.Storage.Root, _table.Snapshot.Segment.Checkpoint[0].File.Path);
        _table.Session.DuckDb.Execute(
            $$$"""
            SET preserve_insertion_order = false; SET threads = 4;
            COPY (
                SELECT c.* EXCLUDE (n) REPLACE (CASE WHEN c.add.path IS NOT NULL THEN struct_pack(
                    path := 'file-' || n, "partitionValues" := MAP {'p': '1'}, size := n, "modificationTime" := n, "dataChange" := false,
                    stats := '{"numRecords":1,"minValues":{"i":' || n || '},"maxValues":{"i":' || n || '}}') END AS add)
                FROM (SELECT *, row_number() OVER () + 5000 * g AS n FROM read_parquet('{{{checkpoint}}}') u, range(500) r(g) WHERE u.add.path IS NOT NULL OR g = 0) c
            ) TO '{{{checkpoint}}}.new' (FORMAT parquet, ROW_GROUP_SIZE 2048)
            """, default);
        File.Move(checkpoint + ".new", checkpoint, overwrite: true);
        _table.Session.Forget(_table.Storage);

        var files = _table.Snapshot.Files;

        Assert.Equal(500 * Files, files.Count);
        Assert.All(files, file =>
        {
            Assert.Equal($"file-{file.Size}", file.Path);
            Assert.Equal(file.Size, file.ModificationTime);
            Assert.Equal(file.Size, FileStatistics.Range(file.Stats, new("i", DeltaType.Long)).Minimum);
        });
    }

    [Fact]
    public void A_file_that_is_missing_is_missed_by_those_alone_who_need_it()
    {
        _table.Create("SELECT 0 AS i");
        _table.Append("SELECT 1 AS i");
        File.Delete(Path.Combine(_table.Storage.Root,
            _table.Snapshot.Files.Single(file => file.Stats!.Contains("\"i\":1", StringComparison.Ordinal)).Path));

        Assert.Equal([0], Query("i = 0"));
        Assert.Contains("version 1 needs it", Assert.Throws<DeltaException>(() => Query("i = 1")).Message, StringComparison.Ordinal);

        List<int> Query(string condition)
        {
            using var bound = new QueryBinder(_table.Session, new PathTables()).Bind(
                $"SELECT i FROM delta.`{_table.Storage.Root}` WHERE {condition}", null, default);
            return _table.Session.DuckDb.Query(bound.Sql, reader => reader.GetInt32(0), default);
        }
    }

    [Fact]
    public void Of_a_query_it_is_known_which_columns_it_needs()
    {
        _table.Create("SELECT 1 AS id, 10 AS v, 'a' AS name, {'x': 5, 'y': 6} AS st");
        var pruner = new FilePruner(_table.Session);

        var needed = pruner.Columns(
            _table.Snapshot, table => $"SELECT CASE WHEN random() > 2 THEN st.y END, upper(t.NAME) FROM {table} AS t",
            CancellationToken.None);

        Assert.Equal(["name", "st"], needed.Order());
        Assert.Empty(pruner.Columns(_table.Snapshot, table => $"SELECT random() FROM {table} AS t", CancellationToken.None));
    }

    private void Fill(string place)
    {
        _table.Create(
            "SELECT * FROM (SELECT 0 AS i) LIMIT 0",
            new(new(
            [
                new("i", DeltaType.Long), new("s", DeltaType.String), new("f", DeltaType.Float), new("d", DeltaType.Double),
                new("day", DeltaType.Date),
                new("t", DeltaType.Timestamp), new("n", DeltaType.TimestampNtz),
                new("r", new DeltaType.Struct([new("x", DeltaType.Integer)])),
                new("c", new DeltaType.Decimal(38, 9)), new("e", new DeltaType.Decimal(6, 2)), new("nothing", DeltaType.Long),
                new("b", DeltaType.Boolean),
                new("bin", DeltaType.Binary), new("p", DeltaType.Integer),
            ]))
            {
                PartitionColumns = ["p"],
                Properties = new Dictionary<string, string>
                {
                    ["delta.checkpoint.writeStatsAsJson"] = place is "text" or "both" or "commits" ? "true" : "false",
                    ["delta.checkpoint.writeStatsAsStruct"] = place is "values" or "both" or "commits" ? "true" : "false",
                    ["delta.checkpointInterval"] = "1000",
                },
            });
        _table.Session.DuckDb.Execute("SET preserve_insertion_order = true", default);
        for (var i = 0; i < Files; i++)
        {
            _table.Append($"""
                SELECT {i}::BIGINT AS i, printf('text %02d', {i}) AS s, ({i} / 10)::FLOAT AS f, {i} + 0.5::DOUBLE AS d, DATE '2026-01-01' + {i} AS day,
                TIMESTAMPTZ '2026-01-01 00:00:00.123456+00' + to_hours({i}) AS t, TIMESTAMP '2026-01-01 00:00:00.5' + to_hours({i}) AS n,
                struct_pack(x := {i}::INTEGER) AS r, 12345678901234567890.123456789::DECIMAL(38, 9) + {i} AS c, ({i} + 0.25)::DECIMAL(6, 2) AS e,
                CASE WHEN {i} = 9 THEN 1 END::BIGINT AS nothing, {i} % 2 = 1 AS b, '\x00'::BLOB AS bin, nullif({i} % 10, 9)::INTEGER AS p
                """);
        }

        if (place != "commits")
        {
            LogUpkeep.Checkpoint(
                _table.Session.Log(_table.Storage), _table.Snapshot, _table.Session.Scratch, DateTimeOffset.UtcNow, CancellationToken.None);
            _table.Session.Forget(_table.Storage);
        }
    }

    private string[] Rows(IEnumerable<AddFile> files, string condition)
    {
        using var scan = TableScan.Of(_table.Session, _table.Storage, _table.Snapshot, files, ScanColumns.None, default);
        return [.. _table.Session.DuckDb.Query($"SELECT i FROM ({scan.Sql}) WHERE {condition} ORDER BY i", reader =>
            reader.GetInt64(0).ToString(), default)];
    }
}
