using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>The names that begin a cell of a <c>.dib</c> file. A <c>#!</c> line of any other name belongs to the cell in which it
/// stands.</summary>
internal sealed class DibLanguages
{
    /// <summary>What every reader of <c>.dib</c> files knows without being told.</summary>
    private static readonly Dictionary<string, string[]> Everywhere = new(StringComparer.Ordinal)
    {
        ["csharp"] = ["c#", "C#", "cs"], ["fsharp"] = ["f#", "F#", "fs"], ["html"] = [], ["http"] = [],
        ["javascript"] = ["js"], ["mermaid"] = [],
        ["pwsh"] = ["powershell"], ["value"] = [], ["markdown"] = ["md"],
    };

    /// <summary>What Kadali adds; other readers know these from the file's <c>#!meta</c> alone.</summary>
    private static readonly Dictionary<string, string> Ours = new(StringComparer.Ordinal)
    {
        ["sql"] = "SQL", ["delta"] = "SQL", ["spark"] = "C#", ["model"] = "C#", ["python"] = "Python", ["raw"] = "Text",
    };

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <param name="kernelInfo">The kernels that the file's <c>#!meta</c> lists.</param>
    public DibLanguages(JsonObject? kernelInfo)
    {
        foreach (var (name, aliases) in Everywhere)
        {
            Add(name, aliases);
        }

        foreach (var name in Ours.Keys)
        {
            _names[name] = name;
        }

        foreach (var item in (kernelInfo?["items"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (NotebookDocument.Text(item["name"]) is { Length: > 0 } name)
            {
                Add(name, (item["aliases"] as JsonArray ?? []).Select(NotebookDocument.Text).OfType<string>());
            }
        }
    }

    /// <summary>Whether another reader has to be told of a language.</summary>
    public static bool NeedsItem(string name) => !Everywhere.ContainsKey(name);

    /// <summary>A language as <c>#!meta</c> lists it.</summary>
    public static JsonObject Item(string name) => new()
    {
        ["name"] = name,
        ["languageName"] = name == "csharp" ? "C#" : Ours.GetValueOrDefault(name, name),
        ["aliases"] = new JsonArray([.. Everywhere.GetValueOrDefault(name, []).Select(alias => (JsonNode)alias)]),
    };

    /// <summary>The language that a name or alias means, or null.</summary>
    public string? Find(string name) => _names.GetValueOrDefault(name);

    /// <summary>The language that a line begins, or null.</summary>
    public string? Begun(ReadOnlySpan<char> line) =>
        line.StartsWith("#!", StringComparison.Ordinal) ? Find(line[2..].Trim().ToString()) : null;

    private void Add(string name, IEnumerable<string> aliases)
    {
        _names[name] = name;
        foreach (var alias in aliases)
        {
            _names[alias] = name;
        }
    }
}
