namespace Kadali.Delta.Tests.Commands;

/// <summary>Rows with columns that the table has not yet.</summary>
public sealed class EvolutionTests : IDisposable
{
    private readonly Statements _cell = new();

    public EvolutionTests() => _cell.Run("CREATE TABLE e (id INT, v INT) USING DELTA", "INSERT INTO e VALUES (1, 10)");

    public void Dispose() => _cell.Dispose();

    [Theory]
    [InlineData("INTO e SELECT 2 AS x, 20 AS y, 'b' AS w", "1|10|-", "2|20|b")]
    [InlineData("INTO e BY NAME SELECT 'b' AS w, 2 AS id", "1|10|-", "2|-|b")]
    [InlineData("OVERWRITE e SELECT 2, 20, 'b' AS w", "2|20|b")]
    [InlineData("INTO e SELECT 2, 20, 'b' AS w WHERE false", "1|10|-")]
    [InlineData("INTO e (v, id) VALUES (20, 2)", "1|10", "2|20")]
    public void An_insert_adds_the_columns_that_only_its_rows_have(string insert, params string[] rows)
    {
        _cell.Run($"INSERT WITH SCHEMA EVOLUTION {insert}");

        Assert.Equal(rows, _cell.Query("SELECT * FROM e"));
    }

    [Fact]
    public void A_session_may_let_schemas_evolve()
    {
        var insert = "INSERT INTO e SELECT 2, 20, 'b' AS w";
        Assert.Equal(DeltaErrorKind.Schema, _cell.Refused(insert).Error.Kind);
        _cell.Run("SET spark.databricks.delta.schema.autoMerge.enabled = true", insert,
            "MERGE INTO e USING (SELECT 1 AS id, true AS z) s ON e.id = s.id WHEN MATCHED THEN UPDATE SET *",
            "SET spark.databricks.delta.schema.autoMerge.enabled = false");

        Assert.Equal(["1|10|-|true", "2|20|b|-"], _cell.Query("SELECT * FROM e"));
        Assert.Equal(DeltaErrorKind.Schema, _cell.Refused("INSERT INTO e SELECT 2, 20, 'b', true, 5").Error.Kind);
    }

    [Fact]
    public void It_is_said_to_spark_as_it_was_written() => Assert.Equal(
        "INSERT WITH SCHEMA EVOLUTION INTO `e` SELECT 1",
        SparkSql.Print(DeltaSqlParser.Parse("insert with schema evolution into e SELECT 1")));
}
