using Kadali.Cells;
using Kadali.Kernel.Magics;
using Kadali.Kernel.Tests;
using Kadali.Sql;

namespace Kadali.Jupyter.Tests;

/// <summary>A session with C#, SQL and Python cells, on the machine's real ipykernel.</summary>
public sealed class PythonNotebook : IDisposable
{
    private readonly AttachedKernels _kernels;
    private readonly DuckDbSession _sql = new();

    public PythonNotebook()
    {
        Cells = new(typeof(SqlMagic).Assembly.Location, typeof(Tables.RecordBatchTable).Assembly.Location);
        _kernels = new(Cells.Input);
        Cells.Magics.Add(new SqlMagic(new DuckDbEngine(_sql, Cells.CSharp), Cells.CSharp));
        Cells.Magics.Add(_kernels.Python());
        Cells.Magics.Add(new ConnectMagic([_kernels], Cells.Magics));
    }

    internal Notebook Cells { get; }

    /// <summary>Skips a test by name where the machine has no ipykernel.</summary>
    public static void RequirePython()
    {
        try
        {
            KernelSearch.Python();
        }
        catch (CellFaultException fault)
        {
            Assert.Skip(fault.Message);
        }
    }

    /// <summary>The process of the Python kernel.</summary>
    public async Task<int> ProcessAsync() => int.Parse((await Cells.ValueAsync("#!python\nimport os; os.getpid()"))!, null);

    public void Dispose()
    {
        _kernels.Dispose();
        _sql.Dispose();
        Cells.Dispose();
    }
}
