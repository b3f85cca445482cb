using Kadali.Cells;
using Kadali.Packages.Feeds;
using Kadali.Packages.Resolution;
using NuGet.DependencyResolver;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Packaging.Signing;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;

namespace Kadali.Packages;

/// <summary>Why packages cannot be had, as the author of the cell is told.</summary>
internal static class PackageFaults
{
    private const string Restart = "Restart the kernel to change it.";

    public static CellFaultException NotAnId(PackageRequest request) => new(new(
        "KDL210", $"'{request.Id}' cannot be a package.", "Write #r \"nuget:Id,version\"; ids have letters, digits, '.', '_' and '-'.",
        request.Place));

    /// <summary>No source has the package, or none has the version.</summary>
    public static CellFaultException NotFound(PackageRequest request, VersionRange range, IReadOnlyList<NuGetVersion> versions,
        Resolver resolver, FeedLog log)
    {
        var failures = Failures(log);
        if (versions.Count > 0)
        {
            return new(new(
                "KDL211", $"{request.Id} has no version {Versions.Asked(request, range)}.{failures}",
                $"There are {Versions.Near(versions, range)}. Asked: {resolver.Asked(request.Id)}.", request.Place));
        }

        var near = Nearest.Of(request.Id, resolver.KnownIds());
        return new(new(
            "KDL211",
            failures.Length > 0 ? $"Package '{request.Id}' was not found.{failures}" : $"There is no package '{request.Id}'.",
            $"{(near is null ? "" : $"Did you mean '{near}'? ")}Asked: {resolver.Asked(request.Id)}.", request.Place));
    }

    /// <summary>A package needs one that no source has.</summary>
    public static CellFaultException Missing(GraphNode<RemoteResolveResult> node, IReadOnlyList<NuGetVersion> versions, Resolver resolver,
        FeedLog log, FaultPlace? place) =>
        new(new(
            "KDL212",
            $"{PackageGraph.Above(node)} needs {node.Key.Name} {Versions.Text(node.Key.VersionRange)}, which was not found.{Failures(log)}",
            (versions.Count > 0 ? $"There are {Versions.Near(versions, node.Key.VersionRange ?? VersionRange.All)}. "
                : "") + $"Asked: {resolver.Asked(node.Key.Name)}.",
            place));

    public static CellFaultException AddedBefore(PackageRequest request, string id, NuGetVersion version) => new(new(
        "KDL213", $"{id} {version} was added before and is in use; {request.Version ?? "another version"} cannot take its place.", Restart,
        request.Place));

    public static CellFaultException Twice(PackageRequest request) => new(new(
        "KDL213", $"The cell asks for two versions of {request.Id}.", "Ask for one of them.", request.Place));

    /// <summary>A package needs a newer version of one that is loaded.</summary>
    public static CellFaultException Held(GraphNode<RemoteResolveResult> needed, NuGetVersion version, FaultPlace? place) => new(new(
        "KDL214",
        $"{PackageGraph.Above(needed)} needs {needed.Key.Name} {Versions.Text(needed.Key.VersionRange)}, but {version} is in use.",
        "Restart the kernel, and add the package before the older one is used.", place));

    public static CellFaultException Downgrade(DowngradeResult<RemoteResolveResult> downgrade, FaultPlace? place) => new(new(
        "KDL214",
        $"{PackageGraph.Above(downgrade.DowngradedFrom)} needs {PackageGraph.Wanted(downgrade.DowngradedFrom)}, "
            + $"but the notebook asks for {PackageGraph.Named(downgrade.DowngradedTo)}.",
        "Ask for the newer version, or leave its own line out.", place));

    public static CellFaultException Conflict(VersionConflictResult<RemoteResolveResult> conflict, FaultPlace? place) => new(new(
        "KDL214",
        $"{PackageGraph.Above(conflict.Conflicting)} needs {PackageGraph.Wanted(conflict.Conflicting)}, "
            + $"but {(conflict.Selected.OuterNode?.OuterNode is null ? "the notebook" : PackageGraph.Above(conflict.Selected))} "
            + $"takes {PackageGraph.Named(conflict.Selected)}.",
        "No version satisfies both.", place));

    public static CellFaultException Cycle(GraphNode<RemoteResolveResult> cycle, FaultPlace? place) => new(new(
        "KDL214", $"The packages depend on each other in a circle: {PackageGraph.Above(cycle)} → {cycle.Key.Name}.", null, place));

    public static CellFaultException Unfit(string id, NuGetVersion version, IReadOnlyList<string> frameworks, FaultPlace? place) => new(new(
        "KDL215", $"{id} {version} has nothing for .NET {Environment.Version.Major}.", $"It is made for {string.Join(", ", frameworks)}.",
        place));

    /// <summary>What the libraries throw on the way, or null where it is a mistake of ours.</summary>
    public static CellFaultException? Of(Exception exception, FeedLog log, FaultPlace? place)
    {
        var hint = "Run the cell again; if the package is damaged at its source, take another version." + Failures(log);
        return exception switch
        {
            SignatureException refused => new(new("KDL218", $"NuGet.Config does not trust the package: {refused.Message}", null, place),
                exception),
            InvalidDataException or PackagingException or BadImageFormatException => new(
                new("KDL218", $"A package is damaged: {exception.Message}", hint, place), exception),
            FatalProtocolException when exception.GetBaseException() is InvalidDataException damaged => new(
                new("KDL218", $"A package is damaged: {damaged.Message}", hint, place), exception),
            PackageNotFoundProtocolException gone => new(
                new("KDL211", $"{gone.PackageIdentity} is listed, but is not there.", hint, place), exception),
            FatalProtocolException or HttpRequestException => new(
                new("KDL219", $"A package could not be fetched: its source {FeedLog.Reason(exception)}.",
                    "See the network and the source, then run the cell again.", place),
                exception),
            UnauthorizedAccessException or IOException => new(
                new("KDL219", $"The packages folder cannot be used: {exception.Message}", "NUGET_PACKAGES names another one.", place),
                    exception),
            _ => null,
        };
    }

    private static string Failures(FeedLog log) => string.Concat(log.Failures.Select(failure => $" {failure}."));
}
