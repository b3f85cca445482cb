using System.Text.Json.Nodes;
using Kadali.Delta.Tests.Acceptance;
using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Log;

/// <summary>What stands beside the commits: checksums, the hint at the last checkpoint, and nothing that is too old.</summary>
public sealed class LogUpkeepTests : IDisposable
{
    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    [Fact]
    public void The_checksum_of_the_last_checkpoint_is_that_of_the_protocols_example()
    {
        var json = JsonNode.Parse(
            """
            {"k0":"'v 0'", "checksum": "adsaskfljadfkjadfkj", "k1":{"k2": 2, "k3": ["v3", [1, 2], {"k4": "v4", "k5": ["v5", "v6", "v7"]}]}}
            """);

        Assert.Equal("6a92d155a59bf2eecbd4b4ec7fd1f875", LastCheckpoint.Checksum((JsonObject)json!));
    }

    [Fact]
    public void Checksums_that_Spark_wrote_are_the_same_here()
    {
        Assert.SkipWhen(AcceptanceTables.Names.First() == "(none)",
            "The public Delta tables are not beside the repository (../shared/data/delta).");
        var hints = AcceptanceTables.Names.Select(name => Path.Combine(AcceptanceTables.Location(name), LogFiles.LastCheckpoint))
            .Where(File.Exists)
            .Select(path => File.ReadAllText(path)).Where(text => text.Contains("\"checksum\""))
            .Select(text => (JsonObject)JsonNode.Parse(text)!).ToList();

        Assert.True(hints.Count > 10);
        Assert.All(hints, hint => Assert.Equal((string?)hint["checksum"], LastCheckpoint.Checksum(hint)));
    }

    [Theory]
    [InlineData("""{"version":3,"size":4,"checksum":"00000000000000000000000000000000"}""")]
    [InlineData("""{"version":3,"size":4,"version":5}""")]
    [InlineData("""{"version":"three"}""")]
    [InlineData("""{"version":-1}""")]
    [InlineData("""{"version":3,"si""")]
    [InlineData("")]
    public void A_damaged_hint_is_passed_over(string text)
    {
        _table.Create("SELECT 1 AS i");
        _table.Storage.Write(LogFiles.LastCheckpoint, System.Text.Encoding.UTF8.GetBytes(text), default);
        _table.Session.Forget(_table.Storage);

        Assert.Null(LastCheckpoint.Version(_table.Storage, default));
        Assert.Equal(["1"], _table.Rows());
    }

    [Fact]
    public void A_hint_never_goes_back_to_an_older_checkpoint_unless_the_newer_one_is_not_there()
    {
        var (older, newer) = (Checkpoint(10), Checkpoint(20));
        _table.Storage.Write(newer.File.File.Path, "a checkpoint"u8, default);
        LastCheckpoint.Write(_table.Storage, newer, default);

        LastCheckpoint.Write(_table.Storage, older, default);

        Assert.Equal(20, LastCheckpoint.Version(_table.Storage, default));
        _table.Storage.Delete(newer.File.File.Path);
        LastCheckpoint.Write(_table.Storage, older, default);
        Assert.Equal(10, LastCheckpoint.Version(_table.Storage, default));
    }

    [Fact]
    public void Each_commit_has_a_checksum_file_that_adds_up()
    {
        _table.Create("SELECT i FROM range(100) v(i)");
        _table.Append("SELECT 1000 AS i");
        _table.Delete("i = 5");
        _table.Write(new("SELECT 7 AS i", new WriteMode.Overwrite()));

        for (var version = 0L; version < 4; version++)
        {
            var snapshot = _table.Session.Log(_table.Storage).At(version, default);
            var json = JsonNode.Parse(_table.Storage.TryRead(LogFiles.Checksum(version), default)!)!;

            Assert.Equal(snapshot.Files.Sum(file => file.Size), (long)json["tableSizeBytes"]!);
            Assert.Equal(snapshot.Files.Count, (long)json["numFiles"]!);
            Assert.Equal(snapshot.Metadata.SchemaString, (string?)json["metadata"]!["schemaString"]);
            Assert.Equal(snapshot.Protocol.MinWriterVersion, (int)json["protocol"]!["minWriterVersion"]!);
            Assert.Equal(
                PreparedCommit.IdOf(DeltaLog.CommitActions(_table.Storage.TryRead(LogFiles.Commit(version), default)!, "x")),
                (string?)json["txnId"]);
        }
    }

