using Kadali.Delta.Tests.Commands;
using Kadali.Delta.Tests.Storage;

namespace Kadali.Delta.Tests.Faults;

/// <summary>What is broken is named, what is not can still be read, and a table is as it was after a failure.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    [Fact]
    public void A_torn_commit_is_named_and_versions_before_it_are_read()
    {
        Make(appends: 3);
        var commit = _table.Storage.TryRead(LogFiles.Commit(3), default)!;
        _table.Storage.Write(LogFiles.Commit(3), commit.AsSpan(0, commit.Length - 20), default);

        var torn = Assert.Throws<DeltaException>(() => _table.Rows());

        Assert.Equal(DeltaErrorKind.Corrupt, torn.Kind);
        Assert.Contains("00000000000000000003.json", torn.Message);
        Assert.Equal(["0", "1", "2"], _table.Rows(2));
        Assert.Throws<DeltaException>(() => _table.Append("SELECT 9 AS i"));
    }

    [Fact]
    public void A_hole_in_the_log_is_named_by_the_file_that_is_missing()
    {
        Make(appends: 3);
        _table.Storage.Delete(LogFiles.Commit(2));

        var hole = Assert.Throws<DeltaException>(() => _table.Rows());

        Assert.Equal(DeltaErrorKind.Corrupt, hole.Kind);
        Assert.Contains("00000000000000000002.json", hole.Message);
        Assert.Equal(["0", "1"], _table.Rows(1));
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_where_the_commits_are_there_and_named_where_not()
    {
        Make(appends: 12);
        _table.Storage.Write(LogFiles.Checkpoint(10), "not a Parquet file at all"u8, default);

        Assert.Equal(13, _table.Rows().Length);
        Assert.Contains("00000000000000000010.checkpoint.parquet", Assert.Single(_table.Session.Log(_table.Storage).Complaints).Message);
        _table.Storage.Delete(LogFiles.Commit(0));
        _table.Session.Forget(_table.Storage);
        var broken = Assert.Throws<DeltaException>(() => _table.Rows());
        Assert.Equal(DeltaErrorKind.Corrupt, broken.Kind);
        Assert.Contains("00000000000000000010.checkpoint.parquet", broken.Message);
    }

    [Fact]
    public void A_missing_sidecar_is_passed_over_with_its_checkpoint()
    {
        _table.Create("SELECT 0 AS i", new(new([]))
        {
            Properties = new Dictionary<string, string> { ["delta.checkpointPolicy"] = "v2", ["delta.checkpointInterval"] = "1" },
        });
        _table.Append("SELECT 1 AS i");
        foreach (var sidecar in _table.Storage.List(LogFiles.Sidecars, "", default).ToList())
        {
            _table.Storage.Delete(sidecar.Path);
        }

        _table.Session.Forget(_table.Storage);

        Assert.Equal(["0", "1"], _table.Rows());
        Assert.Contains("_sidecars/", Assert.Single(_table.Session.Log(_table.Storage).Complaints).Message);
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("missing")]
    public void A_deletion_vector_that_is_damaged_or_missing_is_named_and_earlier_versions_are_read(string how)
    {
        _table.Create("SELECT i FROM range(100) v(i)");
        _table.Delete("i = 7");
        var path = DeletionVectorStore.PathOf(_table.Snapshot.Files.Single().DeletionVector!)!;
        if (how == "missing")
        {
            _table.Storage.Delete(path);
        }
        else
        {
            _table.Storage.Write(path, new byte[60], default);
        }

        // Another session: vectors that were read are kept.
        using var other = new TestTable(_table.Storage);
        var broken = Assert.Throws<DeltaException>(() => other.Rows());

        Assert.Equal(how == "missing" ? DeltaErrorKind.NotFound : DeltaErrorKind.Corrupt, broken.Kind);
        Assert.Contains(path, broken.Message);
        Assert.Equal(100, other.Rows(0).Length);
    }

    [Fact]
    public void A_full_disk_in_the_middle_of_a_write_leaves_the_table_as_it_was()
    {
        using var disk = new SmallDisk(_table.Storage.Root, kilobytes: 2048);
        _table.Create("SELECT 1::BIGINT AS i, 'x' AS s");
        var before = _table.Storage.ListTree("", default).Select(file => file.Path).Order(StringComparer.Ordinal).ToList();

        // Noise, which no codec makes smaller.
        var full = Assert.Throws<DeltaException>(
            () => _table.Append("SELECT i, md5(i::VARCHAR) || md5((-i)::VARCHAR) AS s FROM range(200000) v(i)"));

        Assert.Equal(DeltaErrorKind.Storage, full.Kind);
        Assert.Contains($"no space left in '{_table.Storage.Root}'", full.Message, StringComparison.Ordinal);
        Assert.Contains("VACUUM", full.Hint, StringComparison.Ordinal);
        Assert.Equal(["1|x"], _table.Rows());
        Assert.Equal(before, _table.Storage.ListTree("", default).Select(file => file.Path).Order(StringComparer.Ordinal));
        _table.Append("SELECT 2::BIGINT AS i, 'y' AS s");
        Assert.Equal(["1|x", "2|y"], _table.Rows());
    }

    [Fact]
    public void What_a_process_left_that_died_before_its_commit_is_removed_by_vacuum_alone()
    {
        _table.Create("SELECT i, i % 2 AS p FROM range(100) v(i)", new(new([])) { PartitionColumns = ["p"] });
        _table.Delete("i = 7");
        var before = Listed();
        var dead = new DeltaTransaction(_table.Session, _table.Storage, _table.Snapshot);
        dead.Writer.Write("SELECT 1::BIGINT AS i, 5::BIGINT AS p", WriteTarget.Of(dead.Metadata), default);
        dead.Writer.Write("SELECT 1::BIGINT AS i, 5::BIGINT AS p", WriteTarget.Of(dead.Metadata, "_change_data"), default);
        var rows = new RoaringBitmapArray();
        rows.Add(3);
        DeletionVectorStore.Write(_table.Storage, [rows], default);
        Assert.Equal(before.Count + 3, Listed().Count);

        foreach (var file in _table.Storage.ListTree("", default).ToList())
        {
            File.SetLastWriteTimeUtc(_table.Storage.ToLocal(file.Path, default), DateTime.UtcNow.AddDays(-8));
        }

        Vacuuming.Run(_table.Session, _table.Storage, _table.Snapshot, new(), default);

        Assert.Equal(before, Listed());
        Assert.Equal(99, _table.Rows().Length);

        List<string> Listed() => [.. _table.Storage.ListTree("", default).Select(file => file.Path).Where(path =>
            !path.StartsWith("_delta_log/"))
            .Order(StringComparer.Ordinal)];
    }

    private void Make(int appends)
    {
        _table.Create("SELECT 0 AS i");
        for (var i = 1; i <= appends; i++)
        {
            _table.Append($"SELECT {i} AS i");
        }

        _table.Session.Forget(_table.Storage);
    }
}
