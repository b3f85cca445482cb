using System.Threading.Channels;

namespace Kadali.Host.Terminal;

/// <summary>Keys that somebody presses.</summary>
internal interface IKeys
{
    /// <summary>Whether a key waits to be read, as in the midst of a paste.</summary>
    bool Available { get; }

    ValueTask<ConsoleKeyInfo> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The keys of the process's terminal. A thread reads them, and only when asked: a reader that was interrupted leaves the key that comes
/// next to whoever reads then.
/// </summary>
internal sealed class TerminalKeys : IKeys
{
    private readonly Channel<ConsoleKeyInfo> _keys = Channel.CreateUnbounded<ConsoleKeyInfo>();
    private readonly SemaphoreSlim _wanted = new(0);
    private Thread? _reader;
    private volatile bool _isReading;

    public bool Available => _keys.Reader.Count > 0 || (!_isReading && Console.KeyAvailable);

    public ValueTask<ConsoleKeyInfo> ReadAsync(CancellationToken cancellationToken)
    {
        if (_keys.Reader.TryRead(out var key))
        {
            return new(key);
        }

        if (!_isReading)
        {
            _isReading = true;
            if (_reader is null)
            {
                _reader = new(Read) { IsBackground = true, Name = "keys" };
                _reader.Start();
            }

            _wanted.Release();
        }

        return _keys.Reader.ReadAsync(cancellationToken);
    }

    private void Read()
    {
        try
        {
            while (true)
            {
                _wanted.Wait();
                var key = Console.ReadKey(intercept: true);
                _isReading = false;
                _keys.Writer.TryWrite(key);
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // The terminal went away.
            _keys.Writer.TryComplete(exception);
        }
    }
}
