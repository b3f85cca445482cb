using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Sql;
using Kadali.Tables;

namespace Kadali.Databases;

/// <summary>
/// A database behind an ADO.NET driver as the engine of SQL cells. What differs between databases is in the classes below it.
/// </summary>
internal abstract class AdoEngine(string name) : ISqlEngine, ILanguageService
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _asking = new(1);
    private DbConnection? _connection;
    private DbConnection? _questions;
    private (DateTime At, IReadOnlyList<CatalogColumn> Columns)? _catalog;
    private bool _lost;

    public abstract SqlDialect Dialect { get; }

    /// <summary>The connection that runs statements; there is one once a cell has begun.</summary>
    protected DbConnection Connection => _connection!;

    /// <summary>All columns of all tables that a statement can name: table, column, type.</summary>
    protected abstract string CatalogQuery { get; }

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            _connection = await OpenAsync(cancellationToken);
        }
        catch (Exception exception) when (Reason(exception) is { } reason)
        {
            throw new CellFaultException(new("KDL305", $"The connection '{name}' to {Dialect.Name} cannot be opened: {reason}"), exception);
        }
    }

    public async Task BeginCellAsync(CancellationToken cancellationToken)
    {
        if (_connection is { State: ConnectionState.Open })
        {
            return;
        }

        _connection?.Dispose();
        _connection = null;
        await ConnectAsync(cancellationToken);
        if (_lost)
        {
            _lost = false;
            DisplaySink.Current?.Emit(new CellEvent.Output(
                OutputStream.Error,
                $"The connection '{name}' was lost and has been opened anew; temporary tables, settings and open transactions are gone."
                    + "\n"));
        }
    }

    public virtual async Task<ISqlRun> RunAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        var command = _connection!.CreateCommand();
        try
        {
            command.CommandText = statement.Sql;
            command.CommandTimeout = 0;
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(Parameter(command, parameter));
            }

            return await AdoRun.StartAsync(this, command, cancellationToken);
        }
        catch
        {
            await command.DisposeAsync();
            throw;
        }
    }

    public SqlError? Explain(Exception exception, SqlStatement statement)
    {
        if (exception is SequenceException sequence)
        {
            return new(SqlErrorKind.Value, $"A column cannot be shown: {sequence.Message}.", "Cast the column to text in the statement.");
        }

        if (exception is InvalidCastException or OverflowException or NotSupportedException)
        {
            return new(SqlErrorKind.Value, $"A value has no form in C#: {exception.Message}", "Cast the column to text in the statement.");
        }

        if (exception is not (DbException or IOException or SocketException or InvalidOperationException))
        {
            return null;
        }

        if (_connection is not { State: ConnectionState.Open })
        {
            _lost = true;
            return new(
                SqlErrorKind.Io, $"The connection '{name}' to {Dialect.Name} was lost: {exception.Message}",
                "The next cell connects anew; temporary tables, settings and open transactions are gone.");
        }

        return exception is DbException refused ? Refused(refused, statement) : null;
    }

    public abstract Task<PlanNode> PlanAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken);

    public async ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken)
    {
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
        {
            start--;
        }

        var prefix = text[start..position];
        var columns = await CatalogAsync(cancellationToken);
        var named = columns.Where(column => text.Contains(column.Table, StringComparison.OrdinalIgnoreCase)).ToArray();
        return new(start, position, [.. columns.Select(column => new CompletionItem(column.Table, "table")).DistinctBy(item => item.Text)
            .Concat((named.Length > 0 ? named : columns)
                .Select(column => new CompletionItem(column.Column, "column", $"{column.Type} of {column.Table}")))
            .Where(item => item.Text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).DistinctBy(item => item.Text).Take(200)]);
    }

    public async ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken)
    {
        int start = position, end = position;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
        {
            start--;
        }

        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        var columns = (await CatalogAsync(cancellationToken))
            .Where(column => string.Equals(column.Table, text[start..end], StringComparison.OrdinalIgnoreCase)).ToArray();
        return columns.Length == 0 ? null : MimeBundle.Text(
            columns[0].Table + "\n" + string.Join('\n', columns.Select(column => $"  {column.Column} {column.Type}")));
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _questions?.Dispose();
    }

    /// <summary>Why a connection could not be opened, without a secret; null for an exception that says something else.</summary>
    protected virtual string? Reason(Exception exception) =>
        exception is DbException or SocketException or IOException or TimeoutException ? exception.Message : null;

    protected abstract DbConnection Create();

    /// <summary>What the database says about its refusal.</summary>
    protected abstract SqlError Refused(DbException exception, SqlStatement statement);

    /// <summary>The columns of a result: their C# types, and a scale for decimals.</summary>
    internal virtual IReadOnlyList<(string Name, Type Type, int Scale)> Columns(DbDataReader reader) =>
        [.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), reader.GetFieldType(i), 0))];

    /// <summary>A value of a row in its column's type.</summary>
    internal abstract object? Value(DbDataReader reader, int column, Type type);

    /// <summary>Ends the statement of a command, from another thread.</summary>
    internal virtual void Cancel(DbCommand command) => command.Cancel();

    protected virtual DbParameter Parameter(DbCommand command, SqlParameter parameter)
    {
        var made = command.CreateParameter();
        made.ParameterName = Dialect.ParameterPrefix + parameter.Name;
        made.Value = parameter.Value switch
        {
            null => DBNull.Value,
            char letter => letter.ToString(),
            Enum constant => constant.ToString(),
            Uri address => address.ToString(),
            System.Text.Json.Nodes.JsonNode node => node.ToJsonString(),
            PasswordString => throw new CellFaultException(new(
                "KDL313", $"'{parameter.Name}' is a password, which no statement may take.")),
            var value => value,
        };
        return made;
    }

    /// <summary>The rows of a question about a statement.</summary>
    protected async Task<IReadOnlyList<object?[]>> RowsAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        using var run = await RunAsync(statement, parameters, cancellationToken);
        var rows = new List<object?[]>();
        while (await run.ReadNextRecordBatchAsync(cancellationToken) is { } batch)
        {
            for (var row = 0; row < batch.Length; row++)
            {
                rows.Add([.. Enumerable.Range(0, batch.ColumnCount).Select(column => ArrowValues.Get(batch.Column(column), row))]);
            }
        }

        return rows;
    }

    private async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = Create();
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asked on a connection beside the one that runs statements; nothing where it does not answer soon.</summary>
    private async Task<IReadOnlyList<CatalogColumn>> CatalogAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await _asking.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return [];
        }

        try
        {
            if (_catalog is { } known && DateTime.UtcNow - known.At < Fresh)
            {
                return known.Columns;
            }

            _questions ??= await OpenAsync(limit.Token);
            await using var command = _questions.CreateCommand();
            command.CommandText = CatalogQuery;
            await using var reader = await command.ExecuteReaderAsync(limit.Token);
            var columns = new List<CatalogColumn>();
            while (await reader.ReadAsync(limit.Token))
            {
                columns.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
            }

            _catalog = (DateTime.UtcNow, columns);
            return columns;
        }
        catch (Exception exception) when (exception is DbException or OperationCanceledException or IOException
            or InvalidOperationException)
        {
            // Help that does not come is no fault; the next time asks anew.
            _questions?.Dispose();
            _questions = null;
            return [];
        }
        finally
        {
            _asking.Release();
        }
    }

    private sealed record CatalogColumn(string Table, string Column, string Type);
}
