using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Notebooks;

/// <summary>What a cell said, as the outputs of nbformat.</summary>
public sealed class NotebookOutputs(JsonArray outputs)
{
    private readonly Dictionary<string, List<JsonObject>> _displayed = [];
    private bool _clearNext;

    public void Add(CellEvent said, int count)
    {
        if (said is CellEvent.Clear clear)
        {
            _clearNext = clear.Wait;
            if (!clear.Wait)
            {
                outputs.Clear();
            }

            return;
        }

        if (said is CellEvent.Update update)
        {
            foreach (var shown in _displayed.GetValueOrDefault(update.DisplayId) ?? [])
            {
                shown["data"] = Data(update.Content);
            }

            return;
        }

        if (_clearNext)
        {
            outputs.Clear();
            _clearNext = false;
        }

        switch (said)
        {
            case CellEvent.Output text:
                Stream(text);
                break;
            case CellEvent.Display display:
                Show(new() { ["data"] = Data(display.Content), ["metadata"] = new JsonObject(), ["output_type"] = "display_data" }, display.DisplayId);
                break;
            case CellEvent.Result result:
                Show(new() { ["data"] = Data(result.Content), ["execution_count"] = count, ["metadata"] = new JsonObject(), ["output_type"] = "execute_result" }, result.DisplayId);
                break;
            default:
                break;
        }
    }

    public void Error(string name, string value, IReadOnlyList<string> traceback) => outputs.Add((JsonNode)new JsonObject
    {
        ["ename"] = name, ["evalue"] = value, ["output_type"] = "error", ["traceback"] = new JsonArray([.. traceback.Select(line => (JsonNode)line)]),
    });

    private void Stream(CellEvent.Output text)
    {
        var name = text.Stream == OutputStream.Out ? "stdout" : "stderr";
        if (outputs.LastOrDefault() is JsonObject last && (string?)last["output_type"] == "stream" && (string?)last["name"] == name)
        {
            last["text"] = NotebookCell.Lines(string.Concat(((JsonArray)last["text"]!).Select(line => (string?)line)) + text.Text);
        }
        else
        {
            outputs.Add((JsonNode)new JsonObject { ["name"] = name, ["output_type"] = "stream", ["text"] = NotebookCell.Lines(text.Text) });
        }
    }

    private void Show(JsonObject output, string? id)
    {
        outputs.Add((JsonNode)output);
        if (id is not null)
        {
            if (!_displayed.TryGetValue(id, out var shown))
            {
                _displayed[id] = shown = [];
            }

            shown.Add(output);
        }
    }

    private static JsonObject Data(MimeBundle content)
    {
        var data = new JsonObject();
        foreach (var (type, value) in content.Data.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            data[type] = value is JsonNode node ? node.DeepClone() : NotebookCell.Lines(value.ToString() ?? "");
        }

        return data;
    }
}
