using NuGet.Common;
using NuGet.Configuration;
using NuGet.DependencyResolver;
using NuGet.Frameworks;
using NuGet.LibraryModel;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;

namespace Kadali.Packages.Feeds;

/// <summary>
/// A source that is asked while packages are resolved. One that fails is not asked again in that resolution; others may have the package.
/// </summary>
internal sealed class FeedProvider(SourceRepository repository, FeedLog log, CancellationToken cancellationToken)
    : IRemoteDependencyProvider
{
    public bool IsHttp => repository.PackageSource.IsHttp;

    public PackageSource Source => repository.PackageSource;

    public SourceRepository SourceRepository => repository;

    public async Task<LibraryIdentity?> FindLibraryAsync(
        LibraryRange libraryRange, NuGetFramework targetFramework, SourceCacheContext cacheContext, ILogger logger, CancellationToken _)
    {
        var versions = await VersionsAsync(libraryRange.Name, cacheContext);
        var best = libraryRange.VersionRange?.FindBestMatch(versions);
        return best is null ? null : new LibraryIdentity(libraryRange.Name, best, LibraryType.Package);
    }

    public async Task<LibraryDependencyInfo> GetDependenciesAsync(
        LibraryIdentity libraryIdentity, NuGetFramework targetFramework, SourceCacheContext cacheContext, ILogger logger,
        CancellationToken _)
    {
        using var waiting = log.Wait($"{libraryIdentity.Name} {libraryIdentity.Version} from {PackageFeeds.Describe(Source)}");
        var resource = await ResourceAsync(cancellationToken);
        var found = await resource.GetDependencyInfoAsync(libraryIdentity.Name, libraryIdentity.Version, cacheContext, NullLogger.Instance,
            cancellationToken);
        return found is null
            ? throw new PackageNotFoundProtocolException(new(libraryIdentity.Name, libraryIdentity.Version))
            : Resolution.Dependencies.Of(found.PackageIdentity, found.DependencyGroups, targetFramework);
    }

    public async Task<IPackageDownloader> GetPackageDownloaderAsync(
        PackageIdentity packageIdentity, SourceCacheContext cacheContext, ILogger logger, CancellationToken _)
    {
        var resource = await ResourceAsync(cancellationToken);
        return await resource.GetPackageDownloaderAsync(packageIdentity, cacheContext, NullLogger.Instance, cancellationToken)
            ?? throw new PackageNotFoundProtocolException(packageIdentity);
    }

    public async Task<IEnumerable<NuGetVersion>?> GetAllVersionsAsync(string id, SourceCacheContext cacheContext, ILogger logger,
        CancellationToken _) =>
        await VersionsAsync(id, cacheContext);

    /// <summary>All versions that the source has; none where it does not answer, which the log then says.</summary>
    public async Task<IReadOnlyList<NuGetVersion>> VersionsAsync(string id, SourceCacheContext cacheContext)
    {
        if (log.HasFailed(Source))
        {
            return [];
        }

        using var waiting = log.Wait($"{PackageFeeds.Describe(Source)}, asked for {id}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(FeedLog.Patience);
        try
        {
            // Not all of the library's waits look at the token.
            return await AskAsync().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            log.Fail(Source, $"does not answer within {FeedLog.Patience.TotalSeconds:0} s");
        }
        catch (Exception exception) when (exception is FatalProtocolException or HttpRequestException or InvalidOperationException
            or IOException or UnauthorizedAccessException or Newtonsoft.Json.JsonException or FormatException)
        {
            log.Fail(Source, FeedLog.Reason(exception));
        }

        return [];

        async Task<IReadOnlyList<NuGetVersion>> AskAsync()
        {
            var resource = await ResourceAsync(limit.Token);
            return [.. await resource.GetAllVersionsAsync(id, cacheContext, NullLogger.Instance, limit.Token) ?? []];
        }
    }

    private async Task<FindPackageByIdResource> ResourceAsync(CancellationToken token)
    {
        if (Source.IsHttp && !Source.IsHttps && !Source.AllowInsecureConnections)
        {
            throw new InvalidOperationException("http");
        }

        return await repository.GetResourceAsync<FindPackageByIdResource>(token)
            ?? throw new InvalidOperationException("It is no package source.");
    }
}
