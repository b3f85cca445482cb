using System.Collections.Concurrent;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// Computes for tables: a DuckDB database in memory, and a thread on which the work of all its tables is done, one piece after the other.
/// DuckDB itself uses all processors for each piece. Several engines work side by side.
/// </summary>
public sealed class DeltaEngine : IDisposable
{
    private static readonly Lazy<DeltaEngine> SharedEngine = new(() => new DeltaEngine());

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly string? _memoryLimit;
    private DuckDBConnection? _connection;
    private DeltaSession? _session;

    /// <param name="memoryLimit">
    /// What DuckDB may use before it spills to the temporary folder, for instance <c>1GB</c>; null for DuckDB's own limit.
    /// </param>
    public DeltaEngine(string? memoryLimit = null)
    {
        _memoryLimit = memoryLimit;
        _thread = new(Work) { IsBackground = true, Name = "delta" };
        _thread.Start();
    }

    /// <summary>The engine of tables that are opened without one. It lives as long as the process.</summary>
    public static DeltaEngine Shared => SharedEngine.Value;

    /// <summary>Ends the thread when the work that waits is done, and forgets the database.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    /// <summary>Does something on the engine's thread. Cancelling ends DuckDB's statement that runs there.</summary>
    internal Task<T> RunAsync<T>(Func<DeltaSession, CancellationToken, T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(
            () =>
            {
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    done.TrySetResult(work(_session ??= Open(), cancellationToken));
                }
                catch (Exception exception)
                {
                    // The end of this piece of work: whoever awaits it gets the exception.
                    done.TrySetException(exception);
                }
            },
            cancellationToken);
        return done.Task;
    }

    private void Work()
    {
        foreach (var item in _work.GetConsumingEnumerable())
        {
            item();
        }

        _session?.Dispose();
        _connection?.Dispose();
    }

    private DeltaSession Open()
    {
        _connection = new("DataSource=:memory:");
        _connection.Open();
        var session = new DeltaSession(_connection);

        // No code comes from a network; and times are in UTC, as they are in the tables.
        session.DuckDb.Execute(
            "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET allow_community_extensions = false; "
                + $"SET TimeZone = 'UTC'; SET temp_directory = {DuckDb.Text(session.Scratch)}"
                + (_memoryLimit is null ? "" : $"; SET memory_limit = {DuckDb.Text(_memoryLimit)}"),
            CancellationToken.None);
        return session;
    }
}
