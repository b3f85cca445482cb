using System.Runtime.CompilerServices;
using NuGet.Configuration;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;

namespace Kadali.Host.Commands;

/// <summary>Whether the package sources of this machine's NuGet.Config answer. An address may hold a token, so that only its host is
/// shown.</summary>
internal static class PackageSources
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async IAsyncEnumerable<Finding> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (sources, broken) = Sources();
        if (broken is not null)
        {
            yield return broken;
        }
        else if (sources.Count == 0)
        {
            yield return Finding.Warn("NuGet.Config names no package source",
                "'#r \"nuget:…\"' takes packages from the cache alone; 'dotnet nuget add source' adds one.");
        }

        foreach (var source in sources)
        {
            yield return source.IsLocal ? Folder(source) : await FeedAsync(source, cancellationToken);
        }
    }

    private static (IReadOnlyList<PackageSource> Sources, Finding? Broken) Sources()
    {
        try
        {
            var settings = Settings.LoadDefaultSettings(Directory.GetCurrentDirectory());
            return ([.. new PackageSourceProvider(settings).LoadPackageSources().Where(source => source.IsEnabled)], null);
        }
        catch (NuGetConfigurationException exception)
        {
            return ([], Finding.Warn($"NuGet.Config cannot be read: {exception.Message}", "'#r \"nuget:…\"' needs it mended."));
        }
    }

    private static Finding Folder(PackageSource source) => Directory.Exists(source.Source)
        ? Finding.Ok($"packages from '{source.Name}' (a folder)")
        : Finding.Warn($"the folder of the package source '{source.Name}' is not there",
            $"'dotnet nuget disable source {source.Name}' switches it off.");

    private static async Task<Finding> FeedAsync(PackageSource source, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var shown = $"'{source.Name}' ({source.SourceUri?.Host})";
        try
        {
            var repository = Repository.Factory.GetCoreV3(source);
            var found = source.ProtocolVersion >= 3 || source.Source.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                ? await repository.GetResourceAsync<ServiceIndexResourceV3>(limit.Token) as object
                : await repository.GetResourceAsync<DependencyInfoResource>(limit.Token);
            return found is null
                ? Finding.Warn($"the package source {shown} answers, but not as one", "Its address may end in '/v3/index.json'.")
                : Finding.Ok($"packages from {shown}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Warn($"the package source {shown} does not answer within {Patience.TotalSeconds:0} s", Advice(source));
        }
        catch (Exception exception) when (exception is FatalProtocolException or HttpRequestException or InvalidOperationException)
        {
            // Its message quotes the address; the innermost reason does not.
            var reason = exception.GetBaseException() is HttpRequestException { StatusCode: { } status }
                ? $"it says {(int)status} {status}"
                : "it cannot be reached";
            return Finding.Warn($"the package source {shown} does not work: {reason}", Advice(source));
        }
    }

    private static string Advice(PackageSource source) =>
        "'#r \"nuget:…\"' needs it for packages that are not cached; see the network and proxy, "
        + $"or 'dotnet nuget disable source {source.Name}'.";
}
