using DuckDB.NET.Data;

namespace Kadali.Delta.Spark.Tests;

/// <summary>
/// Kadali and Spark on the same folders. In statements <c>{t}</c>, <c>{u}</c> are tables, the same for both: the text is Spark's SQL, and is given
/// to both as it stands.
/// </summary>
internal sealed class Both : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly SparkConnect _spark;

    public Both(SparkServer server)
    {
        _spark = server.Connect();
        _connection.Open();
        Session = new(_connection);
        Session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
    }

    public DeltaSession Session { get; }

    /// <summary>The folder of a table.</summary>
    public string this[string table] => _folder[table];

    /// <summary>The newest version of a table as Kadali sees it.</summary>
    public Snapshot Snapshot(string table = "t") => Session.Log(new LocalStorage(this[table])).Update(CancellationToken.None);

    public CommandOutput Kadali(string sql) =>
        new DeltaExecutor(Session, Paths.Instance).Execute(DeltaSqlParser.Parse(Place(sql)), CancellationToken.None);

    /// <summary>Runs a statement of Kadali's while Spark runs another: that one is committed just before the first is to be.</summary>
    public void KadaliDuring(string kadali, string spark) => new DeltaExecutor(
        Session, new Paths(storage => new LateStorage(storage, () => SparkAsync(spark).GetAwaiter().GetResult())))
        .Execute(DeltaSqlParser.Parse(Place(kadali)), CancellationToken.None);

    /// <summary>The rows of a statement in Spark, those of the named columns alone where any are named.</summary>
    public async Task<string[]> SparkAsync(string sql, params string[] columns) => ArrowText.Of(await _spark.RunAsync(Place(sql)), columns);

    /// <summary>Runs statements of both one after the other: those of Spark begin with <c>spark: </c>.</summary>
    public async Task RunAsync(params string[] statements)
    {
        foreach (var statement in statements)
        {
            if (statement.StartsWith("spark: ", StringComparison.Ordinal))
            {
                await SparkAsync(statement[7..]);
            }
            else
            {
                Kadali(statement);
            }
        }
    }

    /// <summary>The rows of a query in Kadali.</summary>
    public string[] Query(string sql)
    {
        using var bound = new QueryBinder(Session, Paths.Instance).Bind(Place(sql), null, CancellationToken.None);
        using var command = _connection.CreateCommand();
        command.CommandText = bound.Sql;
        using var stream = command.ExecuteArrowStream();
        return ArrowText.Of(Batches(stream));
    }

    /// <summary>Both see the same ids and last versions of rows.</summary>
    public async Task SameRowIdsAsync(string column)
    {
        var snapshot = Snapshot();
        var storage = new LocalStorage(this["t"]);
        using var scan = TableScan.Of(Session, storage, snapshot, snapshot.Files, ScanColumns.RowIds, CancellationToken.None);
        var spark = await SparkAsync($"SELECT {column}, _metadata.row_id AS id, _metadata.row_commit_version AS version FROM {{t}}");
        Assert.Equal(spark, Query($"SELECT {column}, {TableScan.RowIdColumn} AS id, {TableScan.RowVersionColumn} AS version FROM ({scan.Sql})"));
        Assert.Equal(spark.Length, spark.Select(row => row.Split('|')[1]).Distinct().Count());
    }

    /// <summary>Both see the same rows.</summary>
    /// <returns>These, without the line of column names.</returns>
    public async Task<string[]> SameAsync(string sql = "SELECT * FROM {t}", string? kadali = null)
    {
        var spark = await SparkAsync(sql);
        var ours = Query(kadali ?? sql);
        if (spark.Length > 1 || ours.Length > 1)
        {
            Assert.Equal(spark, ours);
        }

        return spark[1..];
    }

    /// <summary>Both see these rows.</summary>
    public async Task SeeAsync(string sql, params string[] rows) => Assert.Equal(rows, await SameAsync(sql));

    /// <summary>Both tell the same history and detail.</summary>
    public async Task SameDescriptionAsync(string table = "t")
    {
        var spark = await SparkAsync($"DESCRIBE HISTORY {{{table}}}", "version", "operation", "isBlindAppend", "readVersion");
        Assert.Equal(spark[1..], Texts($"DESCRIBE HISTORY {{{table}}}", "version", "operation", "isBlindAppend", "readVersion"));

        string[] details =
        [
            "format", "id", "description", "partitionColumns", "clusteringColumns", "numFiles", "sizeInBytes",
            "properties", "minReaderVersion", "minWriterVersion", "tableFeatures",
        ];
        Assert.Equal((await SparkAsync($"DESCRIBE DETAIL {{{table}}}", details))[1..], Texts($"DESCRIBE DETAIL {{{table}}}", details));
    }

    /// <summary>Columns of Kadali's answer in the form that Spark's have.</summary>
    private IEnumerable<string> Texts(string sql, params string[] columns)
    {
        var output = Kadali(sql);
        var places = columns.Select(name => output.Columns.ToList().FindIndex(column => column.Name == name)).ToArray();
        return output.Rows.Select(row => string.Join('|', places.Select(place => Text(row[place])))).Order(StringComparer.Ordinal);

        static string Text(object? value) => value switch
        {
            null => "null",
            string text => $"'{text}'",
            bool flag => flag ? "true" : "false",
            IReadOnlyDictionary<string, string> map =>
                "(" + string.Join(", ", map.Select(pair => $"'{pair.Key}': '{pair.Value}'").Order(StringComparer.Ordinal)) + ")",
            IEnumerable<string> list => "[" + string.Join(", ", list.Select(item => $"'{item}'")) + "]",
            _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value}"),
        };
    }

    /// <summary>Both tell the same changes.</summary>
    public async Task<string[]> SameChangesAsync(long from, long? to = null, string columns = "* EXCEPT (_commit_timestamp)")
    {
        var range = to is null ? $"{from}" : $"{from}, {to}";
        return await SameAsync(
            $"SELECT {columns} FROM table_changes_by_path('{this["t"]}', {range})",
            $"SELECT {columns.Replace("EXCEPT", "EXCLUDE", StringComparison.Ordinal)} FROM table_changes_by_path('{this["t"]}', {range})");
    }

    public void Dispose()
    {
        _spark.Dispose();
        Session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    private static IEnumerable<Apache.Arrow.RecordBatch> Batches(Apache.Arrow.Ipc.IArrowArrayStream stream)
    {
        while (stream.ReadNextRecordBatchAsync().AsTask().GetAwaiter().GetResult() is { } batch)
        {
            yield return batch;
        }
    }

    private string Place(string sql) => sql
        .Replace("{t}", $"delta.`{this["t"]}`", StringComparison.Ordinal)
        .Replace("{u}", $"delta.`{this["u"]}`", StringComparison.Ordinal)
        .Replace("{folder}", _folder.Path, StringComparison.Ordinal);

    private sealed class Paths(Func<IDeltaStorage, IDeltaStorage>? wrap = null) : ITables
    {
        public static Paths Instance { get; } = new();

        public IDeltaStorage? Find(TableRef table) =>
            table.Path is { } path && Directory.Exists(Path.Combine(path, "_delta_log"))
                ? wrap?.Invoke(new LocalStorage(path)) ?? new LocalStorage(path) : null;

        public IDeltaStorage Place(TableRef table, string? location) => new LocalStorage(location ?? table.Path!);
    }
}
