using System.Diagnostics;

namespace Kadali.Delta;

/// <summary>
/// Flushes files to the disk while they are still written, so that little is left to wait for when they are made durable at the end.
/// Short work is over before it begins.
/// </summary>
internal sealed class EarlyFlush : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // Of a folder with many files, so large a part of the time at most goes into looking for those that are meant.
    private const int LookingPart = 20;

    private readonly CancellationTokenSource _end = new();
    private readonly Task _work;

    /// <param name="folder">Where the files are, or will be.</param>
    /// <param name="pattern">Their names, with <c>*</c> for any text.</param>
    public EarlyFlush(string folder, string pattern) => _work = RunAsync(folder, pattern);

    /// <summary>Ends it.</summary>
    /// <exception cref="IOException">
    /// What was written could not be flushed. The operating system says so only once, so it is not to be left to the last flush.
    /// </exception>
    public void Complete()
    {
        _end.Cancel();
        _work.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _end.Cancel();

        // What was wrong is for Complete to say; who comes here without it has an error already.
        _work.ContinueWith(work => work.Exception, TaskScheduler.Default).Wait();
        _end.Dispose();
    }

    private async Task RunAsync(string folder, string pattern)
    {
        var flushed = new Dictionary<string, long>(StringComparer.Ordinal);
        var pause = Interval;
        while (await WaitAsync(pause).ConfigureAwait(false))
        {
            var clock = Stopwatch.StartNew();
            var files = new DirectoryInfo(folder).GetFiles(pattern);
            pause = TimeSpan.FromTicks(Math.Max(Interval.Ticks, clock.Elapsed.Ticks * LookingPart));
            foreach (var file in files.Where(file => flushed.GetValueOrDefault(file.Name) != file.Length))
            {
                if (_end.IsCancellationRequested)
                {
                    return;
                }

                Flush(file.FullName);
                flushed[file.Name] = file.Length;
            }
        }
    }

    private static void Flush(string file)
    {
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }
        catch (FileNotFoundException)
        {
            // Its writer has thought better of it.
        }
    }

    private async Task<bool> WaitAsync(TimeSpan pause)
    {
        await Task.Delay(pause, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_end.IsCancellationRequested;
    }
}
