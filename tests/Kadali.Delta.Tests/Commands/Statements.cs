using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Commands;

/// <summary>Runs statements over tables in a folder of its own.</summary>
internal sealed class Statements : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;
    private readonly NamedFolders _tables;

    public Statements()
    {
        _connection.Open();
        _session = new(_connection);
        _session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
        _tables = new(_folder.Path);
    }

    public string Folder => _folder.Path;

    public CommandOutput Run(string sql) => new DeltaExecutor(_session, _tables).Execute(DeltaSqlParser.Parse(sql), CancellationToken.None);

    public void Duck(string sql) => _session.DuckDb.Execute(sql, CancellationToken.None);

    /// <summary>The rows as text, sorted.</summary>
    public string[] Query(string sql)
    {
        using var bound = new QueryBinder(_session, _tables).Bind(sql, null, CancellationToken.None);
        return [.. _session.DuckDb.Query(
            $"SELECT coalesce(CAST(COLUMNS(*) AS VARCHAR), '-') FROM ({bound.Sql})",
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)), CancellationToken.None).Order(
                StringComparer.Ordinal)];
    }

    public Snapshot Snapshot(string table) =>
        _session.Log(new LocalStorage(Path.Combine(Folder, table))).Update(CancellationToken.None);

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    private sealed class NamedFolders(string root) : ITables
    {
        public IDeltaStorage? Find(TableRef table) =>
            Directory.Exists(Path.Combine(Of(table), "_delta_log")) ? new LocalStorage(Of(table)) : null;

        public IDeltaStorage Place(TableRef table, string? location) => new LocalStorage(location ?? Of(table));

        private string Of(TableRef table) => table.Path ?? Path.Combine(root, table.Parts[^1]);
    }
}
