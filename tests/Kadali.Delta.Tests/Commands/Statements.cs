using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Commands;

/// <summary>Statements as a cell runs them, over a warehouse of their own.</summary>
internal sealed class Statements : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;
    private readonly DeltaTables _tables;
    private readonly DeltaExecutor _executor;

    public Statements()
    {
        _connection.Open();
        _session = new(_connection);
        _session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
        _tables = new(new(_folder.Path));
        _executor = new(_session, _tables);
    }

    /// <summary>A path in the folder of the warehouse.</summary>
    public string this[string path] => _folder[path];

    public CommandOutput Run(string sql)
    {
        var command = DeltaSqlParser.Parse(sql);
        return new CatalogCommands(_session, _tables).Execute(command, () => []) ?? _executor.Execute(command, CancellationToken.None);
    }

    public void Run(params ReadOnlySpan<string> statements)
    {
        foreach (var sql in statements)
        {
            Run(sql);
        }
    }

    /// <summary>Writes a file of another writer.</summary>
    public void Write(string path, string query)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        Duck($"COPY ({query}) TO '{_folder[path]}' (FORMAT parquet)");
    }

    public void Duck(string sql) => _session.DuckDb.Execute(sql, CancellationToken.None);

    public Snapshot Snapshot(string table) => _session.Log(new LocalStorage(_folder[table])).Update(CancellationToken.None);

    /// <summary>What is said of a statement that is refused, and the text from its place on.</summary>
    public (DeltaException Error, string At) Refused(string sql)
    {
        var error = Assert.Throws<DeltaException>(() => Run(sql));
        return (error, error.Offset is { } offset ? sql[offset..] : "");
    }

    /// <summary>What DuckDB gets of a query.</summary>
    public string Sql(string query)
    {
        using var bound = new QueryBinder(_session, _tables).Bind(query, null, CancellationToken.None);
        return bound.Sql;
    }

    /// <summary>The rows of a query as text, sorted.</summary>
    public string[] Query(string sql)
    {
        using var bound = new QueryBinder(_session, _tables).Bind(sql, null, CancellationToken.None);
        return [.. _session.DuckDb.Query(
            $"SELECT coalesce(CAST(COLUMNS(*) AS VARCHAR), '-') FROM ({bound.Sql})",
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)), CancellationToken.None).Order(
                StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }
}
