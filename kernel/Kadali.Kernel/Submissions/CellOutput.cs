using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>
/// What one submission says, in order, from whatever thread. Text is gathered into pieces, so that a cell that prints 100,000 lines sends a
/// few dozen messages, and a writer that is faster than its reader waits: memory stays bounded.
/// </summary>
internal sealed class CellOutput : IDisposable
{
    private const int PieceLength = 1 << 16;
    private const int PendingPieces = 32;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private readonly Channel<CellEvent> _events = Channel.CreateUnbounded<CellEvent>(new() { SingleReader = true });
    private readonly object _lock = new();
    private readonly StringBuilder _text = new();
    private readonly Timer _timer;
    private readonly Action<CellEvent> _late;
    private OutputStream _stream;
    private int _pending;
    private bool _scheduled;
    private bool _closed;

    /// <param name="late">Takes what is said after the submission ended, by threads that it left running.</param>
    public CellOutput(Action<CellEvent> late)
    {
        _late = late;
        _timer = new(_ => Flush());
    }

    /// <summary>Adds text to a stream. Waits while the reader is far behind.</summary>
    public void Write(OutputStream stream, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        lock (_lock)
        {
            // An interrupt may hit a cell anywhere but in a finally block: the buffer must not be left half written.
            try
            {
            }
            finally
            {
                Append(stream, text);
            }

            WaitForReader();
        }
    }

    /// <summary>Says something; text that came before it goes first.</summary>
    public void Emit(CellEvent said)
    {
        if (said is CellEvent.Output output)
        {
            Write(output.Stream, output.Text);
            return;
        }

        lock (_lock)
        {
            try
            {
            }
            finally
            {
                FlushText();
                Send(said);
            }

            WaitForReader();
        }
    }

    /// <summary>The submission has ended: its reader gets what is left, and then the end or the failure.</summary>
    public void Complete(Exception? failure)
    {
        lock (_lock)
        {
            FlushText();
            _closed = true;
            _events.Writer.TryComplete(failure);
            Monitor.PulseAll(_lock);
        }
    }

    public async IAsyncEnumerable<CellEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _events.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_events.Reader.TryRead(out var said))
            {
                yield return said;

                // Only now has the reader done with it: a process that ends waits for this.
                lock (_lock)
                {
                    _pending--;
                    Monitor.PulseAll(_lock);
                }
            }
        }
    }

    /// <summary>Hands on what was written, and waits until it has been read.</summary>
    public void Flush(TimeSpan limit)
    {
        Flush();
        SpinWait.SpinUntil(() => Volatile.Read(ref _pending) == 0, limit);
    }

    public void Dispose() => _timer.Dispose();

    private void Append(OutputStream stream, ReadOnlySpan<char> text)
    {
        if (_stream != stream)
        {
            FlushText();
            _stream = stream;
        }

        _text.Append(text);
        if (_text.Length >= PieceLength || _closed)
        {
            FlushText();
        }
        else if (!_scheduled)
        {
            _scheduled = true;
            _timer.Change(Delay, Timeout.InfiniteTimeSpan);
        }
    }

    private void Flush()
    {
        lock (_lock)
        {
            _scheduled = false;
            FlushText();
        }
    }

    private void FlushText()
    {
        if (_text.Length > 0)
        {
            var text = _text.ToString();
            _text.Clear();
            Send(new CellEvent.Output(_stream, text));
        }
    }

    private void Send(CellEvent said)
    {
        if (_closed)
        {
            _late(said);
        }
        else
        {
            _pending++;
            _events.Writer.TryWrite(said);
        }
    }

    private void WaitForReader()
    {
        while (_pending > PendingPieces && !_closed)
        {
            Monitor.Wait(_lock);
        }
    }
}
