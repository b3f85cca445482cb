using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>What another kernel says on iopub, as what a cell of ours says.</summary>
internal static class KernelOutput
{
    /// <summary>A widget lives on channels between its kernel and the front end; here only its text form can be shown.</summary>
    private const string Widget = "application/vnd.jupyter.widget-view+json";

    /// <summary>The event of a message, or null where it is none that a reader sees.</summary>
    public static CellEvent? Of(WireMessage message)
    {
        var type = message.Header.MsgType;
        if (type is not ("stream" or "display_data" or "update_display_data" or "execute_result" or "clear_output"))
        {
            return null;
        }

        var content = Json.Object(message.Content);
        var id = Json.Text(content["transient"] as JsonObject ?? [], "display_id");
        return type switch
        {
            "stream" => new CellEvent.Output(
                Json.Text(content, "name") == "stderr" ? OutputStream.Error : OutputStream.Out, Json.Text(content, "text") ?? ""),
            "clear_output" => new CellEvent.Clear(Json.Flag(content, "wait")),
            "execute_result" => new CellEvent.Result(Bundle(content), id),
            "update_display_data" => id is null ? null : new CellEvent.Update(Bundle(content), id),
            _ => new CellEvent.Display(Bundle(content), id),
        };
    }

    /// <summary>The <c>data</c> and <c>metadata</c> of a message as a bundle, which always has a text form.</summary>
    public static MimeBundle Bundle(JsonObject content)
    {
        var data = new Dictionary<string, object>();
        foreach (var (type, value) in content["data"] as JsonObject ?? [])
        {
            if (value is not null && type != Widget)
            {
                data[type] = value is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : value.DeepClone();
            }
        }

        data.TryAdd(MimeBundle.Plain, $"<{data.Keys.FirstOrDefault() ?? "nothing"}>");
        var metadata = (content["metadata"] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.DeepClone());
        return new(data, metadata.Count > 0 ? metadata : null);
    }
}
