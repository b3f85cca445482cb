using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Notebooks;

/// <summary>
/// A notebook as its JSON (nbformat 4): what this class does not know it keeps, in its order. Saved without a change, a notebook is the
/// text that was read.
/// </summary>
public sealed class NotebookDocument
{
    private readonly string? _original;
    private readonly string _asRead;
    private readonly JsonStyle _style;

    private NotebookDocument(JsonObject root, string? original, JsonStyle style)
    {
        Root = root;
        _original = original;
        _style = style;
        _asRead = original is null ? "" : NotebookJson.Write(root, style);
    }

    /// <summary>The whole JSON.</summary>
    public JsonObject Root { get; }

    public IReadOnlyList<NotebookCell> Cells => [.. CellArray.Select(cell => new NotebookCell((JsonObject)cell!))];

    /// <summary>The language of cells that name none: what Polyglot Notebooks calls the default kernel, else the kernelspec's.</summary>
    public string DefaultLanguage
    {
        get
        {
            var metadata = Root["metadata"];
            var named = Text(KernelInfo?["defaultKernelName"]);
            var language = Text((metadata?["kernelspec"] as JsonObject)?["language"])
                ?? Text((metadata?["language_info"] as JsonObject)?["name"]);
            return named ?? language?.ToLowerInvariant() switch
            {
                "f#" or "fsharp" => "fsharp",
                "powershell" or "pwsh" => "pwsh",
                "python" => "python",
                "sql" => "sql",
                _ => "csharp",
            };
        }
    }

    public JsonObject Metadata => (JsonObject)(Root["metadata"] ??= new JsonObject());

    /// <summary>The kernels that Polyglot Notebooks wrote down, in either of its two places.</summary>
    internal JsonObject? KernelInfo =>
        Root["metadata"]?["polyglot_notebook"] is JsonObject polyglot && polyglot["kernelInfo"] is JsonObject info
            ? info
            : Root["metadata"]?["kernelInfo"] as JsonObject;

    /// <summary>Whether cells of this format have ids (nbformat 4.5); in an older one they must not.</summary>
    internal bool HasIds => Number("nbformat_minor") >= 5;

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
        null, JsonStyle.Jupyter);

    /// <summary>Reads the text of an <c>.ipynb</c>.</summary>
    /// <exception cref="CellFaultException">It is no notebook; the fault says why, and where.</exception>
    public static NotebookDocument Parse(string text, string name)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw Fault($"'{name}' is empty.");
        }

        try
        {
            var root = JsonNode.Parse(text.TrimStart('\uFEFF'), null, new() { AllowDuplicateProperties = false, MaxDepth = 256 });
            return new(NotebookShape.Check(root, name), text, JsonStyle.Of(text));
        }
        catch (JsonException exception)
        {
            throw Broken(text, name, exception);
        }
        catch (InvalidOperationException)
        {
            throw Fault($"'{name}' is no notebook: a text in it holds one half of a surrogate pair, which is no character.");
        }
    }

    /// <summary>The text to save.</summary>
    public string ToText()
    {
        var text = NotebookJson.Write(Root, _style);
        return _original is not null && text == _asRead ? _original : text;
    }

    /// <summary>Adds a cell before the cell at <paramref name="index"/>.</summary>
    /// <param name="type"><c>code</c>, <c>markdown</c> or <c>raw</c>.</param>
    public NotebookCell Insert(int index, string type, string source)
    {
        var cell = new JsonObject { ["cell_type"] = type };
        if (type == "code")
        {
            cell["execution_count"] = null;
        }

        if (HasIds)
        {
            cell["id"] = Guid.NewGuid().ToString("N")[..8];
        }

        cell["metadata"] = new JsonObject();
        if (type == "code")
        {
            cell["outputs"] = new JsonArray();
        }

        cell["source"] = new JsonArray();
        CellArray.Insert(index, cell);
        return new(cell) { Source = source };
    }

    /// <summary>Takes a cell out.</summary>
    public void Remove(NotebookCell cell) => CellArray.Remove(cell.Json);

    internal static CellFaultException Fault(string message, string? hint = null, FaultPlace? place = null) =>
        new(new("KDL130", message, hint, place));

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private int Number(string key) => Root[key] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;

    private static CellFaultException Broken(string text, string name, JsonException exception)
    {
        const int shown = 100;
        if (exception.LineNumber is null)
        {
            return Fault($"'{name}' is no notebook: {exception.Message}");
        }

        var number = (int)exception.LineNumber;
        var column = (int)(exception.BytePositionInLine ?? 0);
        var line = text.Split('\n').ElementAtOrDefault(number)?.TrimEnd('\r') ?? "";
        var hint = text.TrimStart().StartsWith('{')
            ? line.Contains("NaN", StringComparison.Ordinal) || line.Contains("Infinity", StringComparison.Ordinal)
                ? "NaN and Infinity are no JSON; the program that wrote the file should write null."
                : "Was it saved half, or left with the marks of a merge?"
            : "Is it another kind of file?";
        return Fault(
            $"'{name}' is no notebook: its JSON breaks at line {number + 1}, column {column + 1}.", hint,
            line.Length <= shown ? new(new(number, Math.Min(column, line.Length)), line) : null);
    }
}
