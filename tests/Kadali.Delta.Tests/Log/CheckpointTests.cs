using System.Text;
using Kadali.Delta.Tests.Acceptance;
using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Log;

/// <summary>A checkpoint says all that the log before it says.</summary>
public sealed class CheckpointTests : IDisposable
{
    private static readonly DateTimeOffset LongAgo = DateTimeOffset.UnixEpoch;

    private readonly TestTable _table = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _table.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Tables =>
        [.. AcceptanceTables.Names.Where(name => name == "(none)" || (string)AcceptanceTables.Expected(name)["expect"]! != "refuse")];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_whose_only_log_is_our_checkpoint_is_the_same_table(string name)
    {
        _ = AcceptanceTables.Expected(name);
        var snapshot = _table.Session.Log(new LocalStorage(AcceptanceTables.Location(name))).Update(default);

        foreach (var isV2 in new[] { false, true })
        {
            var protocol = isV2 ? new Protocol(3, 7, ["v2Checkpoint"], ["v2Checkpoint"]) : snapshot.Protocol;
            var read = ReadBack(snapshot, protocol, ("delta.checkpointPolicy", isV2 ? "v2" : "classic"));

            Assert.Equal(isV2, read.Segment.Checkpoint[0].Named);
            Assert.Equal(snapshot.Version, read.Version);
            Assert.Equal(Text(snapshot.Files), Text(read.Files));
            Assert.Equal(
                Text(snapshot.Tombstones(default).Select(remove => remove with { Stats = null, Tags = null })),
                Text(read.Tombstones(default)));
            Assert.Equal(Text(protocol), Text(read.Protocol));
            Assert.Equal(snapshot.Metadata.SchemaString, read.Metadata.SchemaString);
            Assert.Equal(snapshot.Metadata.Id, read.Metadata.Id);
            Assert.Equal(snapshot.PartitionColumns, read.PartitionColumns);
            Assert.Equal(snapshot.Transactions.Values.OrderBy(item => item.AppId), read.Transactions.Values.OrderBy(item => item.AppId));
            Assert.Equal(snapshot.Domains.Values.OrderBy(item => item.Domain), read.Domains.Values.OrderBy(item => item.Domain));
        }
    }

    [Fact]
    public void Statistics_stand_in_a_checkpoint_as_text_and_as_values_by_the_tables_properties()
    {
        _table.Create("""
            SELECT i AS i, i::DOUBLE / 3 AS d, 'text ' || i AS s, DATE '2024-01-01' + i::INTEGER AS day,
            TIMESTAMPTZ '2024-01-01 10:00:00.123+00' AS t,
            TIMESTAMP '2024-01-01 10:00:00.5' AS n, i::DECIMAL(12, 4) AS c, {'x': i, 'b': i > 3} AS r, [i] AS l
            FROM range(10) v(i)
            """);
        var snapshot = _table.Snapshot;
        var statistics = snapshot.Files.Single();

        var read = ReadBack(snapshot, snapshot.Protocol, ("delta.checkpoint.writeStatsAsJson", "false"));
        var both = ReadBack(snapshot, snapshot.Protocol);

        var parsed = read.Files.Single();
        Assert.Equal(10, FileStatistics.Rows(parsed));
        foreach (var (path, type) in new ColumnStatistics(snapshot.Schema, [], snapshot.Properties).Leaves)
        {
            var column = new ScanColumn(string.Join('\u001f', path), type);
            Assert.Equal(FileStatistics.Range(statistics.Stats, column), FileStatistics.Range(parsed.Stats, column));
            read.Files.Where(block =>
            {
                Assert.Equal([FileStatistics.Range(statistics.Stats, column)], block.Ranges(column, isPartition: false));
                return _ => false;
            });
        }

        Assert.Equal(9L, FileStatistics.Range(statistics.Stats, new("r\u001fx", DeltaType.Long)).Maximum);
        Assert.Equal(snapshot.Files.Single().Stats, both.Files.Single().Stats);
    }

    [Fact]
    public void Partition_values_stand_in_a_checkpoint_with_their_types()
    {
        _table.Create(
            "SELECT i AS v, i AS p, CASE WHEN i = 0 THEN NULL ELSE TIMESTAMPTZ '2024-01-01 10:00:00+00' END AS \"t'x\" FROM range(2) v(i)",
            new(new([])) { PartitionColumns = ["p", "t'x"] });

        var file = Write(_table.Snapshot).File.File;

        Assert.Equal(
            ["0:", "1:2024-01-01 10:00:00+00"],
            _table.Session.DuckDb.Query(
                $"SELECT add.partitionValues_parsed.p || ':' || coalesce(add.partitionValues_parsed.\"t'x\"::VARCHAR, '') "
                    + $"FROM read_parquet({DuckDb.Text(Path.Combine(_folder.Path, file.Path))}) WHERE add IS NOT NULL ORDER BY 1",
                reader => reader.GetString(0), default));
    }

