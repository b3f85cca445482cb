using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>Refuses JSON that is no notebook of nbformat 4, so that all else can rely on where objects, lists and texts are.</summary>
internal static class NotebookShape
{
    private const int Major = 4;

    public static JsonObject Check(JsonNode? node, string name)
    {
        if (node is not JsonObject root)
        {
            throw No(name, "its JSON is no object.");
        }

        if (root["worksheets"] is not null
            || (root["nbformat"] is JsonValue old && old.TryGetValue<int>(out var version) && version < Major))
        {
            throw NotebookDocument.Fault(
                $"'{name}' is in a notebook format from before 2015.", "'jupyter nbconvert --to notebook FILE' brings it up to date.");
        }

        if (root["nbformat"] is JsonValue format && (!format.TryGetValue<int>(out var major) || major != Major))
        {
            throw NotebookDocument.Fault($"'{name}' is in notebook format {format.ToJsonString()}; this program knows format {Major}.");
        }

        if (root["cells"] is not JsonArray cells)
        {
            throw No(name, "it is JSON without a list of cells.");
        }

        if (root["metadata"] is not (null or JsonObject))
        {
            throw No(name, "its 'metadata' is no object.");
        }

        for (var number = 1; number <= cells.Count; number++)
        {
            CheckCell(cells[number - 1], name, number);
        }

        return root;
    }

    private static void CheckCell(JsonNode? node, string name, int number)
    {
        if (node is not JsonObject cell || NotebookDocument.Text(cell["cell_type"]) is null)
        {
            throw No(name, $"cell {number} has no 'cell_type'.");
        }

        if (cell["metadata"] is not (null or JsonObject))
        {
            throw No(name, $"the 'metadata' of cell {number} is no object.");
        }

        if (!IsText(cell["source"]))
        {
            throw No(name, $"the 'source' of cell {number} is neither a text nor a list of lines.");
        }

        if (cell["outputs"] is not null && (cell["outputs"] is not JsonArray outputs || outputs.Any(output => output is not JsonObject)))
        {
            throw No(name, $"the 'outputs' of cell {number} are no list of objects.");
        }
    }

    private static bool IsText(JsonNode? source) => source switch
    {
        null => true,
        JsonArray lines => lines.All(line => NotebookDocument.Text(line) is not null),
        _ => NotebookDocument.Text(source) is not null,
    };

    private static Exception No(string name, string reason) => NotebookDocument.Fault($"'{name}' is no notebook: {reason}");
}
