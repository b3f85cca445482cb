using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// A version in a table's history, by what its writer says of it (Delta protocol, "Commit Provenance Information"). Writers need not say
/// anything.
/// </summary>
/// <param name="Version">The version.</param>
/// <param name="Timestamp">When it was committed, in UTC: the in-commit time, else the writer's, else that of the commit's file.</param>
/// <param name="Operation">What was done, as its writer calls it, for instance <c>MERGE</c>; null where it does not say.</param>
/// <param name="Parameters">What was asked, by the writer's names; values that are no text are JSON.</param>
/// <param name="Metrics">What came of it, by the writer's names; numbers as text.</param>
/// <param name="Engine">What wrote it, with its version; null where it does not say.</param>
public sealed record HistoryEntry(
    long Version, DateTimeOffset Timestamp, string? Operation, IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> Metrics, string? Engine)
{
    /// <summary>The version that the writer started from; null where it does not say, or made the table.</summary>
    public long? ReadVersion { get; init; }

    /// <summary>
    /// <c>Serializable</c>, <c>WriteSerializable</c> or <c>SnapshotIsolation</c>; null where the writer does not say.
    /// </summary>
    public string? IsolationLevel { get; init; }

    /// <summary>Whether files were only added, and none of the table's were read for it; null where the writer does not say.</summary>
    public bool? IsBlindAppend { get; init; }

    /// <summary>Who ran it, as the writer calls them; null where it does not say, as this library does not.</summary>
    public string? UserName { get; init; }

    /// <summary>A text that the user gave along with the commit, or null.</summary>
    public string? UserMetadata { get; init; }
}

/// <summary>The versions of a table: who made them, and when.</summary>
internal sealed class DeltaHistory(DeltaLog log)
{
    /// <summary>The versions whose commits are there, newest first.</summary>
    /// <param name="limit">So many at most; null for all.</param>
    public IReadOnlyList<HistoryEntry> Read(long? limit, CancellationToken cancellationToken)
    {
        var newest = log.Update(cancellationToken).Version;
        var from = limit is { } most ? Math.Max(0, newest - most + 1) : 0;
        var entries = new List<HistoryEntry>();
        foreach (var commit in Commits(from, cancellationToken))
        {
            entries.Add(Entry(commit, Info(commit, cancellationToken)));
        }

        entries.Reverse();
        return entries;
    }

    /// <summary>The last version that was there at a time.</summary>
    /// <exception cref="DeltaException">The time is before the first version that is left, or after the newest.</exception>
    public long VersionAt(DateTimeOffset time, CancellationToken cancellationToken)
    {
        var wanted = time.ToUnixTimeMilliseconds();
        var times = Timestamps(cancellationToken);
        var found = times.LastOrDefault(version => version.Timestamp <= wanted);
        if (times.Count == 0 || times[0].Timestamp > wanted)
        {
            throw new DeltaException(
                DeltaErrorKind.NotFound, $"The table at '{log.Storage.Root}' has no version of {Shown(time)}"
                    + (times.Count == 0
                        ? "."
                        : $"; its first that can be read is version {times[0].Version} of "
                            + $"{Shown(DateTimeOffset.FromUnixTimeMilliseconds(times[0].Timestamp))}."),
                "'history' shows which versions there are.");
        }

        return wanted > times[^1].Timestamp && found.Version == times[^1].Version
            ? throw new DeltaException(
                DeltaErrorKind.NotFound, $"{Shown(time)} is after the newest version of the table at '{log.Storage.Root}', "
                    + $"version {found.Version} of {Shown(DateTimeOffset.FromUnixTimeMilliseconds(found.Timestamp))}.",
                "Leave the time out to read the newest version.")
            : found.Version;
    }

    /// <summary>The time of each version, oldest first; it never goes back.</summary>
    public IReadOnlyList<(long Version, long Timestamp)> Timestamps(CancellationToken cancellationToken)
    {
        var snapshot = log.Update(cancellationToken);
        var times = new List<(long Version, long Timestamp)>();
        foreach (var commit in Commits(0, cancellationToken))
        {
            var time = snapshot.Properties.InCommitTimestamps
                && commit.Version >= snapshot.Properties.Number("delta.inCommitTimestampEnablementVersion", 0)
                ? (long?)Info(commit, cancellationToken)?["inCommitTimestamp"] ?? commit.File.ModificationTime
                : commit.File.ModificationTime;

            // Clocks of machines differ, and go back: a version is after the one before it.
            times.Add((commit.Version, times is [.., var last] ? Math.Max(time, last.Timestamp + 1) : time));
        }

        return times;
    }

    private IEnumerable<LogFile.Commit> Commits(long from, CancellationToken cancellationToken) =>
        log.Storage.List(LogFiles.Folder, LogFiles.Prefix(from), cancellationToken).Select(LogFiles.Read).OfType<LogFile.Commit>();

    private JsonObject? Info(LogFile.Commit commit, CancellationToken cancellationToken) =>
        log.ReadCommit(commit.Version, cancellationToken).Select(action => action.CommitInfo).FirstOrDefault(info => info is not null);

    private static HistoryEntry Entry(LogFile.Commit commit, JsonObject? info)
    {
        var time = Number(info, "inCommitTimestamp") ?? Number(info, "timestamp") ?? commit.File.ModificationTime;
        return new(
            commit.Version, DateTimeOffset.FromUnixTimeMilliseconds(time), Text(info, "operation"), Texts(info, "operationParameters"),
            Texts(info, "operationMetrics"), Text(info, "engineInfo"))
        {
            ReadVersion = Number(info, "readVersion"), IsolationLevel = Text(info, "isolationLevel"),
            IsBlindAppend = info?["isBlindAppend"] is JsonValue blind && blind.TryGetValue<bool>(out var flag) ? flag : null,
            UserName = Text(info, "userName"), UserMetadata = Text(info, "userMetadata"),
        };
    }

    private static string? Text(JsonObject? info, string name) =>
        info?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static long? Number(JsonObject? info, string name) =>
        info?[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    private static IReadOnlyDictionary<string, string> Texts(JsonObject? info, string name) => info?[name] is JsonObject values
        ? values.ToDictionary(
            pair => pair.Key,
            pair => pair.Value is JsonValue value && value.GetValueKind() == JsonValueKind.String
                ? value.GetValue<string>()
                : pair.Value?.ToJsonString() ?? "null")
        : new Dictionary<string, string>();

    private static string Shown(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
