using System.Text.Json;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>Asks the front end that sent the running cell, on stdin. One question at a time.</summary>
public sealed class StdinInput(WireCodec codec, IOutgoing outgoing) : IInput
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile WireMessage? _request;
    private volatile CancellationTokenSource _cell = new();
    private volatile TaskCompletionSource<InputReply>? _waiting;
    private volatile string? _question;

    /// <summary>The cell that runs now, or null where its front end takes no questions. Questions of the one before it end.</summary>
    internal void Serve(WireMessage? request)
    {
        var before = _cell;
        _cell = new();
        _request = request;
        before.Cancel();
    }

    public async Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken)
    {
        var request = _request ?? throw new CellFaultException(new(
            "KDL113", "The cell asks for input, but this front end cannot ask (allow_stdin is off).",
            "Run it where input is possible, or give the value as a parameter."));
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cell.Token);
        await _turn.WaitAsync(ends.Token);
        try
        {
            var waiting = new TaskCompletionSource<InputReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = waiting;
            var question = codec.Write(
                request.Identities, "input_request", new(prompt, password), WireJson.Default.InputRequest, request.HeaderJson);
            _question = codec.Read(question).Header.MsgId;
            outgoing.Send(JupyterChannel.Stdin, question);
            var reply = await waiting.Task.WaitAsync(ends.Token);
            return reply.Value ?? throw new CellFaultException(new("KDL113", "The question was not answered."));
        }
        finally
        {
            _waiting = null;
            _turn.Release();
        }
    }

    internal void Receive(WireMessage message)
    {
        // An answer that names another question is one to a cell that was interrupted since. Some front ends name none.
        if (message.Header.MsgType == "input_reply" && (message.Parent()?.MsgId is not { } answered || answered == _question))
        {
            _waiting?.TrySetResult(JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.InputReply) ?? new InputReply());
        }
    }
}
