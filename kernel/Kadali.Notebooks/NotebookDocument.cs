using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Notebooks;

/// <summary>
/// A notebook as its JSON (nbformat 4): what this class does not know it keeps, in its order. Saved without a change, a notebook is the bytes that
/// were read.
/// </summary>
public sealed class NotebookDocument
{
    private readonly string? _original;
    private readonly int _indent;
    private readonly string _asRead;

    private NotebookDocument(JsonObject root, string? original, int indent)
    {
        Root = root;
        _original = original;
        _indent = indent;
        _asRead = original is null ? "" : NotebookJson.Write(root, indent);
    }

    /// <summary>The whole JSON.</summary>
    public JsonObject Root { get; }

    public IReadOnlyList<NotebookCell> Cells => [.. CellArray.Select(cell => new NotebookCell((JsonObject)cell!))];

    /// <summary>The language of cells that name none.</summary>
    public string DefaultLanguage =>
        (string?)Metadata["polyglot_notebook"]?["kernelInfo"]?["defaultKernelName"] ?? (string?)Metadata["kernelInfo"]?["defaultKernelName"] ?? "csharp";

    public JsonObject Metadata => (JsonObject)(Root["metadata"] ??= new JsonObject());

    private JsonArray CellArray => (JsonArray)Root["cells"]!;

    /// <summary>An empty notebook for Kadali.</summary>
    public static NotebookDocument Create() => new(
        new()
        {
            ["cells"] = new JsonArray(),
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject { ["display_name"] = "C# (Kadali)", ["language"] = "C#", ["name"] = "kadali" },
                ["language_info"] = new JsonObject { ["name"] = "C#" },
            },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        },
        null, 1);

    /// <summary>Reads the text of an <c>.ipynb</c>.</summary>
    /// <exception cref="CellFaultException">It is no notebook; the fault says why, and where.</exception>
    public static NotebookDocument Parse(string text, string name)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(text);
        }
        catch (JsonException exception)
        {
            throw Fault($"'{name}' is no notebook: its JSON breaks at line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}.", "Was it saved half, or is it another kind of file?");
        }

        if (node is not JsonObject root || root["cells"] is not JsonArray cells || cells.Any(cell => cell is not JsonObject))
        {
            throw Fault(
                $"'{name}' is no notebook: it is JSON without a list of cells.",
                node is JsonObject { } old && old["worksheets"] is not null ? "It is in the format of before 2015; 'jupyter nbconvert --to notebook' brings it up to date." : null);
        }

        return new(root, text, Indent(text));
    }

    /// <summary>The text to save.</summary>
    public string ToText()
    {
        var text = NotebookJson.Write(Root, _indent);
        return _original is not null && text == _asRead ? _original : text + "\n";
    }

    /// <summary>Adds a code cell before the cell at <paramref name="index"/>.</summary>
    public NotebookCell Insert(int index, string type, string source)
    {
        var cell = new JsonObject { ["cell_type"] = type };
        if (type == "code")
        {
            cell["execution_count"] = null;
        }

        cell["id"] = Guid.NewGuid().ToString("N")[..8];
        cell["metadata"] = new JsonObject();
        if (type == "code")
        {
            cell["outputs"] = new JsonArray();
        }

        cell["source"] = new JsonArray();
        CellArray.Insert(index, cell);
        return new(cell) { Source = source };
    }

    internal static CellFaultException Fault(string message, string? hint = null) => new(new("KDL130", message, hint));

    private static int Indent(string text)
    {
        var line = text.IndexOf('\n', StringComparison.Ordinal);
        var spaces = 0;
        while (line >= 0 && line + 1 + spaces < text.Length && text[line + 1 + spaces] == ' ')
        {
            spaces++;
        }

        return spaces == 0 ? 1 : spaces;
    }
}

/// <summary>A cell of a notebook.</summary>
public sealed class NotebookCell(JsonObject json)
{
    public JsonObject Json => json;

    /// <summary><c>code</c>, <c>markdown</c> or <c>raw</c>.</summary>
    public string Type => (string?)json["cell_type"] ?? "raw";

    public JsonObject Metadata => (JsonObject)(json["metadata"] ??= new JsonObject());

    public IReadOnlyList<string> Tags => Metadata["tags"] is JsonArray tags ? [.. tags.Select(tag => tag?.ToString() ?? "")] : [];

    /// <summary>The language that the cell's metadata names (Polyglot Notebooks' two ways), or null.</summary>
    public string? Language => (string?)Metadata["polyglot_notebook"]?["kernelName"] ?? (string?)Metadata["dotnet_interactive"]?["language"];

    /// <summary>The text; as nbformat keeps it, a list of lines.</summary>
    public string Source
    {
        get => json["source"] switch
        {
            JsonArray lines => string.Concat(lines.Select(line => (string?)line)),
            JsonValue text => (string?)text ?? "",
            _ => "",
        };
        set => json["source"] = Lines(value);
    }

    public JsonArray Outputs
    {
        get => (JsonArray)(json["outputs"] ??= new JsonArray());
    }

    /// <summary>Text as a list of lines that keep their ends.</summary>
    public static JsonArray Lines(string text)
    {
        var lines = new JsonArray();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(JsonValue.Create(text[start..end]));
            start = end;
        }

        return lines;
    }
}
