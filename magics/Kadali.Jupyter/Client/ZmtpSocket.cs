using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Kadali.Jupyter;

/// <summary>
/// One connection to a ZeroMQ peer (ZMTP 3.0, no security: what Jupyter speaks on loopback), as a DEALER or as a SUB that takes all. NetMQ
/// serves the kernel's own sockets on threads that all sockets of a process share, and an error there, as when a peer is killed, ends them
/// all; what happens to an attached kernel must stay with it.
/// </summary>
internal sealed class ZmtpSocket : IDisposable
{
    private const byte More = 1;
    private const byte Long = 2;
    private const byte Command = 4;
    private const int GreetingLength = 64;
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(20);
    private readonly Channel<IReadOnlyList<byte[]>> _outgoing = Channel.CreateUnbounded<IReadOnlyList<byte[]>>(
        new() { SingleReader = true });
    private readonly CancellationTokenSource _closed = new();
    private readonly IPEndPoint _peer;
    private readonly string _type;
    private readonly byte[] _identity;
    private readonly Action<IReadOnlyList<byte[]>> _received;

    /// <summary>Connects as soon as the peer listens; what is sent before waits.</summary>
    /// <param name="type"><c>DEALER</c> or <c>SUB</c>.</param>
    /// <param name="received">Takes the frames of each message, one after the other; while it blocks, the peer is not read.</param>
    public ZmtpSocket(IPEndPoint peer, string type, byte[] identity, Action<IReadOnlyList<byte[]>> received)
    {
        (_peer, _type, _identity, _received) = (peer, type, identity, received);

        // What the cell that happened to start the kernel carries along must not cling to this work.
        using var apart = ExecutionContext.SuppressFlow();
        _ = Task.Run(RunAsync);
    }

    public void Send(IReadOnlyList<byte[]> frames) => _outgoing.Writer.TryWrite(frames);

    public void Dispose() => _closed.Cancel();

    private async Task RunAsync()
    {
        try
        {
            using var socket = await ConnectAsync();
            await using var stream = new BufferedStream(new NetworkStream(socket), 1 << 16);
            await GreetAsync(socket, stream);
            if (_type == "SUB")
            {
                await socket.SendAsync(Frame(0, [1]), _closed.Token);
            }

            await Task.WhenAny(SendAllAsync(socket), ReceiveAllAsync(stream));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException
            or ObjectDisposedException or InvalidDataException)
        {
            // The peer went away, or we did: whoever waits for an answer learns it from the process's end.
        }
        finally
        {
            await _closed.CancelAsync();
        }
    }

    private async Task<Socket> ConnectAsync()
    {
        while (true)
        {
            var socket = new Socket(_peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(_peer, _closed.Token);
                return socket;
            }
            catch (SocketException)
            {
                // Not there yet: a kernel takes its time to listen.
                socket.Dispose();
                await Task.Delay(Again, _closed.Token);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private async Task GreetAsync(Socket socket, Stream stream)
    {
        var greeting = new byte[GreetingLength];
        (greeting[0], greeting[9], greeting[10]) = (0xFF, 0x7F, 3);
        "NULL"u8.CopyTo(greeting.AsSpan(12));
        await socket.SendAsync(greeting, _closed.Token);
        var theirs = new byte[GreetingLength];
        await stream.ReadExactlyAsync(theirs, _closed.Token);
        if (theirs[0] != 0xFF || theirs[10] < 3)
        {
            throw new InvalidDataException("The peer speaks no ZMTP 3.");
        }

        using var ready = new MemoryStream();
        ready.WriteByte(5);
        ready.Write("READY"u8);
        Property(ready, "Socket-Type", Encoding.ASCII.GetBytes(_type));
        Property(ready, "Identity", _identity);
        await socket.SendAsync(Frame(Command, ready.ToArray()), _closed.Token);
        var (flags, body) = await ReadFrameAsync(stream);
        if ((flags & Command) == 0 || !body.AsSpan().StartsWith("\u0005READY"u8))
        {
            throw new InvalidDataException("The peer is not ready to talk without security.");
        }
    }

    private async Task SendAllAsync(Socket socket)
    {
        await foreach (var frames in _outgoing.Reader.ReadAllAsync(_closed.Token))
        {
            for (var i = 0; i < frames.Count; i++)
            {
                ReadOnlyMemory<byte> left = Frame(i + 1 < frames.Count ? More : (byte)0, frames[i]);
                while (left.Length > 0)
                {
                    left = left[await socket.SendAsync(left, _closed.Token)..];
                }
            }
        }
    }

    private async Task ReceiveAllAsync(Stream stream)
    {
        var frames = new List<byte[]>();
        while (true)
        {
            var (flags, body) = await ReadFrameAsync(stream);
            if ((flags & Command) != 0)
            {
                continue;
            }

            frames.Add(body);
            if ((flags & More) == 0)
            {
                _received(frames);
                frames = [];
            }
        }
    }

    private async Task<(byte Flags, byte[] Body)> ReadFrameAsync(Stream stream)
    {
        var head = new byte[8];
        await stream.ReadExactlyAsync(head.AsMemory(0, 1), _closed.Token);
        var flags = head[0];
        var width = (flags & Long) != 0 ? 8 : 1;
        await stream.ReadExactlyAsync(head.AsMemory(0, width), _closed.Token);
        var length = width == 8 ? BinaryPrimitives.ReadInt64BigEndian(head) : head[0];
        if (length is < 0 or > int.MaxValue - 64)
        {
            throw new InvalidDataException($"A frame of {length} bytes is too long.");
        }

        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _closed.Token);
        return (flags, body);
    }

    private static byte[] Frame(byte flags, byte[] body)
    {
        var isLong = body.Length > byte.MaxValue;
        var frame = new byte[(isLong ? 9 : 2) + body.Length];
        frame[0] = (byte)(flags | (isLong ? Long : 0));
        if (isLong)
        {
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(1), body.Length);
        }
        else
        {
            frame[1] = (byte)body.Length;
        }

        body.CopyTo(frame, frame.Length - body.Length);
        return frame;
    }

    private static void Property(MemoryStream into, string name, byte[] value)
    {
        into.WriteByte((byte)name.Length);
        into.Write(Encoding.ASCII.GetBytes(name));
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
        into.Write(length);
        into.Write(value);
    }
}
