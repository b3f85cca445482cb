using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>CONVERT TO DELTA: a folder of Parquet files gets a log. The files stay where they are.</summary>
internal sealed class Converting(DeltaSession session, IDeltaStorage storage)
{
    private const string NoValue = "__HIVE_DEFAULT_PARTITION__";

    /// <param name="partitions">The columns that are in the names of folders, in their order; none where files lie in the folder
    /// itself.</param>
    /// <exception cref="DeltaException">
    /// There are no Parquet files, folders do not fit the columns, or files have types that do not go together.
    /// </exception>
    public DeltaResult Run(IReadOnlyList<StructField> partitions, bool collectsStatistics, CancellationToken cancellationToken)
    {
        if (storage.List(LogFiles.Folder, "", cancellationToken).Any())
        {
            throw new DeltaException(DeltaErrorKind.AlreadyExists, $"'{storage.Root}' is a Delta table already.");
        }

        var files = storage.ListTree("", cancellationToken)
            .Where(file => file.Name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
                && !file.Path.Split('/').Any(part => part[0] is '_' or '.'))
            .OrderBy(file => file.Path, StringComparer.Ordinal).ToArray();
        if (files.Length == 0)
        {
            throw new DeltaException(DeltaErrorKind.NotFound, $"There are no Parquet files below '{storage.Root}'.");
        }

        string[] local = [.. files.Select(file => storage.ToLocal(file.Path, cancellationToken))];
        var list = string.Join(", ", local.Select(path => DuckDb.Text(DuckDb.EscapeGlob(path))));
        var source = $"read_parquet([{list}], union_by_name = true, hive_partitioning = false)";
        var columns = RowShape.Columns(session.DuckDb, $"SELECT * FROM {source}", cancellationToken)
            .Select(column => new StructField(column.Name, DuckTypes.ToDelta(column.Name, column.Type))).ToArray();
        var widens = StoredTypes.Note(columns, session.FileColumns.Of(local, cancellationToken));
        var schema = new DeltaType.Struct(
            [.. columns, .. partitions.Where(partition => !columns.Any(column => Same(column.Name, partition.Name)))]);
        using var transaction = new DeltaTransaction(session, storage, null);
        transaction.Reads.ReadAll();
        NewTable.Stage(session, transaction, new(schema)
        {
            PartitionColumns = [.. partitions.Select(partition => partition.Name)],
            Properties = widens
                ? new Dictionary<string, string>
                {
                    ["delta.enableDeletionVectors"] = "false", [$"delta.feature.{TableFeature.TypeWidening}"] = "supported",
                }
                : new Dictionary<string, string> { ["delta.enableDeletionVectors"] = "false" },
        });
        SchemaCheck.CheckNames(schema, new(transaction.Metadata.Configuration));
        var statistics = Statistics(
            transaction.Metadata, schema, Numbered(list, source, columns), files.Length, collectsStatistics, cancellationToken);
        for (var i = 0; i < files.Length; i++)
        {
            transaction.Add(new(
                DeltaPath.Encode(files[i].Path), Values(files[i], partitions), files[i].Size, files[i].ModificationTime, DataChange: true)
            {
                Stats = statistics[i],
            });
        }

        transaction.Metrics["numConvertedFiles"] = files.Length;
        return new(
            transaction.Commit(
                "CONVERT",
                new JsonObject
                {
                    ["numFiles"] = files.Length,
                    ["partitionedBy"] = new JsonArray([.. partitions.Select(field => JsonValue.Create(field.Name))]).ToJsonString(),
                    ["collectStats"] = collectsStatistics, ["sourceFormat"] = "parquet",
                },
                cancellationToken),
            transaction.Metrics);
    }

    /// <summary>The rows of all files, with the places of their files.</summary>
    private static string Numbered(string list, string source, StructField[] columns)
    {
        var names = columns.Select(column => $"{DuckDb.Name(VirtualColumns.Safe(column.Name))} AS {DuckDb.Name(column.Name)}")
            .Prepend($"CAST({VirtualColumns.File} AS BIGINT) AS {TableScan.FileColumn}");
        var rows = columns.Any(column => VirtualColumns.AreHiddenBy(column.Name))
            ? VirtualColumns.Read(list, [
                .. columns.Select(column => VirtualColumns.Entry(
                    DuckDb.Text(column.Name), VirtualColumns.Safe(column.Name), DuckTypes.Of(column.Type))),
            ])
            : $"{source} AS {VirtualColumns.Source}";
        return $"(SELECT {string.Join(", ", names)} FROM {rows})";
    }

    /// <summary>The statistics of each file, by one pass over all.</summary>
    private string?[] Statistics(
        Metadata metadata, DeltaType.Struct schema, string source, int count, bool collects, CancellationToken cancellationToken)
    {
        var writer = new ColumnStatistics(schema, metadata.PartitionColumns, new(metadata.Configuration));
        var keys = collects ? writer.Keys.ToArray() : [];
        var expressions = keys.SelectMany(
            key => new[] { $"CAST(min({key}) AS VARCHAR)", $"CAST(max({key}) AS VARCHAR)", $"count(*) - count({key})" });
        var result = new string?[count];
        foreach (var (file, text) in session.DuckDb.Query(
            $"SELECT {string.Join(", ", expressions.Prepend("count(*)").Prepend(TableScan.FileColumn))} FROM {source} GROUP BY 1",
            reader =>
            {
                var columns = new Dictionary<string, Dictionary<string, string>>();
                for (var i = 0; i < keys.Length; i++)
                {
                    var column = new Dictionary<string, string>
                    {
                        ["null_count"] = reader.GetInt64(2 + 3 * i + 2).ToString(CultureInfo.InvariantCulture),
                    };
                    if (!reader.IsDBNull(2 + 3 * i))
                    {
                        column["min"] = reader.GetString(2 + 3 * i);
                        column["max"] = reader.GetString(2 + 3 * i + 1);
                        column["has_nan"] = column["max"] == "nan" ? "true" : "false";
                    }

                    columns[keys[i]] = column;
                }

                return ((int)reader.GetInt64(0), writer.Write(reader.GetInt64(1), columns));
            },
            cancellationToken))
        {
            result[file] = text;
        }

        // A file without rows stands in no group.
        return [.. result.Select(text => text ?? writer.Write(0, new Dictionary<string, Dictionary<string, string>>()))];
    }

    private Dictionary<string, string?> Values(StoredFile file, IReadOnlyList<StructField> partitions)
    {
        var folders = file.Path.Split('/')[..^1].Where(part => part.Contains('=', StringComparison.Ordinal)).ToArray();
        if (folders.Length != partitions.Count)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument,
                folders.Length > partitions.Count
                    ? $"'{file.Path}' lies in folders of partitions ({string.Join(", ", folders)}), and no such columns are given."
                    : $"'{file.Path}' does not lie in folders of {string.Join(", ", partitions.Select(field => field.Name))}.",
                "Name the columns and their types: CONVERT TO DELTA parquet.`path` PARTITIONED BY (day DATE).");
        }

        var values = new Dictionary<string, string?>();
        foreach (var (folder, field) in folders.Zip(partitions))
        {
            var split = folder.IndexOf('=', StringComparison.Ordinal);
            if (!Same(Uri.UnescapeDataString(folder[..split]), field.Name))
            {
                throw new DeltaException(
                    DeltaErrorKind.Argument, $"'{file.Path}' does not lie in a folder of column '{field.Name}' there.");
            }

            var text = Uri.UnescapeDataString(folder[(split + 1)..]);
            values[field.Name] = text == NoValue ? null : text;
        }

        return values;
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
