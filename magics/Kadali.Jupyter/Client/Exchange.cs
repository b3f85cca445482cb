using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>A request and all that comes back for it: outputs on iopub, questions on stdin, and its reply.</summary>
internal sealed class Exchange(bool hasReply = true)
{
    private const long Ahead = 64 << 20;
    private readonly Channel<(JupyterChannel Channel, WireMessage Message)> _messages =
        Channel.CreateUnbounded<(JupyterChannel, WireMessage)>(new() { SingleReader = true });

    private readonly object _lock = new();
    private long _waiting;
    private bool _replied = !hasReply;
    private bool _idle;
    private bool _closed;

    /// <summary>
    /// Adds a message. Waits while the reader is far behind, so that a loud kernel is slowed down instead of kept in memory.
    /// </summary>
    public void Add(JupyterChannel channel, WireMessage message)
    {
        lock (_lock)
        {
            while (channel == JupyterChannel.Iopub && _waiting > Ahead && !_closed)
            {
                Monitor.Wait(_lock);
            }

            _waiting += Size(message);
            _messages.Writer.TryWrite((channel, message));
            _replied |= channel is JupyterChannel.Shell or JupyterChannel.Control;
            _idle |= channel == JupyterChannel.Iopub && message.Header.MsgType == "status"
                && Json.Text(Json.Object(message.Content), "execution_state") == "idle";
            if (_replied && _idle)
            {
                _messages.Writer.TryComplete();
            }
        }
    }

    /// <summary>Nothing more will come: the kernel is gone, or nobody reads on.</summary>
    public void Close(Exception? reason)
    {
        lock (_lock)
        {
            _closed = true;
            _messages.Writer.TryComplete(reason);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>All messages, until there is a reply and the kernel is idle again.</summary>
    public async IAsyncEnumerable<(JupyterChannel Channel, WireMessage Message)> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var next in _messages.Reader.ReadAllAsync(cancellationToken))
        {
            lock (_lock)
            {
                _waiting -= Size(next.Message);
                Monitor.PulseAll(_lock);
            }

            yield return next;
        }
    }

    private static long Size(WireMessage message) => 256 + message.Content.Length + message.Buffers.Sum(buffer => (long)buffer.Length);
}
