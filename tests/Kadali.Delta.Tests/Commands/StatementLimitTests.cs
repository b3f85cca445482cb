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
}
