using System.Collections.Concurrent;
using System.Globalization;
using DuckDB.NET.Data;

namespace Kadali.Sql;

/// <summary>
/// DuckDB inside the kernel: one database in memory, one thread that talks to it. It is opened by the first statement, and loads nothing
/// from a network.
/// </summary>
public sealed class DuckDbSession(string source = ":memory:") : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Lock _lock = new();
    private readonly Lock _opening = new();
    private Thread? _thread;
    private DuckDBConnection? _connection;
    private DuckDBConnection? _questions;
    private string? _folder;

    /// <summary>Does something on the session's thread. Cancelling interrupts the statement that runs there.</summary>
    public Task<T> RunAsync<T>(Func<DuckDBConnection, CancellationToken, T> work, CancellationToken cancellationToken)
    {
        Start();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(
            () =>
            {
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    done.TrySetResult(work(Connect(), cancellationToken));
                }
                catch (Exception exception)
                {
                    // The thread's end of this piece of work: whoever awaits it gets the exception.
                    done.TrySetException(cancellationToken.IsCancellationRequested
                        ? new OperationCanceledException(cancellationToken)
                        : exception);
                }
            },
            cancellationToken);

        // Not awaited here: a C# cell that enumerates a result waits for this on the thread its own continuations need.
        return done.Task;
    }

    /// <summary>Does something on the session's thread when it comes to it; nobody waits.</summary>
    internal void Post(Action work)
    {
        // After the session's end there is nothing left to do.
        if (!_work.IsAddingCompleted)
        {
            _work.Add(() =>
            {
                try
                {
                    work();
                }
                catch (InvalidOperationException) when (_work.IsAddingCompleted)
                {
                    // The session ended while this was waiting: with its connection all is gone that it was about.
                }
            });
        }
    }

    /// <summary>How far the running statement is, from 0 to 1, or null where DuckDB cannot tell. Asked from another thread.</summary>
    internal double? Progress =>
        _connection is { } connection && connection.GetQueryProgress().Percentage is >= 0 and var percent ? percent / 100 : null;

    /// <summary>The folder that DuckDB spills to, which is the session's alone.</summary>
    internal string? Folder => _folder;

    /// <summary>A command that a cancelled token interrupts, wherever it is.</summary>
    internal static IDisposable Cancels(DuckDBCommand command, CancellationToken cancellationToken) =>
        new Delta.Interruption(command, cancellationToken);

    /// <summary>Asks the catalogue or the parser on a connection of its own, beside whatever runs.</summary>
    internal T Ask<T>(Func<DuckDBConnection, T> ask)
    {
        lock (_lock)
        {
            if (_questions is null)
            {
                _questions = Connect().Duplicate();
                _questions.Open();
            }

            return ask(_questions);
        }
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _questions?.Dispose();
        _connection?.Dispose();
        if (_folder is not null && Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void Start()
    {
        lock (_work)
        {
            if (_thread is null)
            {
                _thread = new(() =>
                {
                    foreach (var item in _work.GetConsumingEnumerable())
                    {
                        item();
                    }
                }) { IsBackground = true, Name = "duckdb" };
                _thread.Start();
            }
        }
    }

    /// <summary>The session's connection: opened by whoever needs it first, so that no question waits behind the first statement.</summary>
    private DuckDBConnection Connect()
    {
        lock (_opening)
        {
            return _connection ??= Open();
        }
    }

    private DuckDBConnection Open()
    {
        // DuckDB would spill into the working directory.
        _folder = Directory.CreateTempSubdirectory("kadali-sql-").FullName;
        var connection = new DuckDBConnection(new DuckDBConnectionStringBuilder { DataSource = source }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = string.Join(
            "; ",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET allow_community_extensions = false",
            $"SET temp_directory = '{_folder.Replace("'", "''", StringComparison.Ordinal)}'",
            $"SET memory_limit = '{MemoryLimit()}'",
            "SET TimeZone = 'UTC'",
            "SET errors_as_json = true",
            "SET arrow_lossless_conversion = true",
            // In this order, or DuckDB draws its bar on the process's stdout.
            "SET enable_progress_bar_print = false",
            "SET enable_progress_bar = true",
            "SET progress_bar_time = 0");
        command.ExecuteNonQuery();
        return connection;
    }

    /// <summary><c>KADALI_SQL_MEMORY</c> (for instance <c>4GB</c>), else six tenths of what the process may have.</summary>
    internal static string MemoryLimit()
    {
        var wanted = Environment.GetEnvironmentVariable("KADALI_SQL_MEMORY");
        return !string.IsNullOrEmpty(wanted) && wanted.All(char.IsLetterOrDigit)
            ? wanted
            : string.Create(CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 6 / (1 << 20)}MiB");
    }
}
