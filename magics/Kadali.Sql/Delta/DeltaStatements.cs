using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>
/// Delta tables in SQL cells: statements of Delta are run here, and other statements get queries in place of the Delta tables that they
/// name. Used on the session's thread alone.
/// </summary>
internal sealed partial class DeltaStatements : IDisposable
{
    /// <summary>The table of the last comparison.</summary>
    public const string DiffTable = "__delta_diff";

    private const string Explain = "EXPLAIN (FORMAT json) ";

    private readonly DuckDBConnection _connection;
    private readonly DeltaSession _session;
    private readonly DeltaTables _tables;
    private readonly DeltaExecutor _executor;
    private readonly QueryBinder _binder;
    private readonly CatalogCommands _catalog;
    private HashSet<string>? _duckDbs;

    public DeltaStatements(DuckDBConnection connection, Warehouse warehouse)
    {
        _connection = connection;
        _session = new(connection);
        _tables = new(warehouse, IsDuckDbs);
        _executor = new(_session, _tables);
        _binder = new(_session, _tables);
        _catalog = new(_session, _tables);
    }

    /// <summary>What becomes of a statement; null where it has nothing to do with Delta.</summary>
    /// <param name="inTransaction">Whether a transaction of DuckDB is open.</param>
    /// <exception cref="DeltaException">It is one of Delta's, or names a Delta table, and cannot be run.</exception>
    public DeltaStatement? Prepare(
        string sql, IReadOnlyList<SqlParameter> parameters, bool inTransaction, CancellationToken cancellationToken)
    {
        _duckDbs = null;
        var kind = StatementKind.Of(sql);
        if (IsOurs(kind))
        {
            return Execute(sql, parameters, inTransaction, cancellationToken);
        }

        CheckTables(sql);
        var bound = _binder.Bind(sql, text => Plan(text, parameters, cancellationToken), cancellationToken);
        if (!bound.NamesTables)
        {
            bound.Dispose();
            return sql.Contains('`', StringComparison.Ordinal) ? new(Backticks.ToDoubleQuotes(sql), null) : null;
        }

        if (Definition().Match(sql) is { Success: true } definition)
        {
            bound.Dispose();
            throw new DeltaException(
                DeltaErrorKind.Unsupported,
                $"{definition.Value.Trim().ToUpperInvariant()} is kept as text by DuckDB and cannot name Delta tables, whose files change.",
                "CREATE TEMP TABLE … AS keeps the rows of now; CREATE TABLE … USING DELTA AS keeps them for good.");
        }

        return new(bound.Sql, bound) { ToOriginal = bound.Rewritten.ToOriginal };
    }

    /// <summary>Runs a command to its end.</summary>
    public CommandOutput Run(DeltaCommand command, CancellationToken cancellationToken)
    {
        _duckDbs = null;
        return _catalog.Execute(command, Temporary) ?? _executor.Execute(command, cancellationToken);
    }

