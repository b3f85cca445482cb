using System.Text.Json;

namespace Kadali.Delta;

/// <summary>A Parquet file of a checkpoint.</summary>
internal sealed class ParquetActions
{
    // So few rows are picked by their numbers; DuckDB then decodes little else.
    private const int MostPicked = 100;

    /// <summary>The columns of actions but those on files, each with a field that it has where it is there.</summary>
    private static readonly (string Column, string Field)[] OtherColumns =
    [
        ("protocol", "minReaderVersion"), ("metaData", "schemaString"), ("txn", "appId"), ("domainMetadata", "domain"),
        ("checkpointMetadata", "version"), ("sidecar", "path"),
    ];

    private readonly DuckDb _duckDb;
    private readonly string _source;
    private readonly string _path;
    private readonly HashSet<string> _columns;
    private readonly List<string> _filled;

    public ParquetActions(DuckDb duckDb, string local, string path, CancellationToken cancellationToken)
    {
        (_duckDb, _path) = (duckDb, path);
        var literal = DuckDb.Text(DuckDb.EscapeGlob(local));
        _source = $"read_parquet({literal}, hive_partitioning = false)";
        _columns = Paths(duckDb.Query(
            $"SELECT name, coalesce(num_children, 0) FROM parquet_schema({literal})",
            reader => (reader.GetString(0), (int)reader.GetInt64(1)),
            cancellationToken));
        _filled = duckDb.Query(
            $"SELECT replace(path_in_schema, ', ', '\u001f') FROM parquet_metadata({literal}) GROUP BY path_in_schema "
                + "HAVING NOT bool_and(coalesce(stats_null_count = num_values, false))",
            reader => reader.GetString(0), cancellationToken);
    }

