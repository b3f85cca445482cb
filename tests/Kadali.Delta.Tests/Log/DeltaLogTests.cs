using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Log;

public sealed class DeltaLogTests : IDisposable
{
    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    [Fact]
    public void A_table_that_another_made_in_the_place_of_one_that_was_read_is_read_anew()
    {
        _table.Create("SELECT 1 AS i");
        Assert.Equal(["1"], _table.Rows());

        foreach (var appends in new[] { 0, 1, 3 })
        {
            Directory.Delete(_table.Storage.Root, recursive: true);
            using var other = new TestTable(_table.Storage);
            other.Create("SELECT 'new' AS word, 2 AS number");
            for (var i = 0; i < appends; i++)
            {
                other.Append("SELECT 'more' AS word, 3 AS number");
            }

            Assert.Equal(1 + appends, _table.Rows().Length);
            Assert.Contains("new|2", _table.Rows());
        }
    }

    [Fact]
    public void Commits_of_others_are_seen_one_and_many_at_once()
    {
        _table.Create("SELECT 0 AS i");
        using var other = new TestTable(_table.Storage);
        foreach (var (appends, total) in new[] { (1, 2), (3, 5), (4, 9), (25, 34) })
        {
            for (var i = 0; i < appends; i++)
            {
                other.Append("SELECT 1 AS i");
            }

            Assert.Equal(total, _table.Rows().Length);
            Assert.Equal(total - 1, _table.Snapshot.Version);
        }
    }
}
