namespace Kadali.Sql.Tests;

/// <summary>Tests of cells with a warehouse of their own, which goes away with them.</summary>
public abstract class WarehouseTests : IDisposable
{
    private protected readonly string _warehouse = Directory.CreateTempSubdirectory("kadali-warehouse-").FullName;
    private protected readonly SqlNotebook _notebook;

    protected WarehouseTests()
    {
        // Read by the first statement; tests of this project run one after the other.
        Environment.SetEnvironmentVariable("KADALI_WAREHOUSE", _warehouse);
        _notebook = new();
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("KADALI_WAREHOUSE", null);
        _notebook.Dispose();
        Directory.Delete(_warehouse, recursive: true);
    }
}