    [Fact]
    public void A_checksum_file_that_is_there_stays_and_a_wrong_one_before_does_no_harm()
    {
        _table.Create("SELECT 1 AS i");
        _table.Storage.Write(LogFiles.Checksum(0), """{"numFiles":5,"tableSizeBytes":77}"""u8, default);
        _table.Storage.Write(LogFiles.Checksum(2), "mine"u8, default);

        _table.Append("SELECT 2 AS i");
        _table.Append("SELECT 3 AS i");

        var files = _table.Session.Log(_table.Storage).At(1, default).Files;
        Assert.Equal((files.Count, files.Sum(file => file.Size)), VersionChecksum.Read(_table.Storage, 1, default));
        Assert.Equal("mine"u8, _table.Storage.TryRead(LogFiles.Checksum(2), default)!);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_fails_no_commit_and_is_noted()
    {
        _table.Create("SELECT 0 AS i", new(new([])) { Properties = new Dictionary<string, string> { ["delta.checkpointInterval"] = "1" } });
        Directory.CreateDirectory(_table.Storage.ToLocal(LogFiles.Checkpoint(1) + "/in the way", default));

        Assert.Equal(1, _table.Append("SELECT 1 AS i").Version);

        Assert.Equal(["0", "1"], _table.Rows());
        Assert.Contains("00000000000000000001.checkpoint.parquet", Assert.Single(_table.Session.Log(_table.Storage).Complaints).Message);
    }

    [Fact]
    public void A_log_is_cut_at_the_newest_checkpoint_that_is_too_old()
    {
        var now = Log(versions: 25);

        Assert.True(MetadataCleanup.Run(_table.Session.Log(_table.Storage), _table.Snapshot, now, default) > 0);

        // Checkpoints stand at 10 and 20, days 20 and 10 before; 12 days are kept.
        var left = _table.Storage.List(LogFiles.Folder, "", default).Select(LogFiles.Read).OfType<LogFile>().ToList();
        Assert.Equal(10, left.Min(file => file.Version));
        Assert.Equal(16, left.OfType<LogFile.Commit>().Count());
        _table.Session.Forget(_table.Storage);
        Assert.Equal(11, _table.Rows(10).Length);
        Assert.Equal(26, _table.Rows().Length);
        Assert.Throws<DeltaException>(() => _table.Rows(9));
        Assert.Equal(0, MetadataCleanup.Run(_table.Session.Log(_table.Storage), _table.Snapshot, now, default));
    }

    [Fact]
    public void A_log_is_not_cut_where_its_owner_says_so_or_a_clock_was_wrong()
    {
        var now = Log(versions: 25);
        File.SetLastWriteTimeUtc(_table.Storage.ToLocal(LogFiles.Commit(3), default), now.UtcDateTime);

        Assert.Equal(0, MetadataCleanup.Run(_table.Session.Log(_table.Storage), _table.Snapshot, now, default));

        File.SetLastWriteTimeUtc(_table.Storage.ToLocal(LogFiles.Commit(3), default), now.UtcDateTime.AddDays(-27));
        foreach (var (key, value) in new[] { ("delta.enableExpiredLogCleanup", "false"),
            ("delta.requireCheckpointProtectionBeforeVersion", "15") })
        {
            Assert.Equal(0, MetadataCleanup.Run(_table.Session.Log(_table.Storage), With(_table.Snapshot, key, value), now, default));
        }
    }

    [Fact]
    public void A_transaction_of_an_application_is_forgotten_when_the_table_says_so()
    {
        _table.Create("SELECT 0 AS i");
        var now = DateTimeOffset.FromUnixTimeMilliseconds(1_000_000_000_000);
        var snapshot = With(_table.Snapshot, "delta.setTransactionRetentionDuration", "interval 1 hour");
        var known = new Snapshot(
            snapshot.Location, snapshot.Segment, snapshot.Protocol, snapshot.Metadata, snapshot.Files,
            new SetTransaction[] { new("old", 1, 999_996_000_000), new("new", 2, 999_997_000_000), new("timeless", 3) }
                .ToDictionary(transaction => transaction.AppId),
            snapshot.Domains, snapshot.Tombstones, snapshot.InCommitTimestamp);

        LogUpkeep.Checkpoint(_table.Session.Log(_table.Storage), known, _table.Session.Scratch, now, default);

        _table.Session.Forget(_table.Storage);
        Assert.Equal(["new", "timeless"], _table.Snapshot.Transactions.Keys.Order());
        Assert.Equal(3, With(known, "delta.setTransactionRetentionDuration", "interval 3 hours").TransactionsAt(now).Count());
    }

    [Fact]
    public void What_dead_writers_left_is_removed_after_a_day()
    {
        _table.Create("SELECT 1 AS i");
        _table.Storage.Write("_delta_log/.00000000000000000001.json.abc.tmp", "half"u8, default);
        var now = DateTimeOffset.UtcNow;

        Assert.Equal(0, MetadataCleanup.Run(_table.Session.Log(_table.Storage), _table.Snapshot, now.AddHours(23), default));
        Assert.Equal(1, MetadataCleanup.Run(_table.Session.Log(_table.Storage), _table.Snapshot, now.AddHours(25), default));
    }

    [Fact]
    public void Sidecars_go_with_their_checkpoints()
    {
        _table.Create("SELECT 0 AS i", new(new([]))
        {
            Properties = new Dictionary<string, string>
            {
                ["delta.checkpointPolicy"] = "v2", ["delta.checkpointInterval"] = "1", ["delta.logRetentionDuration"] = "interval 1 days",
            },
        });
        _table.Append("SELECT 1 AS i");
        _table.Append("SELECT 2 AS i");
        var sidecars = _table.Storage.List(LogFiles.Sidecars, "", default).Count();
        LogUpkeep.Checkpoint(
            _table.Session.Log(_table.Storage), With(_table.Snapshot, "delta.checkpointPolicy", "classic"), _table.Session.Scratch,
            DateTimeOffset.UtcNow, default);

        MetadataCleanup.Run(_table.Session.Log(_table.Storage), _table.Snapshot, DateTimeOffset.UtcNow.AddDays(3), default);

        Assert.Equal(2, sidecars);
        Assert.Single(_table.Storage.List(LogFiles.Sidecars, "", default));
        _table.Session.Forget(_table.Storage);
        Assert.Equal(["0", "1", "2"], _table.Rows());
    }

    /// <summary>A table of which a version was written each day, the last one today; twelve days are kept.</summary>
    private DateTimeOffset Log(int versions)
    {
        _table.Create(
            "SELECT 0 AS i", new(
                new([])) { Properties = new Dictionary<string, string> { ["delta.logRetentionDuration"] = "interval 12 days" } });
        for (var version = 1; version <= versions; version++)
        {
            _table.Append($"SELECT {version} AS i");
        }

        var now = DateTimeOffset.UtcNow;
        foreach (var file in _table.Storage.List(LogFiles.Folder, "0", default).Where(file => char.IsAsciiDigit(file.Name[0])))
        {
            var version = int.Parse(file.Name[..20]);
            File.SetLastWriteTimeUtc(_table.Storage.ToLocal(file.Path, default), now.UtcDateTime.AddDays(version - versions - 5));
        }

        return now;
    }

    private static Snapshot With(Snapshot snapshot, string key, string value) => new(
        snapshot.Location, snapshot.Segment, snapshot.Protocol,
        snapshot.Metadata with { Configuration = new Dictionary<string, string>(snapshot.Metadata.Configuration) { [key] = value } },
        snapshot.Files, snapshot.Transactions, snapshot.Domains, snapshot.Tombstones, snapshot.InCommitTimestamp);

    private static CheckpointWriter.Written Checkpoint(long version) =>
        new(new(new(LogFiles.Checkpoint(version), 1, 0), version, 1, 1, Named: false), 1, 1, 1, []);
}
