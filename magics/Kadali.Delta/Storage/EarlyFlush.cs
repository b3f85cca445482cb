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

    private readonly string _folder;
    private readonly CancellationTokenSource _end = new();

    private EarlyFlush(string folder, string pattern)
    {
        _folder = folder;
        Work = RunAsync(pattern);
    }

    /// <summary>Ends with <see cref="Complete"/>, or at the first error.</summary>
    public Task Work { get; }

    /// <summary>Begins it; null where the writer of a file lets nobody else open it.</summary>
    /// <param name="folder">The local folder where the files are, or will be.</param>
    /// <param name="pattern">Their names, with <c>*</c> for any text.</param>
    public static EarlyFlush? Begin(string folder, string pattern) => OperatingSystem.IsWindows() ? null : new(folder, pattern);

    /// <summary>Ends it. The caller's thread waits, as for all of the disk.</summary>
    /// <exception cref="DeltaException">
    /// What was written could not be flushed. The operating system says so only once, so it is not to be left to the last flush.
    /// </exception>
    public void Complete()
    {
        _end.Cancel();
        try
        {
            Work.GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DeltaException(
                DeltaErrorKind.Storage, $"What was written to '{_folder}' cannot be made durable: {exception.Message}", inner: exception);
        }
    }

    public void Dispose()
    {
        _end.Cancel();

        // What was wrong is for Complete to say; who comes here without it has an error already.
        Work.ContinueWith(work => work.Exception, TaskScheduler.Default).Wait();
        _end.Dispose();
    }

    private async Task RunAsync(string pattern)
    {
        var flushed = new Dictionary<string, long>(StringComparer.Ordinal);
        var pause = Interval;
        while (await WaitAsync(pause).ConfigureAwait(false))
        {
            var clock = Stopwatch.StartNew();
            var folder = new DirectoryInfo(_folder);
            var files = folder.Exists ? folder.GetFiles(pattern) : [];
            pause = TimeSpan.FromTicks(Math.Max(Interval.Ticks, clock.Elapsed.Ticks * LookingPart));
            foreach (var file in files)
            {
                if (_end.IsCancellationRequested)
                {
                    return;
                }

                Flush(file, flushed);
            }
        }
    }

    private static void Flush(FileInfo file, Dictionary<string, long> flushed)
    {
        try
        {
            var length = file.Length;
            if (flushed.GetValueOrDefault(file.Name) != length)
            {
                using var handle = File.OpenHandle(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
                RandomAccess.FlushToDisk(handle);
                flushed[file.Name] = length;
            }
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
