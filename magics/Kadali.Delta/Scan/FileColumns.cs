using System.Collections.Concurrent;

namespace Kadali.Delta;

/// <summary>The columns of data files, and their types as DuckDB prints them. Kept, since data files never change.</summary>
internal sealed class FileColumns(DuckDb duckDb)
{
    // Each append makes a file that is asked about once; of tables whose types were widened all files are.
    private const int MostFiles = 20_000;

    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _read = [];
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _equal = [];

    /// <summary>The types of the columns of each file, by name; of files with the same columns, the same object.</summary>
    /// <param name="paths">Local ones.</param>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Of(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        string[] unread = [.. paths.Where(path => !_read.ContainsKey(path))];
        if (unread.Length == 0)
        {
            return [.. paths.Select(path => _read[path])];
        }

        if (_read.Count + unread.Length > MostFiles)
        {
            _read.Clear();
            _equal.Clear();
            unread = [.. paths];
        }

        var found = Simple(unread, cancellationToken);
        foreach (var path in unread)
        {
            var columns = found.TryGetValue(path, out var simple) ? simple : Describe(path, cancellationToken);
            _read[path] = _equal.GetOrAdd(
                string.Join('\u001f', columns.Select(column => $"{column.Key}\u001f{column.Value}")), columns);
        }

        return [.. paths.Select(path => _read[path])];
    }

    /// <summary>Of those files whose columns have no columns in them: all in one look.</summary>
    private Dictionary<string, IReadOnlyDictionary<string, string>> Simple(string[] paths, CancellationToken cancellationToken)
    {
        var list = string.Join(", ", paths.Select(path => DuckDb.Text(DuckDb.EscapeGlob(path))));
        return duckDb.Query(
            $"SELECT file_name, name, duckdb_type FROM parquet_schema([{list}]) WHERE column_id > 0",
            reader => (File: reader.GetString(0), Name: reader.GetString(1), Type: reader.IsDBNull(2) ? null : reader.GetString(2)),
            cancellationToken)
            .GroupBy(column => column.File)
            .Where(file => file.All(column => column.Type is not null))
            .ToDictionary(
                file => file.Key,
                file => (IReadOnlyDictionary<string, string>)file.ToDictionary(column => column.Name, column => column.Type!));
    }

    private Dictionary<string, string> Describe(string path, CancellationToken cancellationToken) => duckDb.Query(
        $"DESCRIBE SELECT * FROM read_parquet({DuckDb.Text(DuckDb.EscapeGlob(path))}, hive_partitioning = false)",
        reader => (Name: reader.GetString(0), Type: reader.GetString(1)), cancellationToken)
        .ToDictionary(column => column.Name, column => column.Type);
}
