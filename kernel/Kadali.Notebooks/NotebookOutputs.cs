using System.Text;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Notebooks;

/// <summary>
/// Writes what cells say into a notebook, as the outputs of nbformat. One for a whole run, since a cell may update what an earlier one
/// showed.
/// </summary>
public sealed class NotebookOutputs
{
    // A cell that prints without end shall neither fill the memory nor make a file that nothing opens.
    private const int MostText = 16 * 1024 * 1024;
    private static readonly HashSet<string> SplitTypes = new(StringComparer.Ordinal) { MimeBundle.JavaScript, MimeBundle.Svg };
    private readonly Dictionary<string, List<JsonObject>> _displayed = [];
    private readonly StringBuilder _text = new();
    private JsonArray _outputs = [];
    private JsonObject? _stream;
    private bool _clearNext;
    private int _count;
    private int _printed;

    /// <summary>Starts the next cell: what it showed before goes away.</summary>
    /// <param name="count">The number that its result carries.</param>
    public void Begin(NotebookCell cell, int count)
    {
        Flush();
        (_outputs, _stream, _clearNext, _count, _printed) = (cell.Outputs, null, false, count, 0);
        _outputs.Clear();
    }

    public void Add(CellEvent said)
    {
        switch (said)
        {
            case CellEvent.Clear { Wait: true }:
                _clearNext = true;
                return;
            case CellEvent.Clear:
                Clear();
                return;
            case CellEvent.Update update:
                Update(update);
                return;
            default:
                break;
        }

        if (_clearNext)
        {
            Clear();
        }

        switch (said)
        {
            case CellEvent.Output text:
                Stream(text);
                break;
            case CellEvent.Display display:
                Show(Content("display_data", display.Content), display.DisplayId);
                break;
            case CellEvent.Result result:
                Show(Content("execute_result", result.Content), result.DisplayId);
                break;
            default:
                break;
        }
    }

    public void Error(string name, string value, IReadOnlyList<string> traceback)
    {
        Flush();
        _stream = null;
        _outputs.Add((JsonNode)new JsonObject
        {
            ["ename"] = name, ["evalue"] = value, ["output_type"] = "error",
            ["traceback"] = new JsonArray([.. traceback.Select(line => (JsonNode)line)]),
        });
    }

    /// <summary>Puts what was printed into the notebook; before it is saved.</summary>
    public void Flush()
    {
        if (_stream is not null && _text.Length > 0)
        {
            _stream["text"] = NotebookCell.Lines(_text.ToString());
        }
    }

    private void Clear()
    {
        _outputs.Clear();
        _text.Clear();
        (_stream, _clearNext, _printed) = (null, false, 0);
    }

    private void Update(CellEvent.Update update)
    {
        foreach (var shown in _displayed.GetValueOrDefault(update.DisplayId) ?? [])
        {
            shown["data"] = Data(update.Content);
            shown["metadata"] = Metadata(update.Content);
        }
    }

    private void Stream(CellEvent.Output said)
    {
        var name = said.Stream == OutputStream.Out ? "stdout" : "stderr";
        if (_stream is null || (string?)_stream["name"] != name)
        {
            Flush();
            _text.Clear();
            _stream = new JsonObject { ["name"] = name, ["output_type"] = "stream", ["text"] = new JsonArray() };
            _outputs.Add((JsonNode)_stream);
        }

        var room = MostText - _printed;
        _printed += said.Text.Length;
        if (said.Text.Length <= room)
        {
            _text.Append(said.Text);
        }
        else if (room >= 0)
        {
            _text.Append(said.Text, 0, TextCut.Length(said.Text, room))
                .Append("\n… the cell printed more than 16 MiB; the notebook keeps no more of it\n");
            _printed = MostText + 1;
        }
    }

    private void Show(JsonObject output, string? id)
    {
        Flush();
        _stream = null;
        _outputs.Add((JsonNode)output);
        if (id is null)
        {
            return;
        }

        if (!_displayed.TryGetValue(id, out var shown))
        {
            _displayed[id] = shown = [];
        }

        shown.Add(output);
    }

    private JsonObject Content(string type, MimeBundle content)
    {
        var output = new JsonObject { ["data"] = Data(content) };
        if (type == "execute_result")
        {
            output["execution_count"] = _count;
        }

        output["metadata"] = Metadata(content);
        output["output_type"] = type;
        return output;
    }

    private static JsonObject Data(MimeBundle content)
    {
        var data = new JsonObject();
        foreach (var (type, value) in content.Data.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            data[type] = value is JsonNode node ? node.DeepClone()
                : type.StartsWith("text/", StringComparison.Ordinal) || SplitTypes.Contains(type)
                    ? NotebookCell.Lines(value.ToString() ?? "")
                : value.ToString();
        }

        return data;
    }

    private static JsonObject Metadata(MimeBundle content) =>
        new([.. (content.Metadata ?? new Dictionary<string, JsonNode?>()).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))]);
}
