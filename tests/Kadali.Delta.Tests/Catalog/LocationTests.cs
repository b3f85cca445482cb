using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Catalog;

/// <summary>Tables that their author places, where something may lie already.</summary>
public sealed class LocationTests : IDisposable
{
    private readonly Statements _cell = new();

    public LocationTests() => _cell.Run(
        $"CREATE TABLE delta.`{There}` (id INT NOT NULL, p STRING) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('my.key' = '1')",
        $"INSERT INTO delta.`{There}` VALUES (1, 'a')");

    private string There => _cell["elsewhere"];

    public void Dispose() => _cell.Dispose();

    [Theory]
    [InlineData("CREATE TABLE ext USING DELTA")]
    [InlineData("CREATE TABLE IF NOT EXISTS ext (id INT NOT NULL, p STRING) USING DELTA PARTITIONED BY (p)")]
    [InlineData("CREATE TABLE ext (id INT NOT NULL, p STRING) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('my.key' = '1')")]
    public void A_table_that_is_there_gets_the_name(string create)
    {
        _cell.Run($"{create} LOCATION '{There}'", "INSERT INTO ext VALUES (2, 'b')");

        Assert.Equal(["1|a", "2|b"], _cell.Query("SELECT * FROM ext"));
        Assert.Equal(["2"], _cell.Query($"SELECT count(*) FROM delta.`{There}`"));
        Assert.Contains("already", _cell.Refused($"CREATE TABLE ext USING DELTA LOCATION '{There}'").Error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE ext (id INT, p STRING) USING DELTA PARTITIONED BY (p) LOCATION '/'", "columns")]
    [InlineData("CREATE TABLE ext (id BIGINT NOT NULL, p STRING) USING DELTA PARTITIONED BY (p) LOCATION '/'", "columns")]
    [InlineData("CREATE TABLE ext (id INT NOT NULL, p STRING) USING DELTA LOCATION '/'", "partition columns")]
    [InlineData("CREATE TABLE ext USING DELTA LOCATION '/' TBLPROPERTIES ('my.key' = '2')", "properties")]
    [InlineData("CREATE TABLE ext USING DELTA CLUSTER BY (id) LOCATION '/'", "clustering")]
    [InlineData("CREATE TABLE ext USING DELTA LOCATION '/' AS SELECT 1 AS id, 'a' AS p", "query")]
    [InlineData("CREATE TABLE ext SHALLOW CLONE other LOCATION '/'", "already")]
    public void A_table_that_is_another_is_refused_and_leaves_no_name(string create, string says)
    {
        _cell.Run("CREATE TABLE other (x INT) USING DELTA");

        var refused = _cell.Refused(create.Replace("'/'", $"'{There}'", StringComparison.Ordinal));

        Assert.Contains(says, refused.Error.Message, StringComparison.Ordinal);
        Assert.Equal(DeltaErrorKind.NotFound, _cell.Refused("DELETE FROM ext").Error.Kind);
        Assert.Equal(["1|a"], _cell.Query($"SELECT * FROM delta.`{There}`"));
    }

    [Fact]
    public void A_folder_that_is_no_table_is_left_alone()
    {
        Directory.CreateDirectory(_cell["plain"]);
        File.WriteAllText(_cell["plain/readme.txt"], "mine");

        var filled = _cell.Refused($"CREATE TABLE ext (id INT) USING DELTA LOCATION '{_cell["plain"]}'");
        var missing = _cell.Refused($"CREATE TABLE ext USING DELTA LOCATION '{_cell["nowhere"]}'");

        Assert.Contains("readme.txt", filled.Error.Message, StringComparison.Ordinal);
        Assert.Contains("at least one column", missing.Error.Message, StringComparison.Ordinal);
        Assert.Equal(DeltaErrorKind.NotFound, _cell.Refused("DELETE FROM ext").Error.Kind);
    }

    [Fact]
    public void A_table_that_is_there_can_be_replaced()
    {
        _cell.Run($"CREATE OR REPLACE TABLE ext USING DELTA LOCATION '{There}' AS SELECT 7 AS x");

        Assert.Equal(["7"], _cell.Query("SELECT * FROM ext"));
        Assert.Equal(["1|a"], _cell.Query("SELECT * FROM ext VERSION AS OF 1"));
    }
}
