using Kadali.Packages.Assets;
using NuGet.DependencyResolver;
using NuGet.Frameworks;
using NuGet.LibraryModel;
using NuGet.Packaging;
using NuGet.Packaging.Core;

namespace Kadali.Packages.Resolution;

/// <summary>What a package depends on here.</summary>
internal static class Dependencies
{
    /// <summary>The dependencies for the framework, without those that the shared framework provides anyway.</summary>
    public static LibraryDependencyInfo Of(PackageIdentity package, IEnumerable<PackageDependencyGroup> groups, NuGetFramework framework)
    {
        var all = groups as IReadOnlyCollection<PackageDependencyGroup> ?? [.. groups];
        var nearest = NuGetFrameworkUtility.GetNearest(all, framework, group => group.TargetFramework);
        for (var i = 0; nearest is null && framework is AssetTargetFallbackFramework more && i < more.Fallback.Count; i++)
        {
            nearest = NuGetFrameworkUtility.GetNearest(all, more.Fallback[i], group => group.TargetFramework);
        }

        return LibraryDependencyInfo.Create(
            new(package.Id, package.Version, LibraryType.Package), framework,
            [.. (nearest?.Packages ?? []).Where(dependency => !SharedFramework.Provides(dependency))
                .Select(PackagingUtility.GetLibraryDependencyFromNuspec)]);
    }
}
