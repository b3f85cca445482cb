using System.Globalization;

namespace Kadali.Delta;

/// <summary>What files are written for.</summary>
/// <param name="Folder">Below the table's folder: nothing for data, <c>_change_data</c> for changes.</param>
internal sealed record WriteTarget(
    DeltaType.Struct Schema, IReadOnlyList<string> PartitionColumns, TableProperties Properties, string Folder = "")
{
    public static WriteTarget Of(Metadata metadata, string folder = "") =>
        new(SchemaJson.Read(metadata.SchemaString), metadata.PartitionColumns, new(metadata.Configuration), folder);

    /// <summary>Columns that stand in the files besides those of the schema, under their own names.</summary>
    public IReadOnlyList<string> Extra { get; init; } = [];

    /// <summary>The expression by which DuckDB orders the rows, or null.</summary>
    public string? OrderBy { get; init; }
}

/// <summary>Files that were written, and are no part of the table before a commit names them.</summary>
internal sealed record WrittenFiles(IReadOnlyList<AddFile> Files, long Rows)
{
    public long Bytes => Files.Sum(file => file.Size);
}

/// <summary>Writes rows into Parquet files by one COPY of DuckDB, which gives their statistics, too.</summary>
internal sealed class DataFileWriter(DeltaSession session, IDeltaStorage storage)
{
    private const long DefaultFileSize = 128L << 20;

    private readonly List<string> _written = [];

    /// <summary>Writes the rows of a query whose columns are those of the schema, by name.</summary>
    /// <exception cref="DuckDB.NET.Data.DuckDBException">The query failed; what was written by then is removed.</exception>
    /// <exception cref="DeltaException">The disk is full; the same.</exception>
    public WrittenFiles Write(string query, WriteTarget target, CancellationToken cancellationToken)
    {
        var mapping = new ColumnMapping(target.Properties);
        var id = Guid.NewGuid().ToString("D");
        var partitions = target.PartitionColumns.Select(name => target.Schema.Find(name)!).ToArray();
        var data = target.Schema.Fields.Where(field => !partitions.Contains(field) && field.Type != DeltaType.Void).ToArray();

        // Where a data column has the name of a partition's folder, COPY could not tell them apart: the folders' columns have names of
        // their own.
        var folders = partitions.Select((field, i) => (Field: field, Name: FolderName(field, i, data, mapping))).ToArray();
        var columns = data.Select(field => $"{Stored(field, mapping, target.Properties)} AS {DuckDb.Name(mapping.Physical(field))}")
            .Concat(target.Extra.Select(DuckDb.Name))
            .Concat(folders.Select(
                folder => $"NULLIF({PartitionValue.Text(folder.Field.Type, DuckDb.Name(folder.Field.Name))}, '') "
                    + $"AS {DuckDb.Name(folder.Name)}"));
        var root = Path.GetDirectoryName(storage.Stage(target.Folder.Length == 0 ? "x" : $"{target.Folder}/x"))!;
        var prefix = target.Folder.Length == 0 ? "part" : "cdc";
        List<string> options =
        [
            "FORMAT parquet", "RETURN_STATS", $"COMPRESSION {target.Properties.Codec}", "OVERWRITE_OR_IGNORE true",
            $"FILENAME_PATTERN '{prefix}-{{i}}-{id}-c000'",
        ];
        if (partitions.Length > 0)
        {
            options.Add($"PARTITION_BY ({string.Join(", ", folders.Select(folder => DuckDb.Name(folder.Name)))})");
        }
        else
        {
            options.Add("WRITE_EMPTY_FILE false");
            options.Add(
                string.Create(CultureInfo.InvariantCulture, $"FILE_SIZE_BYTES {target.Properties.TargetFileSize ?? DefaultFileSize}"));
        }

        if (mapping.IsOn && FieldIds(data, mapping) is { Length: > 0 } ids)
        {
            options.Add($"FIELD_IDS {{{ids}}}");
        }

        var order = target.OrderBy is null ? "" : $" ORDER BY {target.OrderBy}";
        var source = data.Length + target.Extra.Count == 0
            ? throw new DeltaException(DeltaErrorKind.Schema, "A table needs a column that is no partition column.")
            : $"SELECT {string.Join(", ", columns)} FROM ({query}){order}";
        try
        {
            List<Copied> copied;

            // Partitions would have to be looked for in all their folders.
            using (var flushing = storage is LocalStorage && partitions.Length == 0
                ? EarlyFlush.Begin(root, $"{prefix}-*-{id}-c000*") : null)
            {
                copied = Copy($"COPY ({source}) TO {DuckDb.Text(root)} ({string.Join(", ", options)})", cancellationToken);
                flushing?.Complete();
            }

            return Collect(copied, target, mapping, folders, root, cancellationToken);
        }
        catch (Exception exception)
        {
            RemoveLeftovers(root, id);
            if (exception is DuckDB.NET.Data.DuckDBException && FullDisk.Explain(exception, storage.Root, root) is { } full)
            {
                throw full;
            }

            throw;
        }
    }

