using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// Computes for tables: a DuckDB database in memory, and a thread on which the work of all its tables is done, one piece after the other.
/// DuckDB itself uses all processors for each piece. Several engines work side by side.
/// </summary>
public sealed class DeltaEngine : IDisposable
{
    // Rows that are read ahead of whoever takes them, in portions.
    private const int Portion = 1024;
    private const int MostPortions = 4;

    private static readonly Lazy<DeltaEngine> SharedEngine = new(() => new DeltaEngine(null, isShared: true));

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly string? _memoryLimit;
    private readonly bool _isShared;
    private DuckDBConnection? _connection;
    private DeltaSession? _session;

    /// <param name="memoryLimit">
    /// What DuckDB may use before it spills to the temporary folder, for instance <c>1GB</c>; null for DuckDB's own limit.
    /// </param>
    public DeltaEngine(string? memoryLimit = null)
        : this(memoryLimit, isShared: false)
    {
    }

    private DeltaEngine(string? memoryLimit, bool isShared)
    {
        (_memoryLimit, _isShared) = (memoryLimit, isShared);
        _thread = new(Work) { IsBackground = true, Name = "delta" };
        _thread.Start();
        if (isShared)
        {
            // Nobody disposes it. Its folder goes with the process, if the thread has time for it.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => _session?.Dispose();
        }
    }

    /// <summary>The engine of tables that are opened without one. It lives as long as the process: to dispose it does nothing.</summary>
    public static DeltaEngine Shared => SharedEngine.Value;

    /// <summary>Ends the thread when the work that waits is done, and forgets the database.</summary>
    public void Dispose()
    {
        if (_isShared)
        {
            return;
        }

        _work.CompleteAdding();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    /// <summary>
    /// Does something on the engine's thread. Cancelling ends DuckDB's statement that runs there, or the wait for its turn.
    /// </summary>
    internal Task<T> RunAsync<T>(Func<DeltaSession, CancellationToken, T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = 0;
        var waiting = cancellationToken.Register(() =>
        {
            if (Interlocked.CompareExchange(ref began, 1, 0) == 0)
            {
                done.TrySetCanceled(cancellationToken);
            }
        });
        try
        {
            _work.Add(() =>
            {
                waiting.Dispose();
                if (Interlocked.CompareExchange(ref began, 1, 0) == 0)
                {
                    Do(work, done, cancellationToken);
                }
            });
        }
        catch (InvalidOperationException)
        {
            waiting.Dispose();
            done.TrySetException(new ObjectDisposedException(nameof(DeltaEngine), "The engine of the table was disposed."));
        }

        return done.Task;
    }

    /// <summary>A connection of its own to the engine's database, to be used on any one thread.</summary>
    internal Task<DuckDBConnection> ConnectAsync(CancellationToken cancellationToken) => RunAsync(
        (session, token) =>
        {
            var connection = session.DuckDb.Connection.Duplicate();
            try
            {
                connection.Open();
                new DuckDb(connection).Execute("SET TimeZone = 'UTC'", token);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
        cancellationToken);

    /// <summary>The rows of a query as DuckDB computes them, beside the engine's other work.</summary>
    /// <exception cref="DeltaException">The query fails.</exception>
    internal async IAsyncEnumerable<IReadOnlyList<T>> StreamAsync<T>(
        string sql, Func<DuckDBDataReader, T> make, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var portions = Channel.CreateBounded<IReadOnlyList<T>>(
            new BoundedChannelOptions(MostPortions) { SingleReader = true, SingleWriter = true });
        var reading = Task.Factory.StartNew(
            () => Read(connection, sql, make, portions.Writer, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            await foreach (var portion in portions.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return portion;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    private void Do<T>(Func<DeltaSession, CancellationToken, T> work, TaskCompletionSource<T> done, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            done.TrySetResult(work(_session ??= Open(), cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            done.TrySetCanceled(cancellationToken);
        }
        catch (DuckDBException exception)
        {
            done.TrySetException(EngineFailure.Of(exception));
        }
        catch (Exception exception)
        {
            // The end of this piece of work: whoever awaits it gets the exception.
            done.TrySetException(exception);
        }
    }

    private static void Read<T>(
        DuckDBConnection connection, string sql, Func<DuckDBDataReader, T> make, ChannelWriter<IReadOnlyList<T>> portions,
        CancellationToken cancellationToken)
    {
        try
        {
            var rows = new List<T>();
            var size = 1;
            new DuckDb(connection).ForEach(
                sql,
                reader =>
                {
                    rows.Add(make(reader));
                    if (rows.Count >= size)
                    {
                        Hand(rows);

                        // The first rows are there at once.
                        size = Math.Min(2 * size, Portion);
                        rows = new(size);
                    }
                },
                cancellationToken);
            Hand(rows);
            portions.TryComplete();
        }
        catch (DuckDBException exception)
        {
            portions.TryComplete(EngineFailure.Of(exception));
        }
        catch (Exception exception)
        {
            // The end of this thread: whoever takes the rows gets the exception.
            portions.TryComplete(exception);
        }

        void Hand(List<T> rows)
        {
            if (!portions.TryWrite(rows))
            {
                // The thread is there for these rows alone: it waits for whoever takes them, and DuckDB with it.
                portions.WriteAsync(rows, cancellationToken).AsTask().GetAwaiter().GetResult();
            }
        }
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
        var connection = new DuckDBConnection("DataSource=:memory:");
        DeltaSession? session = null;
        try
        {
            connection.Open();
            session = new(connection);

            // No code comes from a network; and times are in UTC, as they are in the tables.
            session.DuckDb.Execute(
                "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET allow_community_extensions = false; "
                    + $"SET TimeZone = 'UTC'; SET temp_directory = {DuckDb.Text(session.Scratch)}"
                    + (_memoryLimit is null ? "" : $"; SET memory_limit = {DuckDb.Text(_memoryLimit)}"),
                CancellationToken.None);
            _connection = connection;
            return session;
        }
        catch
        {
            session?.Dispose();
            connection.Dispose();
            throw;
        }
    }
}
