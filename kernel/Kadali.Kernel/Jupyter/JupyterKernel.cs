using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>What a kernel is made of, apart from its sockets.</summary>
/// <param name="Session">Runs submissions; made when the first one comes.</param>
/// <param name="Editor">Completion and inspection; made when first asked for.</param>
/// <param name="Record">Tells how the session before this one ended; null where nobody keeps it.</param>
public sealed record JupyterParts(
    WireCodec Codec, IOutgoing Outgoing, StdinInput Input, CommHub Comms, History History,
    Task<ISubmissions> Session, Task<Submissions.EditorServices> Editor, string Version, ConnectionFile Connection,
    ISessionRecord? Record, Action<Exception> Log);

/// <summary>
/// The Jupyter kernel as a function from messages to messages. Cells run one at a time on a line of their own; everything else is answered
/// at once, also while a cell runs.
/// </summary>
public sealed class JupyterKernel
{
    private readonly JupyterParts _parts;
    private readonly Publisher _publisher;
    private readonly ExecutionLine _line;

    public JupyterKernel(JupyterParts parts)
    {
        _parts = parts;
        _publisher = new(parts.Codec, parts.Outgoing);
        _line = new(parts, _publisher);
    }

    /// <summary>Completes when the kernel was asked to shut down, and has answered.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How many cells have run; the number of the running one.</summary>
    public int ExecutionCount => _line.ExecutionCount;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says that the process is there.</summary>
    public void Start() => _publisher.Status("starting", default);

    /// <summary>Ends the running cell.</summary>
    public void Interrupt() => _line.Interrupt();

    /// <summary>The process is about to end in the middle of a cell: its reader must learn why.</summary>
    public void ProcessEnds(string why) => _line.ProcessEnds(why);

    /// <summary>What a cell says after it ended.</summary>
    public void Late(CellEvent said) => _line.Late(said);

    /// <summary>Takes the frames of one message. Returns at once.</summary>
    public void Receive(JupyterChannel channel, IReadOnlyList<byte[]> frames)
    {
        WireMessage message;
        try
        {
            message = _parts.Codec.Read(frames);
        }
        catch (WireException exception)
        {
            _parts.Log(exception);
            return;
        }

        if (channel == JupyterChannel.Stdin)
        {
            Guard(message, () => _parts.Input.Receive(message));
        }
        else if (message.Header.MsgType == "execute_request" && channel == JupyterChannel.Shell)
        {
            Guard(message, () => _line.Enqueue(message));
        }
        else
        {
            _ = AnswerAsync(channel, message);
        }
    }

    private void Guard(WireMessage message, Action handle)
    {
        try
        {
            handle();
        }
        catch (JsonException exception) when (message.Header.MsgType == "execute_request")
        {
            _publisher.Status("busy", message.HeaderJson);
            Reply(
                JupyterChannel.Shell, message, Error($"The content of execute_request cannot be read: {exception.Message}"),
                WireJson.Default.ErrorReply);
            _publisher.Status("idle", message.HeaderJson);
        }
        catch (JsonException exception)
        {
            // An answer on stdin that cannot be read: the cell goes on waiting for one that can.
            _parts.Log(exception);
        }
    }

    private async Task AnswerAsync(JupyterChannel channel, WireMessage message)
    {
        _publisher.Status("busy", message.HeaderJson);
        try
        {
            await AnswerOneAsync(channel, message);
        }
        catch (Exception exception)
        {
            // The router's end: whatever a request did, its sender gets an answer and the kernel goes on.
            if (exception is not JsonException)
            {
                _parts.Log(exception);
            }

            if (IsRequest(message))
            {
                Reply(channel, message, Error($"{message.Header.MsgType}: {exception.Message}"), WireJson.Default.ErrorReply);
            }
        }
        finally
        {
            _publisher.Status("idle", message.HeaderJson);
            _line.StillBusy();
        }
    }

