using System.Text;
using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>
/// The <c>.dib</c> files of Polyglot Notebooks: cells begin with a line <c>#!language</c>; a <c>#!meta</c> cell at the top holds JSON. A <c>#!</c> line of a name that is no
/// language belongs to its cell.
/// </summary>
public static class DibFormat
{
    private static readonly Dictionary<string, string> Languages = new(StringComparer.Ordinal)
    {
        ["csharp"] = "csharp", ["c#"] = "csharp", ["C#"] = "csharp", ["cs"] = "csharp", ["fsharp"] = "fsharp", ["f#"] = "fsharp", ["F#"] = "fsharp", ["fs"] = "fsharp",
        ["html"] = "html", ["http"] = "http", ["javascript"] = "javascript", ["js"] = "javascript", ["mermaid"] = "mermaid", ["pwsh"] = "pwsh", ["powershell"] = "pwsh",
        ["value"] = "value", ["markdown"] = "markdown", ["md"] = "markdown", ["sql"] = "sql", ["delta"] = "delta", ["spark"] = "spark", ["model"] = "model", ["python"] = "python",
    };

    public static NotebookDocument Parse(string text)
    {
        var document = NotebookDocument.Create();
        var known = new Dictionary<string, string>(Languages, StringComparer.Ordinal);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var language = "csharp";
        var body = new List<string>();
        foreach (var line in lines)
        {
            var name = line.StartsWith("#!", StringComparison.Ordinal) ? line[2..].Trim() : null;
            if (name == "meta" || (name is not null && known.ContainsKey(name)))
            {
                Flush();
                language = name == "meta" ? "meta" : known[name];
            }
            else
            {
                body.Add(line);
            }
        }

        Flush();
        return document;

        void Flush()
        {
            var source = string.Join('\n', body).Trim('\n');
            body.Clear();
            if (source.Length == 0)
            {
                return;
            }

            if (language == "meta")
            {
                ReadMeta(document, source, known);
                language = document.DefaultLanguage;
                return;
            }

            var cell = document.Insert(document.Cells.Count, language == "markdown" ? "markdown" : "code", source);
            if (language != "markdown")
            {
                cell.Metadata["dotnet_interactive"] = new JsonObject { ["language"] = language };
                cell.Metadata["polyglot_notebook"] = new JsonObject { ["kernelName"] = language };
            }
        }
    }

    public static string Write(NotebookDocument document)
    {
        var text = new StringBuilder();
        if ((document.Metadata["polyglot_notebook"]?["kernelInfo"] ?? document.Metadata["kernelInfo"]) is { } info)
        {
            text.Append("#!meta\n\n").Append(new JsonObject { ["kernelInfo"] = info.DeepClone() }.ToJsonString()).Append("\n\n");
        }

        foreach (var cell in document.Cells)
        {
            var source = cell.Source.ReplaceLineEndings("\n").Trim('\n');
            if (source.Length == 0 || cell.Type == "raw")
            {
                continue;
            }

            // A cell that names its language in its own first line brings the line along.
            var first = source.Split('\n')[0];
            var names = cell.Type == "code" && cell.Language is null && first.StartsWith("#!", StringComparison.Ordinal) && Languages.ContainsKey(first[2..].Trim());
            text.Append(names ? "" : $"#!{(cell.Type == "markdown" ? "markdown" : cell.Language ?? document.DefaultLanguage)}\n\n").Append(source).Append("\n\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void ReadMeta(NotebookDocument document, string source, Dictionary<string, string> known)
    {
        try
        {
            if (JsonNode.Parse(source) is JsonObject meta && meta["kernelInfo"] is JsonObject info)
            {
                document.Metadata["polyglot_notebook"] = new JsonObject { ["kernelInfo"] = info.DeepClone() };
                foreach (var item in info["items"] as JsonArray ?? [])
                {
                    var name = (string?)item?["name"] ?? "";
                    foreach (var alias in (item?["aliases"] as JsonArray ?? []).Select(alias => (string?)alias ?? "").Append(name))
                    {
                        known[alias] = name;
                    }
                }
            }
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw NotebookDocument.Fault($"The '#!meta' cell holds no JSON: {exception.Message}");
        }
    }
}
