using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kadali.Jupyter;

/// <summary>A kernel as Jupyter knows it: a folder with a <c>kernel.json</c>.</summary>
/// <param name="Language">As the folder says it, for instance <c>python</c>.</param>
/// <param name="Command">The program and its arguments, with <c>{connection_file}</c> and the like in them.</param>
/// <param name="Environment">Variables that the kernel is to have, as written.</param>
/// <param name="InterruptByMessage">Whether it takes an <c>interrupt_request</c>; else the signal SIGINT.</param>
/// <param name="IsOurs">Whether this program installed it.</param>
public sealed partial record KernelSpec(
    string Folder, string DisplayName, string Language, IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment,
    bool InterruptByMessage, bool IsOurs)
{
    /// <summary>The name of the metadata by which the kernels of this program are known.</summary>
    public const string Mark = "kadali";

    /// <summary>The name by which it is chosen.</summary>
    public string Name => Path.GetFileName(Folder).ToLowerInvariant();

    /// <summary>
    /// The prefix of the environment that the folder belongs to (<c>/usr</c> of <c>/usr/share/jupyter/kernels/python3</c>).
    /// </summary>
    private string Prefix => Path.GetFullPath(Path.Combine(Folder, "..", "..", "..", ".."));

    /// <summary>The kernels in the folders where Jupyter looks; of one name only the first, as Jupyter does.</summary>
    public static IReadOnlyList<KernelSpec> Find(IEnumerable<string> shares) =>
    [
        .. shares.Select(share => Path.Combine(share, "kernels")).Where(Directory.Exists)
            .SelectMany(kernels => Directory.EnumerateDirectories(kernels).Order(StringComparer.Ordinal)).Select(Read).OfType<KernelSpec>()
            .DistinctBy(spec => spec.Name),
    ];

    /// <summary>Reads a kernel's folder; null where it holds none that can be read, which is Jupyter's to complain about.</summary>
    public static KernelSpec? Read(string folder)
    {
        try
        {
            var path = Path.Combine(folder, "kernel.json");
            if (!File.Exists(path) || JsonNode.Parse(File.ReadAllText(path)) is not JsonObject json)
            {
                return null;
            }

            return new(
                folder, json["display_name"]?.ToString() ?? Path.GetFileName(folder), json["language"]?.ToString() ?? "",
                [.. (json["argv"] as JsonArray ?? []).Select(word => word?.ToString() ?? "")],
                (json["env"] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? ""),
                json["interrupt_mode"]?.ToString() == "message", (json["metadata"] as JsonObject)?[Mark] is not null);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What to start, for a connection file.</summary>
    public IReadOnlyList<string> CommandFor(string connectionFile)
    {
        var words = Command.Select(word => word
            .Replace("{connection_file}", connectionFile, StringComparison.Ordinal)
            .Replace("{resource_dir}", Folder, StringComparison.Ordinal)
            .Replace("{prefix}", Prefix, StringComparison.Ordinal)).ToArray();
        if (words.Length > 0 && BarePython().IsMatch(words[0]) && Interpreter(Prefix) is { } interpreter)
        {
            // Jupyter puts the Python that it runs on itself here. The one that owns the folder is the one that has ipykernel.
            words[0] = interpreter;
        }

        return words;
    }

    /// <summary>The kernel's own variables, with <c>${NAME}</c> of ours put in.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables() => Environment.Select(pair => KeyValuePair.Create(
        pair.Key,
        Reference().Replace(pair.Value, found => System.Environment.GetEnvironmentVariable(found.Groups[1].Value) ?? found.Value)));

    private static string? Interpreter(string prefix) =>
        (OperatingSystem.IsWindows() ? (string[])["python.exe", "Scripts/python.exe"] : ["bin/python3", "bin/python"])
            .Select(name => Path.Combine(prefix, name)).FirstOrDefault(File.Exists);

    [GeneratedRegex(@"^python[\d.]*(\.exe)?$", RegexOptions.IgnoreCase)]
    private static partial Regex BarePython();

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Reference();
}
