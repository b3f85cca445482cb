using Kadali.Packages.Assets;
using Kadali.Packages.Feeds;
using NuGet.Common;
using NuGet.DependencyResolver;
using NuGet.Frameworks;
using NuGet.LibraryModel;
using NuGet.Protocol.Core.Types;
using NuGet.RuntimeModel;
using NuGet.Versioning;

namespace Kadali.Packages.Resolution;

/// <summary>One walk through what packages depend on: the nearest version of each wins, and of those that satisfy a range the
/// lowest.</summary>
internal sealed class PackageGraph
{
    private const string RootName = "(notebook)";
    private readonly GraphNode<RemoteResolveResult> _root;

    private PackageGraph(GraphNode<RemoteResolveResult> root)
    {
        _root = root;
        Analysis = root.Analyze();
        root.ForEach(node =>
        {
            if (node != root && node.Disposition == Disposition.Accepted && node.Item is { } item)
            {
                _ = item.Key.Type == LibraryType.Unresolved ? Unresolved.TryAdd(item.Key.Name, node) : Packages.TryAdd(item.Key.Name, item);
            }
        });
    }

    /// <summary>The chosen packages.</summary>
    public Dictionary<string, GraphItem<RemoteResolveResult>> Packages { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What no source has.</summary>
    public Dictionary<string, GraphNode<RemoteResolveResult>> Unresolved { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Cycles, downgrades and versions that exclude each other.</summary>
    public AnalyzeResult<RemoteResolveResult> Analysis { get; }

    /// <param name="wanted">The packages at the root: those that were asked for, and those that the session has.</param>
    public static async Task<PackageGraph> WalkAsync(
        IReadOnlyDictionary<string, VersionRange> wanted, IEnumerable<IRemoteDependencyProvider> folders,
            IEnumerable<IRemoteDependencyProvider> feeds,
        PackageFeeds configured, RuntimeGraph runtime, SourceCacheContext cache, CancellationToken cancellationToken)
    {
        var context = new RemoteWalkContext(cache, configured.Mapping, NullLogger.Instance);
        context.ProjectLibraryProviders.Add(new Root(wanted));
        foreach (var folder in folders)
        {
            context.LocalLibraryProviders.Add(folder);
        }

        foreach (var feed in feeds)
        {
            context.RemoteLibraryProviders.Add(feed);
        }

        var range = new LibraryRange(RootName, VersionRange.All, LibraryDependencyTarget.Project);
        var walk = new RemoteDependencyWalker(context).WalkAsync(range, SharedFramework.Framework, SharedFramework.RuntimeIdentifier,
            runtime, recursive: true);

        // The walk itself takes no token; what it waits for looks at it.
        return new(await walk.WaitAsync(cancellationToken));
    }

    /// <summary>What of each package the packages above it want: <c>exclude="Compile"</c> keeps an assembly from cells, not from the
    /// runtime.</summary>
    public IReadOnlyDictionary<string, LibraryIncludeFlags> Included()
    {
        var included = new Dictionary<string, LibraryIncludeFlags>(StringComparer.OrdinalIgnoreCase);
        var queue = new Queue<(GraphItem<RemoteResolveResult> Item, LibraryIncludeFlags Flags)>([(_root.Item!, LibraryIncludeFlags.All)]);
        while (queue.TryDequeue(out var next))
        {
            foreach (var dependency in next.Item.Data.Dependencies)
            {
                var before = included.GetValueOrDefault(dependency.Name);
                var flags = before | (dependency.IncludeType & next.Flags);
                if (Packages.TryGetValue(dependency.Name, out var item) && (flags != before || !included.ContainsKey(dependency.Name)))
                {
                    included[dependency.Name] = flags;
                    queue.Enqueue((item, flags));
                }
            }
        }

        return included;
    }

    /// <summary>The way to a package, for the reader: <c>A 1.0 → B 2.0</c>, without the package itself.</summary>
    public static string Above(GraphNode<RemoteResolveResult> node)
    {
        var way = new List<string>();
        for (var above = node.OuterNode; above?.OuterNode is not null; above = above.OuterNode)
        {
            way.Insert(0, Named(above));
        }

        return string.Join(" → ", way);
    }

    public static string Named(GraphNode<RemoteResolveResult> node) =>
        node.Item is { } item ? $"{item.Key.Name} {item.Key.Version}" : Wanted(node);

    /// <summary>What the package above wants: <c>B ≥ 2.0</c>.</summary>
    public static string Wanted(GraphNode<RemoteResolveResult> node) => $"{node.Key.Name} {Versions.Text(node.Key.VersionRange)}";

    /// <summary>The notebook, which depends on what its cells ask for.</summary>
    private sealed class Root(IReadOnlyDictionary<string, VersionRange> wanted) : IDependencyProvider
    {
        public bool SupportsType(LibraryDependencyTarget libraryTypeFlag) => libraryTypeFlag == LibraryDependencyTarget.Project;

        public Library? GetLibrary(LibraryRange libraryRange, NuGetFramework targetFramework) => libraryRange.Name != RootName ? null : new(
            libraryRange, new(RootName, new(1, 0, 0), LibraryType.Project),
            [.. wanted.Select(package => new LibraryDependency(new LibraryRange(package.Key, package.Value,
                LibraryDependencyTarget.Package)))])
        {
            Resolved = true,
        };

        public Library? GetLibrary(LibraryRange libraryRange, NuGetFramework targetFramework, string? alias) =>
            GetLibrary(libraryRange, targetFramework);
    }
}