    /// <summary>Puts the rows that differ between two versions of a table into <see cref="DiffTable"/>.</summary>
    /// <param name="from">Null for the version before the later one.</param>
    /// <param name="to">Null for the latest.</param>
    public DeltaDiff Diff(TableRef table, long? from, long? to, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        _duckDbs = null;
        var store = _executor.Open(table);
        var log = _session.Log(store);
        var later = to is { } last ? log.At(last, cancellationToken) : log.Update(cancellationToken);
        var earlier = log.At(from ?? Math.Max(0, later.Version - 1), cancellationToken);
        try
        {
            TableDiff.Create(_session, store, earlier, later, keys, DiffTable, cancellationToken);
        }
        catch (DuckDBException exception)
            when (MissingFile.Explain(_session, exception, [new(store, earlier), new(store, later)]) is { } missing)
        {
            throw missing;
        }

        var counts = _session.DuckDb.Query(
            $"SELECT {TableDiff.Change}, count(*) FROM {DiffTable} GROUP BY ALL ORDER BY 1",
            reader => (Change: reader.GetString(0), Rows: reader.GetInt64(1)), cancellationToken);

        // Where rows only changed, columns that are the same in all of them say nothing.
        var columns = counts is [{ Change: "changed" }]
            ? _session.DuckDb.Query(
                $"SELECT DISTINCT unnest({TableDiff.Differing}) FROM {DiffTable} ORDER BY 1", reader => reader.GetString(0),
                cancellationToken)
            : null;
        return new(earlier.Version, later.Version, counts)
        {
            Query = $"SELECT {(columns is null ? $"* EXCLUDE ({TableDiff.Differing})"
                : string.Join(", ", new[] { TableDiff.Change }.Concat(keys).Concat(columns).Select(DuckDb.Name)))} FROM {DiffTable}",
        };
    }

    /// <summary>What is said where a data file is gone that a statement of DuckDB reads; null where it failed for another reason.</summary>
    public DeltaException? Missing(Exception exception, DeltaStatement statement) =>
        statement.Uses is BoundQuery bound ? MissingFile.Explain(_session, exception, bound.Tables) : null;

    public void Dispose() => _session.Dispose();

    private bool IsOurs(StatementKind kind) => kind.Owner switch
    {
        StatementOwner.Delta => true,
        StatementOwner.DuckDb => false,
        _ when kind.Name is not { } name => _tables.Warehouse.Exists,
        _ when kind.IsDatabase => kind.Name!.Parts is [var database] && _tables.Warehouse.HasDatabase(database),
        _ => _tables.Find(kind.Name!) is not null,
    };

    private DeltaStatement Execute(
        string sql, IReadOnlyList<SqlParameter> parameters, bool inTransaction, CancellationToken cancellationToken)
    {
        var text = ParameterSql.Of(sql);
        try
        {
            SetVariables(parameters);
            var command = DeltaSqlParser.Parse(text.Text);
            if (inTransaction && !command.IsQuestion)
            {
                throw new DeltaException(
                    DeltaErrorKind.Argument,
                    "A transaction of DuckDB is open, and a statement of Delta commits by itself: ROLLBACK would not undo it.",
                    "COMMIT or ROLLBACK first.");
            }

            var output = Run(command, cancellationToken);
            return output.Columns.Count == 0 ? DeltaStatement.Finished(null)
                : command is DeltaCommand.Insert or DeltaCommand.Update or DeltaCommand.Delete or DeltaCommand.CreateTable
                    ? DeltaStatement.Finished(Changed(output))
                : new(OutputSql.Of(output), null) { IsOutput = true };
        }
        catch (DeltaException exception) when (exception.Offset is { } offset && text.Text != sql)
        {
            throw new DeltaException(exception.Kind, exception.Message, exception.Hint, exception) { Offset = text.ToOriginal(offset) };
        }
    }

    private static long Changed(CommandOutput output) => output.Rows[0][0] is long rows ? rows : 0;

    /// <summary>Parameters as DuckDB's variables, which the queries of a statement can read.</summary>
    private void SetVariables(IReadOnlyList<SqlParameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = $"SET VARIABLE {ParameterSql.Variable(parameter.Name)} = ${parameter.Name}";
            command.Parameters.Add(DuckDbParameters.Of(parameter));
            command.ExecuteNonQuery();
        }
    }

    /// <summary>A path, or a version, is Delta's: that such a table is missing is said here.</summary>
    private void CheckTables(string sql)
    {
        foreach (var reference in TableReferences.Find(sql))
        {
            var table = reference.Table;
            if (reference.Use == TableUse.Target && _tables.Find(table) is not null)
            {
                throw sql.AsSpan().TrimStart().StartsWith("COPY", StringComparison.OrdinalIgnoreCase)
                    ? new DeltaException(
                        DeltaErrorKind.Unsupported, $"COPY … FROM fills tables of DuckDB, and '{table}' is a Delta table.",
                        $"INSERT INTO {table} SELECT * FROM 'file' does that.") { Offset = table.Start }
                    : new DeltaException(
                        DeltaErrorKind.Unsupported, $"'{table}' is a Delta table, and what changes one is more than one plan of DuckDB.",
                        "EXPLAIN SELECT with the same condition shows which files are read.") { Offset = table.Start };
            }

            if ((table.Path is null && table.AsOf is null && reference.Use != TableUse.Changes) || _tables.Find(table) is not null)
            {
                continue;
            }

            throw table.Path is null && IsDuckDbs(table)
                ? new DeltaException(
                    DeltaErrorKind.Argument, $"'{table}' is a table of DuckDB, which keeps no versions.",
                    "Delta tables do: CREATE TABLE … USING DELTA.")
                {
                    Offset = table.Start,
                }
                : _tables.Missing(table);
        }
    }

    private string Plan(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql.StartsWith(Explain, StringComparison.Ordinal) ? sql : Explain + sql;
        command.Parameters.AddRange(parameters.Select(DuckDbParameters.Of).ToArray());
        using var cancels = DuckDbSession.Cancels(command, cancellationToken);
        using var reader = command.ExecuteReader();
        reader.Read();
        return reader.GetString(1);
    }

    /// <summary>Whether DuckDB has a table or view of that name: it is meant then.</summary>
    private bool IsDuckDbs(TableRef table)
    {
        _duckDbs ??= new(Names(), StringComparer.OrdinalIgnoreCase);
        return _duckDbs.Contains(table.Parts is [.., var schema, var name] ? $"{schema}.{name}" : table.Parts[^1]);
    }

    private IEnumerable<string> Temporary() => Names().Where(name => !name.Contains('.', StringComparison.Ordinal));

    /// <summary>DuckDB's tables and views, by their name alone and with their schema.</summary>
    private List<string> Names() => _session.DuckDb.Query(
        """
        SELECT unnest([name, schema_name || '.' || name]) FROM (
            SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE NOT internal
            UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal)
        WHERE NOT starts_with(name, '__delta_')
        """,
        reader => reader.GetString(0), CancellationToken.None);

    /// <summary>Statements that DuckDB keeps as text and runs later.</summary>
    [GeneratedRegex(@"^\s*(?:create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:recursive\s+)?(?:view|macro|function)|prepare)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Definition();
}
