using System.Diagnostics.CodeAnalysis;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using DuckDB.NET.Data;

namespace Kadali.Sql;

/// <summary>A statement that runs on the session's thread, batch after batch.</summary>
internal sealed class DuckDbRun : ISqlRun
{
    // DuckDB gives 2,048 rows a batch. The first page wants one; who reads on wants fewer trips to the session's thread.
    private const int MostAhead = 32;

    private readonly DuckDbSession _session;
    private readonly DuckDBCommand _command;
    private readonly IArrowArrayStream? _stream;
    private readonly ArrowForm _form;
    private readonly IDisposable? _uses;
    private readonly Queue<RecordBatch> _ahead = [];
    private int _next = 1;
    private bool _ended;

    private DuckDbRun(DuckDbSession session, DuckDBCommand command, IArrowArrayStream? stream, long? changed, IDisposable? uses)
    {
        (_session, _command, _stream, RowsChanged, _uses) = (session, command, stream, changed, uses);
        _form = ArrowForm.Of(stream?.Schema ?? new Schema([], null));
        _ended = stream is null;
    }

    public Schema Schema => _form.Schema;

    public long? RowsChanged { get; }

    /// <summary>Starts it; to be called on the session's thread.</summary>
    /// <param name="uses">What has to be kept until the rows are read.</param>
    public static DuckDbRun Start(DuckDbSession session, DuckDBCommand command, bool changes, IDisposable? uses)
    {
        if (changes)
        {
            var rows = command.ExecuteNonQuery();
            return new(session, command, null, rows, uses);
        }

        try
        {
            command.UseStreamingMode = true;
            return new(session, command, command.ExecuteArrowStream(), null, uses);
        }
        catch (InvalidOperationException)
        {
            // The statement has run, and is of those that give no rows.
            return new(session, command, null, null, uses);
        }
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "DuckDB's stream is read synchronously.")]
    public async ValueTask<RecordBatch?> ReadNextRecordBatchAsync(CancellationToken cancellationToken)
    {
        if (_ahead.TryDequeue(out var ready))
        {
            return ready;
        }

        if (_ended)
        {
            return null;
        }

        await _session.RunAsync(
            (_, token) =>
            {
                using var cancels = DuckDbSession.Cancels(_command, token);
                for (var i = 0; i < _next && !_ended; i++)
                {
                    if (_stream!.ReadNextRecordBatchAsync(token).AsTask().GetAwaiter().GetResult() is { } batch)
                    {
                        _ahead.Enqueue(_form.Of(batch));
                    }
                    else
                    {
                        _ended = true;
                    }
                }

                return true;
            },
            cancellationToken);
        _next = Math.Min(_next * 2, MostAhead);
        return _ahead.TryDequeue(out var first) ? first : null;
    }

    public void Dispose()
    {
        while (_ahead.TryDequeue(out var batch))
        {
            batch.Dispose();
        }

        _ended = true;
        _session.Post(() =>
        {
            _stream?.Dispose();
            _command.Dispose();
            _uses?.Dispose();
        });
    }
}
