namespace Kadali.Delta.Tests.Catalog;

public sealed class WarehouseTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kadali-warehouse-").FullName;
    private readonly Warehouse _warehouse;

    public WarehouseTests() => _warehouse = new(_root);

    [Fact]
    public void Tables_lie_where_spark_puts_them()
    {
        _warehouse.CreateDatabase("Sales", ifNotExists: false);

        Assert.Equal($"{_root}/flights", _warehouse.Place(TableRef.OfName("Flights")));
        Assert.Equal($"{_root}/sales.db/orders", _warehouse.Place(TableRef.OfName("SALES", "Orders")));
        Assert.Equal($"{_root}/sales.db/orders", _warehouse.Place(TableRef.OfName("spark_catalog", "sales", "orders")));
        Assert.Equal(["default", "sales"], _warehouse.Databases());
    }

    [Fact]
    public void A_folder_with_a_log_is_a_table_whatever_the_case_of_its_name()
    {
        Make("MixedCase");
        Directory.CreateDirectory($"{_root}/no_table");

        Assert.Equal(["MixedCase"], _warehouse.Tables());
        Assert.Equal($"{_root}/MixedCase", _warehouse.Find(TableRef.OfName("mixedcase")));
        Assert.Null(_warehouse.Find(TableRef.OfName("no_table")));
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a b")]
    public void A_name_never_leaves_the_warehouse(string name)
    {
        Assert.Null(_warehouse.Find(TableRef.OfName(name)));
        Assert.Null(_warehouse.Find(TableRef.OfName(name, "t")));
        Assert.Equal(DeltaErrorKind.Argument, Assert.Throws<DeltaException>(() => _warehouse.Place(TableRef.OfName(name))).Kind);
        Assert.Throws<DeltaException>(() => _warehouse.CreateDatabase(name, ifNotExists: true));
        Assert.Throws<DeltaException>(() => _warehouse.DropDatabase(name, ifExists: false, cascade: true));
    }

    [Fact]
    public void A_name_that_is_not_there_names_the_nearest()
    {
        Make("flights");

        var exception = Assert.Throws<DeltaException>(() => _warehouse.Resolve(TableRef.OfName("fligths") with { Start = 7 }));

        Assert.Equal(DeltaErrorKind.NotFound, exception.Kind);
        Assert.Equal("Did you mean 'flights'?", exception.Hint);
        Assert.Equal(7, exception.Offset);
    }

    [Fact]
    public void A_database_that_has_tables_is_dropped_only_with_them()
    {
        _warehouse.CreateDatabase("sales", ifNotExists: false);
        Make("sales.db/orders");
        _warehouse.Use("sales");

        Assert.Throws<DeltaException>(() => _warehouse.DropDatabase("sales", ifExists: false, cascade: false));
        Assert.NotNull(_warehouse.Find(TableRef.OfName("orders")));
        _warehouse.DropDatabase("sales", ifExists: false, cascade: true);

        Assert.False(Directory.Exists($"{_root}/sales.db"));
        Assert.Equal("default", _warehouse.Current);
    }

    [Fact]
    public void A_table_placed_elsewhere_keeps_its_files_when_it_is_dropped()
    {
        var elsewhere = Directory.CreateDirectory($"{_root}/x/elsewhere/_delta_log").Parent!.FullName;
        var table = TableRef.OfName("far");

        _warehouse.Register(table, elsewhere);

        Assert.Equal(elsewhere, _warehouse.Find(table));
        Assert.Equal(["far"], _warehouse.Tables());
        _warehouse.DropTable(table);
        Assert.Null(_warehouse.Find(table));
        Assert.True(Directory.Exists(elsewhere));
    }

    [Fact]
    public void A_table_is_renamed_and_dropped_with_its_folder()
    {
        Make("old");

        _warehouse.RenameTable(TableRef.OfName("old"), TableRef.OfName("new"));
        Assert.Equal(["new"], _warehouse.Tables());
        _warehouse.DropTable(TableRef.OfName("NEW"));

        Assert.Empty(Directory.GetDirectories(_root));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Make(string table) => Directory.CreateDirectory($"{_root}/{table}/_delta_log");
}
