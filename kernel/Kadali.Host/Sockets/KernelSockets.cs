using Kadali.Kernel.Jupyter;
using Kadali.Protocol;
using NetMQ;
using NetMQ.Sockets;

namespace Kadali.Host.Sockets;

/// <summary>
/// The five sockets of a kernel, all owned by one thread. Other threads hand their messages over through a queue; the heartbeat is echoed
/// here too, so that it answers however busy the cells are.
/// </summary>
internal sealed class KernelSockets : IOutgoing, IDisposable
{
    private const int LoudAt = 64;
    private readonly RouterSocket _shell = new();
    private readonly RouterSocket _control = new();
    private readonly RouterSocket _stdin = new();
    private readonly XPublisherSocket _iopub = new();
    private readonly ResponseSocket _heartbeat = new();
    private readonly NetMQQueue<(JupyterChannel Channel, List<byte[]> Frames)> _outgoing = new();
    private readonly NetMQPoller _poller;
    private readonly WireCodec _codec;
    private readonly ManualResetEventSlim _gone = new();
    private int _pending;

    /// <summary>Binds the sockets; nothing is received before <see cref="Run"/>.</summary>
    /// <exception cref="NetMQException">An address is taken.</exception>
    public KernelSockets(ConnectionFile connection, WireCodec codec)
    {
        _codec = codec;
        foreach (var socket in (NetMQSocket[])[_shell, _control, _stdin, _iopub, _heartbeat])
        {
            socket.Options.Linger = TimeSpan.FromSeconds(1);
            socket.Options.SendHighWatermark = 0;
            socket.Options.ReceiveHighWatermark = 0;
        }

        _shell.Bind(connection.Address(connection.ShellPort));
        _control.Bind(connection.Address(connection.ControlPort));
        _stdin.Bind(connection.Address(connection.StdinPort));
        _iopub.Bind(connection.Address(connection.IopubPort));
        _heartbeat.Bind(connection.Address(connection.HbPort));
        _poller = [_shell, _control, _stdin, _iopub, _heartbeat, _outgoing];
        _outgoing.ReceiveReady += (_, _) => SendAll();
        _iopub.ReceiveReady += (_, _) => Welcome();
        _heartbeat.ReceiveReady += (_, _) => _heartbeat.SendMultipartMessage(_heartbeat.ReceiveMultipartMessage());
    }

    public void Send(JupyterChannel channel, List<byte[]> frames)
    {
        Interlocked.Increment(ref _pending);
        _outgoing.Enqueue((channel, frames));
    }

    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _pending) > LoudAt)
        {
            await Task.Delay(1, cancellationToken);
        }
    }

    /// <summary>Receives until <see cref="Stop"/>; the calling thread owns the sockets meanwhile.</summary>
    public void Run(JupyterKernel kernel)
    {
        _control.ReceiveReady += (_, _) => Receive(kernel, _control, JupyterChannel.Control);
        _shell.ReceiveReady += (_, _) => Receive(kernel, _shell, JupyterChannel.Shell);
        _stdin.ReceiveReady += (_, _) => Receive(kernel, _stdin, JupyterChannel.Stdin);
        _poller.Run();
        SendAll();
    }

    public void Stop()
    {
        if (!_gone.IsSet && _poller.IsRunning)
        {
            _poller.StopAsync();
        }
    }

    /// <summary>Waits until everything that was said has been handed to the sockets.</summary>
    public void Flush(TimeSpan limit) => SpinWait.SpinUntil(() => Volatile.Read(ref _pending) == 0, limit);

    /// <summary>For a process that is about to end under the kernel's feet: sends what was said, and closes.</summary>
    public void Close(TimeSpan limit)
    {
        if (!_gone.IsSet)
        {
            Flush(limit);
            Stop();
            _gone.Wait(limit);
        }
    }

    public void Dispose()
    {
        _poller.Dispose();
        foreach (var socket in (NetMQSocket[])[_shell, _control, _stdin, _iopub, _heartbeat])
        {
            socket.Dispose();
        }

        _outgoing.Dispose();

        // Waits, as long as the sockets linger, until the last message has left the process.
        NetMQConfig.Cleanup(block: true);
        _gone.Set();
    }

    private static void Receive(JupyterKernel kernel, NetMQSocket socket, JupyterChannel channel)
    {
        // A few at a time: a flood on one channel must not starve the others.
        var frames = new List<byte[]>();
        for (var i = 0; i < 16 && socket.TryReceiveMultipartBytes(TimeSpan.Zero, ref frames!); i++)
        {
            kernel.Receive(channel, frames);
            frames = [];
        }
    }

    private void SendAll()
    {
        while (_outgoing.TryDequeue(out var message, TimeSpan.Zero))
        {
            NetMQSocket socket = message.Channel switch
            {
                JupyterChannel.Shell => _shell,
                JupyterChannel.Control => _control,
                JupyterChannel.Stdin => _stdin,
                _ => _iopub,
            };
            socket.TrySendMultipartBytes(TimeSpan.FromSeconds(1), message.Frames);
            Interlocked.Decrement(ref _pending);
        }
    }

    /// <summary>A subscriber is told that its subscription stands (JEP 65), so that it need not guess when it may send.</summary>
    private void Welcome()
    {
        while (_iopub.TryReceiveFrameBytes(out var frame))
        {
            if (frame is [1, .. var topic])
            {
                _iopub.SendMultipartBytes(_codec.Write(
                    [topic], "iopub_welcome", new(System.Text.Encoding.UTF8.GetString(topic)), WireJson.Default.IopubWelcome, default));
            }
        }
    }
}
