namespace Kadali.Delta.Spark.Tests;

/// <summary>Tables by name in one warehouse, and tables that C# makes.</summary>
public sealed class NameTests(SparkServer server) : IDisposable
{
    private readonly Both _both = new(server);

    public void Dispose() => _both.Dispose();

    [Fact]
    public async Task A_warehouse_has_the_same_names()
    {
        var folder = DeltaPath.Decode((await _both.SparkAsync("SET spark.sql.warehouse.dir", "value"))[1].Trim('\''));
        await _both.RunAsync(
            "spark: DROP DATABASE IF EXISTS shop CASCADE", "spark: CREATE DATABASE shop",
            "spark: CREATE TABLE shop.Sales (id INT) USING DELTA",
            "spark: INSERT INTO shop.sales VALUES (1)");
        var tables = new DeltaTables(new(folder));
        var executor = new DeltaExecutor(_both.Session, tables);

        Assert.Contains("shop", tables.Warehouse.Databases());
        Assert.Equal(["sales"], tables.Warehouse.Tables("shop"));
        Run("INSERT INTO shop.sales VALUES (2)");
        Run("CREATE TABLE shop.stock USING DELTA AS SELECT id * 10 AS n FROM shop.sales");
        await _both.RunAsync(
            $"spark: CREATE TABLE shop.stock USING DELTA LOCATION '{folder}/shop.db/stock'", "spark: INSERT INTO shop.stock VALUES (30)");

        Assert.Equal(["1", "2"], (await _both.SparkAsync("SELECT * FROM shop.sales"))[1..]);
        Assert.Equal(["10", "20", "30"], (await _both.SparkAsync("SELECT * FROM shop.stock"))[1..]);
        var stock = _both.Session.Log(tables.Find(TableRef.OfName("shop", "stock"))!).Update(CancellationToken.None);
        Assert.Equal(3L, stock.Files.Sum(file => FileStatistics.Rows(file)!.Value));
        await _both.RunAsync("spark: DROP DATABASE shop CASCADE");

        void Run(string sql) => executor.Execute(DeltaSqlParser.Parse(sql), CancellationToken.None);
    }

    [Fact]
    public async Task A_table_of_records_is_made_in_csharp()
    {
        var table = await DeltaTable.CreateAsync<Sale>(_both["t"], partitionBy: ["Day"]);
        await table.AppendAsync([new Sale(1, "ann", 12.50m, new(2026, 11, 25), [1.5, 2]), new Sale(2, null, -3m, new(2026, 11, 26), null)]);
        await _both.RunAsync("spark: INSERT INTO {t} VALUES (3, 'cy', 1.25, DATE '2026-11-25', array(3.5D))");
        Sale[] arrivals = [new(3, "CY", 2m, new(2026, 11, 25), []), new(4, "di", 4m, new(2026, 11, 27), [])];
        await table.Merge(arrivals, "target.Id = source.Id")
            .WhenMatchedUpdateAll().WhenNotMatchedInsertAll().ExecuteAsync();

        Assert.Equal(4, (await _both.SameAsync()).Length);
        await _both.SeeAsync("SELECT Id, Customer FROM {t} WHERE Day = DATE '2026-11-25'", "1|'ann'", "3|'CY'");
        await _both.SameDescriptionAsync();
    }

    private sealed record Sale(long Id, string? Customer, decimal Amount, DateOnly Day, List<double>? Weights);
}
