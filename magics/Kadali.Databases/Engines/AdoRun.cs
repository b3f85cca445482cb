using System.Data.Common;
using System.Text.RegularExpressions;
using Apache.Arrow;
using Kadali.Sql;
using Kadali.Tables;

namespace Kadali.Databases;

/// <summary>A statement that runs: rows of its reader as record batches, made once, here, for all databases.</summary>
internal sealed partial class AdoRun : ISqlRun
{
    private const int FirstRows = 1024;
    private const int MostRows = 16_384;
    private readonly AdoEngine _engine;
    private readonly DbCommand _command;
    private readonly DbDataReader _reader;
    private readonly Type[] _types;
    private readonly RowBatches _rows;
    private RecordBatch? _first;
    private int _wanted = FirstRows;
    private bool _handed;
    private bool _ended;

    private AdoRun(AdoEngine engine, DbCommand command, DbDataReader reader)
    {
        (_engine, _command, _reader) = (engine, command, reader);
        var columns = reader.FieldCount == 0 ? [] : engine.Columns(reader);
        _types = [.. columns.Select(column => column.Type)];
        _rows = new(columns);
        RowsChanged = reader.FieldCount == 0
            && (reader.RecordsAffected > 0 || (reader.RecordsAffected == 0 && Changes().IsMatch(command.CommandText)))
            ? reader.RecordsAffected : null;
        _ended = reader.FieldCount == 0;
    }

    public Schema Schema => _first!.Schema;

    public long? RowsChanged { get; }

    /// <summary>Runs the command and reads its first rows: what their columns are may show only there.</summary>
    public static async Task<AdoRun> StartAsync(AdoEngine engine, DbCommand command, CancellationToken cancellationToken)
    {
        await using var cancels = cancellationToken.Register(() => engine.Cancel(command));
        DbDataReader? reader = null;
        try
        {
            // Drivers without asynchronous work of their own would hold the caller.
            reader = await Task.Run(() => command.ExecuteReaderAsync(cancellationToken), cancellationToken);
            var run = new AdoRun(engine, command, reader);
            run._first = await Task.Run(() => run.ReadAsync(cancellationToken), cancellationToken);
            return run;
        }
        catch (Exception exception)
        {
            if (reader is not null)
            {
                Close(reader);
            }

            throw cancellationToken.IsCancellationRequested && exception is not OperationCanceledException
                ? new OperationCanceledException(cancellationToken) : exception;
        }
    }

    public async ValueTask<RecordBatch?> ReadNextRecordBatchAsync(CancellationToken cancellationToken)
    {
        if (_first is { Length: > 0 } first && !_handed)
        {
            _handed = true;
            return first;
        }

        if (_ended)
        {
            return null;
        }

        await using var cancels = cancellationToken.Register(() => _engine.Cancel(_command));
        try
        {
            var batch = await Task.Run(() => ReadAsync(cancellationToken), cancellationToken);
            return batch.Length > 0 ? batch : null;
        }
        catch (DbException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public void Dispose()
    {
        if (!_ended)
        {
            // Closing a reader reads what is left of it: the statement is ended first.
            _engine.Cancel(_command);
        }

        Close(_reader);
        _command.Dispose();
    }

    private static void Close(DbDataReader reader)
    {
        try
        {
            reader.Dispose();
        }
        catch (DbException)
        {
            // That it was cancelled, which is what was wanted.
        }
    }

    private async Task<RecordBatch> ReadAsync(CancellationToken cancellationToken)
    {
        var row = new object?[_types.Length];
        while (!_ended && _rows.Count < _wanted)
        {
            if (!await _reader.ReadAsync(cancellationToken))
            {
                _ended = true;
                break;
            }

            for (var i = 0; i < row.Length; i++)
            {
                row[i] = await _reader.IsDBNullAsync(i, cancellationToken) ? null : _engine.Value(_reader, i, _types[i]);
            }

            _rows.Append(row);
        }

        _wanted = Math.Min(_wanted * 4, MostRows);
        return _rows.Build(_ended);
    }

    // Some drivers say 0 for what changes no rows by its nature.
    [GeneratedRegex(@"^\s*(insert|update|delete|merge|replace)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Changes();
}
