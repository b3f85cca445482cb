namespace Kadali.Cells;

/// <summary>Finds the files of packages for a session, in which what was added once stays. Calls come one after the other.</summary>
public interface IPackages
{
    /// <summary>Adds packages with all that they depend on: all of them or none.</summary>
    /// <param name="isLoaded">Whether the session has loaded an assembly of the path, which then stays as it is.</param>
    /// <param name="progress">Told what is waited for.</param>
    /// <exception cref="CellFaultException">One of them cannot be had; the session's packages are what they were.</exception>
    Task<PackageFiles> AddAsync(
        IReadOnlyList<PackageRequest> requests, Func<string, bool> isLoaded, Action<string> progress, CancellationToken cancellationToken);

    /// <summary>Adds a source of packages for this session: an address or a folder.</summary>
    /// <exception cref="CellFaultException">It cannot be one.</exception>
    void AddSource(string source, FaultPlace? place);

    /// <summary>Packages of this machine's folder whose id begins so, with the versions that are there, the newest first.</summary>
    IReadOnlyList<(string Id, IReadOnlyList<string> Versions)> Known(string prefix);
}

/// <summary>A package that a cell asks for.</summary>
/// <param name="Version">As it was written: a version, a range, a pattern; null for the newest stable one.</param>
/// <param name="Place">Where in the cell.</param>
public sealed record PackageRequest(string Id, string? Version, FaultPlace? Place = null);

/// <summary>What packages bring with their dependencies, apart from what the session had before.</summary>
/// <param name="Compile">Assemblies that cells may name.</param>
/// <param name="Runtime">Assemblies that may be loaded, satellites with translations among them.</param>
/// <param name="Native">Native libraries.</param>
/// <param name="Scripts">Notebooks by which a package sets itself up (<c>interactive-extensions/dotnet/extension.dib</c>).</param>
/// <param name="Added">The packages that were asked for with their versions, and then those that came along.</param>
/// <param name="Notes">What the reader should know though it is no failure, in a sentence each.</param>
public sealed record PackageFiles(
    IReadOnlyList<string> Compile, IReadOnlyList<string> Runtime, IReadOnlyList<string> Native, IReadOnlyList<string> Scripts,
    IReadOnlyList<string> Added, IReadOnlyList<string> Notes)
{
    public static PackageFiles None { get; } = new([], [], [], [], [], []);
}
