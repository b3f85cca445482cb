using System.Text.Json.Nodes;

namespace Kadali.Delta.Tests.Acceptance;

/// <summary>
/// Real Delta tables, written by Spark and others, each with what a correct reader finds in it. They lie beside the repository; where they do
/// not, the tests that need them are skipped by name.
/// </summary>
internal static class AcceptanceTables
{
    private static readonly string? Folder = Shared("delta");

    public static IEnumerable<string> Names => Folder is null
        ? ["(none)"]
        : Directory.GetFiles(Path.Combine(Folder, "expected"), "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(
            StringComparer.Ordinal);

    /// <summary>What a correct reader finds.</summary>
    public static JsonObject Expected(string name)
    {
        Assert.SkipWhen(Folder is null, "The public Delta tables are not beside the repository (../shared/data/delta).");
        return (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "expected", name + ".json")))!;
    }

    /// <summary>The table's folder.</summary>
    public static string Location(string name)
    {
        var split = name.IndexOf("__", StringComparison.Ordinal);
        return Path.Combine(Folder!, "tables", name[..split], name[(split + 2)..]);
    }

    /// <summary>A folder of the data beside the repository, or null.</summary>
    public static string? Shared(string name)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Kadali.Kernel.sln")))
            {
                var data = Path.GetFullPath(Path.Combine(folder, "..", "shared", "data", name));
                return Directory.Exists(data) ? data : null;
            }
        }

        return null;
    }
}
