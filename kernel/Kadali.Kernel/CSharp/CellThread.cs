using System.Collections.Concurrent;
using System.Runtime;
using Kadali.Cells;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// The thread that cells' code runs on. What a cell awaits continues here too, so that one abort ends it: a busy loop, a sleep, a lock or a
/// wait. Native code that does not come back is left behind on its thread, and the next cell gets a new one.
/// </summary>
internal sealed class CellThread : IDisposable
{
    // Deep enough for honest recursion; a trace of what runs away stays short enough to be read.
    private const int StackSize = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(900);

    private static readonly TimeSpan Nudge = TimeSpan.FromMilliseconds(20);

    private BlockingCollection<Action>? _work;
    private Thread? _thread;

    /// <summary>Runs code to its end.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    /// <exception cref="CellAbandonedException">It was interrupted, and did not let itself be unwound.</exception>
    public async Task<object?> RunAsync(Func<Task<object?>> code, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var abort = new CancellationTokenSource();
        var work = _work ??= Start();
        var context = ExecutionContext.Capture();
        work.Add(
            () =>
            {
                // The cell's own console and culture come along; a plain thread would not have them.
                if (context is null)
                {
                    Execute(code, done, abort.Token);
                }
                else
                {
                    ExecutionContext.Run(context, _ => Execute(code, done, abort.Token), null);
                }
            },
            CancellationToken.None);

        await using var registration = cancellationToken.Register(() => Interrupt(_thread!, abort, done.Task));
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
                work.CompleteAdding();
                _work = null;
                throw new CellAbandonedException();
            }
        }

        return await done.Task;
    }

    public void Dispose() => _work?.CompleteAdding();

    /// <summary>An abort ends what runs; what sleeps or waits has to be woken first, and again if it goes back to sleep.</summary>
    private static void Interrupt(Thread thread, CancellationTokenSource abort, Task done)
    {
        // Cancel blocks until the thread is unwound, so it needs a thread that may block.
        new Thread(abort.Cancel) { IsBackground = true, Name = "interrupt" }.Start();
        _ = WakeAsync();

        async Task WakeAsync()
        {
            for (var waited = TimeSpan.Zero; !done.IsCompleted && waited < Patience; waited += Nudge)
            {
                await Task.WhenAny(done, Task.Delay(Nudge));
                if (!done.IsCompleted && thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
                {
                    thread.Interrupt();
                }
            }
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

    private static void Execute(Func<Task<object?>> code, TaskCompletionSource<object?> done, CancellationToken abort)
    {
        var pump = new Pump();
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            object? result = null;
#pragma warning disable SYSLIB0046 // The one way to end code that does not look at a token; cells are what it was made for.
            ControlledExecution.Run(() => result = pump.Run(code), abort);
#pragma warning restore SYSLIB0046
            done.TrySetResult(result);
        }
        catch (Exception exception) when (abort.IsCancellationRequested && exception is OperationCanceledException or ThreadInterruptedException or AggregateException)
        {
            done.TrySetCanceled(abort);
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
    private sealed class Pump : SynchronizationContext
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
                // The cell has ended; work that it left behind goes on in the pool.
                ThreadPool.QueueUserWorkItem(_ => d(state));
            }
        }

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public object? Run(Func<Task<object?>> code)
        {
            var task = code();
            if (!task.IsCompleted)
            {
                task.ContinueWith(_ => Post(static _ => { }, null), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
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
                var (callback, state) = left;
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }
        }
    }
}

/// <summary>A cell was interrupted and still runs, in native code that does not come back.</summary>
internal sealed class CellAbandonedException() : Exception("The cell still runs in native code.");
