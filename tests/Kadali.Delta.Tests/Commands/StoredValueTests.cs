namespace Kadali.Delta.Tests.Commands;

/// <summary>What values become in the columns that they are stored in.</summary>
public sealed class StoredValueTests : IDisposable
{
    private readonly Statements _delta = new();

    public void Dispose() => _delta.Dispose();

    [Fact]
    public void Decimals_without_a_digit_before_the_point_are_written()
    {
        _delta.Run("CREATE TABLE r (rate DECIMAL(4,4), s STRUCT<v: DECIMAL(2,2)>) USING DELTA");
        _delta.Run("INSERT INTO r VALUES (0.1234, {'v': -0.5}), (-0.25, {'v': 0}), (0, NULL)");
        _delta.Run("CREATE TABLE c USING DELTA AS SELECT * FROM r");

        var stats = _delta.Snapshot("c").Files.Single().Stats!;
        Assert.Contains("\"minValues\":{\"rate\":-0.2500,\"s\":{\"v\":-0.50}}", stats, StringComparison.Ordinal);
        Assert.Contains("\"maxValues\":{\"rate\":0.1234,\"s\":{\"v\":0.00}}", stats, StringComparison.Ordinal);
        Assert.Equal(["1"], _delta.Query("SELECT count(*) FROM c WHERE rate = 0.1234"));
        Assert.Equal(["1"], _delta.Query("SELECT count(*) FROM c WHERE rate < -0.2 AND s.v > -0.1"));
        Assert.Equal(["1"], _delta.Query("SELECT count(*) FROM c WHERE rate BETWEEN -0.1 AND .1"));
        Assert.Equal(["true"], _delta.Query("SELECT min(rate) = -0.25 AND max(rate) = 0.1234 FROM c"));
    }

    [Fact]
    public void Decimals_without_a_digit_before_the_point_are_texts_with_one()
    {
        _delta.Run("CREATE TABLE p (id INT, rate DECIMAL(2,2), t STRING) USING DELTA PARTITIONED BY (rate)");
        _delta.Run("INSERT INTO p VALUES (1, 0.25, ''), (2, -0.5, ''), (3, 0, ''), (4, NULL, '')");
        _delta.Run("UPDATE p SET t = CAST(rate AS STRING)");
        _delta.Run("DELETE FROM p WHERE rate = -0.5");

        Assert.Equal(
            ["-", "0.00", "0.25"],
            _delta.Snapshot("p").Files.Select(file => file.PartitionValues["rate"] ?? "-").Order(StringComparer.Ordinal));
        Assert.Equal(["1|0.25", "3|0.00", "4|-"], _delta.Query("SELECT id, t FROM p"));
        Assert.Equal(["1"], _delta.Query("SELECT id FROM p WHERE rate > 0.1"));
    }

    [Fact]
    public void Converted_files_may_have_decimals_without_a_digit_before_the_point()
    {
        var folder = Path.Combine(_delta.Folder, "converted");
        Directory.CreateDirectory(folder);
        _delta.Duck($"COPY (SELECT 0.25::DECIMAL(4,4) AS rate) TO '{folder}/a.parquet'");
        _delta.Run($"CONVERT TO DELTA parquet.`{folder}`");

        Assert.Contains("\"minValues\":{\"rate\":0.2500}", _delta.Snapshot("converted").Files.Single().Stats!, StringComparison.Ordinal);
    }
}
