using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Storage;

/// <summary>Tables in a real S3.</summary>
public sealed class S3StorageTests(S3Server server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_object_is_written_once()
    {
        using var storage = Open(server.NewTable());

        Assert.True(storage.TryWriteNew("_delta_log/a.json", "one"u8, default));
        Assert.False(storage.TryWriteNew("_delta_log/a.json", "two"u8, default));
        Assert.Equal("one"u8, storage.TryRead("_delta_log/a.json", default)!);
        storage.Write("_delta_log/a.json", "three"u8, default);
        Assert.Equal("three"u8, storage.TryRead("_delta_log/a.json", default)!);
        Assert.Equal(["a.json"], storage.List("_delta_log", "", default).Select(file => file.Name));
        storage.Delete("_delta_log/a.json");
        storage.Delete("_delta_log/a.json");
        Assert.Null(storage.TryRead("_delta_log/a.json", default));
        Assert.False(storage.Exists("_delta_log/a.json"));
    }

    [Fact]
    public void Objects_are_listed_in_order_from_a_name_on_over_many_pages()
    {
        var location = server.NewTable();
        using var storage = Open(location);
        Parallel.For(0, 1100, new() { MaxDegreeOfParallelism = 8 }, i => storage.Write($"_delta_log/{i:D20}.json", "{}"u8, default));
        storage.Write("_delta_log/_sidecars/x", "s"u8, default);
        storage.Write("p=ä b%25/x+y.parquet", "data"u8, default);

        Assert.Equal(1100, storage.List("_delta_log", "0", default).Count(file => file.Name.EndsWith(".json", StringComparison.Ordinal)));
        Assert.Equal(["_delta_log/" + LogFiles.Prefix(1098) + ".json", "_delta_log/" + LogFiles.Prefix(1099) + ".json"],
            storage.List("_delta_log", LogFiles.Prefix(1098) + ".json", default).Select(file => file.Path)
                .Where(path => !path.Contains("_sidecars")));
        Assert.Equal("p=ä b%25/x+y.parquet", Assert.Single(storage.ListTree("p=ä b%25", default)).Path);
        Assert.Equal(1102, storage.ListTree("", default).Count());
        Assert.Equal("at"u8, storage.ReadRange("p=ä b%25/x+y.parquet", 1, 2, default));
        Assert.Equal("ta"u8, storage.ReadRange("p=ä b%25/x+y.parquet", 2, 50, default));
        Assert.Equal("data"u8, storage.TryRead($"{location.Replace("s3:", "s3a:")}/p=ä b%25/x+y.parquet", default)!);
        Assert.Empty(storage.List("nothing", "", default));
    }

    [Fact]
    public void A_large_file_goes_up_in_parts_and_comes_back_through_the_cache()
    {
        using var storage = Open(server.NewTable());
        var content = new byte[70 << 20];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(storage.Stage("p=1/large.parquet"), content);

        var published = storage.Publish("p=1/large.parquet", default);

        Assert.Equal(content.Length, published.Size);
        Assert.Equal(content.Length, storage.ListTree("", default).Single().Size);
        using var other = new S3Storage(storage.Root, server.Settings, new(_folder["other"], 1 << 20));
        var local = other.ToLocal("p=1/large.parquet", default);
        Assert.True(File.ReadAllBytes(local).AsSpan().SequenceEqual(content));
        other.Delete("p=1/large.parquet");
        Assert.Equal(local, other.ToLocal("p=1/large.parquet", default));
    }

    [Fact]
    public void A_file_of_the_log_that_was_written_again_is_not_read_from_the_cache()
    {
        using var storage = Open(server.NewTable());
        storage.Write("_delta_log/x.checkpoint.parquet", "old"u8, default);
        Assert.Equal("old", File.ReadAllText(storage.ToLocal("_delta_log/x.checkpoint.parquet", default)));

        storage.Write("_delta_log/x.checkpoint.parquet", "new"u8, default);

        Assert.Equal("new", File.ReadAllText(storage.ToLocal("_delta_log/x.checkpoint.parquet", default)));
    }

    [Fact]
    public void Wrong_keys_and_missing_objects_are_errors_that_name_the_object_and_no_secret()
    {
        var location = server.NewTable();
        using var thief = new S3Storage(
            location, server.Settings with { Credentials = new("AK", "GUESSED-SECRET", "TOKEN") }, new(_folder["cache"], 1 << 20));
        using var storage = Open(location);

        var refused = Assert.Throws<DeltaException>(() => thief.TryRead("_delta_log/x", default));
        var missing = Assert.Throws<DeltaException>(() => storage.ToLocal("gone.parquet", default));
        var nowhere = Assert.Throws<DeltaException>(() => Open("s3://no-such-bucket/x").TryWriteNew("_delta_log/0.json", "{}"u8, default));

        Assert.Equal((DeltaErrorKind.Storage, DeltaErrorKind.NotFound, DeltaErrorKind.Storage), (refused.Kind, missing.Kind, nowhere.Kind));
        Assert.Contains($"{location}/_delta_log/x", refused.Message);
        Assert.Contains("403", refused.Message);
        Assert.DoesNotContain("SECRET", refused.ToString());
        Assert.DoesNotContain("TOKEN", refused.ToString());
        Assert.Contains($"{location}/gone.parquet", missing.Message);
        Assert.Contains("NoSuchBucket", nowhere.Message);
    }

    [Fact]
    public void A_table_in_S3_is_written_changed_and_read()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var session = new DeltaSession(connection);
        using var storage = Open(server.NewTable());
        var properties = new Dictionary<string, string> { ["delta.checkpointInterval"] = "2" };
        new WriteInto(session, storage).Create(
            new(new([new("i", DeltaType.Long), new("p", DeltaType.String)])) { PartitionColumns = ["p"], Properties = properties },
            "SELECT i, 'a b' AS p FROM range(10) v(i)", null, null, default);
        for (var round = 0; round < 5; round++)
        {
            new WriteInto(session, storage).Write(
                new($"SELECT {100 + round}::BIGINT AS i, 'ü' AS p", new WriteMode.Append()), session.Log(storage).Update(default), default);
        }

        Deletion.Run(session, storage, session.Log(storage).Update(default), "i < 4", null, "i < 4", default);
        session.Forget(storage);
        var snapshot = session.Log(storage).Update(default);
        using var scan = TableScan.Of(session, storage, snapshot, snapshot.Files, ScanColumns.None, default);

        Assert.Equal(6, snapshot.Version);
        Assert.Equal(6, snapshot.Segment.CheckpointVersion);
        Assert.Equal((11, 549L), session.DuckDb.Query(
            $"SELECT count(*), sum(i)::BIGINT FROM ({scan.Sql})", reader => ((int)reader.GetInt64(0), reader.GetInt64(1)), default)
                .Single());
        Assert.Empty(session.Log(storage).Complaints);
    }

    [Fact]
    public void Eight_writers_of_one_table_lose_nothing_and_write_nothing_twice()
    {
        var location = server.NewTable();
        var failures = new List<Exception>();
        using (var first = Open(location))
        {
            Create(first);
        }

        var threads = Enumerable.Range(0, 8).Select(writer => new Thread(() =>
        {
            try
            {
                using var connection = new DuckDBConnection("DataSource=:memory:");
                connection.Open();
                using var session = new DeltaSession(connection);
                using var storage = new S3Storage(location, server.Settings, new(_folder[$"cache{writer}"], 1 << 30));
                for (var number = 0; number < 10; number++)
                {
                    new WriteInto(session, storage).Write(
                        new($"SELECT {writer * 10 + number}::BIGINT AS i", new WriteMode.Append()), session.Log(storage).Update(default),
                        default);
                }
            }
            catch (Exception exception)
            {
                lock (failures)
                {
                    failures.Add(exception);
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Empty(failures);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var session = new DeltaSession(connection);
        using var storage = Open(location);
        var snapshot = session.Log(storage).Update(default);
        using var scan = TableScan.Of(session, storage, snapshot, snapshot.Files, ScanColumns.None, default);
        Assert.Equal(80, snapshot.Version);
        Assert.Equal("80 80 0 79", session.DuckDb.Scalar<string>(
            $"SELECT concat_ws(' ', count(*), count(DISTINCT i), min(i), max(i)) FROM ({scan.Sql})", default));
    }

    private static void Create(S3Storage storage)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var session = new DeltaSession(connection);
        new WriteInto(session, storage).Create(new(new([new("i", DeltaType.Long)])), null, null, null, default);
    }

    private S3Storage Open(string location) => new(location, server.Settings, new(_folder["cache"], 1 << 30));
}
