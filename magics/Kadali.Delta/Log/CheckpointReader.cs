using System.Text.Json;

namespace Kadali.Delta;

/// <summary>Reads a checkpoint with DuckDB: classic, in parts, or V2 with its sidecars.</summary>
internal sealed class CheckpointReader(IDeltaStorage storage, DuckDb duckDb)
{
    /// <summary>What is in a checkpoint.</summary>
    /// <param name="Others">Protocol, metadata, transactions and domains.</param>
    /// <param name="Files">The live files.</param>
    /// <param name="Tombstones">Reads the files that are gone and may still be needed by readers of earlier versions.</param>
    public sealed record Content(
        IReadOnlyList<SingleAction> Others, IReadOnlyList<FileBlock> Files, Func<CancellationToken, IReadOnlyList<RemoveFile>> Tombstones);

    /// <exception cref="DeltaException">A file of it is missing or damaged.</exception>
    public Content Read(IReadOnlyList<LogFile.Checkpoint> parts, CancellationToken cancellationToken)
    {
        var others = new List<SingleAction>();
        var files = new List<FileBlock>();
        var tables = new List<ParquetActions>();
        LogLines? lines = null;
        foreach (var part in parts)
        {
            if (part.File.Path.EndsWith(".json", StringComparison.Ordinal))
            {
                var content = storage.TryRead(part.File.Path, cancellationToken) ?? throw Missing(part.File.Path);
                lines = LogLines.Read(content, part.File.Path);
                others.AddRange(lines.Others);
                files.Add(new FileBlock.OfCommit(lines, [.. lines.Files.Where(line => line.IsAdd)]));
            }
            else
            {
                var table = Open(part.File.Path, cancellationToken);
                others.AddRange(table.Others(cancellationToken));
                tables.Add(table);
            }
        }

        tables.AddRange(others.Select(action => action.Sidecar).OfType<SidecarFile>()
            .Select(sidecar => Open(SidecarPath(sidecar), cancellationToken)));
        var isPartitioned = others.LastOrDefault(action => action.Metadata is not null)?.Metadata?.PartitionColumns.Count is not 0;
        files.AddRange(tables.Select(table => table.Files(isPartitioned, cancellationToken)));
        return new(
            others,
            files,
            token => [.. (lines?.Files.Where(line => !line.IsAdd).Select(lines.Remove) ?? [])
                .Concat(tables.SelectMany(table => table.Tombstones(token)))]);
    }

    private static string SidecarPath(SidecarFile sidecar)
    {
        var path = DeltaPath.Decode(sidecar.Path);
        return DeltaPath.IsAbsolute(path) || path.Contains('/', StringComparison.Ordinal) ? path : $"{LogFiles.Sidecars}/{path}";
    }

    private ParquetActions Open(string path, CancellationToken cancellationToken)
    {
        if (!DeltaPath.IsAbsolute(path) && !storage.Exists(path))
        {
            throw Missing(path);
        }

        try
        {
            return new ParquetActions(duckDb, storage.ToLocal(path, cancellationToken), path, cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception)
        {
            throw ParquetActions.Damaged(path, exception);
        }
    }

    private static DeltaException Missing(string path) =>
        new(DeltaErrorKind.Corrupt, $"'{path}', a part of the checkpoint, is missing.", CheckpointHint);

    internal const string CheckpointHint = "An older checkpoint is taken where the log allows it; 'fsck' says what can be done.";
}

/// <summary>A Parquet file of a checkpoint.</summary>
internal sealed class ParquetActions
{
    private static readonly string[] OtherColumns = ["protocol", "metaData", "txn", "domainMetadata", "checkpointMetadata", "sidecar"];

    private readonly DuckDb _duckDb;
    private readonly string _source;
    private readonly string _path;
    private readonly HashSet<string> _columns;

    public ParquetActions(DuckDb duckDb, string local, string path, CancellationToken cancellationToken)
    {
        (_duckDb, _path) = (duckDb, path);
        var literal = DuckDb.Text(DuckDb.EscapeGlob(local));
        _source = $"read_parquet({literal}, hive_partitioning = false)";
        _columns = Paths(duckDb.Query(
            $"SELECT name, coalesce(num_children, 0) FROM parquet_schema({literal})",
            reader => (reader.GetString(0), (int)reader.GetInt64(1)),
            cancellationToken));
    }

