using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace Kadali.Sql;

/// <summary>
/// What temporary tables and views the session has. DuckDB shows them to their own connection alone, which may be busy or hold an open
/// result; so they are looked up when a statement has changed them.
/// </summary>
internal sealed partial class TemporaryTables
{
    private volatile IReadOnlyList<Column> _columns = [];

    /// <summary>Their columns. May be asked from any thread.</summary>
    public IReadOnlyList<Column> Columns => _columns;

    /// <summary>Told of each statement that has run and left no result open; to be called on the session's thread.</summary>
    public void Ran(DuckDBConnection connection, string sql)
    {
        if (!Change().IsMatch(sql))
        {
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT table_name, column_name, data_type FROM duckdb_columns() "
                + "WHERE database_name = 'temp' AND NOT internal AND NOT starts_with(table_name, '__delta_')";
        using var reader = command.ExecuteReader();
        var columns = new List<Column>();
        while (reader.Read())
        {
            columns.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }

        _columns = columns;
    }

    internal sealed record Column(string Table, string Name, string Type);

    [GeneratedRegex(@"^\s*(create|drop|alter|rollback|abort)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Change();
}
