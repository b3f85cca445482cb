using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary><c>#!NAME</c>: cells that run on another Jupyter kernel, with its variables, completion and help.</summary>
internal sealed class JupyterMagic(KernelHandle kernel, MagicSyntax syntax, IInput input) : IMagic, ILanguageService, IValueSharing
{
    /// <summary>A kernel that runs a cell answers nothing else until it is done; an editor waits no longer than this.</summary>
    private static readonly TimeSpan EditorPatience = TimeSpan.FromMilliseconds(800);

    /// <summary>A start that takes longer than this is told.</summary>
    private static readonly TimeSpan LongStart = TimeSpan.FromSeconds(2);

    public MagicSyntax Syntax => syntax;

    public static MagicSyntax SyntaxOf(string name, string summary, string body) => new(name, summary, body)
    {
        Options = [new("restart", "End the kernel and start it anew; its variables are lost.", null)],
        Examples =
        [
            ($"#!{name}\n#!share flights --from csharp",
                "gives it the C# variable; '#!share frame --from " + name + "' in a C# cell takes one back"),
            ($"#!{name} --restart", "starts it anew"),
        ],
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var restart = cell.Arguments.Has("restart");
        if (restart)
        {
            await kernel.StopAsync(cancellationToken);
        }

        if (!restart && string.IsNullOrWhiteSpace(cell.Body))
        {
            yield break;
        }

        var starting = kernel.GetAsync(cancellationToken);
        if (await Task.WhenAny(starting, Task.Delay(LongStart, cancellationToken)) != starting
            && !cancellationToken.IsCancellationRequested)
        {
            yield return new CellEvent.Output(OutputStream.Error, $"Starting the kernel of '#!{syntax.Name}'…\n");
        }

        var (client, anew) = await starting;
        if (restart)
        {
            yield return new CellEvent.Output(
                OutputStream.Error, $"The kernel of '#!{syntax.Name}' was started anew; its variables are lost.\n");
        }
        else if (anew)
        {
            yield return new CellEvent.Output(
                OutputStream.Error, $"The kernel of '#!{syntax.Name}' had died and was started anew; its variables are lost.\n");
        }

        if (!string.IsNullOrWhiteSpace(cell.Body))
        {
            await foreach (var said in new KernelRun(client, syntax.Name, input).RunAsync(cell.Body, cancellationToken))
            {
                yield return said;
            }
        }
    }

    public async ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken)
    {
        var request = new CompleteRequest(text, CodePoints.FromUtf16(text, position));
        if (Running() is not { } client
            || await client.ReplyAsync("complete_request", request, WireJson.Default.CompleteRequest, EditorPatience,
                cancellationToken) is not { } reply
            || Json.Text(reply, "status") != "ok")
        {
            return CompletionList.Empty(position);
        }

        var kinds = (reply["metadata"]?["_jupyter_types_experimental"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(item => Json.Text(item, "text") is not null).DistinctBy(item => Json.Text(item, "text"))
            .ToDictionary(
                item => Json.Text(item, "text")!, item => (Kind: Json.Text(item, "type"), Signature: Json.Text(item, "signature")));
        return new(
            CodePoints.ToUtf16(text, Json.Number(reply, "cursor_start")), CodePoints.ToUtf16(text, Json.Number(reply, "cursor_end")),
            [.. Json.Texts(reply, "matches").Select(match => kinds.TryGetValue(match, out var known)
                ? new CompletionItem(match, KindOf(known.Kind), known.Signature is { Length: > 0 } signature ? signature : null)
                : new CompletionItem(match, "value"))]);
    }

    public async ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken)
    {
        var request = new InspectRequest(text, CodePoints.FromUtf16(text, position), detail);
        return Running() is { } client
            && await client.ReplyAsync("inspect_request", request, WireJson.Default.InspectRequest, EditorPatience,
                cancellationToken) is { } reply
            && Json.Flag(reply, "found") ? KernelOutput.Bundle(reply) : null;
    }

    public async Task<IReadOnlyList<SharedValueInfo>> ListAsync(CancellationToken cancellationToken) =>
        kernel.Running is null ? [] : await (await kernel.ValuesAsync(cancellationToken)).ListAsync(cancellationToken);

    public async Task<object?> GetAsync(string name, CancellationToken cancellationToken) =>
        await (await kernel.ValuesAsync(cancellationToken)).GetAsync(name, cancellationToken);

    public async Task SetAsync(string name, object? value, CancellationToken cancellationToken) =>
        await (await kernel.ValuesAsync(cancellationToken)).SetAsync(name, value, cancellationToken);

    /// <summary>Who asks for help means to run a cell soon: a kernel that does not run yet is started beside.</summary>
    private JupyterClient? Running()
    {
        if (kernel.Running is { } client)
        {
            return client;
        }

        kernel.Warm();
        return null;
    }

    private static string KindOf(string? kind) => kind switch
    {
        "module" => "namespace",
        "instance" or "statement" => "local",
        "param" => "parameter",
        null or "" or "<unknown>" => "value",
        _ => kind,
    };
}
