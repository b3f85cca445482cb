using static Kadali.Delta.Tests.Transactions.Commits;

namespace Kadali.Delta.Tests.Transactions;

public sealed class CommitLoopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalStorage _storage;

    public CommitLoopTests() => _storage = new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_commit_that_lost_comes_after_all_who_were_first()
    {
        foreach (var version in new[] { 3, 4, 5 })
        {
            Put(version, Info(), Add($"theirs{version}"));
        }

        var result = CommitLoop.Run(_storage, Ours(Reads(), Add("mine")), 3, default);

        Assert.Equal((6, 1), (result.Version, result.Losses));
        Assert.Equal("mine", Read(6).Single(action => action.Add is not null).Add!.Path);
    }

    [Fact]
    public void A_conflict_with_any_of_the_winners_writes_nothing()
    {
        Put(3, Info(), Add("harmless"));
        Put(4, Info(), Remove("x"));

        var conflict = Assert.Throws<DeltaConflictException>(() => CommitLoop.Run(_storage, Ours(Reads(), Remove("x")), 3, default));

        Assert.Equal((DeltaConflict.ConcurrentDeleteDelete, 4), (conflict.Conflict, conflict.Version));
        Assert.False(_storage.Exists(LogFiles.Commit(5)));
    }

    [Fact]
    public void Of_eight_who_make_one_table_one_wins()
    {
        var made = Race(8, writer => CommitLoop.Run(
            _storage,
            Ours(ReadAll(), new() { Protocol = new(1, 2) }, new() { Metadata = Table with { Id = $"{writer}" } }) with { Protocol = null,
                Metadata = null },
            0, default));

        Assert.Single(made, result => result is CommitLoop.Result { Version: 0 });
        Assert.Equal(7, made.Count(result => result is DeltaConflictException { Conflict: DeltaConflict.ProtocolChanged }));
    }

    [Fact]
    public void Of_eight_concurrent_overwrites_one_is_there_and_no_other_says_that_it_was()
    {
        Put(0, Info(), new() { Protocol = new(1, 2) }, new() { Metadata = Table }, Add("old"));

        var made = Race(8, writer => CommitLoop.Run(_storage, Ours(ReadAll(), Remove("old"), Add($"new{writer}")), 1, default));

        var winner = Assert.Single(made.OfType<CommitLoop.Result>());
        Assert.Equal(7, made.OfType<DeltaConflictException>().Count());
        Assert.Equal(Read(1).Last().Add!.Path, winner.Commit.Actions[^1].Add!.Path);
        Assert.False(_storage.Exists(LogFiles.Commit(2)));
    }

    [Fact]
    public void Eight_appenders_of_25_commits_each_fill_the_log_without_a_hole_and_nothing_twice()
    {
        var made = Race(8, writer =>
        {
            for (var number = 0; number < 25; number++)
            {
                CommitLoop.Run(_storage, Ours(Reads(), Add($"{writer}-{number}")), 0, default);
            }

            return null;
        });

        Assert.All(made, Assert.Null);
        var paths = Enumerable.Range(0, 200).Select(version => Read(version).Single(action => action.Add is not null).Add!.Path).ToArray();
        Assert.Equal(200, paths.Distinct().Count());
        Assert.False(_storage.Exists(LogFiles.Commit(200)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_commit_whose_answer_was_lost_is_found_and_not_made_twice(bool refuses)
    {
        var unsteady = new UnsteadyStorage(_storage) { Takes = true, Refuses = refuses };

        var result = CommitLoop.Run(unsteady, Ours(Reads(), Add("mine")), 3, default);

        Assert.Equal(3, result.Version);
        Assert.False(_storage.Exists(LogFiles.Commit(4)));
    }

    [Fact]
    public void A_commit_that_the_store_failed_to_take_is_a_failure_of_the_store()
    {
        var failed = Assert.Throws<DeltaException>(
            () => CommitLoop.Run(new UnsteadyStorage(_storage), Ours(Reads(), Add("mine")), 3, default));

        Assert.Equal(DeltaErrorKind.Storage, failed.Kind);
    }

    [Fact]
    public void A_torn_commit_of_another_writer_is_named()
    {
        _storage.Write(LogFiles.Commit(3), "{\"commitInfo\":{\"operation\":\"WRITE\"}}\n{\"add\":{\"pa"u8, default);

        var torn = Assert.Throws<DeltaException>(() => CommitLoop.Run(_storage, Ours(Reads(), Add("mine")), 3, default));

        Assert.Equal(DeltaErrorKind.Corrupt, torn.Kind);
        Assert.Contains("00000000000000000003.json", torn.Message);
        Assert.Contains("line 2", torn.Message);
    }

    [Fact]
    public void A_cancelled_commit_is_not_written()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => CommitLoop.Run(_storage, Ours(Reads(), Add("mine")), 3, cancelled.Token));
        Assert.False(_storage.Exists(LogFiles.Commit(3)));
    }

    private void Put(long version, params SingleAction[] actions) =>
        Assert.True(_storage.TryWriteNew(LogFiles.Commit(version), ActionJson.Write(actions), default));

    private List<SingleAction> Read(long version) =>
        [.. DeltaLog.CommitActions(_storage.TryRead(LogFiles.Commit(version), default)!, LogFiles.Commit(version))];

    /// <summary>What each of many writers that begin at once gave or threw.</summary>
    private static object?[] Race(int count, Func<int, object?> write)
    {
        var results = new object?[count];
        using var start = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(writer => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                results[writer] = write(writer);
            }
            catch (Exception exception)
            {
                results[writer] = exception;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return results;
    }

    /// <summary>A store whose first answer to a new file is lost, as a network does it.</summary>
    private sealed class UnsteadyStorage(IDeltaStorage storage) : IDeltaStorage
    {
        /// <summary>Whether the file is there all the same.</summary>
        public bool Takes { get; init; }

        /// <summary>Whether a repeated request finds the file there, rather than no answer.</summary>
        public bool Refuses { get; init; }

        public string Root => storage.Root;

        public IEnumerable<StoredFile> List(string folder, string from, CancellationToken cancellationToken) =>
            storage.List(folder, from, cancellationToken);

        public IEnumerable<StoredFile> ListTree(string folder, CancellationToken cancellationToken) =>
            storage.ListTree(folder, cancellationToken);

        public bool Exists(string path) => storage.Exists(path);

        public StoredFile? Find(string path) => storage.Find(path);

        public byte[]? TryRead(string path, CancellationToken cancellationToken) => storage.TryRead(path, cancellationToken);

        public byte[] ReadRange(string path, long offset, int count, CancellationToken cancellationToken) =>
            storage.ReadRange(path, offset, count, cancellationToken);

        public bool TryWriteNew(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken, bool durable)
        {
            if (Takes)
            {
                storage.TryWriteNew(path, content, cancellationToken, durable);
            }

            return Refuses ? false : throw new DeltaException(DeltaErrorKind.Storage, $"'{path}' cannot be written: no answer.");
        }

        public void Write(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken) =>
            storage.Write(path, content, cancellationToken);

        public void Delete(string path) => storage.Delete(path);

        public string ToLocal(string path, CancellationToken cancellationToken) => storage.ToLocal(path, cancellationToken);

        public string Stage(string path) => storage.Stage(path);

        public StoredFile Publish(string path, CancellationToken cancellationToken) => storage.Publish(path, cancellationToken);
    }
}
