using Kadali.Cells;
using NuGet.Versioning;

namespace Kadali.Packages.Resolution;

/// <summary>Versions as cells write them.</summary>
internal static class Versions
{
    private const int Shown = 5;

    /// <summary>No version is the newest stable one, <c>*-*</c> the newest; <c>1.*</c> and <c>[1.0,2.0)</c> as in a project.</summary>
    /// <exception cref="CellFaultException">It is no version.</exception>
    public static VersionRange Parse(PackageRequest request) =>
        request.Version is null ? VersionRange.Parse("*")
        : VersionRange.TryParse(request.Version, allowFloating: true, out var range) ? range
        : throw new CellFaultException(new(
            "KDL210", $"'{request.Version}' is no version of a package.",
            $"Write #r \"nuget:{request.Id},1.2.3\", or 1.* or [1.0,2.0) or *-* (the newest, pre-releases included), "
                + "or no version for the newest stable one.",
            request.Place));

    /// <summary>Whether a range takes any version that is there, so that which one is to be found out.</summary>
    public static bool IsOpen(VersionRange range) => range.IsFloating || range.MinVersion is null || !range.IsMinInclusive;

    /// <summary>The very version, as a project writes it: that one, or what others need above it.</summary>
    public static VersionRange From(NuGetVersion version) => new(version, includeMinVersion: true, originalString: version.ToString());

    /// <summary>A range for the reader.</summary>
    public static string Text(VersionRange? range) => range switch
    {
        null => "(any version)",
        { IsFloating: true } => range.Float!.ToString(),
        { HasUpperBound: false, MinVersion: { } least } => $"≥ {least}",
        { MinVersion: { } only } when only == range.MaxVersion => only.ToString(),
        _ => range.ToNormalizedString(),
    };

    /// <summary>What a cell asks for, for the reader.</summary>
    public static string Asked(PackageRequest request, VersionRange range) =>
        IsOpen(range) || range.HasUpperBound || request.Version is null ? Text(range) : request.Version;

    /// <summary>The versions nearest to what was wanted: those around it, else the newest.</summary>
    public static string Near(IEnumerable<NuGetVersion> all, VersionRange wanted)
    {
        var ordered = all.Distinct().Order().ToArray();
        var stable = ordered.Where(version => !version.IsPrerelease).ToArray();
        var shown = stable.Length > 0 ? stable : ordered;
        var at = wanted.MinVersion is { } least ? Array.FindIndex(shown, version => version >= least) : -1;
        var first = Math.Clamp(at < 0 ? shown.Length - Shown : at - (Shown / 2), 0, Math.Max(0, shown.Length - Shown));
        return string.Join(", ", shown.Skip(first).Take(Shown)) + (shown.Length > Shown ? $" and {shown.Length - Shown} more" : "");
    }
}
