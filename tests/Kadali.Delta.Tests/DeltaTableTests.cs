namespace Kadali.Delta.Tests;

/// <summary>The library as C# uses it.</summary>
public sealed class DeltaTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DeltaEngine _engine = new();

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    public enum Kind
    {
        Small,
        Large,
    }

    public sealed record Part(string Name, int Count);

    public sealed record Sale(
        long Id, string? Customer, decimal Amount, DateOnly Day, DateTimeOffset At, Kind Kind, List<Part> Parts, Dictionary<string,
        int>? Tags,
        Part? Best, Part First);

    public sealed record Named(long Id, string Name);

    public sealed record Change(long Id, string Name, string _change_type, long _commit_version);

    [Fact]
    public async Task Objects_come_back_as_they_were()
    {
        Sale[] sales =
        [
            new(1, "ann", 12.5m, new(2026, 11, 25), new(2026, 11, 25, 8, 30, 0, TimeSpan.Zero), Kind.Large, [new("x", 1), new("y", 2)],
                new() { ["a"] = 1 },
                new("x", 1), new("x", 1)),
            new(2, null, -0.01m, new(1969, 7, 20), DateTimeOffset.UnixEpoch, Kind.Small, [], null, null, new("z", 0)),
        ];
        var table = await DeltaTable.CreateAsync<Sale>(_folder["sales"], ["Day"], engine: _engine,
            cancellationToken: TestContext.Current.CancellationToken);
        await table.AppendAsync(sales, cancellationToken: TestContext.Current.CancellationToken);

        var read = await table.ReadAsync<Sale>().OrderBy(sale => sale.Id).ToArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equivalent(sales, read, strict: true);
        Assert.Equal(2, read.Length);
    }

    [Fact]
    public async Task Rows_are_merged_counted_and_restored()
    {
        var table = await DeltaTable.CreateAsync<Named>(
            _folder["t"], properties: new Dictionary<string, string> { ["delta.enableChangeDataFeed"] = "true" }, engine: _engine);
        await table.AppendAsync([new Named(1, "one"), new Named(2, "two"), new Named(3, "three")]);
        var merged = await table.Merge([new Named(2, "zwei"), new Named(4, "vier")], "target.Id = source.Id")
            .WhenMatchedUpdateAll()
            .WhenNotMatchedInsertAll()
            .WhenNotMatchedBySourceDelete("target.Id = 3")
            .ExecuteAsync();
        await table.UpdateAsync(new Dictionary<string, string> { ["Name"] = "upper(Name)" }, "Id = 1");

        Assert.Equal(1, merged.Metrics["numTargetRowsDeleted"]);
        Assert.Equal(["1 ONE", "2 zwei", "4 vier"],
            (await table.QueryAsync<Named>($"SELECT * FROM delta.`{table.Location}` ORDER BY Id")).Select(row => $"{row.Id} {row.Name}"));
        Assert.Equal(["delete 3", "insert 4", "update_postimage 2", "update_preimage 2"],
            (await table.ChangesAsync<Change>(2, 2)).Select(change => $"{change._change_type} {change.Id}").Order(StringComparer.Ordinal));

        await table.RestoreAsync(1);
        Assert.Equal(3, await table.CountAsync());
        Assert.Equal(1, await table.CountAsync("Name = 'zwei'", version: 2));
        Assert.Equal(["RESTORE", "UPDATE", "MERGE", "WRITE", "CREATE TABLE"],
            (await table.HistoryAsync()).Select(entry => entry.Operation));
    }

    [Fact]
    public async Task An_append_of_an_application_is_done_once()
    {
        var table = await DeltaTable.CreateAsync<Named>(_folder["t"], engine: _engine);
        var first = await table.AppendAsync([new Named(1, "one")], new SetTransaction("loader", 7));
        var again = await table.AppendAsync([new Named(1, "one")], new SetTransaction("loader", 7));

        Assert.Equal(1, first.Version);
        Assert.Null(again.Version);
        Assert.Equal(1, await table.CountAsync());
    }

    [Fact]
    public async Task A_type_that_does_not_fit_is_named()
    {
        var table = await DeltaTable.CreateAsync<Named>(_folder["t"], engine: _engine);

        var error = await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([new Part("x", 1)]));
        var missing = await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.Open(_folder["nowhere"], _engine).CountAsync());

        Assert.Contains("no column 'Count'", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["nowhere"], missing.Message, StringComparison.Ordinal);
    }
}
