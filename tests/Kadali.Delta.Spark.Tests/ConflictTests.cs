namespace Kadali.Delta.Spark.Tests;

/// <summary>
/// Spark commits while Kadali is in the middle of something: what does not go together fails here, and the table is as Spark left it; what
/// does go together is committed on top.
/// </summary>
public sealed class ConflictTests(SparkServer server) : IDisposable
{
    private readonly Both _both = new(server);

    public void Dispose() => _both.Dispose();

    [Theory]
    [InlineData("DELETE FROM {t} WHERE id = 1", "DELETE FROM {t} WHERE id = 2", "ConcurrentAppend")]
    [InlineData("UPDATE {t} SET n = n + 1 WHERE id = 1", "DELETE FROM {t} WHERE id = 1", "ConcurrentAppend")]
    [InlineData("INSERT OVERWRITE {t} VALUES (9, 9, 'a')", "DELETE FROM {t} WHERE id = 1", "ConcurrentDeleteRead ConcurrentAppend")]
    [InlineData("INSERT OVERWRITE {t} VALUES (9, 9, 'a')", "INSERT OVERWRITE {t} VALUES (8, 8, 'a')",
        "ConcurrentDeleteRead ConcurrentAppend")]
    [InlineData("ALTER TABLE {t} ADD COLUMN extra STRING", "INSERT INTO {t} VALUES (7, 7, 'a')", "MetadataChanged")]
    [InlineData("ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id > 0)", "DELETE FROM {t} WHERE id = 1",
        "MetadataChanged ProtocolChanged")]
    [InlineData("ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')", "UPDATE {t} SET n = 0 WHERE id = 1",
        "MetadataChanged ProtocolChanged")]
    [InlineData("OPTIMIZE {t}", "DELETE FROM {t} WHERE id = 5", "ConcurrentDeleteRead ConcurrentDeleteDelete")]
    [InlineData("DELETE FROM {t} WHERE id = 5", "OPTIMIZE {t}", "ConcurrentDeleteRead ConcurrentDeleteDelete")]
    public async Task What_spark_did_first_is_in_the_way(string spark, string kadali, string conflicts)
    {
        await Filled();

        var conflict = Assert.Throws<DeltaConflictException>(() => _both.KadaliDuring(kadali, spark));

        Assert.Contains(conflict.Conflict.ToString(), conflicts, StringComparison.Ordinal);
        Assert.Equal(_both.Snapshot().Version, conflict.Version);
        await _both.SameAsync();
    }

    [Theory]
    [InlineData("INSERT INTO {t} VALUES (9, 9, 'a')", "INSERT INTO {t} VALUES (8, 8, 'a')", 7)]
    [InlineData("DELETE FROM {t} WHERE p = 'a'", "DELETE FROM {t} WHERE p = 'b'", 0)]
    [InlineData("INSERT INTO {t} VALUES (9, 9, 'a')", "UPDATE {t} SET n = 0 WHERE p = 'b'", 6)]
    [InlineData("OPTIMIZE {t}", "INSERT INTO {t} VALUES (8, 8, 'a')", 6)]
    public async Task What_goes_together_is_there_twice(string spark, string kadali, int rows)
    {
        await Filled();

        _both.KadaliDuring(kadali, spark);

        Assert.Equal(rows, (await _both.SameAsync()).Length);
    }

    private async Task Filled() => await _both.RunAsync(
        "CREATE TABLE {t} (id INT, n INT, p STRING) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')",
        "INSERT INTO {t} VALUES (1, 1, 'a'), (2, 2, 'a'), (3, 3, 'b'), (4, 4, 'b')", "INSERT INTO {t} VALUES (5, 5, 'b')");
}
