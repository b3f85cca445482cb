using System.Globalization;
using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>Names of files in <c>_delta_log</c>.</summary>
internal static partial class LogFiles
{
    public const string Folder = "_delta_log";
    public const string Sidecars = Folder + "/_sidecars";
    public const string LastCheckpoint = Folder + "/_last_checkpoint";

    public static string Commit(long version) => Path(version, ".json");

    public static string Checksum(long version) => Path(version, ".crc");

    public static string Checkpoint(long version) => Path(version, ".checkpoint.parquet");

    public static string V2Checkpoint(long version, Guid id, string extension) => Path(version, $".checkpoint.{id:D}.{extension}");

    /// <summary>The first part of the names of all files of a version, without a folder.</summary>
    public static string Prefix(long version) => version.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>What a file of the log is; null where it is none that a reader looks at.</summary>
    public static LogFile? Read(StoredFile file)
    {
        var match = Name().Match(file.Name);
        if (!match.Success
            || !long.TryParse(match.Groups["version"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return null;
        }

        if (match.Groups["commit"].Success)
        {
            return new LogFile.Commit(file, version);
        }

        if (match.Groups["end"].Success)
        {
            return long.TryParse(match.Groups["end"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var end)
                ? new LogFile.Compacted(file, version, end)
                : null;
        }

        return new LogFile.Checkpoint(
            file, version, Number(match.Groups["part"], 1), Number(match.Groups["parts"], 1), match.Groups["id"].Success);
    }

    private static int Number(Group group, int otherwise) =>
        group.Success ? int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;

    private static string Path(long version, string end) => $"{Folder}/{Prefix(version)}{end}";

    [GeneratedRegex(
        @"^(?<version>\d{20})\.((?<commit>json)|(?<end>\d{20})\.compacted\.json|checkpoint\.parquet|"
        + @"checkpoint\.(?<part>\d{10})\.(?<parts>\d{10})\.parquet|"
        + @"checkpoint\.(?<id>[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\.(json|parquet))$")]
    private static partial Regex Name();
}

/// <summary>A file of the log that readers look at.</summary>
internal abstract record LogFile(StoredFile File, long Version)
{
    public sealed record Commit(StoredFile File, long Version) : LogFile(File, Version);

    /// <param name="End">The last version that it stands for.</param>
    public sealed record Compacted(StoredFile File, long Version, long End) : LogFile(File, Version);

    /// <param name="Part">From 1.</param>
    /// <param name="Named">Whether it is a V2 checkpoint with a name of its own.</param>
    public sealed record Checkpoint(StoredFile File, long Version, int Part, int Parts, bool Named) : LogFile(File, Version);
}
