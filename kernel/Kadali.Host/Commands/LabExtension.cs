using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Host.Commands;

/// <summary>The JupyterLab extension that is shipped beside the program, prebuilt: installing it is copying a folder.</summary>
internal static class LabExtension
{
    /// <summary>By this JupyterLab, and we, know who put it there.</summary>
    private const string Manager = "kadali";

    /// <summary>The folder beside the program, or null in a build that has none.</summary>
    public static string? Shipped() =>
        Path.Combine(AppContext.BaseDirectory, "labextension") is var folder && File.Exists(Path.Combine(folder, "package.json"))
            ? folder
            : null;

    /// <summary>Copies the extension, in place of an older one; the folder it went to, or null where there is nothing to copy.</summary>
    public static string? Install(string share)
    {
        if (Shipped() is not { } source || Name(source) is not { } name)
        {
            return null;
        }

        var target = Path.Combine([share, "labextensions", .. name.Split('/')]);
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        var install = new JsonObject
        {
            ["packageManager"] = Manager, ["packageName"] = name, ["uninstallInstructions"] = "Run 'kadali uninstall'.",
        };
        File.WriteAllText(Path.Combine(target, "install.json"), install.ToJsonString() + "\n");
        return target;
    }

    /// <summary>The folders under <paramref name="share"/> into which this program copied its extension.</summary>
    public static IReadOnlyList<string> Installed(string share)
    {
        var root = Path.Combine(share, "labextensions");
        if (!Directory.Exists(root))
        {
            return [];
        }

        // A scoped package (@kadali/jupyterlab) is one folder further down.
        return [.. Directory.EnumerateDirectories(root)
            .SelectMany(folder => Path.GetFileName(folder).StartsWith('@') ? Directory.EnumerateDirectories(folder) : [folder])
            .Where(folder => Read(Path.Combine(folder, "install.json"))?["packageManager"]?.ToString() == Manager)];
    }

    /// <summary>Deletes an installed extension, and the folder of its scope where nothing else is left in it.</summary>
    public static void Remove(string folder)
    {
        Directory.Delete(folder, recursive: true);
        var scope = Path.GetDirectoryName(folder)!;
        if (Path.GetFileName(scope).StartsWith('@') && !Directory.EnumerateFileSystemEntries(scope).Any())
        {
            Directory.Delete(scope);
        }
    }

    private static string? Name(string folder) =>
        Read(Path.Combine(folder, "package.json"))?["name"]?.ToString() is { Length: > 0 } name && !name.Split('/').Contains("..")
            ? name
            : null;

    private static JsonObject? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject : null;
        }
        catch (JsonException)
        {
            // Somebody else's file.
            return null;
        }
    }
}
