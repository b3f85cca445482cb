using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Notebooks;

/// <summary>
/// Reads the <c>.dib</c> files of Polyglot Notebooks: cells begin with a line <c>#!language</c>, and a <c>#!meta</c> at the top holds JSON.
/// What our own writer put beside its <c>kernelInfo</c> (see <see cref="DibWriter"/>) makes a notebook whole again.
/// </summary>
internal static class DibReader
{
    /// <exception cref="CellFaultException">Its <c>#!meta</c> holds no JSON.</exception>
    public static NotebookDocument Read(string text, string name)
    {
        var hasMark = text.StartsWith('\uFEFF');
        var body = hasMark ? text[1..] : text;
        var isWindows = body.Contains("\r\n", StringComparison.Ordinal)
            && body.Count(letter => letter == '\n') == body.Split("\r\n").Length - 1;
        body = isWindows ? body.Replace("\r\n", "\n", StringComparison.Ordinal) : body;

        var (meta, start) = Meta(body, name);
        var info = meta?["kernelInfo"] as JsonObject;
        var document = Document(meta, info);
        var found = DibText.Split(body, NotebookDocument.Text(info?["defaultKernelName"]) ?? "csharp", new(info), start);
        var keys = DibText.Keys(found.Parts);
        var kept = DibKept.Of(meta);
        kept.Restore(document);
        for (var index = 0; index < found.Parts.Count; index++)
        {
            kept.Restore(document, found.Parts[index], keys[index]);
        }

        DibLayout.Keep(document, found, hasMark, isWindows);
        return document;
    }

    private static NotebookDocument Document(JsonObject? meta, JsonObject? info)
    {
        var document = NotebookDocument.Create();
        if (info is not null)
        {
            document.Metadata.Put("polyglot_notebook", new JsonObject { ["kernelInfo"] = info.DeepClone() });
        }

        foreach (var (key, value) in meta ?? [])
        {
            if (key is not ("kernelInfo" or DibKept.Key))
            {
                document.Metadata.Put(key, value?.DeepClone());
            }
        }

        return document;
    }

    /// <summary>The JSON of the <c>#!meta</c> at the top, and where the text goes on behind it.</summary>
    private static (JsonObject? Meta, int End) Meta(string text, string name)
    {
        var start = text.Length - text.TrimStart().Length;
        var line = text.IndexOf('\n', start);
        if (line < 0 || text.AsSpan(start, line - start).TrimEnd() is not "#!meta")
        {
            return (null, 0);
        }

        var end = text.IndexOf("\n#!", line, StringComparison.Ordinal);
        end = end < 0 ? text.Length : end + 1;
        var json = text[(line + 1)..end];
        try
        {
            return (JsonNode.Parse(json, null, new() { AllowDuplicateProperties = false }) as JsonObject, end);
        }
        catch (JsonException exception)
        {
            var number = text.AsSpan(0, line + 1).Count('\n') + (int)(exception.LineNumber ?? 0) + 1;
            throw NotebookDocument.Fault(
                $"'{name}' is no notebook: the JSON of its '#!meta' breaks at line {number}, column {exception.BytePositionInLine + 1}.",
                "Take the cell out; it is needed for kernels of other names only.");
        }
    }
}
