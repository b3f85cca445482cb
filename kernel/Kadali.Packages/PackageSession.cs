using Kadali.Cells;
using Kadali.Packages.Assets;
using Kadali.Packages.Feeds;
using Kadali.Packages.Resolution;
using NuGet.Configuration;
using NuGet.DependencyResolver;
using NuGet.LibraryModel;
using NuGet.Packaging;
using NuGet.Protocol;
using NuGet.Versioning;

namespace Kadali.Packages;

/// <summary>The packages of a session, resolved together as those of a project are, without a project and without the SDK.</summary>
public sealed class PackageSession : IPackages
{
    private volatile IReadOnlyList<PackageSource> _sources = [];
    private readonly LocalPackageFileCache _files = new();
    private Dictionary<string, Held> _held = new(StringComparer.OrdinalIgnoreCase);

    public void AddSource(string source, FaultPlace? place) => _sources = [.. _sources, PackageFeeds.Source(source, place)];

    public IReadOnlyList<(string Id, IReadOnlyList<string> Versions)> Known(string prefix)
    {
        var folder = PackageFeeds.Load(Directory.GetCurrentDirectory(), _sources).PackagesFolder;
        return [.. PackageFolders.Ids(folder).Where(id => id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).Select(Describe)];

        (string, IReadOnlyList<string>) Describe(string id)
        {
            var versions = PackageFolders.Ids(Path.Combine(folder, id))
                .Select(name => NuGetVersion.TryParse(name, out var version) ? version : null).OfType<NuGetVersion>().OrderDescending()
                .Select(version => version.ToString())
                .ToArray();
            return (versions.Length == 0 ? id : PackageFolders.Cased(folder, id, versions[0]), versions);
        }
    }

