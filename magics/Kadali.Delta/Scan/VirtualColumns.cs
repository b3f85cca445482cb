namespace Kadali.Delta;

/// <summary>
/// DuckDB's own columns of a Parquet file. A column of that name hides them, in whatever case: such columns are read under other names.
/// </summary>
internal static class VirtualColumns
{
    /// <summary>What files are called where these columns are asked for, since names alone may be those of other columns.</summary>
    public const string Source = "__delta_source";

    /// <summary>UBIGINT: the place of the file in the list that is read.</summary>
    public const string File = $"{Source}.file_index";

    /// <summary>BIGINT: the row's position in its file.</summary>
    public const string Row = $"{Source}.file_row_number";

    public static bool AreHiddenBy(string name) => name.Equals("file_index", StringComparison.OrdinalIgnoreCase)
        || name.Equals("file_row_number", StringComparison.OrdinalIgnoreCase);

    /// <summary>A name for a column under which it hides nothing.</summary>
    public static string Safe(string name) => AreHiddenBy(name) ? $"__delta_column_{name}" : name;

    /// <summary>What gives the rows of files.</summary>
    /// <param name="list">Their paths, as SQL.</param>
    /// <param name="columns">What DuckDB is told of their columns; null where it finds out itself.</param>
    public static string Read(string list, IReadOnlyCollection<string>? columns)
    {
        // Where no column is read, one that no file has keeps those that files have out of the way.
        var map = columns is { Count: 0 } ? [Entry("'__delta_none'", "__delta_none", "INTEGER")] : columns;
        return map is null
            ? $"read_parquet([{list}], hive_partitioning = false) AS {Source}"
            : $"read_parquet([{list}], schema = MAP {{{string.Join(", ", map)}}}, hive_partitioning = false) AS {Source}";
    }

    /// <summary>What DuckDB is told of a column.</summary>
    /// <param name="key">Its name in files, or its id, as SQL.</param>
    public static string Entry(string key, string name, string type) =>
        $"{key}: {{name: {DuckDb.Text(name)}, type: {DuckDb.Text(type)}, default_value: NULL}}";
}
