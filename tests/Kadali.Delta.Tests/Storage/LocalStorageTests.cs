using System.Text;

namespace Kadali.Delta.Tests.Storage;

public sealed class LocalStorageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalStorage _storage;

    public LocalStorageTests() => _storage = new(_folder["table"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_is_written_whole_and_no_second_time()
    {
        Assert.True(_storage.TryWriteNew("_delta_log/a.json", "one"u8, default));
        Assert.False(_storage.TryWriteNew("_delta_log/a.json", "two"u8, default));

        Assert.Equal("one"u8, _storage.TryRead("_delta_log/a.json", default)!);
        Assert.Equal(["a.json"], Directory.GetFiles(_folder["table/_delta_log"]).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(nameof(NativeFile.TryRename))]
    [InlineData(nameof(NativeFile.TryLink))]
    public void Of_four_writers_of_one_name_just_one_wins_each_of_2000_times(string call)
    {
        Func<string, string, bool> rename = call == nameof(NativeFile.TryLink) ? NativeFile.TryLink : NativeFile.TryRename;
        var wins = new int[4][];
        Race(writer => wins[writer] = [.. Enumerable.Range(0, 2000).Select(number =>
        {
            File.WriteAllText(_folder[$"{number}.{writer}"], $"{writer}");
            return rename(_folder[$"{number}.{writer}"], _folder[$"{number}"]) ? 1 : 0;
        })]);

        for (var number = 0; number < 2000; number++)
        {
            var winner = int.Parse(File.ReadAllText(_folder[$"{number}"]));
            Assert.Equal(1, wins.Sum(writer => writer[number]));
            Assert.Equal(1, wins[winner][number]);
        }
    }

    [Fact]
    public void Of_four_writers_of_one_commit_one_wins_and_the_others_leave_nothing()
    {
        var wins = new int[4];
        Race(writer =>
        {
            var storage = new LocalStorage(_folder["table"]);
            wins[writer] = Enumerable.Range(0, 100).Count(number => storage.TryWriteNew($"_delta_log/{number:D20}.json", "{}"u8, default));
        });

        Assert.Equal(100, wins.Sum());
        Assert.Equal(100, Directory.GetFiles(_folder["table/_delta_log"]).Length);
    }

    [Fact]
    public void Files_of_a_folder_are_listed_in_order_from_a_name_on()
    {
        foreach (var name in new[] { "b", "a", "c", "_x", "B" })
        {
            _storage.Write("_delta_log/" + name, Encoding.UTF8.GetBytes(name + name), default);
        }

        _storage.Write("_delta_log/_sidecars/z", "z"u8, default);

        var listed = _storage.List("_delta_log", "_", default).ToList();

        Assert.Equal(["_delta_log/_x", "_delta_log/a", "_delta_log/b", "_delta_log/c"], listed.Select(file => file.Path));
        Assert.Equal(4, listed[0].Size);
        Assert.Equal("_x", listed[0].Name);
        Assert.InRange(listed[0].ModificationTime, DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds(), long.MaxValue);
        Assert.Empty(_storage.List("nothing", "", default));
    }

    [Fact]
    public void All_files_below_the_table_are_listed_but_not_through_links()
    {
        _storage.Write("p=1/q=a b/x.parquet", "1"u8, default);
        _storage.Write("y.parquet", "2"u8, default);
        Directory.CreateSymbolicLink(_folder["table/again"], _folder["table"]);

        Assert.Equal(
            ["p=1/q=a b/x.parquet", "y.parquet"], _storage.ListTree("", default).Select(file => file.Path).Order(StringComparer.Ordinal));
        Assert.Equal(["p=1/q=a b/x.parquet"], _storage.ListTree("p=1", default).Select(file => file.Path));
        Assert.Empty(_storage.ListTree("_change_data", default));
    }

    [Fact]
    public void A_checkpoint_is_not_seen_before_it_is_published()
    {
        File.WriteAllText(_storage.Stage("_delta_log/00000000000000000010.checkpoint.parquet"), "half");
        Assert.False(_storage.Exists("_delta_log/00000000000000000010.checkpoint.parquet"));
        Assert.All(_storage.List("_delta_log", "", default), file => Assert.StartsWith(".", file.Name, StringComparison.Ordinal));

        var published = _storage.Publish("_delta_log/00000000000000000010.checkpoint.parquet", default);

        Assert.Equal(4, published.Size);
        Assert.Equal(published, Assert.Single(_storage.List("_delta_log", "", default)));
    }

    [Fact]
    public void A_data_file_is_written_where_it_stays()
    {
        var local = _storage.Stage("p=%25/x.parquet");
        File.WriteAllText(local, "data");

        Assert.Equal(local, _storage.ToLocal("p=%25/x.parquet", default));
        Assert.Equal(4, _storage.Publish("p=%25/x.parquet", default).Size);
        Assert.Equal("at"u8, _storage.ReadRange("p=%25/x.parquet", 1, 2, default));
        Assert.Equal("ta"u8, _storage.ReadRange("p=%25/x.parquet", 2, 100, default));
        Assert.Equal("data"u8, new LocalStorage("/elsewhere").TryRead(new Uri(local).AbsoluteUri, default)!);
    }

    [Fact]
    public void A_file_that_is_not_there_reads_as_null_and_its_part_is_an_error_that_names_it()
    {
        Assert.Null(_storage.TryRead("_delta_log/x", default));
        _storage.Delete("_delta_log/x");

        var missing = Assert.Throws<DeltaException>(() => _storage.ReadRange("x.bin", 0, 1, default));

        Assert.Equal(DeltaErrorKind.NotFound, missing.Kind);
        Assert.Contains("table/x.bin", missing.Message);
    }

    [Fact]
    public void A_path_of_another_store_is_refused()
    {
        var refused = Assert.Throws<DeltaException>(() => _storage.ToLocal("s3://bucket/x", default));

        Assert.Equal(DeltaErrorKind.Unsupported, refused.Kind);
    }

    [Fact]
    public void A_full_disk_is_an_error_that_names_the_file_and_leaves_nothing()
    {
        using var small = new SmallDisk(_folder["table"]);
        var content = new byte[1 << 20];

        foreach (var write in new Action[]
        {
            () => _storage.TryWriteNew("_delta_log/0.json", content, default), () => _storage.Write("_delta_log/0.json", content, default),
        })
        {
            var full = Assert.Throws<DeltaException>(write);

            Assert.Equal(DeltaErrorKind.Storage, full.Kind);
            Assert.Contains("table/_delta_log/0.json", full.Message);
            Assert.Contains("space", full.Message, StringComparison.OrdinalIgnoreCase);
            Assert.Empty(_storage.ListTree("", default));
        }

        Assert.True(_storage.TryWriteNew("_delta_log/0.json", "{}"u8, default));
    }

    [Fact]
    public void A_folder_that_may_not_be_written_is_an_error_that_names_the_file()
    {
        using var small = new SmallDisk(_folder["table"]);
        _storage.Write("_delta_log/0.json", "{}"u8, default);
        small.Protect();

        foreach (var attempt in new Action[]
        {
            () => _storage.TryWriteNew("_delta_log/1.json", "{}"u8, default), () => _storage.Delete("_delta_log/0.json"),
            () => _storage.Stage("p=1/x"),
        })
        {
            var refused = Assert.Throws<DeltaException>(attempt);

            Assert.Equal(DeltaErrorKind.Storage, refused.Kind);
            Assert.Contains(_folder["table"], refused.Message);
        }
    }

    private static void Race(Action<int> write)
    {
        Exception? failure = null;
        using var start = new Barrier(4);
        var threads = Enumerable.Range(0, 4).Select(writer => new Thread(() =>
        {
            try
            {
                start.SignalAndWait();
                write(writer);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Null(failure);
    }
}
