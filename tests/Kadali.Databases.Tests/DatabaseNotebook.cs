using Kadali.Kernel.Magics;
using Kadali.Kernel.Tests;
using Kadali.Sql;

namespace Kadali.Databases.Tests;

/// <summary>A session with C#, the embedded SQL, and connections to other databases; with a folder of its own.</summary>
internal sealed class DatabaseNotebook : IDisposable
{
    private readonly DuckDbSession _sql = new();

    public DatabaseNotebook()
    {
        Cells = new(typeof(SqlMagic).Assembly.Location, typeof(Tables.RecordBatchTable).Assembly.Location);
        Cells.Magics.Add(new SqlMagic(new DuckDbEngine(_sql, Cells.CSharp), Cells.CSharp));
        Cells.Magics.Add(new ConnectMagic([.. Connectors.All(Cells.CSharp)], Cells.Magics));
    }

    public Notebook Cells { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("kadali-databases-").FullName;

    /// <summary>The type and the text of the first value of a result's only column, V, that is not null.</summary>
    public Task<string?> TypedAsync(string result) => Cells.ValueAsync(
        "System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;\n"
            + $"object v = {result}.First(x => x.V is not null).V; $\"{{v.GetType().Name}} {{v}}\"");

    /// <summary>The last line of a table: its only row, without borders.</summary>
    public async Task<string> RowAsync(string cell) =>
        string.Join(
            " ", (await Cells.ValueAsync(cell))!.Split('\n').Last(line => line.Trim().Length > 0).Split('│').Select(part => part.Trim()));

    public void Dispose()
    {
        _sql.Dispose();
        Cells.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
