using DuckDB.NET.Data;
using Kadali.Delta;

namespace Kadali.Benchmarks.Delta;

/// <summary>Delta tables, and plain Parquet beside them, with one DuckDB for both.</summary>
internal sealed class DeltaLab : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    private readonly bool _isOwn;

    public DeltaLab()
        : this(Directory.CreateTempSubdirectory("kadali-bench-delta-").FullName, null) => _isOwn = true;

    /// <param name="folder">The folder of another lab, which stays.</param>
    /// <param name="memoryLimit">What DuckDB may use, such as <c>1GB</c>; null for its own choice.</param>
    public DeltaLab(string folder, string? memoryLimit)
    {
        Folder = folder;
        _connection.Open();
        Session = new(_connection);
        Duck = Session.DuckDb;
        Duck.Execute($"SET TimeZone = 'UTC'; SET temp_directory = '{Folder}/spill'", CancellationToken.None);
        if (memoryLimit is not null)
        {
            Duck.Execute($"SET memory_limit = '{memoryLimit}'", CancellationToken.None);
        }

        Tables = new Folders(Folder);
    }

    public string Folder { get; }

    public DeltaSession Session { get; }

    public DuckDb Duck { get; }

    public ITables Tables { get; }

    public string this[string name] => Path.Combine(Folder, name);

    public IDeltaStorage Storage(string table) => new LocalStorage(this[table]);

    public Snapshot Snapshot(string table) => Session.Log(Storage(table)).Update(CancellationToken.None);

    /// <summary>Runs a statement of Delta.</summary>
    public CommandOutput Run(string sql) => new DeltaExecutor(Session, Tables).Execute(DeltaSqlParser.Parse(sql), CancellationToken.None);

    /// <summary>Runs a query that names Delta tables, to its last row.</summary>
    public void Query(string sql)
    {
        using var bound = new QueryBinder(Session, Tables).Bind(sql, null, CancellationToken.None);
        Drain(bound.Sql);
    }

    /// <summary>Runs DuckDB's own query, to its last row.</summary>
    public void Drain(string sql) => Duck.ForEach(sql, _ => { }, CancellationToken.None);

    /// <summary>The data files of a table, to DuckDB alone.</summary>
    public string Parquet(string table)
    {
        var files = Snapshot(table).Files.Select(file => $"'{this[table]}/{DeltaPath.Decode(file.Path)}'");
        return $"read_parquet([{string.Join(", ", files)}], hive_partitioning = false)";
    }

    /// <summary>The statement that writes a query's rows the way a Delta table is written, without the table.</summary>
    public string Rewrite(string query, string folder) =>
        $"COPY ({query}) TO '{this[folder]}' (FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES 134217728)";

    /// <summary>Makes the table <c>again</c> what <c>items</c> is.</summary>
    public void CloneAgain() => Run("CREATE OR REPLACE TABLE again SHALLOW CLONE items");

    public void Dispose()
    {
        Session.Dispose();
        _connection.Dispose();
        if (_isOwn)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private sealed class Folders(string root) : ITables
    {
        public IDeltaStorage? Find(TableRef table)
        {
            var folder = Path.Combine(root, table.Path ?? table.Parts[^1]);
            return Directory.Exists(Path.Combine(folder, "_delta_log")) ? new LocalStorage(folder) : null;
        }

        public IDeltaStorage Place(TableRef table, string? location) =>
            new LocalStorage(Path.Combine(root, location ?? table.Path ?? table.Parts[^1]));
    }
}
