using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>A cell of a notebook: a view of its JSON.</summary>
public sealed class NotebookCell(JsonObject json)
{
    public JsonObject Json => json;

    /// <summary><c>code</c>, <c>markdown</c> or <c>raw</c>.</summary>
    public string Type => NotebookDocument.Text(json["cell_type"]) ?? "raw";

    /// <summary>The id of nbformat 4.5, or null.</summary>
    public string? Id => NotebookDocument.Text(json["id"]);

    public JsonObject Metadata => (JsonObject)(json["metadata"] ??= new JsonObject());

    public IReadOnlyList<string> Tags => json["metadata"]?["tags"] is JsonArray tags ? [.. tags.Select(tag => tag?.ToString() ?? "")] : [];

    /// <summary>The language that the cell's metadata names (Polyglot Notebooks' two ways), or null.</summary>
    public string? Language => Named("polyglot_notebook", "kernelName") ?? Named("dotnet_interactive", "language");

    /// <summary>The text; as nbformat keeps it, a list of lines.</summary>
    public string Source
    {
        get => json["source"] switch
        {
            JsonArray lines => string.Concat(lines.Select(line => (string?)line)),
            JsonValue text => (string?)text ?? "",
            _ => "",
        };
        set
        {
            if (json["source"] is null || value != Source)
            {
                json["source"] = Lines(value);
            }
        }
    }

    public JsonArray Outputs => (JsonArray)(json["outputs"] ??= new JsonArray());

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

    /// <summary>Writes a language as Polyglot Notebooks does, in both its ways.</summary>
    public void SetLanguage(string language)
    {
        Metadata.Put("dotnet_interactive", new JsonObject { ["language"] = language });
        Metadata.Put("polyglot_notebook", new JsonObject { ["kernelName"] = language });
    }

    private string? Named(string key, string name) =>
        json["metadata"]?[key] is JsonObject named ? NotebookDocument.Text(named[name]) : null;
}
