using System.Runtime.CompilerServices;

namespace Kadali.Delta;

/// <summary>
/// A Delta table in a folder. Reading and writing is done on the engine's thread, one operation after the other; a table may be used from
/// any thread, and other processes may use it at the same time.
/// </summary>
/// <remarks>
/// SQL in conditions and expressions is Spark's or DuckDB's. All operations throw <see cref="DeltaException"/>: of kind
/// <see cref="DeltaErrorKind.Conflict"/> where another writer was in the way; the table is then as that one left it.
/// </remarks>
public sealed class DeltaTable
{
    private const string Name = "target";

    private readonly DeltaEngine _engine;
    private readonly PathTables _tables = new();
    private readonly TableRef _reference;

    private DeltaTable(string location, DeltaEngine? engine)
    {
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
                        new(RowType.Of(typeof(T)).Schema)
                        {
                            PartitionColumns = partitionBy ?? [], Properties = properties ?? new Dictionary<string, string>(),
                        },
                        null, null, null, token)
                    : throw new DeltaException(DeltaErrorKind.AlreadyExists, $"There is a Delta table at '{storage.Root}' already.");
            },
            cancellationToken);
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

    /// <summary>
    /// The rows, as objects whose constructor parameters or properties have the names of columns. Files that cannot hold a row are not
    /// read.
    /// </summary>
    /// <param name="where">A condition, for instance <c>amount &gt; 100</c>; null for all rows.</param>
    /// <param name="version">A version; null for the newest.</param>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        string? where = null, long? version = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // A result of DuckDB is read on the thread that runs it, so that rows come in portions.
        var rows = await _engine.RunAsync((session, token) => Rows<T>(session, Query(where, version), token), cancellationToken);
        foreach (var row in rows)
        {
            yield return row;
        }
    }

    /// <summary>The number of rows.</summary>
    /// <param name="where">A condition; null for all rows.</param>
    public Task<long> CountAsync(string? where = null, long? version = null, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(
            (session, token) =>
            {
                using var bound = new QueryBinder(session, _tables).Bind(Query(where, version), null, token);
                return session.DuckDb.Scalar<long>($"SELECT count(*) FROM ({bound.Sql})", token);
            },
            cancellationToken);

    /// <summary>Appends rows, as one version.</summary>
    /// <param name="transaction">The application's progress: where it is in the table already, nothing is written, so that a repeated
    /// append does no harm.</param>
    /// <param name="mergeSchema">Whether columns that the table has not are added to it.</param>
    public Task<DeltaResult> AppendAsync<T>(
        IEnumerable<T> rows, SetTransaction? transaction = null, bool mergeSchema = false, CancellationToken cancellationToken = default) =>
        WriteAsync(rows, _ => new WriteMode.Append(), transaction, mergeSchema, cancellationToken);

    /// <summary>Puts rows in the place of all that are there, as one version.</summary>
    /// <param name="where">Only rows for which this is true go, and all that come have to fulfil it; null for all.</param>
    public Task<DeltaResult> OverwriteAsync<T>(
        IEnumerable<T> rows, string? where = null, bool mergeSchema = false, CancellationToken cancellationToken = default) => WriteAsync(
            rows,
            schema => where is null
                ? new WriteMode.Overwrite()
                : new WriteMode.ReplaceWhere(SparkExpression.ToDuckDb(new SqlPart(where), schema), where),
            null, mergeSchema, cancellationToken);

    /// <summary>Removes the rows for which a condition is true.</summary>
    public Task<DeltaResult> DeleteAsync(string where, CancellationToken cancellationToken = default) => _engine.RunAsync(
        (session, token) =>
        {
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
                var (storage, snapshot) = Newest(session, token);
                return Updating.Run(
                    session, storage, snapshot,
                    set.ToDictionary(pair => pair.Key, pair => SparkExpression.ToDuckDb(new SqlPart(pair.Value), snapshot.Schema)),
                    where is null ? null : SparkExpression.ToDuckDb(new SqlPart(where), snapshot.Schema), DuckDb.Name(Name), where, token);
            },
            cancellationToken);

    /// <summary>
    /// Begins a MERGE: rows of the source update, delete and extend the table in one version. Conditions call the table <c>target</c> and
    /// the rows <c>source</c>.
    /// </summary>
    /// <param name="on">Which belong together, for instance <c>target.id = source.id</c>.</param>
    public DeltaMerge<T> Merge<T>(IEnumerable<T> source, string on) => new(this, source, on);

    /// <summary>Runs SQL that calls this table <c>delta.`path`</c>, or any other so: a query's rows as objects.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(IReadOnlyList<T> (session, token) => Rows<T>(session, sql, token), cancellationToken);

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

    /// <summary>What changed from one version to another, of a table that has a change data feed; objects may take <c>_change_type</c>,
    /// <c>_commit_version</c> and <c>_commit_timestamp</c>, too.</summary>
    public Task<IReadOnlyList<T>> ChangesAsync<T>(long from, long? to = null, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(
            IReadOnlyList<T> (session, token) =>
            {
                using var changes = new TableChanges(session, session.Log(Storage())).Read(from, to, anyTable: false, token);
                return Rows<T>(session, changes.Sql, token);
            },
            cancellationToken);

    internal Task<DeltaResult> MergeAsync<T>(
        IEnumerable<T> source, string on, IReadOnlyList<DeltaCommand.MergeClause> clauses, bool evolves,
        CancellationToken cancellationToken) =>
        _engine.RunAsync(
            (session, token) =>
            {
                using var rows = RowTable.Fill(session.DuckDb, source, token);
                var output = new DeltaExecutor(session, _tables).Merge(
                    new DeltaCommand.Merge(_reference, new($"({rows.Sql})"), new(on), clauses)
                    {
                        Alias = Name, SourceAlias = "source", SchemaEvolution = evolves,
                    },
                    token);
                return output;
            },
            cancellationToken);

    private Task<DeltaResult> WriteAsync<T>(
        IEnumerable<T> rows, Func<DeltaType.Struct, WriteMode> mode, SetTransaction? transaction, bool mergeSchema,
        CancellationToken cancellationToken) =>
        _engine.RunAsync(
            (session, token) =>
            {
                var (storage, snapshot) = Newest(session, token);
                using var filled = RowTable.Fill(session.DuckDb, rows, token);
                return new WriteInto(session, storage).Write(
                    new(filled.Sql, mode(snapshot.Schema)) { Transaction = transaction, MergesSchema = mergeSchema }, snapshot, token);
            },
            cancellationToken);

    private List<T> Rows<T>(DeltaSession session, string sql, CancellationToken cancellationToken)
    {
        using var bound = new QueryBinder(session, _tables).Bind(sql, null, cancellationToken);
        var columns = RowShape.Columns(session.DuckDb, bound.Sql, cancellationToken);
        return session.DuckDb.Query(RowTable.Readable(bound.Sql, columns), RowTable.Reader<T>(columns), cancellationToken);
    }

    private string Query(string? where, long? version) => string.Create(
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