    private async Task AnswerOneAsync(JupyterChannel channel, WireMessage message)
    {
        switch (message.Header.MsgType)
        {
            case "kernel_info_request":
                Reply(channel, message, KernelInfo(), WireJson.Default.KernelInfoReply);
                break;
            case "connect_request":
                var at = _parts.Connection;
                Reply(
                    channel, message, new(at.ShellPort, at.IopubPort, at.StdinPort, at.HbPort, at.ControlPort),
                    WireJson.Default.ConnectReply);
                break;
            case "complete_request":
                await CompleteAsync(channel, message);
                break;
            case "inspect_request":
                await InspectAsync(channel, message);
                break;
            case "is_complete_request":
                var (status, indent) = (await _parts.Editor).IsComplete(
                    JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.IsCompleteRequest)!.Code);
                Reply(channel, message, new(status, indent), WireJson.Default.IsCompleteReply);
                break;
            case "history_request":
                Reply(
                    channel, message,
                    _parts.History.Find(JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.HistoryRequest)!),
                    WireJson.Default.HistoryReply);
                break;
            case "comm_info_request":
                var target = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.CommInfoRequest)!.TargetName;
                Reply(channel, message, new(_parts.Comms.Info(target)), WireJson.Default.CommInfoReply);
                break;
            case "comm_open":
                _parts.Comms.Open(message);
                break;
            case "comm_msg":
                _parts.Comms.Message(message);
                break;
            case "comm_close":
                _parts.Comms.Close(message);
                break;
            case "interrupt_request":
                _line.Interrupt();
                Reply(channel, message, new(), WireJson.Default.OkReply);
                break;
            case "shutdown_request":
                var shutdown = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.ShutdownRequest)!;
                _line.Close();
                Reply(channel, message, new(shutdown.Restart), WireJson.Default.ShutdownReply);
                _publisher.Shutdown(new(shutdown.Restart), message.HeaderJson);
                _ended.TrySetResult();
                break;
            case "debug_request":
                Reply(channel, message, Error("This kernel has no debugger."), WireJson.Default.ErrorReply);
                break;
            case "create_subshell_request" or "delete_subshell_request" or "list_subshell_request":
                Reply(
                    channel, message,
                    Error("This kernel has no subshells; completion, comms and the like are answered beside a running cell anyway."),
                    WireJson.Default.ErrorReply);
                break;
            default:
                if (!IsRequest(message))
                {
                    break;
                }

                Reply(
                    channel, message, Error($"This kernel does not know the message type '{message.Header.MsgType}' on this channel."),
                    WireJson.Default.ErrorReply);
                break;
        }
    }

    private async Task CompleteAsync(JupyterChannel channel, WireMessage message)
    {
        var request = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.CompleteRequest)!;
        var found = await (await _parts.Editor).CompleteAsync(
            request.Code, CodePoints.ToUtf16(request.Code, request.CursorPos), CancellationToken.None);
        int start = CodePoints.FromUtf16(request.Code, found.Start), end = CodePoints.FromUtf16(request.Code, found.End);
        var types = new JsonArray();
        foreach (var item in found.Items)
        {
            types.Add((JsonNode)new JsonObject
            {
                ["text"] = item.Text, ["type"] = item.Kind, ["signature"] = item.Signature ?? "", ["start"] = start, ["end"] = end,
            });
        }

        Reply(
            channel, message,
            new([.. found.Items.Select(item => item.Text)], start, end, new() { ["_jupyter_types_experimental"] = types }),
            WireJson.Default.CompleteReply);
    }

    private async Task InspectAsync(JupyterChannel channel, WireMessage message)
    {
        var request = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.InspectRequest)!;
        var found = await (await _parts.Editor).InspectAsync(
            request.Code, CodePoints.ToUtf16(request.Code, request.CursorPos), request.DetailLevel, CancellationToken.None);
        Reply(channel, message, new(found is not null, found is null ? [] : Publisher.Json(found.Data), []), WireJson.Default.InspectReply);
    }

    private KernelInfoReply KernelInfo() => new(
        WireCodec.ProtocolVersion, "kadali", _parts.Version,
        new("C#", "14.0", "text/x-csharp", ".cs", "csharp", "text/x-csharp", "script"),
        $"Kadali {_parts.Version}: C# and SQL in one notebook. '#!lsmagic' lists what it knows.",
        [
            new("C# documentation", "https://learn.microsoft.com/dotnet/csharp/"),
            new("DuckDB SQL", "https://duckdb.org/docs/stable/sql/introduction")
        ],
        false, []);

    private void Reply<T>(
        JupyterChannel channel, WireMessage request, T content, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        var reply = request.Header.MsgType[..^"_request".Length] + "_reply";
        _parts.Outgoing.Send(channel, _parts.Codec.Write(request.Identities, reply, content, type, request.HeaderJson));
    }

    /// <summary>Whether its sender waits for a reply; comms and answers do not.</summary>
    private static bool IsRequest(WireMessage message) => message.Header.MsgType.EndsWith("_request", StringComparison.Ordinal);

    private static ErrorReply Error(string message) => new("NotSupported", message, [message]);
}
