using NuGet.Client;
using NuGet.ContentModel;
using NuGet.Frameworks;
using NuGet.LibraryModel;
using NuGet.Repositories;
using NuGet.RuntimeModel;

namespace Kadali.Packages.Assets;

/// <summary>The files of a package for this framework and machine, by the rules of restore.</summary>
internal sealed class PackageAssets(RuntimeGraph graph)
{
    private readonly ManagedCodeConventions _conventions = new(graph);

    /// <param name="package">An unpacked package.</param>
    /// <param name="included">What of it the packages that depend on it want.</param>
    public PackageContent Select(LocalPackageInfo package, LibraryIncludeFlags included)
    {
        var items = new ContentItemCollection();
        items.Load(package.Files);
        var framework = (AssetTargetFallbackFramework)SharedFramework.Framework;
        var content = Select(package, items, framework.RootFramework, included);
        if (!content.Fits && Offered(items).Count > 0)
        {
            foreach (var fallback in framework.Fallback)
            {
                if (Select(package, items, fallback, included) is { Fits: true } found)
                {
                    return found with { IsFallback = true };
                }
            }

            return content with { Unfit = Offered(items) };
        }

        return content;
    }

    private PackageContent Select(LocalPackageInfo package, ContentItemCollection items, NuGetFramework framework,
        LibraryIncludeFlags included)
    {
        var patterns = _conventions.Patterns;
        var criteria = _conventions.Criteria.ForFrameworkAndRuntime(framework, SharedFramework.RuntimeIdentifier);
        var fits = false;
        var compile = Best(patterns.CompileRefAssemblies, patterns.CompileLibAssemblies);
        var references = NuGetFrameworkUtility.GetNearest(package.Nuspec.GetReferenceGroups(), framework, group =>
            group.TargetFramework)?.Items.ToArray() ?? [];
        if (references.Length > 0)
        {
            compile = [.. compile.Where(path => references.Contains(Path.GetFileName(path), StringComparer.OrdinalIgnoreCase))];
        }

        return new(
            included.HasFlag(LibraryIncludeFlags.Compile) ? compile : [],
            included.HasFlag(LibraryIncludeFlags.Runtime) ? Best(patterns.RuntimeAssemblies) : [],
            included.HasFlag(LibraryIncludeFlags.Runtime) ? Best(patterns.ResourceAssemblies) : [],
            included.HasFlag(LibraryIncludeFlags.Native) ? Best(patterns.NativeLibraries) : [])
        { Fits = fits };

        IReadOnlyList<string> Best(params PatternSet[] sets)
        {
            var group = items.FindBestItemGroup(criteria, sets);
            fits |= group is not null;
            return [.. (group?.Items ?? [])
                .Where(item => !item.Path.EndsWith("/_._", StringComparison.Ordinal))
                .Select(item => Path.Combine(package.ExpandedPath, item.Path.Replace('/', Path.DirectorySeparatorChar)))];
        }
    }

    /// <summary>The frameworks for which a package has assemblies.</summary>
    private IReadOnlyList<string> Offered(ContentItemCollection items)
    {
        var groups = new List<ContentItemGroup>();
        items.PopulateItemGroups(_conventions.Patterns.CompileLibAssemblies, groups);
        items.PopulateItemGroups(_conventions.Patterns.RuntimeAssemblies, groups);
        return [.. groups
            .Select(group => group.Properties.TryGetValue("tfm", out var framework) ? (framework as NuGetFramework)?.GetShortFolderName()
            : null)
            .OfType<string>().Distinct().Order(StringComparer.Ordinal)];
    }
}

/// <param name="Compile">What cells compile against.</param>
/// <param name="Runtime">What is loaded.</param>
/// <param name="Resources">Satellite assemblies, each in a folder named for its culture.</param>
/// <param name="Native">Native libraries of this machine.</param>
internal sealed record PackageContent(
    IReadOnlyList<string> Compile, IReadOnlyList<string> Runtime, IReadOnlyList<string> Resources, IReadOnlyList<string> Native)
{
    /// <summary>Whether the package has something for the framework, if only the mark that says that nothing is needed.</summary>
    public bool Fits { get; init; }

    /// <summary>Whether it was made for .NET Framework.</summary>
    public bool IsFallback { get; init; }

    /// <summary>The frameworks for which the package has assemblies where none of them does here.</summary>
    public IReadOnlyList<string> Unfit { get; init; } = [];
}
