using DuckDB.NET.Data;
using Kadali.Delta.Tests.Storage;

namespace Kadali.Delta.Tests.Catalog;

/// <summary>Databases and tables by name in a bucket.</summary>
public sealed class S3WarehouseTests : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;
    private readonly DeltaTables _tables;
    private readonly CatalogCommands _catalog;
    private readonly DeltaExecutor _executor;
    private readonly string _root;

    public S3WarehouseTests(S3Server server)
    {
        _root = server.NewTable("some/warehouse");

        // Where stores are opened by names of tables, they are found as every tool of AWS finds them.
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_S3", server.Settings.Endpoint!.ToString());
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "AK");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "SECRETKEY");
        _connection.Open();
        _session = new(_connection);
        _tables = new(new(_root));
        _catalog = new(_session, _tables);
        _executor = new(_session, _tables);
    }

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
    }

    [Fact]
    public void Databases_and_tables_are_made_listed_used_and_dropped()
    {
        Assert.Equal(["default"], Run("SHOW DATABASES"));
        Run("CREATE DATABASE Sales COMMENT 'x'");
        Assert.Equal(["default", "sales"], Run("SHOW DATABASES"));
        Assert.Equal(DeltaErrorKind.AlreadyExists, Assert.Throws<DeltaException>(() => Run("CREATE DATABASE sales")).Kind);
        Assert.Empty(Run("SHOW TABLES IN sales"));
        Run("CREATE TABLE flights USING DELTA PARTITIONED BY (p) AS SELECT range AS id, range % 2 AS p FROM range(4)");
        Run("CREATE TABLE sales.Orders (id INT) USING DELTA");
        Run("USE sales");
        Run("INSERT INTO orders VALUES (7)");

        Assert.Equal(["sales|orders|False"], Run("SHOW TABLES"));
        Assert.Equal(["default|flights|False"], Run("SHOW TABLES IN default LIKE 'f*'"));
        Assert.Equal($"{_root}/sales.db/orders", _tables.Warehouse.Find(TableRef.OfName("ORDERS")));
        Assert.Equal("Did you mean 'orders'?", Assert.Throws<DeltaException>(() => Run("OPTIMIZE ordres")).Hint);
        Assert.Contains("sales", Assert.Throws<DeltaException>(() => Run("USE sale")).Hint, StringComparison.Ordinal);
        Assert.Equal(DeltaErrorKind.Unsupported, Assert.Throws<DeltaException>(() => Run("ALTER TABLE orders RENAME TO o2")).Kind);
        Assert.Contains("CASCADE", Assert.Throws<DeltaException>(() => Run("DROP DATABASE sales")).Hint, StringComparison.Ordinal);

        Run("DROP TABLE default.flights");
        Assert.Empty(Run("SHOW TABLES IN default"));
        Assert.Empty(_tables.Store($"{_root}/flights").ListTree("", TestContext.Current.CancellationToken));
        Run("DROP DATABASE sales CASCADE");
        Assert.Equal(["default"], Run("SHOW DATABASES"));
        Assert.Empty(_tables.Store(_root).ListTree("", TestContext.Current.CancellationToken));
    }

    private string[] Run(string sql)
    {
        var command = DeltaSqlParser.Parse(sql);
        var output = _catalog.Execute(command, () => []) ?? _executor.Execute(command, CancellationToken.None);
        return [.. output.Rows.Select(row => string.Join('|', row))];
    }
}
