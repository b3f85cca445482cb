using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>Runs one cell on another kernel.</summary>
internal sealed class KernelRun(JupyterClient client, string name, IInput input)
{
    /// <summary>How long a kernel may take to end what it runs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(900);

    private readonly Lock _lock = new();
    private bool _running;
    private bool _interrupted;

    public async IAsyncEnumerable<CellEvent> RunAsync(string code, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ExecuteRequest(code, AllowStdin: true, StopOnError: false);
        var asked = client.Ask(
            JupyterChannel.Shell, "execute_request", JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.ExecuteRequest));
        var questions = new List<Task<CellFaultException?>>();
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        JsonObject? reply = null;
        try
        {
            await using var registration = cancellationToken.Register(() => Interrupt(asked.Exchange));
            await foreach (var (channel, message) in asked.Exchange.ReadAsync(CancellationToken.None))
            {
                if (message.Header.MsgType == "execute_input")
                {
                    Begin();
                }
                else if (channel == JupyterChannel.Stdin && message.Header.MsgType == "input_request")
                {
                    // Not awaited: the kernel may say more while the reader thinks.
                    Begin();
                    questions.Add(AnswerAsync(message, asking.Token));
                }
                else if (channel == JupyterChannel.Shell)
                {
                    reply = Json.Object(message.Content);
                    foreach (var page in Pages(reply))
                    {
                        yield return page;
                    }
                }
                else if (KernelOutput.Of(message) is { } said)
                {
                    yield return said;
                }
            }
        }
        finally
        {
            await asking.CancelAsync();
            client.Forget(asked);
        }

        if ((await Task.WhenAll(questions)).OfType<CellFaultException>().FirstOrDefault() is { } refused)
        {
            throw refused;
        }

        if (reply is not null && Json.Text(reply, "status") != "ok")
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new CellFailedException(
                Json.Text(reply, "ename") ?? "Error", Json.Text(reply, "evalue") ?? "", Json.Texts(reply, "traceback"));
        }
    }

    /// <summary>A signal that comes before the kernel has begun would be lost: it waits for the beginning.</summary>
    private void Interrupt(Exchange exchange)
    {
        lock (_lock)
        {
            _interrupted = true;
            if (_running)
            {
                client.Interrupt();
            }
        }

        _ = GiveUpAsync(exchange);
    }

    private void Begin()
    {
        lock (_lock)
        {
            if (_interrupted && !_running)
            {
                client.Interrupt();
            }

            _running = true;
        }
    }

    private async Task GiveUpAsync(Exchange exchange)
    {
        await Task.Delay(Patience);
        exchange.Close(new CellFailedException(
            "Interrupted",
            $"The kernel '{name}' was interrupted, but what it runs does not stop. Its next cell waits for it; "
                + $"'#!{name} --restart' ends it.", []));
    }

    /// <summary>
    /// Hands a question on to the reader. Where nobody can be asked the kernel is freed of its wait, and the fault is the cell's.
    /// </summary>
    private async Task<CellFaultException?> AnswerAsync(WireMessage question, CancellationToken cancellationToken)
    {
        var content = Json.Object(question.Content);
        try
        {
            client.Answer(
                question, await input.AskAsync(Json.Text(content, "prompt") ?? "", Json.Flag(content, "password"), cancellationToken));
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (CellFaultException fault)
        {
            client.Interrupt();
            return fault;
        }
    }

    /// <summary>What the kernel would show beside the notebook, such as IPython's <c>name?</c>.</summary>
    private static IEnumerable<CellEvent> Pages(JsonObject reply) => (reply["payload"] as JsonArray ?? []).OfType<JsonObject>()
        .Where(payload => Json.Text(payload, "source") == "page").Select(payload => new CellEvent.Display(KernelOutput.Bundle(payload)));
}
