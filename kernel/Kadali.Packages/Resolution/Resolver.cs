using Kadali.Cells;
using Kadali.Packages.Assets;
using Kadali.Packages.Feeds;
using NuGet.DependencyResolver;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Repositories;
using NuGet.RuntimeModel;
using NuGet.Versioning;
using LocalPackageInfo = NuGet.Repositories.LocalPackageInfo;

namespace Kadali.Packages.Resolution;

/// <summary>Finds out which packages are needed, and brings those into the packages folder that are not there.</summary>
internal sealed class Resolver
{
    private readonly PackageFeeds _feeds;
    private readonly IReadOnlyList<FolderProvider> _folders;
    private readonly IReadOnlyList<FeedProvider> _sources;
    private readonly FeedLog _log;
    private readonly CancellationToken _cancellation;

    public Resolver(PackageFeeds feeds, LocalPackageFileCache files, FeedLog log, CancellationToken cancellationToken)
    {
        (_feeds, _log, _cancellation) = (feeds, log, cancellationToken);
        _folders = [
            new(feeds.PackagesFolder, files, isFallback: false),
                .. feeds.FallbackFolders.Select(folder => new FolderProvider(folder, files, isFallback: true)),
        ];
        _sources = [.. feeds.Sources.Select(source => new FeedProvider(Repository.Factory.GetCoreV3(source), log, cancellationToken))];
    }

    /// <summary>An unpacked package, or null.</summary>
    public LocalPackageInfo? Find(string id, NuGetVersion version) =>
        _folders.Select(folder => folder.Find(id, version)).FirstOrDefault(package => package is not null);

    /// <summary>The versions of a package that sources have, and those that are unpacked.</summary>
    public async Task<IReadOnlyList<NuGetVersion>> VersionsAsync(string id, bool fresh)
    {
        using var cache = Cache(fresh);
        var found = await Task.WhenAll(SourcesFor(id).Select(source => source.VersionsAsync(id, cache)));
        return [.. found.SelectMany(versions => versions)];
    }

    /// <summary>The version that a range means: the best one that a source has, or where none answers, of those that are
    /// unpacked.</summary>
    public async Task<NuGetVersion?> BestAsync(string id, VersionRange range, bool fresh)
    {
        var versions = await VersionsAsync(id, fresh);
        return range.FindBestMatch(versions.Count > 0 ? versions : _folders.SelectMany(folder => folder.Versions(id)));
    }

    /// <summary>Resolves packages; none is fetched yet that is not needed to know what others need.</summary>
    public async Task<PackageGraph> WalkAsync(IReadOnlyDictionary<string, VersionRange> wanted, bool fresh)
    {
        using var cache = Cache(fresh);
        var runtime = SharedFramework.RuntimeGraph();
        var graph = await PackageGraph.WalkAsync(wanted, _folders, _sources, _feeds, runtime, cache, _cancellation);

        // Packages of old may name others for this machine alone, in a runtime.json; then what those need is to be found too.
        var more = graph.Packages.Values.Select(item => Find(item.Key.Name, item.Key.Version)?.RuntimeGraph).OfType<RuntimeGraph>()
            .Where(own => own.Runtimes.Values.Any(described => described.RuntimeDependencySets.Count > 0)).ToArray();
        return more.Length == 0 ? graph : await PackageGraph.WalkAsync(
            wanted, _folders, _sources, _feeds, more.Aggregate(runtime, RuntimeGraph.Merge), cache, _cancellation);
    }

    /// <summary>Unpacks what is not there yet. Processes that unpack the same package wait for each other.</summary>
    public async Task InstallAsync(PackageGraph graph)
    {
        using var cache = Cache(fresh: false);
        var paths = new VersionFolderPathResolver(_feeds.PackagesFolder);
        await Task.WhenAll(graph.Packages.Values.Select(item => item.Data.Match.Provider is FeedProvider feed
            ? InstallAsync(item.Key.Name, item.Key.Version, feed) : Task.CompletedTask));

        async Task InstallAsync(string id, NuGetVersion version, FeedProvider provider)
        {
            var package = new PackageIdentity(id, version);
            using var waiting = _log.Wait($"{package.Id} {package.Version} from {PackageFeeds.Describe(provider.Source)}");
            using var downloader = await provider.GetPackageDownloaderAsync(package, cache, NuGet.Common.NullLogger.Instance,
                _cancellation);
            await PackageExtractor.InstallFromSourceAsync(package, downloader, paths, _feeds.Extraction, _cancellation)
                .WaitAsync(_cancellation);
            _folders[0].Forget(package.Id);
        }
    }

    /// <summary>The sources that may have a package: all of them, or those that the configuration maps it to.</summary>
    private IEnumerable<FeedProvider> SourcesFor(string id) => !_feeds.Mapping.IsEnabled
        ? _sources
        : _sources.Where(source => _feeds.Mapping.GetConfiguredPackageSources(id)
        .Contains(source.Source.Name, StringComparer.OrdinalIgnoreCase));

    /// <summary>The sources that were asked, for the reader.</summary>
    public string Asked(string id) => SourcesFor(id).ToArray() is { Length: > 0 } asked
        ? string.Join(", ", asked.Select(source => PackageFeeds.Describe(source.Source)))
        : _feeds.Mapping.IsEnabled ? "none, since NuGet.Config maps it to no source" : "none, since NuGet.Config names no source";

    /// <summary>Ids that are unpacked, for suggestions.</summary>
    public IEnumerable<string> KnownIds() => PackageFolders.Ids(_feeds.PackagesFolder);

    private static SourceCacheContext Cache(bool fresh) => fresh ? new() { MaxAge = DateTimeOffset.UtcNow, RefreshMemoryCache = true }
        : new();
}
