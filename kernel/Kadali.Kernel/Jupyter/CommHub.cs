using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>
/// The open comms, and who serves which target. Messages of one comm are handled one after the other, off the sockets' thread.
/// </summary>
public sealed class CommHub : IComms
{
    private readonly Publisher _publisher;
    private readonly Action<Exception> _log;
    private readonly ConcurrentDictionary<string, Func<IComm, JsonNode?, CancellationToken, Task>> _targets = new();
    private readonly ConcurrentDictionary<string, Comm> _open = new();

    public CommHub(WireCodec codec, IOutgoing outgoing, Action<Exception> log) => (_publisher, _log) = (new(codec, outgoing), log);

    public void Serve(string target, Func<IComm, JsonNode?, CancellationToken, Task> opened) => _targets[target] = opened;

    internal IReadOnlyDictionary<string, CommTarget> Info(string? target) =>
        _open.Values.Where(comm => target is null || comm.Target == target)
            .ToDictionary(comm => comm.Id, comm => new CommTarget(comm.Target));

    internal void Open(WireMessage message)
    {
        var open = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.CommOpen)!;
        var comm = new Comm(this, open.CommId, open.TargetName, message.HeaderJson);
        if (!_targets.TryGetValue(open.TargetName, out var opened))
        {
            comm.Close(new JsonObject { ["error"] = $"There is no target '{open.TargetName}' in this kernel." });
            return;
        }

        _open[open.CommId] = comm;
        comm.Enqueue(message.HeaderJson, cancellationToken => opened(comm, open.Data, cancellationToken));
    }

    internal void Message(WireMessage message)
    {
        var content = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.CommMessage)!;
        if (_open.TryGetValue(content.CommId, out var comm))
        {
            comm.Enqueue(
                message.HeaderJson,
                cancellationToken => comm.Received?.Invoke(content.Data, message.Buffers, cancellationToken) ?? Task.CompletedTask);
        }
    }

    internal void Close(WireMessage message)
    {
        var content = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.CommClose)!;
        if (_open.TryRemove(content.CommId, out var comm))
        {
            comm.End();
        }
    }

    private sealed class Comm(CommHub hub, string id, string target, ReadOnlyMemory<byte> parent) : IComm
    {
        private readonly CancellationTokenSource _ended = new();
        private readonly Lock _lock = new();
        private Task _last = Task.CompletedTask;
        private ReadOnlyMemory<byte> _parent = parent;

        public string Id => id;

        public string Target => target;

        public Func<JsonNode?, IReadOnlyList<byte[]>, CancellationToken, Task>? Received { get; set; }

        public Action? Closed { get; set; }

        public void Send(JsonNode? data, params IReadOnlyList<byte[]> buffers) => hub._publisher.Comm(
            "comm_msg", JsonSerializer.SerializeToUtf8Bytes(new(id, data), WireJson.Default.CommMessage), _parent, buffers);

        public void Close(JsonNode? data)
        {
            hub._open.TryRemove(id, out _);
            hub._publisher.Comm("comm_close", JsonSerializer.SerializeToUtf8Bytes(new(id, data), WireJson.Default.CommClose), _parent, []);
            _ended.Cancel();
        }

        public void Enqueue(ReadOnlyMemory<byte> parent, Func<CancellationToken, Task> handle)
        {
            lock (_lock)
            {
                _last = HandleAsync(_last);
            }

            async Task HandleAsync(Task before)
            {
                await Task.Yield();
                await before;
                _parent = parent;
                try
                {
                    await handle(_ended.Token);
                }
                catch (OperationCanceledException) when (_ended.IsCancellationRequested)
                {
                    // The channel was closed under the handler: there is nobody left to tell.
                }
                catch (Exception exception)
                {
                    // The end of this message's way: one bad message must not end the channel.
                    hub._log(exception);
                    Send(new JsonObject { ["error"] = exception.Message });
                }
            }
        }

        public void End()
        {
            _ended.Cancel();
            Closed?.Invoke();
        }
    }
}
