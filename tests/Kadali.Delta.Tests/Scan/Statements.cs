using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Scan;

/// <summary>A session whose tables are the folders of one folder, by their names.</summary>
internal sealed class Statements : ITables, IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public Statements()
    {
        _connection.Open();
        Session = new(_connection);
        Session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
    }

    public TemporaryFolder Folder { get; } = new();

    public DeltaSession Session { get; }

    public void Run(params IEnumerable<string> statements)
    {
        foreach (var sql in statements)
        {
            new DeltaExecutor(Session, this).Execute(DeltaSqlParser.Parse(sql), CancellationToken.None);
        }
    }

    /// <summary>Writes a file of another writer.</summary>
    public void Write(string path, string query)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Folder[path])!);
        Session.DuckDb.Execute($"COPY ({query}) TO '{Folder[path]}' (FORMAT parquet)", CancellationToken.None);
    }

    /// <summary>Rows as text, in the order of their text.</summary>
    public string[] Query(string sql)
    {
        using var bound = new QueryBinder(Session, this).Bind(sql, null, CancellationToken.None);
        return [.. Session.DuckDb.Query(
            $"SELECT coalesce(CAST(COLUMNS(*) AS VARCHAR), '-') FROM ({bound.Sql})",
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)), CancellationToken.None).Order(
                StringComparer.Ordinal)];
    }

    public IDeltaStorage? Find(TableRef table) =>
        Directory.Exists(Path.Combine(Location(table), "_delta_log")) ? new LocalStorage(Location(table)) : null;

    public IDeltaStorage Place(TableRef table, string? location) => new LocalStorage(location ?? Location(table));

    public void Dispose()
    {
        Session.Dispose();
        _connection.Dispose();
        Folder.Dispose();
    }

    private string Location(TableRef table) => table.Path ?? Folder[table.Parts[^1]];
}
