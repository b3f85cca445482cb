using System.Net;
using System.Text;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>The client's ends of a kernel's sockets.</summary>
internal sealed class ClientSockets : IDisposable
{
    private readonly WireCodec _codec;
    private readonly ZmtpSocket _shell;
    private readonly ZmtpSocket _control;
    private readonly ZmtpSocket _stdin;
    private readonly ZmtpSocket _iopub;

    public ClientSockets(ConnectionFile connection, WireCodec codec)
    {
        _codec = codec;

        // A kernel asks on stdin whoever asked it on shell: both go by one name.
        var identity = Encoding.ASCII.GetBytes(codec.Session);
        _shell = Open(connection.ShellPort, "DEALER", JupyterChannel.Shell);
        _control = Open(connection.ControlPort, "DEALER", JupyterChannel.Control);
        _stdin = Open(connection.StdinPort, "DEALER", JupyterChannel.Stdin);
        _iopub = Open(connection.IopubPort, "SUB", JupyterChannel.Iopub);

        ZmtpSocket Open(int port, string type, JupyterChannel channel) =>
            new(new(IPAddress.Parse(connection.Ip), port), type, identity, frames => Receive(channel, frames));
    }

    public Action<JupyterChannel, WireMessage> Received { get; set; } = (_, _) => { };

    public void Send(JupyterChannel channel, List<byte[]> frames) =>
        (channel switch { JupyterChannel.Control => _control, JupyterChannel.Stdin => _stdin, _ => _shell }).Send(frames);

    public void Dispose()
    {
        foreach (var socket in (ZmtpSocket[])[_shell, _control, _stdin, _iopub])
        {
            socket.Dispose();
        }
    }

    private void Receive(JupyterChannel channel, IReadOnlyList<byte[]> frames)
    {
        WireMessage message;
        try
        {
            message = _codec.Read(frames);
        }
        catch (WireException)
        {
            // Not of this kernel, or not for us: who signs wrongly gets no answer, as everywhere on this wire.
            return;
        }

        Received(channel, message);
    }
}
