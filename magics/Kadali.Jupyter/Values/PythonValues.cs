using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>The variables of a Python kernel, through code of ours that it runs once and that leaves no name among the reader's.</summary>
internal sealed class PythonValues
{
    private const string Target = "kadali.values";
    private readonly JupyterClient _client;
    private readonly string _name;
    private bool _takesArrow;

    private PythonValues(JupyterClient client, string name) => (_client, _name) = (client, name);

    /// <summary>Sends the code to a kernel that is idle.</summary>
    /// <exception cref="CellFaultException">The kernel refuses it: it is no IPython.</exception>
    public static async Task<PythonValues> InstallAsync(JupyterClient client, string name, CancellationToken cancellationToken)
    {
        using var script = new StreamReader(typeof(PythonValues).Assembly.GetManifestResourceStream("kadali_values.py")!);
        var source = JsonSerializer.Serialize(await script.ReadToEndAsync(cancellationToken), WireText.Default.String);
        var request = new ExecuteRequest(
            $"exec(compile({source}, '<kadali>', 'exec'), {{'__name__': 'kadali_values'}})", Silent: true, StoreHistory: false);
        var reply = await client.ReplyAsync(
            "execute_request", request, WireJson.Default.ExecuteRequest, TimeSpan.FromSeconds(30), cancellationToken);
        if (reply is null || Json.Text(reply, "status") != "ok")
        {
            throw new CellFaultException(new(
                "KDL134", $"Values cannot be shared with the kernel '{name}'.",
                reply is null ? null : $"{Json.Text(reply, "ename")}: {Json.Text(reply, "evalue")}"));
        }

        var values = new PythonValues(client, name);
        var (hello, _) = await values.AskAsync(new() { ["op"] = "hello" }, [], cancellationToken);
        values._takesArrow = hello.GetProperty("pyarrow").GetBoolean();
        return values;
    }

    public async Task<IReadOnlyList<SharedValueInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var (reply, _) = await AskAsync(new() { ["op"] = "list" }, [], cancellationToken);
        return [.. reply.GetProperty("values").EnumerateArray()
            .Select(value => new SharedValueInfo(value[0].GetString()!, value[1].GetString()!, value[2].GetString()))];
    }

    public async Task<object?> GetAsync(string variable, CancellationToken cancellationToken)
    {
        var (reply, buffers) = await AskAsync(new() { ["op"] = "get", ["name"] = variable }, [], cancellationToken);
        if (reply.TryGetProperty("missing", out _))
        {
            var near = Nearest.Of(variable, reply.GetProperty("names").EnumerateArray().Select(name => name.GetString()!));
            throw new CellFaultException(new(
                "KDL112", $"There is no variable '{variable}' in {_name}.",
                near is null ? "Is the cell that assigns it not run yet?" : $"Did you mean '{near}'?"));
        }

        return new ValueReader(buffers, cancellationToken).Read(reply.GetProperty("value"));
    }

    public async Task SetAsync(string variable, object? value, CancellationToken cancellationToken)
    {
        if (variable.Length == 0 || !(char.IsLetter(variable[0]) || variable[0] == '_')
            || !variable.All(letter => char.IsLetterOrDigit(letter) || letter == '_'))
        {
            throw new CellFaultException(new(
                "KDL105", $"'{variable}' cannot be the name of a variable in {_name}.", "Letters, digits and _, beginning with a letter."));
        }

        var writer = new ValueWriter(_takesArrow);
        var written = await writer.WriteAsync(value, cancellationToken);
        await AskAsync(new() { ["op"] = "set", ["name"] = variable, ["value"] = written }, writer.Buffers, cancellationToken);
    }

    private async Task<(JsonElement Reply, IReadOnlyList<byte[]> Buffers)> AskAsync(
        JsonObject data, IReadOnlyList<byte[]> buffers, CancellationToken cancellationToken)
    {
        var asked = _client.Ask(
            JupyterChannel.Shell, "comm_open",
            JsonSerializer.SerializeToUtf8Bytes(new(Guid.NewGuid().ToString("N"), Target, data), WireJson.Default.CommOpen), buffers);
        try
        {
            await foreach (var (_, message) in asked.Exchange.ReadAsync(cancellationToken))
            {
                if (message.Header.MsgType == "comm_msg")
                {
                    var reply = JsonElement.Parse(message.Content.Span).GetProperty("data");
                    return reply.TryGetProperty("error", out var error)
                        ? throw new CellFaultException(new(
                            "KDL134", $"'{data["name"]}' cannot be shared with {_name}: {error.GetString()}."))
                        : (reply, message.Buffers);
                }
            }

            throw new CellFaultException(new(
                "KDL134", $"The kernel '{_name}' gave no answer about '{data["name"]}'.", $"'#!{_name} --restart' starts it anew."));
        }
        finally
        {
            _client.Forget(asked);
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class WireText : System.Text.Json.Serialization.JsonSerializerContext;