    /// <summary>Says that a file was written for the same commit.</summary>
    /// <param name="path">As the store names it.</param>
    public void Owns(string path) => _written.Add(path);

    /// <summary>Removes all that was written: no commit names it. Files that were there before are no business of this.</summary>
    public void Discard()
    {
        _written.ForEach(storage.Delete);
        _written.Clear();
    }

    private sealed record Copied(
        string File, long Rows, Dictionary<string, Dictionary<string, string>> Columns, Dictionary<string, string?> Partition);

    private List<Copied> Copy(string sql, CancellationToken cancellationToken) => session.DuckDb.Query(
        sql,
        reader => new Copied(
            reader.GetString(0), Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture),
            reader.IsDBNull(4) ? [] : reader.GetFieldValue<Dictionary<string, Dictionary<string, string>>>(4),
            reader.IsDBNull(5) ? [] : reader.GetFieldValue<Dictionary<string, string?>>(5)),
        cancellationToken);

    private WrittenFiles Collect(
        List<Copied> files, WriteTarget target, ColumnMapping mapping, (StructField Field, string Name)[] folders, string root,
        CancellationToken cancellationToken)
    {
        var statistics = new ColumnStatistics(target.Schema, target.PartitionColumns, target.Properties);
        var adds = files.Where(file => file.Rows > 0).Select(file =>
        {
            var inside = Path.GetRelativePath(root, file.File).Replace('\\', '/');
            var stored = storage.Publish(target.Folder.Length == 0 ? inside : $"{target.Folder}/{inside}", cancellationToken);
            Owns(stored.Path);
            return new AddFile(
                DeltaPath.Encode(stored.Path),
                folders.ToDictionary(folder => mapping.Physical(folder.Field), folder => file.Partition.GetValueOrDefault(folder.Name)),
                stored.Size, stored.ModificationTime, DataChange: true)
            {
                Stats = statistics.Write(file.Rows, file.Columns),
            };
        }).ToArray();
        return new(adds, files.Sum(file => file.Rows));
    }

    /// <summary>
    /// The value as it goes into files. DuckDB shreds variants of itself, which readers of a table without that feature do not know.
    /// </summary>
    private static string Stored(StructField field, ColumnMapping mapping, TableProperties properties)
    {
        var value = DuckDb.Name(field.Name);
        return field.Type == DeltaType.Variant && properties.Flag("delta.enableVariantShredding")
            ? value
            : mapping.ToPhysical(field.Type, value);
    }

    private static string FolderName(StructField field, int place, StructField[] data, ColumnMapping mapping)
    {
        var name = mapping.Physical(field);
        return data.Any(column => string.Equals(mapping.Physical(column), name, StringComparison.OrdinalIgnoreCase))
            ? string.Create(CultureInfo.InvariantCulture, $"{name}_{place}")
            : name;
    }

    private static string FieldIds(IEnumerable<StructField> fields, ColumnMapping mapping) => string.Join(
        ", ",
        fields.Where(field => ColumnMapping.Id(field) is not null).Select(field =>
        {
            var id = ColumnMapping.Id(field)!.Value.ToString(CultureInfo.InvariantCulture);
            var inner = Inner(field.Type, mapping);
            return $"{DuckDb.Name(mapping.Physical(field))}: {(inner.Length == 0 ? id : $"{{__duckdb_field_id: {id}, {inner}}}")}";
        }));

    private static string Inner(DeltaType type, ColumnMapping mapping) => type switch
    {
        DeltaType.Struct record => FieldIds(record.Fields, mapping),
        DeltaType.Array array when Inner(array.Element, mapping) is { Length: > 0 } inner => $"element: {{{inner}}}",
        DeltaType.Map map => string.Join(", ", new[]
        {
            Inner(map.Key, mapping) is { Length: > 0 } key ? $"key: {{{key}}}" : "",
            Inner(map.Value, mapping) is { Length: > 0 } value ? $"value: {{{value}}}" : "",
        }.Where(part => part.Length > 0)),
        _ => "",
    };

    private static void RemoveLeftovers(string root, string id)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(root, $"*-{id}-c000*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }
    }
}
