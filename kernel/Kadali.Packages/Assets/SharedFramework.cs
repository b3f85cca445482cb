using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using NuGet.Frameworks;
using NuGet.Packaging.Core;
using NuGet.RuntimeModel;

namespace Kadali.Packages.Assets;

/// <summary>The .NET that runs this process: its assemblies, its version, and which runtime identifiers it takes.</summary>
internal static class SharedFramework
{
    // Packages of the time before .NET Core 3 that stand for the framework itself.
    private static readonly string[] Stands = ["NETStandard.Library", "Microsoft.NETCore.Platforms", "Microsoft.NETCore.Targets",
        "Microsoft.NETCore.App"];
    private static readonly Version Version = Environment.Version;

    public static string Folder { get; } = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    public static string RuntimeIdentifier { get; } = RuntimeInformation.RuntimeIdentifier;

    /// <summary>The framework for which packages are chosen; where one has nothing for it, what it has for .NET Framework may do.</summary>
    public static NuGetFramework Framework { get; } = new AssetTargetFallbackFramework(
        NuGetFramework.Parse($"net{Version.Major}.{Version.Minor}"),
        [.. ((string[])["net461", "net462", "net47", "net471", "net472", "net48", "net481"]).Select(NuGetFramework.Parse)]);

    /// <summary>Whether a dependency is part of the framework, in that version or a newer one: it is then not fetched.</summary>
    public static bool Provides(PackageDependency dependency)
    {
        var least = dependency.VersionRange.MinVersion;
        if (least is not null && least.Version > new Version(Version.Major, Version.Minor, Version.Build, 0))
        {
            return false;
        }

        return Stands.Contains(dependency.Id, StringComparer.OrdinalIgnoreCase)
            || (dependency.Id.StartsWith("System.", StringComparison.OrdinalIgnoreCase)
            || dependency.Id.StartsWith("Microsoft.", StringComparison.OrdinalIgnoreCase))
                && File.Exists(Path.Combine(Folder, dependency.Id + ".dll"));
    }

    /// <summary>Whether the framework has an assembly of the file's name that is as new or newer.</summary>
    public static bool Supersedes(string path)
    {
        var own = Path.Combine(Folder, Path.GetFileName(path));
        return File.Exists(own) && VersionOf(own) is { } ours && VersionOf(path) is var theirs && (theirs is null || ours >= theirs);
    }

    /// <summary>The folder of another shared framework that fits, such as ASP.NET Core's, or null.</summary>
    public static string? Find(string name)
    {
        // <root>/shared/Microsoft.NETCore.App/10.0.12 has its siblings two levels up.
        var versions = Path.Combine(Folder, "..", "..", name);
        return Directory.Exists(versions)
            ? Directory.EnumerateDirectories(versions)
                .Select(path => (Path: Path.GetFullPath(path), Version: Version.TryParse(Path.GetFileName(path), out var version) ? version
                : null))
                .Where(found => found.Version is { } version && version.Major == Version.Major && version.Minor == Version.Minor)
                .OrderByDescending(found => found.Version).Select(found => found.Path).FirstOrDefault()
            : null;
    }

    /// <summary>The runtime's own table of what its identifier may fall back to: <c>linux-x64</c>, <c>linux</c>, <c>unix-x64</c> and so
    /// on.</summary>
    public static RuntimeGraph RuntimeGraph()
    {
        var table = Path.Combine(Folder, "Microsoft.NETCore.App.deps.json");
        if (File.Exists(table))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(table));
            if (json.RootElement.TryGetProperty("runtimes", out var runtimes) && runtimes.TryGetProperty(RuntimeIdentifier, out var falls))
            {
                return Graph(falls.EnumerateArray().Select(fall => fall.GetString()!));
            }
        }

        var architecture = RuntimeIdentifier[(RuntimeIdentifier.LastIndexOf('-') + 1)..];
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return Graph(OperatingSystem.IsWindows()
            ? [$"win-{architecture}", "win", "any", "base"]
            : [$"{system}-{architecture}", system, $"unix-{architecture}", "unix", "any", "base"]);

        static RuntimeGraph Graph(IEnumerable<string> falls) => new([new RuntimeDescription(RuntimeIdentifier, falls)]);
    }

    /// <summary>The version of an assembly, or null for a native library.</summary>
    /// <exception cref="BadImageFormatException">It is neither.</exception>
    public static Version? VersionOf(string path)
    {
        using var pe = new PEReader(File.OpenRead(path));
        return pe.HasMetadata ? pe.GetMetadataReader().GetAssemblyDefinition().Version : null;
    }
}
