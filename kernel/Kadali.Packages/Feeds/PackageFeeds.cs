using Kadali.Cells;
using NuGet.Common;
using NuGet.Configuration;
using NuGet.Packaging;
using NuGet.Packaging.Signing;
using NuGet.Protocol.Core.Types;

namespace Kadali.Packages.Feeds;

/// <summary>Where packages come from and where they are kept, as <c>dotnet restore</c> in the notebook's folder would have it.</summary>
internal sealed class PackageFeeds
{
    private PackageFeeds(ISettings settings, IReadOnlyList<PackageSource> sources)
    {
        Sources = sources;
        PackagesFolder = SettingsUtility.GetGlobalPackagesFolder(settings);
        FallbackFolders = [.. SettingsUtility.GetFallbackPackageFolders(settings).Where(Directory.Exists)];
        Mapping = PackageSourceMapping.GetPackageSourceMapping(settings);
        Extraction = new(PackageSaveMode.Defaultv3, XmlDocFileSaveMode.None,
            ClientPolicyContext.GetClientPolicy(settings, NullLogger.Instance), NullLogger.Instance);
    }

    public IReadOnlyList<PackageSource> Sources { get; }

    /// <summary>The folder of all projects of this user, or what <c>NUGET_PACKAGES</c> says.</summary>
    public string PackagesFolder { get; }

    public IReadOnlyList<string> FallbackFolders { get; }

    public PackageSourceMapping Mapping { get; }

    /// <summary>How packages are unpacked: signatures are checked where the configuration asks for it.</summary>
    public PackageExtractionContext Extraction { get; }

    /// <param name="folder">The notebook's folder: its NuGet.Config and those of the folders above it count, then the user's and the
    /// machine's.</param>
    /// <param name="added">Sources of this session.</param>
    /// <exception cref="CellFaultException">A NuGet.Config cannot be read.</exception>
    public static PackageFeeds Load(string folder, IReadOnlyList<PackageSource> added)
    {
        try
        {
            var settings = Settings.LoadDefaultSettings(folder, null, new XPlatMachineWideSetting());
            var configured = PackageSourceProvider.LoadPackageSources(settings).Where(source => source.IsEnabled);
            return new(settings, [.. configured.Concat(added).DistinctBy(source => source.Source, StringComparer.OrdinalIgnoreCase)]);
        }
        catch (NuGetConfigurationException exception)
        {
            throw new CellFaultException(
                new("KDL216", $"NuGet.Config cannot be read: {exception.Message}",
                    "Packages are found by it: mend it, then run the cell again."), exception);
        }
    }

    /// <summary>A source as it may be shown: an address can hold a token, so that only its host is.</summary>
    public static string Describe(PackageSource source) =>
        source.IsLocal ? source.Name == source.Source ? $"'{source.Source}'" : $"'{source.Name}' ({source.Source})"
        : source.TrySourceAsUri is { } address && !string.Equals(address.Host, source.Name, StringComparison.OrdinalIgnoreCase)
        ? $"'{source.Name}' ({address.Host})"
        : $"'{source.Name}'";

    /// <summary>A source that a cell adds.</summary>
    /// <exception cref="CellFaultException">It cannot be one.</exception>
    public static PackageSource Source(string text, FaultPlace? place)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address.Scheme == "https" || address.IsLoopback
                ? new(text, address.Host) { ProtocolVersion = 3, AllowInsecureConnections = address.IsLoopback }
                : throw new CellFaultException(new(
                    "KDL217", $"The source at {address.Host} is asked in the clear: packages could be changed on their way.",
                    "Use its https address, or name it in NuGet.Config with allowInsecureConnections=\"true\".", place));
        }

        var folder = Path.GetFullPath(address is { IsFile: true } ? address.LocalPath : text);
        return Directory.Exists(folder)
            ? new(folder, folder)
            : throw new CellFaultException(new(
                "KDL217", $"There is no package source '{Shown(text, address)}': it is neither an address nor a folder.",
                $"Addresses begin with https://; folders are relative to '{Directory.GetCurrentDirectory()}'.", place));
    }

    private static string Shown(string text, Uri? address) => address is { UserInfo.Length: > 0 } ? address.Host : text;
}
