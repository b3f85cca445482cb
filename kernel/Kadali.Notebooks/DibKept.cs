using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>
/// What a <c>.dib</c> has no place for, as our <c>#!meta</c> holds it beside <c>kernelInfo</c>: ids, tags and other metadata, cells of
/// several languages. What belongs to a cell is found by <see cref="DibText.Keys"/>, so that it goes away with the cell and does not slip
/// to another. Outputs are not kept.
/// </summary>
internal sealed class DibKept(JsonObject kept)
{
    public const string Key = "kadali";
    private const int Minor = 5;

    private readonly JsonObject _cells = kept["cells"] as JsonObject ?? [];

    private bool IsBare => kept["bare"] is JsonValue value && value.TryGetValue<bool>(out var bare) && bare;

    public static DibKept Of(JsonObject? meta) => new(meta?[Key] as JsonObject ?? []);

    /// <summary>What has to be kept so that the text of <paramref name="cells"/>' parts becomes them again; empty where the text says it
    /// all.</summary>
    /// <param name="metadata">The notebook's metadata as the text alone would give it.</param>
    public static JsonObject Collect(
        NotebookDocument document, JsonObject metadata, IReadOnlyList<(NotebookCell Cell, DibText Text)> cells, IReadOnlyList<string> keys)
    {
        var kept = new JsonObject();
        if (!JsonNode.DeepEquals(DibLayout.Without(document.Metadata), metadata))
        {
            kept["metadata"] = DibLayout.Without(document.Metadata);
        }

        var minor = document.Root["nbformat_minor"] is JsonValue value && value.TryGetValue<int>(out var number) ? number : Minor;
        if (minor != Minor)
        {
            kept["minor"] = minor;
        }

        if (cells.Any(cell => cell.Cell.Type == "code" && cell.Cell.Language is null
            && cell.Text.Parts[0].Language == document.DefaultLanguage))
        {
            kept["bare"] = true;
        }

        var reader = new DibKept(kept);
        var entries = new JsonObject();
        var index = 0;
        foreach (var (cell, text) in cells)
        {
            for (var part = 0; part < text.Parts.Count; part++, index++)
            {
                var entry = part == 0 ? reader.Entry(document, cell, text, keys[index]) : new() { ["joined"] = text.Parts[part].Head };
                if (part == text.Parts.Count - 1 && text.Tail.Length > 0)
                {
                    entry["after"] = text.Tail;
                }

                if (entry.Count > 0)
                {
                    entries[keys[index]] = entry;
                }
            }
        }

        if (entries.Count > 0)
        {
            kept["cells"] = entries;
        }

        return kept;
    }

    /// <summary>Gives the notebook what it had.</summary>
    public void Restore(NotebookDocument document)
    {
        if (kept["metadata"] is JsonObject metadata)
        {
            document.Root["metadata"] = metadata.DeepClone();
        }

        if (kept["minor"] is JsonValue minor && minor.TryGetValue<int>(out var number))
        {
            document.Root["nbformat_minor"] = number;
        }
    }

    /// <summary>Adds a part of the text: a cell, or more of the last one.</summary>
    public void Restore(NotebookDocument document, DibPart part, string key)
    {
        var entry = _cells[key] as JsonObject ?? [];
        var after = NotebookDocument.Text(entry["after"]);
        var cells = document.Cells;
        if (NotebookDocument.Text(entry["joined"]) is { } between && cells.Count > 0)
        {
            cells[^1].Source += between + part.Body + after;
            return;
        }

        var cell = document.Insert(
            cells.Count, NotebookDocument.Text(entry["type"]) ?? Type(part.Language),
            NotebookDocument.Text(entry["before"]) + part.Body + after);
        if (document.HasIds)
        {
            cell.Json["id"] = NotebookDocument.Text(entry["id"]) ?? key;
        }

        cell.Json["metadata"] = entry["metadata"] is JsonObject metadata ? metadata.DeepClone()
            : Metadata(document, cell.Type, part.Language);
        foreach (var (name, value) in entry["fields"] as JsonObject ?? [])
        {
            cell.Json[name] = value?.DeepClone();
        }
    }

    private JsonObject Entry(NotebookDocument document, NotebookCell cell, DibText text, string key)
    {
        var entry = new JsonObject();
        var part = text.Parts[0];
        if (cell.Type != Type(part.Language))
        {
            entry["type"] = cell.Type;
        }

        if (cell.Id is { } id && id != key)
        {
            entry["id"] = id;
        }

        var metadata = DibLayout.Without(cell.Metadata);
        if (!JsonNode.DeepEquals(metadata, Metadata(document, cell.Type, part.Language)))
        {
            entry["metadata"] = metadata;
        }

        var fields = new JsonObject([.. cell.Json
            .Where(pair => pair.Key is not ("cell_type" or "id" or "metadata" or "source" or "outputs" or "execution_count"))
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))]);
        if (fields.Count > 0)
        {
            entry["fields"] = fields;
        }

        if (part.Head.Length > 0)
        {
            entry["before"] = part.Head;
        }

        return entry;
    }

    private static string Type(string language) => language is "markdown" or "raw" ? language : "code";

    private JsonNode Metadata(NotebookDocument document, string type, string language)
    {
        var cell = new NotebookCell([]);
        if (type == "code" && !(IsBare && language == document.DefaultLanguage))
        {
            cell.SetLanguage(language);
        }

        return cell.Metadata.DeepClone();
    }
}
