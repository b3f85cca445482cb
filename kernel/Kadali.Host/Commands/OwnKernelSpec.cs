using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Host.Session;
using Kadali.Jupyter;

namespace Kadali.Host.Commands;

/// <summary>The kernelspec that this program installs of itself.</summary>
internal static class OwnKernelSpec
{
    private static readonly string[] Logos = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the folder of a kernel that starts this very program.</summary>
    public static void Write(string folder, string displayName)
    {
        var json = new JsonObject
        {
            ["argv"] = new JsonArray([.. Program().Append("kernel").Append("{connection_file}").Select(word => (JsonNode)word)]),
            ["display_name"] = displayName,
            ["language"] = "C#",
            ["interrupt_mode"] = "message",
            ["metadata"] = new JsonObject
            {
                ["debugger"] = false, [KernelSpec.Mark] = new JsonObject { ["version"] = NotebookSession.Version },
            },
        };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
        {
            // Jupyter may run without the variable by which the program found its runtime.
            json["env"] = new JsonObject { ["DOTNET_ROOT"] = root };
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "kernel.json"), json.ToJsonString(Indented) + "\n");
        foreach (var logo in Logos)
        {
            using var from = typeof(OwnKernelSpec).Assembly.GetManifestResourceStream(logo)
                ?? throw new InvalidOperationException($"The program lacks its {logo}.");
            using var to = File.Create(Path.Combine(folder, logo));
            from.CopyTo(to);
        }
    }

    /// <summary>
    /// What starts the program at <paramref name="process"/>. A .NET tool lives in a folder of its version, below <c>.store</c> beside the
    /// command that its user calls; that one outlives an update.
    /// </summary>
    internal static string Launcher(string process)
    {
        var store = $"{Path.DirectorySeparatorChar}.store{Path.DirectorySeparatorChar}";
        return process.IndexOf(store, StringComparison.Ordinal) is > 0 and var at
            ? ((string[])["kadali", "kadali.exe", "kadali.cmd"])
                .Select(name => Path.Combine(process[..at], name)).FirstOrDefault(File.Exists) ?? process
            : process;
    }

    // The launcher where there is one (a published program, or a .NET tool), else dotnet and the library.
    private static IEnumerable<string> Program()
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The program does not know its own path.");
        return Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [process, Path.Combine(AppContext.BaseDirectory, "kadali.dll")]
            : [Launcher(process)];
    }
}
