using System.Runtime.CompilerServices;

namespace Kadali.Delta;

/// <content>Rows as objects: read, queried, appended, merged.</content>
public sealed partial class DeltaTable
{
    /// <summary>
    /// The rows, as objects whose constructor parameters or properties have the names of columns, or as values of the only column. They
    /// come while they are read; only the columns that objects take are read, and no files that cannot hold a row.
    /// </summary>
    /// <param name="where">A condition, for instance <c>amount &gt; 100</c>; null for all rows.</param>
    /// <param name="version">A version, from 0; null for the newest.</param>
    /// <exception cref="DeltaException">
    /// An object wants a column that the table has not, or a value is none of a property's type.
    /// </exception>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        string? where = null, long? version = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var read = await _engine.RunAsync(
            (session, token) => Bind<T>(session, Query(where, version), token), cancellationToken).ConfigureAwait(false);
        try
        {
            await foreach (var rows in _engine.StreamAsync(read.Sql, read.Reader.Make, cancellationToken).ConfigureAwait(false))
            {
                foreach (var row in rows)
                {
                    yield return row;
                }
            }
        }
        finally
        {
            _ = _engine.RunAsync(
                (_, _) =>
                {
                    read.Bound.Dispose();
                    return true;
                },
                CancellationToken.None);
        }
    }

    /// <summary>Appends rows, as one version. Properties go into the columns of their names; columns without one are null.</summary>
    /// <param name="transaction">The application's progress: where it is in the table already, nothing is read or written, so that a
    /// repeated append does no harm.</param>
    /// <param name="mergeSchema">Whether columns that the table has not are added to it.</param>
    /// <exception cref="DeltaException">A property does not go into its column, or rows violate a constraint.</exception>
    public Task<DeltaResult> AppendAsync<T>(
        IEnumerable<T> rows, SetTransaction? transaction = null, bool mergeSchema = false, CancellationToken cancellationToken = default) =>
        WriteAsync(Filling.Of(rows), _ => new WriteMode.Append(), transaction, mergeSchema, cancellationToken);

    /// <inheritdoc cref="AppendAsync{T}(IEnumerable{T}, SetTransaction?, bool, CancellationToken)"/>
    public Task<DeltaResult> AppendAsync<T>(
        IAsyncEnumerable<T> rows, SetTransaction? transaction = null, bool mergeSchema = false,
        CancellationToken cancellationToken = default) =>
        WriteAsync(Filling.Of(rows), _ => new WriteMode.Append(), transaction, mergeSchema, cancellationToken);

    /// <summary>Puts rows in the place of all that are there, as one version.</summary>
    /// <param name="where">Only rows for which this is true go, and all that come have to fulfil it; null for all.</param>
    /// <param name="mergeSchema">Whether columns that the table has not are added to it.</param>
    public Task<DeltaResult> OverwriteAsync<T>(
        IEnumerable<T> rows, string? where = null, bool mergeSchema = false, CancellationToken cancellationToken = default) =>
        WriteAsync(Filling.Of(rows), schema => Overwriting(where, schema), null, mergeSchema, cancellationToken);

    /// <inheritdoc cref="OverwriteAsync{T}(IEnumerable{T}, string?, bool, CancellationToken)"/>
    public Task<DeltaResult> OverwriteAsync<T>(
        IAsyncEnumerable<T> rows, string? where = null, bool mergeSchema = false, CancellationToken cancellationToken = default) =>
        WriteAsync(Filling.Of(rows), schema => Overwriting(where, schema), null, mergeSchema, cancellationToken);

    /// <summary>
    /// Begins a MERGE: rows of the source update, delete and extend the table in one version. Conditions call the table <c>target</c> and
    /// the rows <c>source</c>.
    /// </summary>
    /// <param name="on">Which belong together, for instance <c>target.id = source.id</c>.</param>
    public DeltaMerge<T> Merge<T>(IEnumerable<T> source, string on) => new(this, Filling.Of(source), on);

    /// <inheritdoc cref="Merge{T}(IEnumerable{T}, string)"/>
    public DeltaMerge<T> Merge<T>(IAsyncEnumerable<T> source, string on) => new(this, Filling.Of(source), on);

    /// <summary>
    /// The rows of a query that calls this table <c>delta.`path`</c>, and any other so: as objects, or as values of the only column.
    /// </summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(IReadOnlyList<T> (session, token) => Rows<T>(session, sql, token), cancellationToken);

    /// <summary>What changed from one version to another, of a table that has a change data feed; objects may take <c>_change_type</c>,
    /// <c>_commit_version</c> and <c>_commit_timestamp</c>, too.</summary>
    public Task<IReadOnlyList<T>> ChangesAsync<T>(long from, long? to = null, CancellationToken cancellationToken = default) =>
        _engine.RunAsync(
            IReadOnlyList<T> (session, token) =>
            {
                using var changes = new TableChanges(session, session.Log(Storage())).Read(from, to, anyTable: false, token);
                var reader = new RowReader<T>(RowShape.Columns(session.DuckDb, changes.Sql, token));
                return session.DuckDb.Query(reader.Query(changes.Sql), reader.Make, token);
            },
            cancellationToken);

    internal Task<DeltaResult> MergeAsync<T>(
        Filling<T> source, string on, IReadOnlyList<DeltaCommand.MergeClause> clauses, bool evolves, CancellationToken cancellationToken)
    {
        var takesAll = clauses.Any(clause => clause.Action is DeltaCommand.MergeAction.UpdateAll or DeltaCommand.MergeAction.InsertAll);
        return StagedAsync(
            source, schema => takesAll ? Members(typeof(T), schema, evolves) : RowType.Of(typeof(T)).Members,
            (session, rows, token) => new DeltaExecutor(session, _tables).Merge(
                new DeltaCommand.Merge(_reference, new($"({rows})"), new(on), clauses)
                {
                    Alias = Name, SourceAlias = "source", SchemaEvolution = evolves,
                },
                token),
            cancellationToken);
    }

    private async Task<DeltaResult> WriteAsync<T>(
        Filling<T> rows, Func<DeltaType.Struct, WriteMode> mode, SetTransaction? transaction, bool mergeSchema,
        CancellationToken cancellationToken)
    {
        if (transaction is not null && await _engine.RunAsync(
            (session, token) => Newest(session, token).Snapshot.Transactions.TryGetValue(transaction.AppId, out var last)
                && last.Version >= transaction.Version,
            cancellationToken).ConfigureAwait(false))
        {
            return new(null, new Dictionary<string, long>());
        }

        return await StagedAsync(
            rows, schema => Members(typeof(T), schema, mergeSchema),
            (session, sql, token) =>
            {
                var (storage, snapshot) = Newest(session, token);
                return new WriteInto(session, storage).Write(
                    new(sql, mode(snapshot.Schema)) { Transaction = transaction, MergesSchema = mergeSchema }, snapshot, token);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static WriteMode Overwriting(string? where, DeltaType.Struct schema) => where is null
        ? new WriteMode.Overwrite()
        : new WriteMode.ReplaceWhere(SparkExpression.ToDuckDb(new SqlPart(where), schema), where);

    /// <summary>The columns of objects, in the types of a table's. What the table has no column for is said when it is written.</summary>
    private static IReadOnlyList<RowMember> Members(Type type, DeltaType.Struct schema, bool extends) =>
        [
            .. RowType.Of(type).Members.Select(member =>
                schema.Find(member.Field.Name) is null ? member : member.Into(schema, member.Field.Name, extends)),
        ];

    /// <summary>Takes all rows, beside the engine's thread, and then writes them.</summary>
    /// <param name="members">The columns of the rows, for a table of a schema.</param>
    /// <param name="write">Gets a query of the rows.</param>
    private async Task<DeltaResult> StagedAsync<T>(
        Filling<T> rows, Func<DeltaType.Struct, IReadOnlyList<RowMember>> members,
        Func<DeltaSession, string, CancellationToken, DeltaResult> write, CancellationToken cancellationToken)
    {
        var schema = await _engine.RunAsync((session, token) => Newest(session, token).Snapshot.Schema, cancellationToken)
            .ConfigureAwait(false);
        var columns = members(schema);
        using var stage = new RowStage<T>(await _engine.ConnectAsync(cancellationToken).ConfigureAwait(false), columns);
        await rows.IntoAsync(stage, cancellationToken).ConfigureAwait(false);
        return await _engine.RunAsync((session, token) => write(session, stage.Sql, token), cancellationToken).ConfigureAwait(false);
    }

    private List<T> Rows<T>(DeltaSession session, string sql, CancellationToken cancellationToken)
    {
        var read = Bind<T>(session, sql, cancellationToken);
        using (read.Bound)
        {
            return session.DuckDb.Query(read.Sql, read.Reader.Make, cancellationToken);
        }
    }

    private (BoundQuery Bound, string Sql, RowReader<T> Reader) Bind<T>(DeltaSession session, string sql,
        CancellationToken cancellationToken)
    {
        var bound = new QueryBinder(session, _tables).Bind(sql, null, cancellationToken);
        try
        {
            var reader = new RowReader<T>(RowShape.Columns(session.DuckDb, bound.Sql, cancellationToken));
            return (bound, reader.Query(bound.Sql), reader);
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }
}
