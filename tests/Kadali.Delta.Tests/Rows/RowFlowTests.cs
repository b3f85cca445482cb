namespace Kadali.Delta.Tests.Rows;

/// <summary>Rows come and go beside the engine's work: nothing waits for itself, and what is stopped leaves nothing behind.</summary>
public sealed class RowFlowTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly DeltaEngine _engine = new();

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    public sealed record Row(long Id, string Text);

    [Fact]
    public async Task A_table_is_copied_to_another_of_the_same_engine()
    {
        var (from, to) = (await Table("from", 5000), await DeltaTable.CreateAsync<Row>(_folder["to"], engine: _engine));

        await to.AppendAsync(from.ReadAsync<Row>().ToBlockingEnumerable()).WaitAsync(Patience);
        await to.AppendAsync(from.ReadAsync<Row>()).WaitAsync(Patience);
        await to.Merge(from.ReadAsync<Row>("Id < 10").Select(row => row with { Id = row.Id + 100_000 }), "target.Id = source.Id")
            .WhenNotMatchedInsertAll().ExecuteAsync().WaitAsync(Patience);

        Assert.Equal(10_010, await to.CountAsync());
    }

    [Fact]
    public async Task Rows_come_while_they_are_read_and_the_engine_works_on()
    {
        var table = await Table("t", 300_000);
        var seen = 0;
        await foreach (var row in table.ReadAsync<Row>())
        {
            if (++seen == 10)
            {
                await table.DeleteAsync("Id = 7").WaitAsync(Patience);
                break;
            }
        }

        Assert.Equal(299_999, await table.CountAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_sequence_that_waits_holds_up_nobody()
    {
        var (slow, other) = (await Table("slow", 1), await Table("other", 3));
        using var go = new ManualResetEventSlim();
        var appending = slow.AppendAsync(Waiting());

        Assert.Equal(3, await other.CountAsync().WaitAsync(Patience));
        go.Set();
        await appending.WaitAsync(Patience);
        Assert.Equal(2, await slow.CountAsync());

        IEnumerable<Row> Waiting()
        {
            go.Wait();
            yield return new(8, "late");
        }
    }

    [Fact]
    public async Task A_sequence_that_throws_writes_nothing_and_leaves_nothing()
    {
        var table = await Table("t", 10);
        var files = Directory.GetFiles(_folder["t"], "*", SearchOption.AllDirectories).Length;

        var error = await Assert.ThrowsAsync<NotSupportedException>(() => table.AppendAsync(Failing()));
        var missing = await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([new Row(1, "x"), null!]));

        Assert.Equal("mine", error.Message);
        Assert.Contains("Row 2 is null", missing.Message, StringComparison.Ordinal);
        Assert.Equal(files, Directory.GetFiles(_folder["t"], "*", SearchOption.AllDirectories).Length);
        Assert.Equal([0L], await table.QueryAsync<long>("SELECT count(*) FROM duckdb_tables()"));
        await table.AppendAsync([new Row(11, "x")]);
        Assert.Equal(11, await table.CountAsync());

        static IEnumerable<Row> Failing()
        {
            for (var i = 0; i < 5000; i++)
            {
                yield return new(i, "x");
            }

            throw new NotSupportedException("mine");
        }
    }

    [Fact]
    public async Task What_is_cancelled_ends_as_cancelled_also_while_it_waits_for_its_turn()
    {
        var table = await Table("t", 10);
        using var running = new CancellationTokenSource();
        using var waiting = new CancellationTokenSource();
        var query = table.QueryAsync<long>("SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE hash(a.range, b.range) = 3",
            running.Token);
        var count = table.CountAsync(cancellationToken: waiting.Token);
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => count.WaitAsync(Patience));
        await running.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query.WaitAsync(Patience));

        Assert.True(count.IsCanceled);
        Assert.True(query.IsCanceled);
        Assert.True(table.CountAsync(cancellationToken: waiting.Token).IsCanceled);
        var seen = 0;
        using var early = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var row in (await Table("large", 300_000)).ReadAsync<Row>().WithCancellation(early.Token))
            {
                if (++seen == 10)
                {
                    await early.CancelAsync();
                }
            }
        });
        Assert.InRange(seen, 10, 10_000);
    }

    [Fact]
    public void A_caller_that_blocks_its_only_thread_gets_an_answer()
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new NeverRuns());
            try
            {
                var table = DeltaTable.CreateAsync<Row>(_folder["t"], engine: _engine).GetAwaiter().GetResult();
                table.AppendAsync([new Row(1, "x")]).GetAwaiter().GetResult();
                Assert.Single(table.ReadAsync<Row>().ToBlockingEnumerable());
                Assert.Single(table.QueryAsync<Row>($"SELECT * FROM delta.`{table.Location}`").GetAwaiter().GetResult());
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.IsBackground = true;
        thread.Start();

        Assert.True(thread.Join(Patience));
        Assert.Null(failure);
    }

    [Fact]
    public async Task An_engine_that_is_disposed_says_so()
    {
        var engine = new DeltaEngine();
        var table = await DeltaTable.CreateAsync<Row>(_folder["t"], engine: engine);
        engine.Dispose();
        DeltaEngine.Shared.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => table.CountAsync());
        Assert.Equal(0, await DeltaTable.Open(_folder["t"]).CountAsync());
        using var wrong = new DeltaEngine("nonsense");
        await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.Open(_folder["t"], wrong).CountAsync());
    }

    [Fact]
    public async Task What_is_wrong_with_a_statement_is_an_exception_of_the_library()
    {
        var table = await Table("t", 3);
        await Fails(DeltaErrorKind.Schema, "Zz", () => table.CountAsync("Zz > 1"));
        await Fails(DeltaErrorKind.Schema, "Zz", () => table.DeleteAsync("Zz > 1"));
        await Fails(DeltaErrorKind.Argument, "abc", () => table.CountAsync("Id > 'abc'"));
        await Fails(DeltaErrorKind.Syntax, "syntax error", () => table.QueryAsync<int>("SELEKT 1"));
        await Fails(DeltaErrorKind.Argument, "version -1", () => table.CountAsync(version: -1));
        await Fails(DeltaErrorKind.Argument, "no column", () => table.UpdateAsync(new Dictionary<string, string>()));
        await Fails(DeltaErrorKind.Argument, "-1", () => table.VacuumAsync(TimeSpan.FromDays(-1), force: true));
        await table.OverwriteAsync([new Row(1, "x")]);
        await table.VacuumAsync(TimeSpan.Zero, force: true);
        await Fails(DeltaErrorKind.NotFound, "gone", () =>
            table.QueryAsync<Row>($"SELECT * FROM delta.`{table.Location}` VERSION AS OF 1"));
        Assert.Throws<ArgumentNullException>(() => { _ = table.AppendAsync((IEnumerable<Row>)null!); });

        static async Task Fails(DeltaErrorKind kind, string says, Func<Task> run)
        {
            var error = await Assert.ThrowsAsync<DeltaException>(run);
            Assert.Equal(kind, error.Kind);
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Statements_of_Delta_run_and_say_what_they_did()
    {
        var table = await Table("t", 3);
        await table.ExecuteAsync($"ALTER TABLE delta.`{table.Location}` ADD COLUMN note STRING");
        var inserted = await table.ExecuteAsync($"INSERT INTO delta.`{table.Location}` VALUES (9, 'nine', 'n'), (10, 'ten', NULL)");

        Assert.Equal(3, inserted.Version);
        Assert.Equal(2, inserted.Metrics["num_inserted_rows"]);
        Assert.Equal(5, await table.CountAsync());
    }

    private async Task<DeltaTable> Table(string name, int rows)
    {
        var table = await DeltaTable.CreateAsync<Row>(_folder[name], engine: _engine);
        await table.AppendAsync(Enumerable.Range(0, rows).Select(i => new Row(i, "text " + i)));
        return table;
    }

    /// <summary>As of a window whose thread waits.</summary>
    private sealed class NeverRuns : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