    /// <summary>All actions but those on files.</summary>
    public List<SingleAction> Others(CancellationToken cancellationToken)
    {
        var columns = OtherColumns.Where(_columns.Contains).ToArray();
        if (columns.Length == 0)
        {
            return [];
        }

        // A struct without a value may be read as a struct of nulls.
        var filter = string.Join(" OR ", columns.Select(column => $"{DuckDb.Name(column)} IS NOT NULL"));
        var rows = Query(
            $"SELECT {string.Join(", ", columns.Select(column => $"CAST(to_json({DuckDb.Name(column)}) AS VARCHAR)"))} FROM {_source} WHERE {filter}",
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

    /// <summary>The live files; statistics and tags come when asked for.</summary>
    /// <param name="isPartitioned">Whether partition values have to be looked at.</param>
    public FileBlock Files(bool isPartitioned, CancellationToken cancellationToken)
    {
        if (!_columns.Contains("add"))
        {
            return new FileBlock.OfActions([]);
        }

        var partitions = new Dictionary<string, IReadOnlyDictionary<string, string?>>(StringComparer.Ordinal);
        var details = new Lazy<(string? Stats, string? Tags)[]>(() => Details(CancellationToken.None));
        var count = 0;
        return new FileBlock.OfActions(Query(
            $"SELECT add.path, {(isPartitioned ? Json("add.partitionValues", "add.partitionValues IS NOT NULL") : "NULL::VARCHAR")}, {Field("add.size", "BIGINT")}, "
                + $"{Field("add.modificationTime", "BIGINT")}, {Json("add.deletionVector", "add.deletionVector.storageType IS NOT NULL")}, "
                + $"{Field("add.baseRowId", "BIGINT")}, {Field("add.defaultRowCommitVersion", "BIGINT")}, {Field("add.clusteringProvider", "VARCHAR")} "
                + $"FROM {_source} WHERE add.path IS NOT NULL",
            reader =>
            {
                var place = count++;
                return new AddFile(
                    reader.GetString(0), Partition(reader.IsDBNull(1) ? "{}" : reader.GetString(1), partitions), Number(reader, 2) ?? 0,
                    Number(reader, 3) ?? 0, DataChange: false)
                {
                    DeletionVector = reader.IsDBNull(4) ? null : Vector(reader.GetString(4)),
                    BaseRowId = Number(reader, 5), DefaultRowCommitVersion = Number(reader, 6),
                    ClusteringProvider = reader.IsDBNull(7) ? null : reader.GetString(7),
                    Sources = (() => details.Value[place].Stats, () => details.Value[place].Tags is { } tags ? Tags(tags) : null),
                };
            },
            cancellationToken));
    }

    public List<RemoveFile> Tombstones(CancellationToken cancellationToken)
    {
        if (!_columns.Contains("remove"))
        {
            return [];
        }

        var rows = Query(
            $"SELECT CAST(to_json(remove) AS VARCHAR) FROM {_source} WHERE remove.path IS NOT NULL", reader => reader.GetString(0), cancellationToken);
        return [.. rows.Select(row => Read("remove", row)!.Remove!)];
    }

    public static DeltaException Damaged(string path, Exception exception) => new(
        DeltaErrorKind.Corrupt, $"The checkpoint file '{path}' is damaged: {DuckDb.Message(exception)}", CheckpointReader.CheckpointHint, exception);

    private (string? Stats, string? Tags)[] Details(CancellationToken cancellationToken)
    {
        // With both forms there, the JSON is what others read too; the struct alone holds the same figures.
        var (json, parsed) = (_columns.Contains("add.stats"), _columns.Contains("add.stats_parsed"));
        var column = (json, parsed) switch
        {
            (true, true) => "coalesce(add.stats, CAST(to_json(add.stats_parsed) AS VARCHAR))",
            (true, false) => "add.stats",
            (false, true) => "CAST(to_json(add.stats_parsed) AS VARCHAR)",
            _ => "CAST(NULL AS VARCHAR)",
        };
        return [.. Query(
            $"SELECT {column}, {Json("add.tags", "add.tags IS NOT NULL")} FROM {_source} WHERE add.path IS NOT NULL",
            reader => (reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1)), cancellationToken)];
    }

    private string Json(string path, string when) =>
        _columns.Contains(path) ? $"CASE WHEN {when} THEN CAST(to_json({path}) AS VARCHAR) END" : "CAST(NULL AS VARCHAR)";

    private string Field(string path, string type) => $"CAST({(_columns.Contains(path) ? path : "NULL")} AS {type})";

    private static long? Number(DuckDB.NET.Data.DuckDBDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

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

    private static SingleAction? Read(string name, string json) => ActionJson.Read(System.Text.Encoding.UTF8.GetBytes($"{{\"{name}\":{json}}}"));

    private static DeletionVectorDescriptor? Vector(string json) =>
        json.Contains("\"storageType\":null", StringComparison.Ordinal)
            ? null
            : Read("add", $$"""{"path":"","partitionValues":{},"size":0,"modificationTime":0,"dataChange":false,"deletionVector":{{json}}}""")!
                .Add!.DeletionVector;

    private static IReadOnlyDictionary<string, string?> Partition(
        string json, Dictionary<string, IReadOnlyDictionary<string, string?>> known)
    {
        if (!known.TryGetValue(json, out var values))
        {
            values = Read(
                "add", $$"""{"path":"","partitionValues":{{json}},"size":0,"modificationTime":0,"dataChange":false}""")!.Add!.PartitionValues;
            known.Add(json, values);
        }

        return values;
    }

    private static IReadOnlyDictionary<string, string>? Tags(string json) => Read(
        "add", $$"""{"path":"","partitionValues":{},"size":0,"modificationTime":0,"dataChange":false,"tags":{{json}}}""")!.Add!.Tags;

    /// <summary>The dotted paths of a Parquet schema, which is listed depth first with the number of each one's children.</summary>
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
                Walk($"{parent}{name}.");
            }
        }
    }
}