    [Fact]
    public void Every_tenth_commit_brings_a_checkpoint_that_readers_start_from()
    {
        _table.Create("SELECT 0 AS i");
        for (var i = 1; i <= 23; i++)
        {
            _table.Append($"SELECT {i} AS i");
        }

        Assert.Equal(
            ["00000000000000000010.checkpoint.parquet", "00000000000000000020.checkpoint.parquet"],
            _table.Storage.List(LogFiles.Folder, "", default).Select(file => file.Name).Where(name => name.Contains("checkpoint.parquet")));
        Assert.Equal(20, LastCheckpoint.Version(_table.Storage, default));
        Assert.Empty(_table.Session.Log(_table.Storage).Complaints);
        Assert.Equal((20, 3), (_table.Snapshot.Segment.CheckpointVersion, _table.Snapshot.Segment.Deltas.Count));
        for (var version = 0; version <= 20; version++)
        {
            _table.Storage.Delete(LogFiles.Commit(version));
        }

        _table.Session.Forget(_table.Storage);
        Assert.Equal(24, _table.Rows().Length);
    }

    [Fact]
    public void A_tombstone_is_kept_until_its_file_may_be_gone()
    {
        _table.Create("SELECT 1 AS i",
            new(new([])) { Properties = new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "false" } });
        _table.Delete(null);
        var removed = DateTimeOffset.FromUnixTimeMilliseconds(_table.Snapshot.Tombstones(default).Single().DeletionTimestamp!.Value);

        Assert.Single(Write(_table.Snapshot, removed.AddDays(7).AddSeconds(-1)).Tombstones);
        Assert.Empty(Write(_table.Snapshot, removed.AddDays(7).AddSeconds(1)).Tombstones);
    }

    [Fact]
    public void Sidecars_hold_the_files_of_a_v2_checkpoint()
    {
        _table.Create("SELECT 1 AS i", new(new([])) { Properties = new Dictionary<string, string> { ["delta.checkpointPolicy"] = "v2" } });

        var written = Write(_table.Snapshot);
        LastCheckpoint.Write(new LocalStorage(_folder.Path), written, default);

        Assert.True(written.File.Named);
        var lines = DeltaLog.CommitActions(File.ReadAllBytes(Path.Combine(_folder.Path, written.File.File.Path)), "x").ToList();
        Assert.Equal(0, lines[0].CheckpointMetadata!.Version);
        Assert.DoesNotContain(lines, line => line.Add is not null);
        var sidecar = lines.Single(line => line.Sidecar is not null).Sidecar!;
        Assert.Equal(sidecar.SizeInBytes, new FileInfo(Path.Combine(_folder.Path, LogFiles.Sidecars, sidecar.Path)).Length);
        Assert.Contains(written.File.File.Name, File.ReadAllText(Path.Combine(_folder.Path, LogFiles.LastCheckpoint)));
    }

    private Snapshot ReadBack(Snapshot snapshot, Protocol protocol, params (string Key, string Value)[] properties)
    {
        var configuration = new Dictionary<string, string>(snapshot.Metadata.Configuration);
        foreach (var (key, value) in properties)
        {
            configuration[key] = value;
        }

        var changed = new Snapshot(
            snapshot.Location, snapshot.Segment, protocol, snapshot.Metadata with { Configuration = configuration }, snapshot.Files,
            snapshot.Transactions,
            snapshot.Domains, snapshot.Tombstones, snapshot.InCommitTimestamp);
        Write(changed);
        var read = new DeltaLog(new LocalStorage(_folder.Path), _table.Session.DuckDb).Update(default);
        Assert.Single(read.Segment.Checkpoint);
        Assert.Null(read.Segment.Commit);
        return read;
    }

    private CheckpointWriter.Written Write(Snapshot snapshot, DateTimeOffset? now = null)
    {
        if (Directory.Exists(Path.Combine(_folder.Path, LogFiles.Folder)))
        {
            Directory.Delete(Path.Combine(_folder.Path, LogFiles.Folder), recursive: true);
        }

        return new CheckpointWriter(new LocalStorage(_folder.Path), _table.Session.DuckDb, _table.Session.Scratch)
            .Write(snapshot, now ?? LongAgo, default);
    }

    private static string Text(IEnumerable<AddFile> files) =>
        string.Join('\n', files.Select(
            file => Text(new SingleAction { Add = file with { DataChange = false, Tags = file.Tags is { Count: 0 } ? null : file.Tags } }))
            .Order(StringComparer.Ordinal));

    private static string Text(IEnumerable<RemoveFile> files) =>
        string.Join('\n', files.Select(file => Text(new SingleAction { Remove = file with { DataChange = false } }))
            .Order(StringComparer.Ordinal));

    private static string Text(Protocol protocol) => Text(new SingleAction { Protocol = protocol });

    private static string Text(SingleAction action) => Encoding.UTF8.GetString(ActionJson.Write([action]));
}
