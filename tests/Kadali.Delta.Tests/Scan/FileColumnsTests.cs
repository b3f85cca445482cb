using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Scan;

/// <summary>
/// Files say themselves what columns they have, where that is just what the table has; whatever else they hold, rows are right.
/// </summary>
public sealed class FileColumnsTests : IDisposable
{
    private readonly Statements _cell = new();

    private string Table => $"delta.`{_cell["t"]}`";

    public void Dispose() => _cell.Dispose();

    [Theory]
    [InlineData("the same", false, "SELECT 1::INT AS a, 'x' AS b", "SELECT 2::INT AS a, 'y' AS b")]
    [InlineData("another order", false, "SELECT 1::INT AS a, 'x' AS b", "SELECT 'y' AS b, 2::INT AS a")]
    [InlineData("a column is missing in the second", true, "SELECT 1::INT AS a, 'x' AS b, 3 AS c", "SELECT 2::INT AS a, 'y' AS b")]
    [InlineData("a column is missing in the first", true, "SELECT 1::INT AS a, 'x' AS b", "SELECT 2::INT AS a, 'y' AS b, 3 AS c")]
    [InlineData("lists", false, "SELECT 1::INT AS a, [[1], NULL] AS b", "SELECT 2::INT AS a, [[2, 3]] AS b")]
    [InlineData("structs", true, "SELECT 1::INT AS a, {'x': 1, 'y': 'u'} AS b", "SELECT 2::INT AS a, {'y': 'v', 'x': 2} AS b")]
    public void Files_of_other_writers_give_their_rows(string what, bool isTold, string first, string second)
    {
        _cell.Write("t/1.parquet", first);
        _cell.Write("t/2.parquet", second);
        Run($"CONVERT TO DELTA parquet.`{_cell["t"]}`");

        Assert.Equal(Rows($"FROM read_parquet('{_cell["t"]}/*.parquet', union_by_name = true) SELECT a, b ORDER BY a"),
            Rows("SELECT a, b FROM {t} ORDER BY a"));
        Assert.True(isTold == Sql("SELECT * FROM {t}").Contains("schema = MAP", StringComparison.Ordinal), what);
    }

    [Fact]
    public void Columns_that_come_go_and_change_are_told()
    {
        Run($"CREATE TABLE {Table} (a INT, b STRING, c INT) USING DELTA TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = 'true')");
        Append("1, 'one', 10");
        Append("2, 'two', 20");
        Assert.Equal(["1|one|10", "2|two|20"], Rows("SELECT * FROM {t} ORDER BY a"));
        Assert.DoesNotContain("schema = MAP", Sql("SELECT * FROM {t}"), StringComparison.Ordinal);

        Run($"ALTER TABLE {Table} RENAME COLUMN b TO name");
        Run($"ALTER TABLE {Table} DROP COLUMN c");
        Assert.Equal(["1|one", "2|two"], Rows("SELECT * FROM {t} ORDER BY a"));

        Run($"ALTER TABLE {Table} ADD COLUMN c STRING");
        Append("3, 'three', 'new'");
        Assert.Equal(["1|one|-", "2|two|-", "3|three|new"], Rows("SELECT * FROM {t} ORDER BY a"));

        Run($"ALTER TABLE {Table} ALTER COLUMN a TYPE BIGINT");
        Append("4000000000, 'four', NULL");
        Assert.Equal(["1|one|-", "2|two|-", "3|three|new", "4000000000|four|-"], Rows("SELECT * FROM {t} ORDER BY a"));
        Assert.Equal(["two"], Rows("SELECT name FROM {t} WHERE a = 2"));
        Assert.Contains("schema = MAP", Sql("SELECT * FROM {t}"), StringComparison.Ordinal);

        Run($"DELETE FROM {Table} WHERE a < 3");
        Run($"OPTIMIZE {Table}");
        Assert.Equal(["3|three|new", "4000000000|four|-"], Rows("SELECT * FROM {t} ORDER BY a"));
        Assert.DoesNotContain("schema = MAP", Sql("SELECT * FROM {t}"), StringComparison.Ordinal);
    }

    private void Append(string values) => Run($"INSERT INTO {Table} SELECT {values}");

    private void Run(string sql) => _cell.Run(sql);

    private string Sql(string query) => _cell.Sql(query.Replace("{t}", Table, StringComparison.Ordinal));

    private string[] Rows(string query) => _cell.Query(query.Replace("{t}", Table, StringComparison.Ordinal));
}
