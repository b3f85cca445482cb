using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>
/// Runs cells one after the other. After an error or an interrupt, the cells that were already waiting are aborted, as Jupyter asks.
/// </summary>
internal sealed class ExecutionLine
{
    private readonly JupyterParts _parts;
    private readonly Publisher _publisher;
    private readonly Channel<(WireMessage Message, ExecuteRequest Request, long Number)> _waiting =
        Channel.CreateUnbounded<(WireMessage, ExecuteRequest, long)>(new() { SingleReader = true });

    private readonly Lock _lock = new();
    private CancellationTokenSource? _running;
    private WireMessage? _current;
    private WireMessage? _latest;
    private long _enqueued;
    private long _abortUpTo;
    private bool _closed;

    public ExecutionLine(JupyterParts parts, Publisher publisher)
    {
        _parts = parts;
        _publisher = publisher;
        _ = Task.Run(RunAsync);
    }

    public int ExecutionCount { get; private set; }

    public void Enqueue(WireMessage message)
    {
        var request = JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.ExecuteRequest)!;
        _waiting.Writer.TryWrite((message, request, Interlocked.Increment(ref _enqueued)));
    }

    public void Interrupt()
    {
        lock (_lock)
        {
            _running?.Cancel();
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _waiting.Writer.TryComplete();
            _running?.Cancel();
        }
    }

    /// <summary>
    /// Another request's idle status went out: front ends that look at the last status only must see that the cell still runs.
    /// </summary>
    public void StillBusy()
    {
        if (_current is { } current)
        {
            _publisher.Status("busy", current.HeaderJson);
        }
    }

    /// <summary>What no cell of its own can say any more goes to the one that ran last.</summary>
    public void Late(CellEvent said)
    {
        if (_latest is { } latest)
        {
            Late(said, ExecutionCount, latest);
        }
    }

    public void ProcessEnds(string why)
    {
        if (_current is { } current && !_closed)
        {
            var error = new ErrorContent("ProcessExit", why, [$"\e[31mProcessExit\e[0m: {why}"]);
            _publisher.Error(error, current.HeaderJson);
            Reply(current, new ExecuteReply.Failed(ExecutionCount, error.Ename, error.Evalue, error.Traceback));
            _publisher.Status("idle", current.HeaderJson);
        }
    }

    private async Task RunAsync()
    {
        await foreach (var (message, request, number) in _waiting.Reader.ReadAllAsync())
        {
            if (_closed)
            {
                break;
            }

            _publisher.Status("busy", message.HeaderJson);
            if (number <= _abortUpTo)
            {
                Reply(message, new ExecuteReply.Aborted(ExecutionCount));
            }
            else
            {
                await RunOneAsync(message, request);
            }

            _current = null;
            _publisher.Status("idle", message.HeaderJson);
        }
    }

    private async Task RunOneAsync(WireMessage message, ExecuteRequest request)
    {
        using var interrupt = new CancellationTokenSource();
        lock (_lock)
        {
            _running = interrupt;
        }

        _current = _latest = message;
        var stored = request is { StoreHistory: true, Silent: false };
        if (stored || (!request.Silent && ExecutionCount == 0))
        {
            ExecutionCount++;
        }

        var number = ExecutionCount;

        if (!request.Silent)
        {
            _publisher.Input(request.Code, ExecutionCount, message.HeaderJson);
        }

        _parts.Input.Serve(request.AllowStdin ? message : null);
        if (_parts.Record?.TakeNotice() is { } notice)
        {
            _publisher.Event(new CellEvent.Output(OutputStream.Error, notice), ExecutionCount, request.Silent, message.HeaderJson);
        }

        _parts.Record?.CellBegins(ExecutionCount);
        string? output = null;
        try
        {
            var session = await _parts.Session;
            var pace = new OutputPace();
            await foreach (var said in session.RunAsync(
                Submission(request.Code, message) with { Late = said => Late(said, number, message) }, interrupt.Token))
            {
                if (said is CellEvent.Result result)
                {
                    output = result.Content.PlainText;
                }

                _publisher.Event(said, ExecutionCount, request.Silent, message.HeaderJson);
                await _parts.Outgoing.DrainAsync(CancellationToken.None);
                await pace.WaitAsync(said, interrupt.Token);
            }

            Reply(message, new ExecuteReply.Ok(ExecutionCount, await ExpressionsAsync(session, request, interrupt.Token), []));
        }
        catch (Exception exception)
        {
            // The end of the cell: whatever it was becomes the error of this cell, and the next one runs.
            if (request.StopOnError)
            {
                _abortUpTo = Interlocked.Read(ref _enqueued);
            }

            if (_closed)
            {
                return;
            }

            var error = CellErrors.Of(exception, _parts.Log);
            _publisher.Error(error, message.HeaderJson);
            Reply(message, new ExecuteReply.Failed(ExecutionCount, error.Ename, error.Evalue, error.Traceback));
        }
        finally
        {
            lock (_lock)
            {
                _running = null;
            }

            _parts.Record?.CellEnds();
            _parts.Input.Serve(null);
            if (stored && request.Code.Trim().Length > 0)
            {
                _parts.History.Add(ExecutionCount, request.Code, output);
            }
        }
    }

    private async Task<JsonObject> ExpressionsAsync(ISubmissions session, ExecuteRequest request, CancellationToken cancellationToken)
    {
        var results = new JsonObject();
        foreach (var (name, expression) in request.UserExpressions ?? [])
        {
            try
            {
                var data = new JsonObject();
                await foreach (var said in session.RunAsync(new(expression?.ToString() ?? ""), cancellationToken))
                {
                    data = said is CellEvent.Result result ? Publisher.Json(result.Content.Data) : data;
                }

                results[name] = new JsonObject { ["status"] = "ok", ["data"] = data, ["metadata"] = new JsonObject() };
            }
            catch (Exception exception) when (exception is CellFaultException or CellFailedException)
            {
                var error = CellErrors.Of(exception, _parts.Log);
                results[name] = new JsonObject
                {
                    ["status"] = "error", ["ename"] = error.Ename, ["evalue"] = error.Evalue,
                    ["traceback"] = new JsonArray([.. error.Traceback.Select(line => (JsonNode)line)]),
                };
            }
        }

        return results;
    }

    /// <summary>The cell with what the front end says about it: its id, and its language (Polyglot Notebooks' cell metadata).</summary>
    private static Submission Submission(string code, WireMessage message)
    {
        if (message.Metadata.Length <= "{}".Length || JsonNode.Parse(message.Metadata.Span) is not JsonObject metadata)
        {
            return new(code);
        }

        return new(
            code, Text(metadata["polyglot_notebook"], "kernelName") ?? Text(metadata["dotnet_interactive"], "language"),
            Text(metadata, "cellId"));

        static string? Text(JsonNode? node, string key) =>
            node is JsonObject map && map[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    private void Late(CellEvent said, int number, WireMessage message)
    {
        if (said is not CellEvent.Result)
        {
            _publisher.Event(said, number, false, message.HeaderJson);
        }
    }

    private void Reply(WireMessage message, ExecuteReply reply) => _parts.Outgoing.Send(
        JupyterChannel.Shell,
        _parts.Codec.Write(message.Identities, "execute_reply", reply, WireJson.Default.ExecuteReply, message.HeaderJson));
}
