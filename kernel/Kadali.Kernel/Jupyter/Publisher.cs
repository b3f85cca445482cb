using System.Text;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>What cells say, as messages on iopub.</summary>
internal sealed class Publisher(WireCodec codec, IOutgoing outgoing)
{
    public void Status(string state, ReadOnlyMemory<byte> parent) =>
        Send("status", codec.Write(Topic("status"), "status", new(state), WireJson.Default.StatusContent, parent));

    public void Input(string code, int count, ReadOnlyMemory<byte> parent) =>
        Send("execute_input", codec.Write(
            Topic("execute_input"), "execute_input", new(code, count), WireJson.Default.ExecuteInput, parent));

    public void Error(ErrorContent error, ReadOnlyMemory<byte> parent) =>
        Send("error", codec.Write(Topic("error"), "error", error, WireJson.Default.ErrorContent, parent));

    public void Comm(string type, byte[] content, ReadOnlyMemory<byte> parent, IReadOnlyList<byte[]> buffers) =>
        Send(type, codec.Write(Topic(type), type, content, parent, default, buffers));

    public void Shutdown(ShutdownReply reply, ReadOnlyMemory<byte> parent) =>
        Send("shutdown_reply", codec.Write(Topic("shutdown_reply"), "shutdown_reply", reply, WireJson.Default.ShutdownReply, parent));

    public void Event(CellEvent said, int count, bool silent, ReadOnlyMemory<byte> parent)
    {
        switch (said)
        {
            case CellEvent.Output output:
                var name = output.Stream == OutputStream.Out ? "stdout" : "stderr";
                outgoing.Send(JupyterChannel.Iopub, codec.Write(
                    [Encoding.UTF8.GetBytes($"stream.{name}")], "stream", new(name, output.Text), WireJson.Default.StreamContent, parent));
                break;
            case CellEvent.Display display:
                Show("display_data", display.Content, display.DisplayId, parent);
                break;
            case CellEvent.Update update:
                Show("update_display_data", update.Content, update.DisplayId, parent);
                break;
            case CellEvent.Result result when !silent:
                Send("execute_result", codec.Write(
                    Topic("execute_result"), "execute_result",
                    new(count, Json(result.Content.Data), Json(result.Content.Metadata), new(result.DisplayId)),
                    WireJson.Default.ExecuteResult, parent));
                break;
            case CellEvent.Clear clear:
                Send("clear_output", codec.Write(
                    Topic("clear_output"), "clear_output", new(clear.Wait), WireJson.Default.ClearOutput, parent));
                break;
            default:
                break;
        }
    }

    /// <summary>A bundle's data as JSON.</summary>
    public static JsonObject Json(IReadOnlyDictionary<string, object> data)
    {
        var json = new JsonObject();
        foreach (var (type, content) in data)
        {
            json[type] = content as JsonNode is { } node
                ? (node.Parent is null ? node : node.DeepClone())
                : JsonValue.Create(content.ToString());
        }

        return json;
    }

    private static JsonObject Json(IReadOnlyDictionary<string, JsonNode?>? metadata)
    {
        var json = new JsonObject();
        foreach (var (key, value) in metadata ?? new Dictionary<string, JsonNode?>())
        {
            json[key] = value?.DeepClone();
        }

        return json;
    }

    private static List<byte[]> Topic(string type) => [Encoding.UTF8.GetBytes(type)];

    private void Show(string type, MimeBundle content, string? id, ReadOnlyMemory<byte> parent) =>
        Send(type, codec.Write(
            Topic(type), type, new(Json(content.Data), Json(content.Metadata), new(id)), WireJson.Default.DisplayData, parent));

    private void Send(string type, List<byte[]> frames) => outgoing.Send(JupyterChannel.Iopub, frames);
}
