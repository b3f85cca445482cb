using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Commands;

/// <summary>A table in a folder of its own, and short ways to change and read it.</summary>
internal sealed class TestTable : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    /// <param name="storage">A table that is there, to be seen by another session; null for a new one.</param>
    public TestTable(LocalStorage? storage = null)
    {
        _connection.Open();
        Session = new(_connection);
        Session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
        Storage = storage ?? new LocalStorage(Path.Combine(_folder.Path, "table"));
    }

    public DeltaSession Session { get; }

    public LocalStorage Storage { get; }

    public Snapshot Snapshot => Session.Log(Storage).Update(CancellationToken.None);

    public DeltaResult Create(string query, TableDefinition? definition = null)
    {
        var columns = RowShape.Columns(Session.DuckDb, query, CancellationToken.None);
        definition ??= new(new([]));
        definition = definition with
        {
            Schema = definition.Schema.Fields.Count > 0
                ? definition.Schema
                : new([.. columns.Select(column => new StructField(column.Name, DuckTypes.ToDelta(column.Name, column.Type)))]),
        };
        return new WriteInto(Session, Storage).Create(definition, query, null, null, CancellationToken.None);
    }

    public DeltaResult Append(string query) => Write(new(query, new WriteMode.Append()));

    public DeltaResult Write(WriteRequest request) => new WriteInto(Session, Storage).Write(request, Snapshot, CancellationToken.None);

    public DeltaResult Delete(string? condition) =>
        Deletion.Run(Session, Storage, Snapshot, condition, null, condition, CancellationToken.None);

    public DeltaResult Update(string condition, params (string Column, string Value)[] set) => Updating.Run(
        Session, Storage, Snapshot, set.ToDictionary(item => item.Column, item => item.Value), condition, "t", condition,
        CancellationToken.None);

    public DeltaResult Merge(string source, string on, params MergeStep[] steps) =>
        new Merging(Session, Storage, Snapshot).Run(new(source, "t", "s", on, steps), CancellationToken.None);

    /// <summary>The rows of a version as text, sorted.</summary>
    public string[] Rows(long? version = null)
    {
        var snapshot = version is { } number ? Session.Log(Storage).At(number, CancellationToken.None) : Snapshot;
        using var scan = TableScan.Of(Session, Storage, snapshot, snapshot.Files, ScanColumns.None, CancellationToken.None);
        return [.. Session.DuckDb.Query(
            $"SELECT array_to_string([coalesce(CAST(COLUMNS(*) AS VARCHAR), '-')], '|') FROM ({scan.Sql})",
            reader => string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)), CancellationToken.None).Order(
                StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        Session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }
}
