using System.Text;
using Kadali.Cells;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Versioning;

namespace Kadali.Packages.Tests;

/// <summary>A notebook's folder with a feed beside it, a packages folder and a NuGet.Config of its own, so that a test touches nothing
/// else.</summary>
internal sealed class Place : IDisposable
{
    private static readonly string HttpCache = Directory.CreateTempSubdirectory("kadali-packages-http-").FullName;
    private readonly string _before = Directory.GetCurrentDirectory();

    static Place() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(HttpCache, recursive: true);

    public Place()
    {
        Folder = Directory.CreateTempSubdirectory("kadali-packages-").FullName;
        Directory.CreateDirectory(Feed);
        Directory.SetCurrentDirectory(Folder);
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", null);
        Environment.SetEnvironmentVariable("NUGET_HTTP_CACHE_PATH", HttpCache);

        // NuGet's own settings: a source that fails is not asked six times.
        Environment.SetEnvironmentVariable("NUGET_ENHANCED_MAX_NETWORK_TRY_COUNT", "1");
        Environment.SetEnvironmentVariable("NUGET_ENHANCED_NETWORK_RETRY_DELAY_MILLISECONDS", "1");
        Configure($"<add key=\"local\" value=\"{Feed}\" />");
    }

    public string Folder { get; }

    public string Feed => Path.Combine(Folder, "feed");

    public string Packages => Path.Combine(Folder, "packages");

    public PackageSession Session { get; } = new();

    /// <summary>What a resolution said that it waits for.</summary>
    public List<string> Waits { get; } = [];

    public void Configure(string sources, string more = "", string? packages = null, string fallback = "") => File.WriteAllText(
        Path.Combine(Folder, "NuGet.Config"),
        $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{packages ?? Packages}" /></config>
          <fallbackPackageFolders><clear />{fallback}</fallbackPackageFolders>
          <packageSources><clear />{sources}</packageSources>
          {more}
        </configuration>
        """);

    /// <summary>Puts a package into the feed: its dependencies as <c>Id range</c>, or <c>Id range !What</c> is not wanted; its files by
    /// their path in it. Without files it has an assembly of its
    /// name that says its version.</summary>
    public byte[] Add(string id, string version, IEnumerable<string>? dependencies = null, IReadOnlyDictionary<string,
        byte[]>? files = null)
    {
        var builder = new PackageBuilder { Id = id, Version = NuGetVersion.Parse(version), Description = id };
        builder.Authors.Add("test");
        builder.DependencyGroups.Add(new(
            NuGet.Frameworks.NuGetFramework.Parse("net8.0"),
            [.. (dependencies ?? []).Select(text => text.Split(' '))
                .Select(parts => new PackageDependency(parts[0], VersionRange.Parse(parts[1]), null, parts is [_, _, var excluded]
                ? [excluded[1..]] : null))]));
        files ??= new Dictionary<string, byte[]> { [$"lib/net8.0/{id}.dll"] = Library.Saying(id, version,
            NuGetVersion.Parse(version).Version.ToString()) };
        foreach (var (path, content) in files)
        {
            builder.Files.Add(new PhysicalPackageFile(new MemoryStream(content)) { TargetPath = path });
        }

        using var stream = new MemoryStream();
        builder.Save(stream);
        File.WriteAllBytes(Path.Combine(Feed, $"{id}.{version}.nupkg"), stream.ToArray());
        return stream.ToArray();
    }

    public static IReadOnlyDictionary<string, byte[]> Files(params (string Path, byte[] Content)[] files) =>
        files.ToDictionary(file => file.Path, file => file.Content);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Adds packages, written as in a cell: <c>Id</c> or <c>Id,version</c>.</summary>
    public Task<PackageFiles> AddAsync(params string[] references) => AddAsync(_ => false, CancellationToken.None, references);

    public Task<PackageFiles> AddAsync(Func<string, bool> isLoaded, CancellationToken cancellationToken, params string[] references) =>
        Session.AddAsync(
        [.. references.Select(text => text.Split(',', 2)).Select(parts =>
            new PackageRequest(parts[0], parts.Length > 1 ? parts[1] : null))],
        isLoaded, Waits.Add, cancellationToken);

    public async Task<Fault> FaultAsync(params string[] references) =>
        (await Assert.ThrowsAsync<CellFaultException>(() => AddAsync(references))).Fault;

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        Directory.Delete(Folder, recursive: true);
    }
}
