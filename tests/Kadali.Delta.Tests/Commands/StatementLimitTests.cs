namespace Kadali.Delta.Tests.Commands;

/// <summary>Statements that cannot be done as they stand: they are refused, and leave all as it is.</summary>
public sealed class StatementLimitTests : IDisposable
{
    private readonly Statements _delta = new();

    public void Dispose() => _delta.Dispose();

    [Theory]
    [InlineData("INSERT OVERWRITE t PARTITION (p = 'a') IF NOT EXISTS SELECT 3")]
    [InlineData("INSERT INTO t PARTITION (p = 'a') IF NOT EXISTS SELECT 3")]
    public void A_partition_cannot_be_written_only_where_it_is_not(string statement)
    {
        _delta.Run("CREATE TABLE t (id INT, p STRING) USING DELTA PARTITIONED BY (p)");
        _delta.Run("INSERT INTO t VALUES (1, 'a'), (2, 'b')");

        var refused = Assert.Throws<DeltaException>(() => _delta.Run(statement));

        Assert.Equal(DeltaErrorKind.Unsupported, refused.Kind);
        Assert.Equal(statement.IndexOf("IF NOT", StringComparison.Ordinal), refused.Offset);
        Assert.Equal(["1|a", "2|b"], _delta.Query("SELECT * FROM t"));
    }

    [Theory]
    [InlineData("DEEP")]
    [InlineData("SHALLOW")]
    public void A_table_is_no_clone_of_itself(string how)
    {
        _delta.Run("CREATE TABLE a (id INT) USING DELTA");
        _delta.Run("INSERT INTO a VALUES (1)");
        _delta.Run("INSERT INTO a VALUES (2)");

        var refused = Assert.Throws<DeltaException>(() => _delta.Run($"CREATE OR REPLACE TABLE a {how} CLONE a VERSION AS OF 1"));

        Assert.Contains("RESTORE", refused.Hint, StringComparison.Ordinal);
        Assert.Equal(["1", "2"], _delta.Query("SELECT * FROM a"));
        _delta.Run("RESTORE TABLE a TO VERSION AS OF 1");
        Assert.Equal(["1"], _delta.Query("SELECT * FROM a"));
    }

    [Fact]
    public void A_clone_is_replaced_by_a_newer_one()
    {
        _delta.Run("CREATE TABLE a (id INT, p STRING) USING DELTA PARTITIONED BY (p)");
        _delta.Run("INSERT INTO a VALUES (1, 'x'), (2, 'y')");
        _delta.Run("CREATE TABLE b DEEP CLONE a");
        _delta.Run("INSERT INTO a VALUES (3, 'x')");
        _delta.Run("DELETE FROM a WHERE id = 2");

        _delta.Run("CREATE OR REPLACE TABLE b DEEP CLONE a");

        Assert.Equal(["1|x", "3|x"], _delta.Query("SELECT * FROM b"));
        Assert.Equal(["1|x", "2|y"], _delta.Query("SELECT * FROM b VERSION AS OF 0"));
    }
}