    /// <summary>All actions but those on files.</summary>
    public List<SingleAction> Others(CancellationToken cancellationToken)
    {
        // A struct without a value may be read as a struct of nulls: a field tells.
        var there = OtherColumns.Where(other => HasValues(other.Column)).ToArray();
        if (there.Length == 0)
        {
            return [];
        }

        var columns = there.Select(other => other.Column).ToArray();
        var filter = string.Join(" OR ", there.Select(other => Has(other.Column, other.Field)
            ? $"{DuckDb.Name(other.Column)}.{DuckDb.Name(other.Field)} IS NOT NULL"
            : $"{DuckDb.Name(other.Column)} IS NOT NULL"));
        var places = Query($"SELECT file_row_number FROM {_source} WHERE {filter}", reader => reader.GetInt64(0), cancellationToken);
        if (places.Count <= MostPicked)
        {
            filter = places.Count == 0 ? "false" : $"file_row_number IN ({string.Join(", ", places)})";
        }

        var rows = Query(
            $"SELECT {string.Join(", ", columns.Select(column => $"CAST(to_json({DuckDb.Name(column)}) AS VARCHAR)"))} "
                + $"FROM {_source} WHERE {filter}",
            reader => Enumerable.Range(0, columns.Length).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i)).ToArray(),
            cancellationToken);
        var actions = new List<SingleAction>();
        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                if (row[i] is { } json and not "null" && Read(columns[i], json) is { } action)
                {
                    actions.Add(action);
                }
            }
        }

        return actions;
    }

    /// <summary>The live files. All but what names them comes when it is asked for.</summary>
    /// <param name="isPartitioned">Whether partition values have to be looked at.</param>
    public FileBlock Files(bool isPartitioned, CancellationToken cancellationToken)
    {
        if (!Has("add"))
        {
            return new FileBlock.OfActions([]);
        }

        var (paths, sizes, rows) = (new List<string>(), new List<long>(), new List<long>());
        var vectors = new Dictionary<int, DeletionVectorDescriptor>();
        ForAll(
            $"SELECT add.path, {Field("add.size", "BIGINT", "add", "size")}, file_row_number, "
                + $"{Json("add.deletionVector", "add.deletionVector.storageType IS NOT NULL", "add", "deletionVector")} "
                + $"FROM {_source} WHERE add.path IS NOT NULL",
            reader =>
            {
                if (!reader.IsDBNull(3) && Vector(reader.GetString(3)) is { } vector)
                {
                    vectors.Add(paths.Count, vector);
                }

                paths.Add(reader.GetString(0));
                sizes.Add(Number(reader, 1) ?? 0);
                rows.Add(reader.GetInt64(2));
            },
            cancellationToken);
        return new CheckpointFiles(this, isPartitioned, [.. paths], [.. sizes], vectors, [.. rows]);
    }

    /// <summary>What little is asked of each live file: what changes from file to file besides its name and size.</summary>
    public void Details(bool isPartitioned, Action<long, CheckpointFiles.Detail> take)
    {
        var partitions = new Dictionary<string, IReadOnlyDictionary<string, string?>>(StringComparer.Ordinal);
        ForAll(
            $"SELECT file_row_number, {Field("add.modificationTime", "BIGINT", "add", "modificationTime")}, "
                + $"{Field("add.baseRowId", "BIGINT", "add", "baseRowId")}, "
                + $"{Field("add.defaultRowCommitVersion", "BIGINT", "add", "defaultRowCommitVersion")}, "
                + $"{Field("add.clusteringProvider", "VARCHAR", "add", "clusteringProvider")}, "
                + (isPartitioned
                    ? Json("add.partitionValues", "add.partitionValues IS NOT NULL", "add", "partitionValues")
                    : "NULL::VARCHAR")
                + $" FROM {_source} WHERE add.path IS NOT NULL",
            reader => take(
                reader.GetInt64(0),
                new(
                    Number(reader, 1) ?? 0, Number(reader, 2), Number(reader, 3), reader.IsDBNull(4) ? null : reader.GetString(4),
                    Partition(reader.IsDBNull(5) ? "{}" : reader.GetString(5), partitions))),
            CancellationToken.None);
    }

    /// <summary>Statistics in Delta's JSON form and tags of each live file.</summary>
    public void Statistics(Action<long, string?, IReadOnlyDictionary<string, string>?> take)
    {
        // With both forms there, the JSON is what others read too; the struct alone holds the same figures.
        var (json, parsed) = (Has("add", "stats"), Has("add", "stats_parsed"));
        var column = (json, parsed) switch
        {
            (true, true) => "coalesce(add.stats, CAST(to_json(add.stats_parsed) AS VARCHAR))",
            (true, false) => "add.stats",
            (false, true) => "CAST(to_json(add.stats_parsed) AS VARCHAR)",
            _ => "CAST(NULL AS VARCHAR)",
        };
        ForAll(
            $"SELECT file_row_number, {column}, {Json("add.tags", "add.tags IS NOT NULL", "add", "tags")} "
                + $"FROM {_source} WHERE add.path IS NOT NULL",
            reader => take(
                reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : Tags(reader.GetString(2))),
            CancellationToken.None);
    }

    /// <summary>What the struct of statistics says of a column, for each live file.</summary>
    /// <returns>Whether it says all that is known of the column: else it has to be read from the JSON.</returns>
    public bool TryRanges(ScanColumn column, Action<long, ValueRange> take)
    {
        // Exact numbers lose digits on the way of some writers, which goes from JSON over floating point to this struct.
        if (!Has("add", "stats_parsed", "numRecords") || (column.Type is DeltaType.Decimal && Has("add", "stats")))
        {
            return false;
        }

        var (minimum, maximum) = (Bound("minValues"), Bound("maxValues"));
        var nulls = Leaf("nullCount") is { } count ? $"CAST({count} AS BIGINT)" : "CAST(NULL AS BIGINT)";
        var json = Has("add", "stats") ? "add.stats IS NOT NULL" : "false";
        var isWhole = true;
        try
        {
            ForAll(
                $"SELECT file_row_number, {minimum}, {maximum}, {nulls}, add.stats_parsed.numRecords, "
                    + $"add.stats_parsed.numRecords IS NULL AND {json} "
                    + $"FROM {_source} WHERE add.path IS NOT NULL",
                reader =>
                {
                    isWhole &= !reader.GetBoolean(5);
                    take(reader.GetInt64(0), FileStatistics.Range(
                        column, Value(reader, 1), Value(reader, 2), Number(reader, 3), Number(reader, 4)));
                },
                CancellationToken.None);
        }
        catch (DeltaException) when (Has("add", "stats"))
        {
            // A column of another type than the table's now, which does not convert: the text may do.
            return false;
        }

        return isWhole;

        string? Leaf(string kind) => Has(["add", "stats_parsed", kind, .. column.Names])
            ? "add.stats_parsed." + string.Join('.', new[] { kind }.Concat(column.Names).Select(DuckDb.Name))
            : null;

        string Bound(string kind) => (Leaf(kind), column.Type) switch
        {
            (null, _) => "CAST(NULL AS BIGINT)",
            ({ } leaf, DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" }) => $"CAST({leaf} AS BIGINT)",
            ({ } leaf, DeltaType.Primitive { Name: "date" }) => $"CAST(CAST({leaf} AS DATE) - DATE '1970-01-01' AS BIGINT)",
            ({ } leaf, DeltaType.Primitive { Name: "timestamp" or "timestamp_ntz" }) => $"epoch_us({leaf})",
            ({ } leaf, _) => $"CAST({leaf} AS VARCHAR)",
        };

        object? Value(DuckDB.NET.Data.DuckDBDataReader reader, int ordinal) => reader.IsDBNull(ordinal)
            ? null
            : reader.GetFieldType(ordinal) == typeof(string)
                ? StatValue.Parse(column.Type, reader.GetString(ordinal))
                : reader.GetInt64(ordinal);
    }

    public List<RemoveFile> Tombstones(CancellationToken cancellationToken)
    {
        if (!Has("remove"))
        {
            return [];
        }

        var rows = Query(
            $"SELECT CAST(to_json(remove) AS VARCHAR) FROM {_source} WHERE remove.path IS NOT NULL",
            reader => reader.GetString(0),
            cancellationToken);
        return [.. rows.Select(row => Read("remove", row)!.Remove!)];
    }

    public static DeltaException Damaged(string path, Exception exception) => new(
        DeltaErrorKind.Corrupt, $"The checkpoint file '{path}' is damaged: {DuckDb.Message(exception)}", CheckpointReader.CheckpointHint,
        exception);

    private string Json(string value, string when, params string[] path) =>
        HasValues(path) ? $"CASE WHEN {when} THEN CAST(to_json({value}) AS VARCHAR) END" : "CAST(NULL AS VARCHAR)";

    private string Field(string value, string type, params string[] path) => $"CAST({(HasValues(path) ? value : "NULL")} AS {type})";

    /// <summary>Whether a field is not null everywhere, as far as the file's own statistics say.</summary>
    private bool HasValues(params string[] path)
    {
        var name = string.Join('\u001f', path);
        return _filled.Exists(filled => filled.StartsWith(name, StringComparison.Ordinal)
            && (filled.Length == name.Length || filled[name.Length] == '\u001f'));
    }

    private bool Has(params string[] path) => _columns.Contains(string.Join('\u001f', path));

    private static long? Number(DuckDB.NET.Data.DuckDBDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private void ForAll(string sql, Action<DuckDB.NET.Data.DuckDBDataReader> take, CancellationToken cancellationToken)
    {
        try
        {
            _duckDb.ForAll(sql, take, cancellationToken);
        }
        catch (Exception exception) when (exception is DuckDB.NET.Data.DuckDBException or JsonException)
        {
            throw Damaged(_path, exception);
        }
    }

    private List<T> Query<T>(string sql, Func<DuckDB.NET.Data.DuckDBDataReader, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return _duckDb.Query(sql, read, cancellationToken);
        }
        catch (Exception exception) when (exception is DuckDB.NET.Data.DuckDBException or JsonException)
        {
            throw Damaged(_path, exception);
        }
    }

    private static SingleAction? Read(string name, string json) =>
        ActionJson.Read(System.Text.Encoding.UTF8.GetBytes($"{{\"{name}\":{json}}}"));

    private static DeletionVectorDescriptor? Vector(string json) =>
        json.Contains("\"storageType\":null", StringComparison.Ordinal)
            ? null
            : Read(
                "add",
                $$"""{"path":"","partitionValues":{},"size":0,"modificationTime":0,"dataChange":false,"deletionVector":{{json}}}""")!
                .Add!.DeletionVector;

    private static IReadOnlyDictionary<string, string?> Partition(
        string json, Dictionary<string, IReadOnlyDictionary<string, string?>> known)
    {
        if (!known.TryGetValue(json, out var values))
        {
            values = Read(
                "add", $$"""{"path":"","partitionValues":{{json}},"size":0,"modificationTime":0,"dataChange":false}""")!
                .Add!.PartitionValues;
            known.Add(json, values);
        }

        return values;
    }

    private static IReadOnlyDictionary<string, string>? Tags(string json) => Read(
        "add", $$"""{"path":"","partitionValues":{},"size":0,"modificationTime":0,"dataChange":false,"tags":{{json}}}""")!.Add!.Tags;

    /// <summary>The paths of a Parquet schema, which is listed depth first with the number of each one's children.</summary>
    private static HashSet<string> Paths(List<(string Name, int Children)> schema)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var next = 1;
        for (var i = 0; i < schema[0].Children && next < schema.Count; i++)
        {
            Walk("");
        }

        return paths;

        void Walk(string parent)
        {
            var (name, children) = schema[next++];
            paths.Add(parent + name);
            for (var i = 0; i < children; i++)
            {
                Walk($"{parent}{name}\u001f");
            }
        }
    }
}
