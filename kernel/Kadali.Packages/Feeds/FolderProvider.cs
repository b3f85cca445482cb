using NuGet.Common;
using NuGet.Configuration;
using NuGet.DependencyResolver;
using NuGet.Frameworks;
using NuGet.LibraryModel;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Repositories;
using NuGet.Versioning;
using LocalPackageInfo = NuGet.Repositories.LocalPackageInfo;

namespace Kadali.Packages.Feeds;

/// <summary>The packages that are unpacked on this machine already.</summary>
internal sealed class FolderProvider(string folder, LocalPackageFileCache cache, bool isFallback) : IRemoteDependencyProvider
{
    private readonly NuGetv3LocalRepository _repository = new(folder, cache, isFallback);

    public bool IsHttp => false;

    public PackageSource? Source => null;

    public SourceRepository? SourceRepository => null;

    public LocalPackageInfo? Find(string id, NuGetVersion version) => _repository.FindPackage(id, version);

    /// <summary>Another process, or we, may have unpacked a package since it was asked for.</summary>
    public void Forget(string id) => _repository.ClearCacheForIds([id]);

    public IEnumerable<NuGetVersion> Versions(string id) => _repository.FindPackagesById(id).Select(package => package.Version);

    public Task<LibraryIdentity?> FindLibraryAsync(
        LibraryRange libraryRange, NuGetFramework targetFramework, SourceCacheContext cacheContext, ILogger logger,
            CancellationToken cancellationToken)
    {
        var range = libraryRange.VersionRange!;
        var exact = range is { IsMinInclusive: true, IsFloating: false, MinVersion: { } least }
            && _repository.Exists(libraryRange.Name, least) ? least : null;
        var version = exact ?? range.FindBestMatch(Versions(libraryRange.Name));
        return Task.FromResult(version is null ? null : new LibraryIdentity(libraryRange.Name, version, LibraryType.Package));
    }

    public Task<LibraryDependencyInfo> GetDependenciesAsync(
        LibraryIdentity libraryIdentity, NuGetFramework targetFramework, SourceCacheContext cacheContext, ILogger logger,
            CancellationToken cancellationToken) =>
        Task.FromResult(Find(libraryIdentity.Name, libraryIdentity.Version) is { } package
            ? Resolution.Dependencies.Of(package.Nuspec.GetIdentity(), package.Nuspec.GetDependencyGroups(), targetFramework)
            : throw new PackageNotFoundProtocolException(new(libraryIdentity.Name, libraryIdentity.Version)));

    public Task<IPackageDownloader> GetPackageDownloaderAsync(
        PackageIdentity packageIdentity, SourceCacheContext cacheContext, ILogger logger, CancellationToken cancellationToken) =>
        throw new NotSupportedException("What is in the folder need not be fetched.");

    public Task<IEnumerable<NuGetVersion>?> GetAllVersionsAsync(string id, SourceCacheContext cacheContext, ILogger logger,
        CancellationToken token) =>
        Task.FromResult<IEnumerable<NuGetVersion>?>(Versions(id));
}