    public async Task<PackageFiles> AddAsync(
        IReadOnlyList<PackageRequest> requests, Func<string, bool> isLoaded, Action<string> progress, CancellationToken cancellationToken)
    {
        var open = Open(requests, isLoaded);
        if (open.Count == 0)
        {
            return PackageFiles.None;
        }

        var log = new FeedLog(progress);
        var place = requests[0].Place;
        try
        {
            var resolver = new Resolver(PackageFeeds.Load(Directory.GetCurrentDirectory(), _sources), _files, log, cancellationToken);

            // Version lists are kept for half an hour; what was published since is asked for again before the reader is told that it is not
            // there.
            try
            {
                return await AddAsync(open, resolver, log, isLoaded, fresh: false, cancellationToken);
            }
            catch (CellFaultException fault) when (fault.Fault.Code is "KDL211" or "KDL212" && log.Failures.Count == 0)
            {
                return await AddAsync(open, resolver, log, isLoaded, fresh: true, cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && PackageFaults.Of(exception, log, place) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>The requests that the session does not satisfy yet.</summary>
    private List<(PackageRequest Request, VersionRange Range)> Open(IReadOnlyList<PackageRequest> requests, Func<string, bool> isLoaded)
    {
        var open = new List<(PackageRequest Request, VersionRange Range)>();
        foreach (var request in requests)
        {
            if (!PackageIdValidator.IsValidPackageId(request.Id))
            {
                throw PackageFaults.NotAnId(request);
            }

            var range = Versions.Parse(request);
            if (_held.TryGetValue(request.Id, out var held))
            {
                if (request.Version is null || (range.IsFloating ? range.Float!.Satisfies(held.Version) : range.HasUpperBound
                    || range.MinVersion is null
                    ? range.Satisfies(held.Version)
                    : range.MinVersion == held.Version))
                {
                    continue;
                }

                if (held.Files.Any(isLoaded))
                {
                    throw PackageFaults.AddedBefore(request, held.Id, held.Version);
                }
            }

            var other = open.FindIndex(known => string.Equals(known.Request.Id, request.Id, StringComparison.OrdinalIgnoreCase));
            if (other >= 0 && open[other].Request.Version != request.Version)
            {
                throw PackageFaults.Twice(request);
            }

            if (other < 0)
            {
                open.Add((request, range));
            }
        }

        return open;
    }

    private async Task<PackageFiles> AddAsync(
        IReadOnlyList<(PackageRequest Request, VersionRange Range)> open, Resolver resolver, FeedLog log, Func<string, bool> isLoaded,
            bool fresh,
        CancellationToken cancellationToken)
    {
        var place = open[0].Request.Place;
        var chosen = await Task.WhenAll(open.Select(wanted => ChooseAsync(wanted.Request, wanted.Range, resolver, log, fresh)));
        var asked = open.Zip(chosen, (wanted, version) => (wanted.Request.Id, Range: version))
            .ToDictionary(it => it.Id, it => it.Range, StringComparer.OrdinalIgnoreCase);
        var graph = await WalkAsync(asked, resolver, log, isLoaded, fresh, place);
        await resolver.InstallAsync(graph);
        cancellationToken.ThrowIfCancellationRequested();
        var (held, notes) = Select(graph, resolver, place);
        var files = Added(held, asked, [.. notes, .. log.Failures.Select(failure => $"{failure}; the packages came from elsewhere.")]);
        _held = held;
        return files;
    }

    /// <summary>The version that is asked for: a plain one needs no source where it is unpacked already.</summary>
    private static async Task<VersionRange> ChooseAsync(PackageRequest request, VersionRange range, Resolver resolver, FeedLog log,
        bool fresh)
    {
        if (!Versions.IsOpen(range) && resolver.Find(request.Id, range.MinVersion!) is not null)
        {
            return Versions.From(range.MinVersion!);
        }

        // A plain version means that one, not the next above it, which a project would take with a warning.
        var best = await resolver.BestAsync(request.Id, Versions.IsOpen(range) || range.HasUpperBound ? range
            : new(range.MinVersion, true, range.MinVersion, true), fresh);
        return best is null
            ? throw PackageFaults.NotFound(request, range, await resolver.VersionsAsync(request.Id, fresh: false), resolver, log)
            : Versions.From(best);
    }

    /// <summary>Resolves what is asked for beside what is held. What is held may rise as long as nothing of it is loaded.</summary>
    private async Task<PackageGraph> WalkAsync(
        Dictionary<string, VersionRange> asked, Resolver resolver, FeedLog log, Func<string, bool> isLoaded, bool fresh, FaultPlace? place)
    {
        var wanted = new Dictionary<string, VersionRange>(asked, StringComparer.OrdinalIgnoreCase);
        foreach (var held in _held.Values)
        {
            wanted.TryAdd(held.Id, Versions.From(held.Version));
        }

        while (true)
        {
            var graph = await resolver.WalkAsync(wanted, fresh);
            if (graph.Unresolved.Values.FirstOrDefault() is { } missing)
            {
                throw PackageFaults.Missing(missing, await resolver.VersionsAsync(missing.Key.Name, fresh: false), resolver, log, place);
            }

            var analysis = graph.Analysis;
            if (analysis.Cycles.FirstOrDefault() is { } cycle)
            {
                throw PackageFaults.Cycle(cycle, place);
            }

            var rising = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var downgrade in analysis.Downgrades)
            {
                var needed = downgrade.DowngradedFrom;
                if (asked.ContainsKey(needed.Key.Name) || !_held.TryGetValue(needed.Key.Name, out var held))
                {
                    throw PackageFaults.Downgrade(downgrade, place);
                }

                rising.Add(held.Files.Any(isLoaded) ? throw PackageFaults.Held(needed, held.Version, place) : held.Id);
            }

            if (rising.Count == 0)
            {
                return analysis.VersionConflicts.FirstOrDefault() is { } conflict ? throw PackageFaults.Conflict(conflict, place) : graph;
            }

            foreach (var id in rising)
            {
                wanted.Remove(id);
            }
        }
    }

    /// <summary>The files of each package of the graph.</summary>
    private static (Dictionary<string, Held> Held, List<string> Notes) Select(PackageGraph graph, Resolver resolver, FaultPlace? place)
    {
        var assets = new PackageAssets(SharedFramework.RuntimeGraph());
        var included = graph.Included();
        var held = new Dictionary<string, Held>(StringComparer.OrdinalIgnoreCase);
        var notes = new List<string>();
        foreach (var key in graph.Packages.Values.Select(item => item.Key))
        {
            var package = resolver.Find(key.Name, key.Version)
                ?? throw new InvalidOperationException($"{key} was unpacked, but is not there.");
            var content = assets.Select(package, included.GetValueOrDefault(key.Name, LibraryIncludeFlags.All));
            if (content.Unfit.Count > 0)
            {
                throw PackageFaults.Unfit(key.Name, key.Version, content.Unfit, place);
            }

            if (content.IsFallback)
            {
                notes.Add($"{key.Name} {key.Version} is made for .NET Framework: parts of it may not work here.");
            }

            held[key.Name] = new(package.Id, key.Version, content, package.ExpandedPath, Frameworks(package));
        }

        return (held, notes);
    }

    private PackageFiles Added(Dictionary<string, Held> held, IReadOnlyDictionary<string, VersionRange> asked, List<string> notes)
    {
        var added = held.Values.Where(package => !_held.TryGetValue(package.Id, out var before) || before.Version != package.Version)
            .ToArray();
        foreach (var risen in added.Where(package => _held.ContainsKey(package.Id) && !asked.ContainsKey(package.Id)))
        {
            notes.Add($"{risen.Id} is now {risen.Version}, as others need it; it was {_held[risen.Id].Version}.");
        }

        var compile = Newer(added.SelectMany(package => package.Content.Compile), notes: null);
        var runtime = Newer(added.SelectMany(package => package.Content.Runtime), notes);

        // Some packages put a native library where assemblies belong.
        var misplaced = runtime.Where(path => SharedFramework.VersionOf(path) is null).ToArray();
        compile.RemoveAll(path => SharedFramework.VersionOf(path) is null);
        runtime.RemoveAll(misplaced.Contains);
        foreach (var framework in added.SelectMany(package => package.Frameworks).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (SharedFramework.Find(framework) is { } folder)
            {
                var assemblies = Directory.EnumerateFiles(folder, "*.dll").Where(path => !SharedFramework.Supersedes(path)).ToArray();
                compile.AddRange(assemblies);
                runtime.AddRange(assemblies);
            }
            else
            {
                notes.Add($"A package needs {framework} {Environment.Version.Major}, which is not on this machine: install that runtime.");
            }
        }

        return new(
            compile, [.. runtime, .. added.SelectMany(package => package.Content.Resources)],
                [.. added.SelectMany(package => package.Content.Native), .. misplaced],
            [.. added.Select(package => Path.Combine(package.Folder, "interactive-extensions", "dotnet", "extension.dib"))
                .Where(File.Exists)],
            [.. added.OrderByDescending(package => asked.ContainsKey(package.Id))
                .ThenBy(package => package.Id, StringComparer.OrdinalIgnoreCase)
                .Select(package => $"{package.Id} {package.Version}")],
            notes);
    }

    /// <summary>Assemblies of which the framework has no newer one.</summary>
    private static List<string> Newer(IEnumerable<string> assemblies, List<string>? notes)
    {
        var kept = new List<string>();
        foreach (var path in assemblies)
        {
            if (!SharedFramework.Supersedes(path))
            {
                kept.Add(path);
            }
            else
            {
                notes?.Add($"{Path.GetFileNameWithoutExtension(path)} is the one of .NET {Environment.Version}, which is as new or newer.");
            }
        }

        return kept;
    }

    private static IReadOnlyList<string> Frameworks(NuGet.Repositories.LocalPackageInfo package) =>
        [.. NuGet.Frameworks.NuGetFrameworkUtility
        .GetNearest(package.Nuspec.GetFrameworkRefGroups(), SharedFramework.Framework, group =>
            group.TargetFramework)?.FrameworkReferences.Select(reference => reference.Name)
        .Where(name => name is not "Microsoft.NETCore.App") ?? []];

    /// <summary>A package of the session.</summary>
    private sealed record Held(string Id, NuGetVersion Version, PackageContent Content, string Folder, IReadOnlyList<string> Frameworks)
    {
        public IEnumerable<string> Files => Content.Runtime.Concat(Content.Resources);
    }
}
