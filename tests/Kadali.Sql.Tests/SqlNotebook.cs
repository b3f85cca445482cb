using Kadali.Cells;
using Kadali.Kernel.Tests;
using Kadali.Tables;

namespace Kadali.Sql.Tests;

/// <summary>A session with C# and SQL cells.</summary>
internal sealed class SqlNotebook : IDisposable
{
    private readonly DuckDbSession _session = new();

    public SqlNotebook()
    {
        Cells = new(typeof(RecordBatchTable).Assembly.Location, typeof(Apache.Arrow.RecordBatch).Assembly.Location);
        var engine = new DuckDbEngine(_session, Cells.CSharp);
        var sql = new SqlMagic(engine, Cells.CSharp);
        Cells.Magics.Add(sql);
        Cells.Magics.Add(new DeltaMagic(sql, engine));
    }

    public Notebook Cells { get; }

    /// <summary>The folder of the flights, which the notebooks use.</summary>
    public static string Flights => Path.Combine(Root, "notebooks", "data", "flights");

    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    public async Task<string?> SqlAsync(string sql, string options = "") => await Cells.ValueAsync($"#!sql {options}\n{sql}");

    public void Dispose()
    {
        _session.Dispose();
        Cells.Dispose();
    }

    /// <summary>By the place of this file, since what is built may lie elsewhere.</summary>
    private static string FindRoot([System.Runtime.CompilerServices.CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", ".."));
}
