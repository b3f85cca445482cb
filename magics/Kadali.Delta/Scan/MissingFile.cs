using System.Globalization;
using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>A table in one version, as a statement read it.</summary>
/// <param name="Offset">Where the statement names it, or null.</param>
internal sealed record ReadTable(IDeltaStorage Storage, Snapshot Snapshot, int? Offset = null);

/// <summary>
/// What DuckDB says of a data file that is gone, in the words of the table that has it. Files are not looked for beforehand: that would
/// cost a probe for each.
/// </summary>
internal static partial class MissingFile
{
    /// <summary>The failure, or null where it is another, or none of these tables has the file.</summary>
    public static DeltaException? Explain(DeltaSession session, Exception exception, IEnumerable<ReadTable> tables)
    {
        if (Missing().Match(DuckDb.Message(exception)) is not { Success: true } match)
        {
            return null;
        }

        var path = match.Groups["path"].Value;
        foreach (var table in tables)
        {
            if (table.Snapshot.Files.FirstOrDefault(file => Is(table, file, path)) is { } file)
            {
                return Explain(session, exception, table, DeltaPath.Decode(file.Path));
            }
        }

        return null;
    }

    private static bool Is(ReadTable table, AddFile file, string path)
    {
        var name = DeltaPath.Decode(file.Path);
        return path.EndsWith(DuckDb.EscapeGlob(name[(name.LastIndexOf('/') + 1)..]), StringComparison.Ordinal)
            && table.Storage is LocalStorage
            && table.Storage.ToLocal(name, CancellationToken.None) is var local && (local == path || DuckDb.EscapeGlob(local) == path);
    }

    private static DeltaException Explain(DeltaSession session, Exception exception, ReadTable table, string file)
    {
        var (root, version) = (table.Snapshot.Location, table.Snapshot.Version);
        var newest = session.Log(table.Storage).Update(CancellationToken.None).Version;
        var isElsewhere = DeltaPath.IsAbsolute(file) && !file.StartsWith(root + "/", StringComparison.Ordinal);
        var hint = isElsewhere
            ? "The file is of the table that this one is a shallow clone of: a clone reads its files as long as they are there."
            : version < newest
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"VACUUM removes files that only older versions need. Read a newer version; the newest is {newest}.")
                : "'#!delta fsck TABLE --dry-run' tells which files are missing; without --dry-run it takes them out of the table.";
        return new(
            DeltaErrorKind.NotFound,
            string.Create(
                CultureInfo.InvariantCulture, $"The data file '{file}' of the table at '{root}' is gone, and version {version} needs it."),
            hint, exception) { Offset = table.Offset };
    }

    [GeneratedRegex("""(?:No files found that match the pattern|Cannot open file) "(?<path>[^"]+)["]""")]
    private static partial Regex Missing();
}
