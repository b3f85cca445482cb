using System.Text.Json;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>Asks the front end that sent the running cell, on stdin. One question at a time.</summary>
public sealed class StdinInput(WireCodec codec, IOutgoing outgoing) : IInput
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile WireMessage? _request;
    private volatile TaskCompletionSource<InputReply>? _waiting;

    /// <summary>The cell that runs now, or null where its front end takes no questions.</summary>
    internal void Serve(WireMessage? request) => _request = request;

    public async Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken)
    {
        var request = _request ?? throw new CellFaultException(new(
            "KDL113", "The cell asks for input, but this front end cannot ask (allow_stdin is off).", "Run it where input is possible, or give the value as a parameter."));
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var waiting = new TaskCompletionSource<InputReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = waiting;
            outgoing.Send(JupyterChannel.Stdin, codec.Write(
                request.Identities, "input_request", new(prompt, password), WireJson.Default.InputRequest, request.HeaderJson));
            var reply = await waiting.Task.WaitAsync(cancellationToken);
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
        if (message.Header.MsgType == "input_reply")
        {
            _waiting?.TrySetResult(JsonSerializer.Deserialize(message.Content.Span, WireJson.Default.InputReply) ?? new InputReply());
        }
    }
}
