using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>Speaks with one kernel: asks, and gives each answer to whom it belongs.</summary>
internal sealed class JupyterClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(250);
    private readonly IKernelConnection _connection;
    private readonly ConcurrentDictionary<string, Exchange> _exchanges = new();
    private readonly Action<WireMessage> _unasked;
    private readonly string _name;
    private volatile bool _putAway;

    /// <param name="name">What the reader calls the kernel.</param>
    /// <param name="unasked">Takes iopub messages that belong to no request that still runs.</param>
    public JupyterClient(IKernelConnection connection, string name, Action<WireMessage> unasked)
    {
        (_connection, _name, _unasked) = (connection, name, unasked);
        connection.Received = Receive;
        _ = WatchAsync();
    }

    /// <summary>Whether the kernel is still there.</summary>
    public bool IsAlive => !_connection.Gone.IsCompleted;

    /// <summary>What <c>kernel_info</c> said; empty before <see cref="WaitAsync"/> has ended.</summary>
    public JsonObject Info { get; private set; } = [];

    /// <summary>The kernel's language, in lower case.</summary>
    public string Language => Json.Text(Info["language_info"] as JsonObject ?? [], "name")?.ToLowerInvariant() ?? "";

    /// <summary>Waits until the kernel answers on its requests and its outputs.</summary>
    /// <exception cref="CellFaultException">It died, or did not answer in time.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            // The first request waits in the socket until the kernel listens; more are needed only until its outputs are heard as well.
            while (true)
            {
                using var turn = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
                var heard = false;
                var asked = Ask(JupyterChannel.Shell, "kernel_info_request", "{}"u8.ToArray());
                try
                {
                    await foreach (var (channel, message) in asked.Exchange.ReadAsync(turn.Token))
                    {
                        if (channel == JupyterChannel.Shell)
                        {
                            Info = Json.Object(message.Content);
                            turn.CancelAfter(Again);
                        }

                        heard |= channel == JupyterChannel.Iopub;
                    }

                    return;
                }
                catch (OperationCanceledException) when (!limit.IsCancellationRequested)
                {
                    if (heard)
                    {
                        return;
                    }
                }
                finally
                {
                    Forget(asked);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CellFaultException(new(
                "KDL132", $"The kernel '{_name}' was started, but did not answer within {Patience.TotalSeconds:N0} seconds.", Words()));
        }
    }

    /// <summary>Sends a request; what comes back is read from its exchange, which is to be forgotten at the end.</summary>
    public Asked Ask(JupyterChannel channel, string type, byte[] content, IReadOnlyList<byte[]>? buffers = null)
    {
        var asked = new Asked(Guid.NewGuid().ToString("N"), new(type.EndsWith("_request", StringComparison.Ordinal)));
        _exchanges[asked.Id] = asked.Exchange;
        if (_connection.Gone.IsCompletedSuccessfully)
        {
            asked.Exchange.Close(Died(_connection.Gone.Result));
        }
        else
        {
            _connection.Send(channel, asked.Id, type, content, buffers);
        }

        return asked;
    }

    public void Forget(Asked asked)
    {
        _exchanges.TryRemove(asked.Id, out _);
        asked.Exchange.Close(null);
    }

    /// <summary>Asks, and gives the reply's content; null where none came in time, as from a kernel that is busy with a cell.</summary>
    public async Task<JsonObject?> ReplyAsync<T>(
        string type, T content, JsonTypeInfo<T> contentType, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        var asked = Ask(JupyterChannel.Shell, type, JsonSerializer.SerializeToUtf8Bytes(content, contentType));
        try
        {
            await foreach (var (channel, message) in asked.Exchange.ReadAsync(patience.Token))
            {
                if (channel == JupyterChannel.Shell)
                {
                    return Json.Object(message.Content);
                }
            }

            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Forget(asked);
        }
    }

    /// <summary>Answers a question of the kernel.</summary>
    public void Answer(WireMessage question, string answer) => _connection.Send(
        JupyterChannel.Stdin, Guid.NewGuid().ToString("N"), "input_reply",
        JsonSerializer.SerializeToUtf8Bytes(new(answer), WireJson.Default.InputReply), null, question.HeaderJson);

    public void Interrupt() => _connection.Interrupt();

    public void Dispose()
    {
        _putAway = true;
        _connection.Dispose();
    }

    private void Receive(JupyterChannel channel, WireMessage message)
    {
        if (message.Parent() is { } parent && _exchanges.TryGetValue(parent.MsgId, out var exchange))
        {
            exchange.Add(channel, message);
        }
        else if (channel == JupyterChannel.Iopub)
        {
            _unasked(message);
        }
    }

    private async Task WatchAsync()
    {
        var how = await _connection.Gone;
        foreach (var exchange in _exchanges.Values)
        {
            exchange.Close(Died(how));
        }
    }

    private CellFaultException Died(string how) => new(new(
        _putAway ? "KDL135" : "KDL133", _putAway ? $"The kernel '{_name}' was shut down." : $"The kernel '{_name}' died ({how}).",
        string.Join('\n', ((string?[])[Words(),
            Info.Count > 0 && !_putAway ? $"Its variables are lost; the next '#!{_name}' cell starts it anew." : null]).OfType<string>())
            is { Length: > 0 } hint ? hint : null));

    private string? Words() => _connection.LastWords is { } words ? $"Its last words:\n{words}" : null;

    /// <summary>A request that was sent.</summary>
    internal sealed record Asked(string Id, Exchange Exchange);
}
