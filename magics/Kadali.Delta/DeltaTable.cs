namespace Kadali.Delta;

/// <summary>
/// A Delta table in a folder. Operations are done on the engine's thread, one after the other; rows come and go beside it. A table may be
/// used from any thread, and other processes may use it at the same time.
/// </summary>
/// <remarks>
/// SQL in conditions and expressions is Spark's or DuckDB's. What goes wrong with a table, a statement or a row is a
/// <see cref="DeltaException"/>: of kind <see cref="DeltaErrorKind.Conflict"/> where another writer was in the way; the table is then as
/// that one left it. What a sequence of rows throws comes through as it is, and nothing was written.
/// </remarks>
public sealed partial class DeltaTable
{
    private const string Name = "target";

    private readonly DeltaEngine _engine;
    private readonly PathTables _tables = new();
    private readonly TableRef _reference;

    private DeltaTable(string location, DeltaEngine? engine)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(location);
        if (location.EndsWith("://", StringComparison.Ordinal))
        {
            throw new DeltaException(DeltaErrorKind.Argument, $"'{location}' is no location of a table.", "Write s3://bucket/folder.");
        }

        Location = location.Contains("://", StringComparison.Ordinal) ? location.TrimEnd('/') : Path.GetFullPath(location);
        _engine = engine ?? DeltaEngine.Shared;
        _reference = TableRef.OfPath(Location);
    }

    /// <summary>The table's folder.</summary>
    public string Location { get; }

    /// <summary>A table that is there, or will be: nothing is read before something is asked.</summary>
    /// <param name="location">A folder, or <c>s3://bucket/folder</c>.</param>
    /// <param name="engine">What computes; null for the one that all share.</param>
    public static DeltaTable Open(string location, DeltaEngine? engine = null) => new(location, engine);

    /// <summary>Makes an empty table whose columns are the properties of a type.</summary>
    /// <param name="partitionBy">Names of columns by which files lie in folders.</param>
    /// <param name="properties">Table properties, for instance <c>delta.enableChangeDataFeed</c>.</param>
    public static async Task<DeltaTable> CreateAsync<T>(
        string location, IReadOnlyList<string>? partitionBy = null, IReadOnlyDictionary<string, string>? properties = null,
        DeltaEngine? engine = null, CancellationToken cancellationToken = default)
    {
        var table = new DeltaTable(location, engine);
        await table._engine.RunAsync(
            (session, token) =>
            {
                var storage = table._tables.Place(table._reference, null);
                return table._tables.Find(table._reference) is null
                    ? new WriteInto(session, storage).Create(
                        new(RowType.Schema(typeof(T)))
                        {
                            PartitionColumns = partitionBy ?? [], Properties = properties ?? new Dictionary<string, string>(),
                        },
                        null, null, null, token)
                    : throw new DeltaException(
                        DeltaErrorKind.AlreadyExists, $"There is a Delta table at '{storage.Root}' already.",
                        "Open it, or choose another folder.");
            },
            cancellationToken).ConfigureAwait(false);
        return table;
    }

    /// <summary>The newest version.</summary>
    public Task<Snapshot> SnapshotAsync(CancellationToken cancellationToken = default) =>
        _engine.RunAsync((session, token) => session.Log(Storage()).Update(token), cancellationToken);

    /// <summary>The version that was the newest at a time.</summary>
    /// <exception cref="DeltaException">There was none, or it can be read no more.</exception>
    public Task<Snapshot> SnapshotAsync(DateTimeOffset time, CancellationToken cancellationToken = default) => _engine.RunAsync(
        (session, token) =>
        {
            var log = session.Log(Storage());
            return log.At(new DeltaHistory(log).VersionAt(time, token), token);
        },
        cancellationToken);

    /// <summary>The number of rows.</summary>
    /// <param name="where">A condition; null for all rows.</param>
    /// <param name="version">A version, from 0; null for the newest.</param>
    public Task<long> CountAsync(string? where = null, long? version = null, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(
            (session, token) =>
            {
                using var bound = new QueryBinder(session, _tables).Bind(Query(where, version), null, token);
                return session.DuckDb.Scalar<long>($"SELECT count(*) FROM ({bound.Sql})", token);
            },
            cancellationToken);

    /// <summary>Removes the rows for which a condition is true.</summary>
    public Task<DeltaResult> DeleteAsync(string where, CancellationToken cancellationToken = default) => _engine.RunAsync(
        (session, token) =>
        {
            ArgumentNullException.ThrowIfNull(where);
            var (storage, snapshot) = Newest(session, token);
            return Deletion.Run(
                session, storage, snapshot, SparkExpression.ToDuckDb(new SqlPart(where), snapshot.Schema), DuckDb.Name(Name), where, token);
        },
        cancellationToken);

    /// <summary>Gives columns new values.</summary>
    /// <param name="set">Expressions by the names of columns.</param>
    /// <param name="where">For which rows; null for all.</param>
    public Task<DeltaResult> UpdateAsync(
        IReadOnlyDictionary<string, string> set, string? where = null, CancellationToken cancellationToken = default) => _engine.RunAsync(
            (session, token) =>
            {
                if (set.Count == 0)
                {
                    throw new DeltaException(DeltaErrorKind.Argument, "The UPDATE sets no column.", "Give at least one expression.");
                }

                var (storage, snapshot) = Newest(session, token);
                return Updating.Run(
                    session, storage, snapshot,
                    set.ToDictionary(pair => pair.Key, pair => SparkExpression.ToDuckDb(new SqlPart(pair.Value), snapshot.Schema)),
                    where is null ? null : SparkExpression.ToDuckDb(new SqlPart(where), snapshot.Schema), DuckDb.Name(Name), where, token);
            },
            cancellationToken);

    /// <summary>
    /// Runs a statement of Delta that is no query, for instance <c>ALTER TABLE delta.`path` ADD COLUMN note STRING</c>,
    /// <c>CREATE TABLE … USING DELTA</c>, <c>INSERT</c>, <c>MERGE</c>, <c>CONVERT TO DELTA</c> or a clone.
    /// </summary>
    /// <returns>The version that it made, and its counts as Spark names them.</returns>
    /// <exception cref="DeltaException">It cannot be read or done; the tables are as they were.</exception>
    public Task<DeltaResult> ExecuteAsync(string sql, CancellationToken cancellationToken = default) => _engine.RunAsync(
        (session, token) =>
        {
            var output = new DeltaExecutor(session, _tables).Execute(DeltaSqlParser.Parse(sql), token);
            var counts = output.Rows is [var row] ? row : [];
            return new DeltaResult(
                output.Version,
                output.Columns.Zip(counts).Where(count => count.Second is long).ToDictionary(count => count.First.Name, count =>
                    (long)count.Second!));
        },
        cancellationToken);

    /// <summary>Joins small files, and drops deleted rows from them.</summary>
    /// <param name="zOrderBy">Columns by which the rows are laid close together; none to keep their order.</param>
    public Task<DeltaResult> OptimizeAsync(IReadOnlyList<string>? zOrderBy = null, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(
            (session, token) =>
            {
                var (storage, snapshot) = Newest(session, token);
                return new Optimizing(session, storage, snapshot).Run(new() { ZOrderBy = zOrderBy ?? [] }, token);
            },
            cancellationToken);

    /// <summary>Removes files that no version within the retention needs.</summary>
    /// <param name="retain">Null for the table's own retention, which is a week where nothing else is set.</param>
    /// <param name="dryRun">Whether the files are only named.</param>
    /// <param name="force">Whether a shorter retention than the table's is allowed: readers at work may then lose files.</param>
    public Task<VacuumResult> VacuumAsync(
        TimeSpan? retain = null, bool dryRun = false, bool force = false, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(
            (session, token) =>
            {
                if (retain < TimeSpan.Zero)
                {
                    throw new DeltaException(DeltaErrorKind.Argument, $"Files cannot be kept for {retain}.",
                        "Give a time that is not negative.");
                }

                var (storage, snapshot) = Newest(session, token);
                return Vacuuming.Run(session, storage, snapshot, new() { Retain = retain, DryRun = dryRun, Force = force }, token);
            },
            cancellationToken);

    /// <summary>Makes the table again what it was in a version, as a new version.</summary>
    public Task<DeltaResult> RestoreAsync(long version, CancellationToken cancellationToken = default) => _engine.RunAsync(
        (session, token) =>
        {
            var (storage, snapshot) = Newest(session, token);
            return Restoring.Run(session, storage, snapshot, session.Log(storage).At(version, token), token);
        },
        cancellationToken);

    /// <summary>The versions, newest first.</summary>
    public Task<IReadOnlyList<HistoryEntry>> HistoryAsync(long? limit = null, CancellationToken cancellationToken = default) =>
        _engine.RunAsync((session, token) => new DeltaHistory(session.Log(Storage())).Read(limit, token), cancellationToken);

    private string Query(string? where, long? version) => version < 0
        ? throw new DeltaException(DeltaErrorKind.Argument, $"There is no version {version}.", "Versions begin at 0.")
        : string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"SELECT * FROM {_reference}{(version is null ? "" : $" VERSION AS OF {version}")} AS {Name}"
            + $"{(where is null ? "" : $" WHERE {SparkExpression.ToDuckDb(new SqlPart(where))}")}");

    private IDeltaStorage Storage() => _tables.Find(_reference)
        ?? throw new DeltaException(DeltaErrorKind.NotFound, $"There is no Delta table at '{Location}'.");

    private (IDeltaStorage Storage, Snapshot Snapshot) Newest(DeltaSession session, CancellationToken cancellationToken)
    {
        var storage = Storage();
        return (storage, session.Log(storage).Update(cancellationToken));
    }
}
