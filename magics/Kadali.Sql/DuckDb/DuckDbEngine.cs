using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>DuckDB as the engine of a SQL magic. C# sequences are tables under their variable's name.</summary>
public sealed partial class DuckDbEngine : ISqlEngine, ILanguageService
{
    // A statement can name so many C# sequences.
    private const int MostSequences = 16;
    private const string ExplainPrefix = "EXPLAIN (FORMAT json) ";

    private readonly DuckDbSession _session;
    private readonly SequenceTables _sequences;
    private readonly TemporaryTables _temporary = new();
    private readonly MissingTables _missing;
    private readonly DuckDbLanguage _language;

    // Made by the first statement or completion: until then nothing of Delta is loaded.
    private readonly Lazy<DeltaNames> _names = new();
    private DeltaStatements? _delta;

    // What the last statement became, for the places of its errors.
    private DeltaStatement? _ran;

    public DuckDbEngine(DuckDbSession session, IVariables variables)
    {
        _session = session;
        _sequences = new(session, variables);
        _missing = new(session, variables, _temporary, _names);
        _language = new(session, variables, _temporary, _names);
    }

    public SqlDialect Dialect { get; } = new("DuckDB", '$');

    public double? Progress => _session.Progress;

    /// <summary>Opens the database, which the first statement would do otherwise.</summary>
    /// <exception cref="CellFaultException">DuckDB cannot open it.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _session.RunAsync((_, _) => true, cancellationToken);
        }
        catch (DuckDBException exception)
        {
            throw new CellFaultException(new("KDL305", DuckDbErrors.Read(exception.Message, "").Message), exception);
        }
    }

    public Task BeginCellAsync(CancellationToken cancellationToken) => _sequences.DropAsync(cancellationToken);

    public async Task<ISqlRun> RunAsync(SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        Guarded.Check(statement);
        statement = statement with { Sql = DuckDbParameters.InLists(statement.Sql, parameters) };
        var sql = statement.Sql;
        var changes = Change().IsMatch(statement.Sql) && !Returning().IsMatch(statement.Sql);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var run = await _session.RunAsync(
                    (connection, token) => Start(connection, sql, parameters, changes, token), cancellationToken);
                _sequences.Ran(statement.Sql);
                return run;
            }
            catch (DuckDBException exception)
                when (attempt < MostSequences && MissingTables.VariableIn(exception.Message) is { } missing)
            {
                if (!await _sequences.TryCreateAsync(missing, cancellationToken))
                {
                    throw;
                }
            }
            catch (DuckDBException exception) when (sql == statement.Sql && VariantColumns.Are(exception))
            {
                if (await _session.RunAsync(
                    (connection, token) =>
                    {
                        var delta = _delta!.Prepare(statement.Sql, parameters, _sequences.InTransaction, token);
                        using var uses = delta?.Uses;
                        return VariantColumns.AsJson(connection, statement.Sql, delta?.Sql ?? statement.Sql, parameters);
                    },
                    cancellationToken) is not { } query)
                {
                    throw;
                }

                sql = query;
            }
        }
    }

    public SqlError? Explain(Exception exception, SqlStatement statement)
    {
        var prefix = exception.Data.Contains(nameof(ExplainPrefix)) ? ExplainPrefix : "";
        if ((exception as DeltaException ?? (_ran is { } ran ? _delta?.Missing(exception, ran) : null)) is { } refused)
        {
            var error = DeltaErrors.Read(refused);
            return error with { Offset = error.Offset is { } at ? Math.Max(0, at - prefix.Length) : null };
        }

        if (exception is not DuckDBException)
        {
            return null;
        }

        if (DuckDb.FailedStatement(exception) is { } ours)
        {
            return _missing.WithGuess(DeltaErrors.Read(exception, ours, statement.Sql, prefix.Length));
        }

        var read = _missing.WithGuess(DuckDbErrors.Read(exception.Message, _ran?.Sql ?? prefix + statement.Sql));
        return read with
        {
            // A query of ours has no place in the cell.
            Offset = read.Offset is not { } offset || _ran is { ToOriginal: null } ? null
                : Math.Max(0, (_ran?.ToOriginal?.Invoke(offset) ?? offset) - prefix.Length),
        };
    }

    public async Task<PlanNode> PlanAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        try
        {
            using var run = await RunAsync(statement with { Sql = ExplainPrefix + statement.Sql }, parameters, cancellationToken);
            var batch = await run.ReadNextRecordBatchAsync(cancellationToken);
            return DuckDbPlan.Read((string)Tables.ArrowValues.Get(batch!.Column(1), 0)!);
        }
        catch (Exception exception) when (exception is DuckDBException or DeltaException)
        {
            exception.Data[nameof(ExplainPrefix)] = true;
            throw;
        }
    }

    public ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken) =>
        _language.CompleteAsync(text, position, cancellationToken);

    public ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken) =>
        _language.InspectAsync(text, position, cancellationToken);

    /// <summary>Tables of a database of the warehouse, or with none given of the one in use, and the databases.</summary>
    internal Task<IReadOnlyList<CompletionItem>> DeltaTablesAsync(string? database, CancellationToken cancellationToken) => Task.Run(
        IReadOnlyList<CompletionItem> () => database is null ? _names.Value.Items()
            : [.. _names.Value.ItemsOf(database).Select(item => item with { Text = $"{database}.{item.Text}" })],
        cancellationToken);

    /// <summary>The columns of a Delta table; none where there is none of that name.</summary>
    internal Task<IReadOnlyList<CompletionItem>> DeltaColumnsAsync(string table, CancellationToken cancellationToken) =>
        _language.DeltaColumnsAsync(table, cancellationToken);

    /// <summary>The C# sequences that can be tables.</summary>
    internal IEnumerable<CompletionItem> Sequences() => _language.Sequences();

    public void Dispose()
    {
        _delta?.Dispose();
        _session.Dispose();
    }

    /// <summary>Does something with Delta tables on the session's thread.</summary>
    internal Task<T> OnDeltaAsync<T>(Func<DeltaStatements, CancellationToken, T> work, CancellationToken cancellationToken) =>
        _session.RunAsync(
            (connection, token) =>
            {
                _ran = null;
                return work(_delta ??= new(connection, _names.Value.Warehouse), token);
            },
            cancellationToken);

    private ISqlRun Start(
        DuckDBConnection connection, string sql, IReadOnlyList<SqlParameter> parameters, bool changes, CancellationToken cancellationToken)
    {
        _ran = null;
        _delta ??= new(connection, _names.Value.Warehouse);
        var delta = _delta.Prepare(sql, parameters, _sequences.InTransaction, cancellationToken);
        if (delta is { Sql: null })
        {
            return new FinishedRun(delta.RowsChanged);
        }

        _ran = delta;
        var command = connection.CreateCommand();
        command.CommandText = delta?.Sql ?? sql;
        if (delta is not { IsOutput: true })
        {
            command.Parameters.AddRange(parameters.Select(DuckDbParameters.Of).ToArray());
        }

        using var cancels = DuckDbSession.Cancels(command, cancellationToken);
        try
        {
            var run = DuckDbRun.Start(_session, command, changes && delta is not { IsOutput: true }, delta?.Uses);
            if (run.Schema.FieldsList.Count == 0)
            {
                _temporary.Ran(connection, sql);
            }

            return run;
        }
        catch
        {
            delta?.Uses?.Dispose();
            command.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"^\s*(insert|update|delete|merge|copy)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Change();

    [GeneratedRegex(@"\b(returning|return_stats|return_files)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Returning();
}
