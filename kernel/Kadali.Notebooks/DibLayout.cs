using System.Text;
using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>
/// How a <c>.dib</c> file was laid out where that is not the way we write it: blank lines, aliases, line ends. It stands in the metadata
/// under <c>kadali.dib</c>, so that a file that went through an <c>.ipynb</c> comes back as it was.
/// </summary>
internal static class DibLayout
{
    private const string Key = "dib";

    /// <summary>Writes down where a text that was read differs from the one that <see cref="DibWriter"/> would write.</summary>
    public static void Keep(NotebookDocument document, DibText read, bool hasMark, bool isWindows)
    {
        var ours = DibWriter.Compose(document);
        if (!ours.Parts.Select(part => part.Body).SequenceEqual(read.Parts.Select(part => part.Body)))
        {
            return;
        }

        for (var index = 0; index < ours.Parts.Count; index++)
        {
            if (ours.Parts[index].Head != read.Parts[index].Head && ours.Cells[index] is { } cell)
            {
                Set(cell.Metadata, read.Parts[index].Head);
            }
        }

        var layout = new JsonObject();
        if (ours.Tail != read.Tail)
        {
            layout["tail"] = read.Tail;
        }

        if (isWindows)
        {
            layout["newline"] = "\r\n";
        }

        if (hasMark)
        {
            layout["mark"] = true;
        }

        if (layout.Count > 0)
        {
            Set(document.Metadata, layout);
        }
    }

    /// <summary>The text laid out as it was read, or null where nothing of that is known or the notebook has changed too much
    /// since.</summary>
    public static string? Restore(NotebookDocument document, DibComposition ours)
    {
        var layout = Get(document.Metadata) as JsonObject;
        var heads = ours.Cells.Select(cell => cell is null ? null : NotebookDocument.Text(Get(cell.Metadata))).ToArray();
        if (layout is null && heads.All(head => head is null))
        {
            return null;
        }

        var text = new StringBuilder();
        for (var index = 0; index < heads.Length; index++)
        {
            text.Append(heads[index] ?? ours.Parts[index].Head).Append(ours.Parts[index].Body);
        }

        text.Append(NotebookDocument.Text(layout?["tail"]) ?? ours.Tail);
        var laidOut = NotebookDocument.Text(layout?["newline"]) == "\r\n" ? text.ToString().ReplaceLineEndings("\r\n") : text.ToString();
        laidOut = layout?["mark"] is null ? laidOut : '\uFEFF' + laidOut;

        // The proof is in the reading: a cell that was added, moved or given another language must not take an old line along.
        try
        {
            return Same(DibReader.Read(laidOut, ""), document) ? laidOut : null;
        }
        catch (Cells.CellFaultException)
        {
            return null;
        }
    }

    /// <summary>A copy of metadata without what this class put there.</summary>
    public static JsonObject Without(JsonObject metadata)
    {
        var copy = (JsonObject)metadata.DeepClone();
        if (copy[DibKept.Key] is JsonObject ours && ours.Remove(Key) && ours.Count == 0)
        {
            copy.Remove(DibKept.Key);
        }

        return copy;
    }

    private static bool Same(NotebookDocument left, NotebookDocument right) =>
        JsonNode.DeepEquals(Without(left.Metadata), Without(right.Metadata))
        && JsonNode.DeepEquals(left.Root["nbformat_minor"], right.Root["nbformat_minor"])
        && left.Cells.Select(Comparable)
            .SequenceEqual(right.Cells.Where(cell => !string.IsNullOrWhiteSpace(cell.Source)).Select(Comparable), JsonEquality.Instance);

    private static JsonNode Comparable(NotebookCell cell)
    {
        var copy = (JsonObject)cell.Json.DeepClone();
        copy.Remove("outputs");
        copy.Remove("execution_count");
        copy["source"] = cell.Source;
        copy["metadata"] = Without(cell.Metadata);
        return copy;
    }

    private static JsonNode? Get(JsonObject metadata) => metadata[DibKept.Key] is JsonObject ours ? ours[Key] : null;

    private static void Set(JsonObject metadata, JsonNode layout)
    {
        if (metadata[DibKept.Key] is not JsonObject ours)
        {
            ours = [];
            metadata.Put(DibKept.Key, ours);
        }

        ours[Key] = layout;
    }

    private sealed class JsonEquality : IEqualityComparer<JsonNode>
    {
        public static JsonEquality Instance { get; } = new();

        public bool Equals(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);

        public int GetHashCode(JsonNode node) => 0;
    }
}
