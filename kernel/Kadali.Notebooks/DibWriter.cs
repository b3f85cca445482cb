using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>The parts of a <c>.dib</c> text and, for those that begin a cell, the cell.</summary>
internal sealed record DibComposition(IReadOnlyList<DibPart> Parts, IReadOnlyList<NotebookCell?> Cells, string Tail);

/// <summary>
/// Writes <c>.dib</c> files, as Polyglot Notebooks does. Languages that it does not know stand in the <c>#!meta</c>, without which it would
/// read their cells as part of the ones before; beside them stands what <see cref="DibKept"/> keeps. Cells without text vanish, as they do
/// there.
/// </summary>
internal static class DibWriter
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(NotebookDocument document)
    {
        var ours = Compose(document);
        if (DibLayout.Restore(document, ours) is { } laidOut)
        {
            return laidOut;
        }

        var text = new StringBuilder();
        foreach (var part in ours.Parts)
        {
            text.Append(part.Head).Append(part.Body);
        }

        return text.Append(ours.Tail).ToString();
    }

    public static DibComposition Compose(NotebookDocument document)
    {
        var info = document.KernelInfo?.DeepClone() as JsonObject;
        List(ref info, document, document.Cells.Where(cell => !string.IsNullOrWhiteSpace(cell.Source))
            .Select(cell => Language(document, cell)));
        var languages = new DibLanguages(info);
        var cells = new List<(NotebookCell Cell, DibText Text)>();
        foreach (var cell in document.Cells)
        {
            var language = Language(document, cell);
            var text = DibText.Split(cell.Source, languages.Find(language) ?? language, languages);
            if (text.Parts.Count > 0)
            {
                cells.Add((cell, text));
            }
        }

        List(ref info, document, cells.SelectMany(cell => cell.Text.Parts).Select(part => part.Language));
        var keys = DibText.Keys(cells.SelectMany(cell => cell.Text.Parts));
        var meta = Meta(document, info, cells, keys);
        var parts = new List<DibPart>();
        var owners = new List<NotebookCell?>();
        foreach (var (cell, text) in cells)
        {
            foreach (var part in text.Parts)
            {
                parts.Add(part with { Head = $"{(parts.Count == 0 ? meta : "\n\n")}#!{part.Language}\n\n" });
                owners.Add(ReferenceEquals(part, text.Parts[0]) ? cell : null);
            }
        }

        return new(parts, owners, parts.Count > 0 ? "\n" : meta.Length > 0 ? meta.TrimEnd('\n') + "\n" : "");
    }

    private static string Meta(
        NotebookDocument document, JsonObject? info, IReadOnlyList<(NotebookCell Cell, DibText Text)> cells, IReadOnlyList<string> keys)
    {
        var metadata = NotebookDocument.Create().Metadata;
        var meta = new JsonObject();
        if (info is not null)
        {
            metadata["polyglot_notebook"] = new JsonObject { ["kernelInfo"] = info.DeepClone() };
            meta["kernelInfo"] = info;
        }

        var kept = DibKept.Collect(document, metadata, cells, keys);
        if (kept.Count > 0)
        {
            meta[DibKept.Key] = kept;
        }

        return meta.Count == 0 ? "" : $"#!meta\n\n{meta.ToJsonString(OneLine)}\n\n";
    }

    /// <summary>Adds languages to the listed kernels that another reader would not know otherwise.</summary>
    private static void List(ref JsonObject? info, NotebookDocument document, IEnumerable<string> languages)
    {
        var known = new DibLanguages(info);
        var listed = (info?["items"] as JsonArray ?? []).OfType<JsonObject>().Select(item => NotebookDocument.Text(item["name"]))
            .ToHashSet();
        var missing = languages.Select(language => known.Find(language) ?? language)
            .Where(language => DibLanguages.NeedsItem(language) && !listed.Contains(language)).Distinct(StringComparer.Ordinal).ToList();
        if (missing.Count == 0 && (info is not null || document.DefaultLanguage == "csharp"))
        {
            return;
        }

        info ??= new() { ["defaultKernelName"] = document.DefaultLanguage };
        if (info["items"] is not JsonArray items)
        {
            info["items"] = items = [DibLanguages.Item("csharp")];
        }

        foreach (var language in missing)
        {
            items.Add((JsonNode)DibLanguages.Item(language));
        }
    }

    private static string Language(NotebookDocument document, NotebookCell cell) =>
        cell.Type is "markdown" or "raw" ? cell.Type : cell.Language is { Length: > 0 } named ? named : document.DefaultLanguage;
}
