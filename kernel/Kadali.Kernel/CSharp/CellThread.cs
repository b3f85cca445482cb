using System.Collections.Concurrent;
using Kadali.Cells;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// The thread that cells' code runs on. What a cell awaits continues here too. An interrupt ends a cell in two ways: its own code looks at
/// <see cref="CellLoops"/> in every loop and function, and what sleeps or waits is woken. Code that does neither, in the framework or
/// native, is left behind on its thread, and the next cell gets a new one. (<see cref="System.Runtime.ControlledExecution"/> would end
/// more, but on Unix an abort that meets a thread as it returns from a call ends the process, and with it every variable.)
/// </summary>
internal sealed class CellThread : IDisposable
{
    // Deep enough for honest recursion; a trace of what runs away stays short enough to be read.
    private const int StackSize = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(850);

    private static readonly TimeSpan Nudge = TimeSpan.FromMilliseconds(20);

    private BlockingCollection<Action>? _work;
    private Thread? _thread;

    /// <summary>Runs code to its end.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    /// <exception cref="CellAbandonedException">It was interrupted, and did not let itself be unwound.</exception>
    public async Task<object?> RunAsync(Func<Task<object?>> code, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = _work ??= Start();
        var context = ExecutionContext.Capture();
        work.Add(
            () =>
            {
                // The cell's own console and culture come along; a plain thread would not have them.
                if (context is null)
                {
                    Execute(code, done, cancellationToken);
                }
                else
                {
                    ExecutionContext.Run(context, _ => Execute(code, done, cancellationToken), null);
                }
            },
            CancellationToken.None);

        await using var registration = cancellationToken.Register(() => _ = WakeAsync(_thread!, done.Task));
        try
        {
            await done.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!done.Task.IsCompleted)
        {
            try
            {
                await done.Task.WaitAsync(Patience, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                throw new CellAbandonedException();
            }
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
            {
                // A wake-up that came too late for this cell must not meet the next one.
                work.CompleteAdding();
                _work = null;
            }
        }

        return await done.Task;
    }

    public void Dispose() => _work?.CompleteAdding();

    /// <summary>Wakes what sleeps or waits, and again if it goes back to sleep.</summary>
    private static async Task WakeAsync(Thread thread, Task done)
    {
        for (var waited = TimeSpan.Zero; !done.IsCompleted && waited < Patience; waited += Nudge)
        {
            if (thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
            {
                thread.Interrupt();
            }

            await Task.WhenAny(done, Task.Delay(Nudge));
        }
    }

    private BlockingCollection<Action> Start()
    {
        var work = new BlockingCollection<Action>();
        _thread = new(
            () =>
            {
                while (!work.IsCompleted)
                {
                    try
                    {
                        foreach (var item in work.GetConsumingEnumerable())
                        {
                            item();
                        }
                    }
                    catch (ThreadInterruptedException)
                    {
                        // A wake-up that came just after its cell had ended.
                    }
                }
            },
            StackSize) { IsBackground = true, Name = "cell" };
        _thread.Start();
        return work;
    }

    private static void Execute(Func<Task<object?>> code, TaskCompletionSource<object?> done, CancellationToken interrupt)
    {
        var pump = new Pump(interrupt);
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            done.TrySetResult(pump.Run(code));
        }
        catch (Exception) when (interrupt.IsCancellationRequested)
        {
            // Whatever the cell made of the exception that ended it.
            done.TrySetCanceled(interrupt);
        }
        catch (Exception exception)
        {
            // The end of this thread's work: what the cell threw goes to whoever awaits it.
            done.TrySetException(exception);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
            pump.Close();
        }
    }

    /// <summary>Runs continuations on the thread that waits for them.</summary>
    private sealed class Pump(CancellationToken interrupt) : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

        public override void Post(SendOrPostCallback d, object? state)
        {
            try
            {
                _queue.Add((d, state));
            }
            catch (InvalidOperationException)
            {
                LeftBehind(d, state);
            }
        }

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public object? Run(Func<Task<object?>> code)
        {
            var task = code();
            if (!task.IsCompleted)
            {
                task.ContinueWith(
                    _ => Post(static _ => { }, null), CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                while (!task.IsCompleted)
                {
                    var (callback, state) = _queue.Take();
                    callback(state);
                }
            }

            return task.GetAwaiter().GetResult();
        }

        public void Close()
        {
            _queue.CompleteAdding();
            while (_queue.TryTake(out var left))
            {
                LeftBehind(left.Callback, left.State);
            }
        }

        /// <summary>
        /// The cell has ended: work that it left behind goes on in the pool. After an interrupt the cell's own does not; that of libraries
        /// has to be let come to its end, since it may hold locks.
        /// </summary>
        private void LeftBehind(SendOrPostCallback callback, object? state)
        {
            if (!interrupt.IsCancellationRequested || !IsOfCell(state))
            {
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }
        }

        /// <summary>What is posted is the step of an async method, in a box whose type names the method's state machine.</summary>
        private static bool IsOfCell(object? state) =>
            state is Action { Target: { } box } && box.GetType().GetGenericArguments().Any(argument =>
                argument.Assembly.GetName().Name?.StartsWith("kadali-", StringComparison.Ordinal) == true);
    }
}

/// <summary>A cell was interrupted and still runs, in code that does not come back.</summary>
internal sealed class CellAbandonedException() : Exception("The cell still runs.")
{
    /// <summary>What the reader is told.</summary>
    public static CellFailedException ToFailure() => new(
        "Interrupted",
        "The cell was interrupted, but what it called does not stop. It goes on in the background; the next cell runs beside it.", []);
}
