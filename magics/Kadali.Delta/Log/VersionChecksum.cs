using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// The file <c>….crc</c> beside a commit: what the version adds up to, for readers to start from and to check (Delta protocol, "Version
/// Checksum File").
/// </summary>
internal static class VersionChecksum
{
    // Beyond so many they are left out, as Spark does: a file of the log that grows with each commit helps nobody.
    private const int MostListed = 100;

    /// <summary>Writes the file of a version that this process has just committed, unless it is there.</summary>
    public static void Write(
        IDeltaStorage storage, Snapshot snapshot, IReadOnlyList<SingleAction> commit, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var json = new JsonObject();
        if (PreparedCommit.IdOf(commit) is { } id)
        {
            json["txnId"] = id;
        }

        json["tableSizeBytes"] = Size(storage, snapshot, commit, cancellationToken);
        json["numFiles"] = snapshot.Files.Count;
        json["numMetadata"] = 1;
        json["numProtocol"] = 1;
        if (snapshot.InCommitTimestamp is { } timestamp)
        {
            json["inCommitTimestampOpt"] = timestamp;
        }

        if (snapshot.Transactions.Count <= MostListed)
        {
            json["setTransactions"] = new JsonArray([.. snapshot.TransactionsAt(now).Select(
                transaction => JsonSerializer.SerializeToNode(transaction, DeltaJson.Default.SetTransaction))]);
        }

        if (snapshot.Domains.Count <= MostListed)
        {
            json["domainMetadata"] = new JsonArray([.. snapshot.Domains.Values.Select(
                domain => JsonSerializer.SerializeToNode(domain, DeltaJson.Default.DomainMetadata))]);
        }

        json["metadata"] = JsonSerializer.SerializeToNode(snapshot.Metadata, DeltaJson.Default.Metadata);
        json["protocol"] = JsonSerializer.SerializeToNode(snapshot.Protocol, DeltaJson.Default.Protocol);

        // It helps and is not needed: two flushes less for each commit.
        storage.TryWriteNew(
            LogFiles.Checksum(snapshot.Version), Encoding.UTF8.GetBytes(json.ToJsonString()), cancellationToken, durable: false);
    }

    /// <summary>Files and bytes that the file of a version says the table has; null where there is none that can be read.</summary>
    public static (long Files, long Bytes)? Read(IDeltaStorage storage, long version, CancellationToken cancellationToken)
    {
        if (version < 0 || storage.TryRead(LogFiles.Checksum(version), cancellationToken) is not { } content)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(content) is JsonObject json && json["numFiles"] is JsonValue files
                && files.TryGetValue<long>(out var count)
                && json["tableSizeBytes"] is JsonValue bytes && bytes.TryGetValue<long>(out var size)
                ? (count, size)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The bytes of all files: from the version before where that adds up, so that a commit costs what it changes and not what the table
    /// holds.
    /// </summary>
    private static long Size(
        IDeltaStorage storage, Snapshot snapshot, IReadOnlyList<SingleAction> commit, CancellationToken cancellationToken)
    {
        if (Read(storage, snapshot.Version - 1, cancellationToken) is { } before)
        {
            var files = before.Files;
            long? bytes = before.Bytes;
            foreach (var action in commit)
            {
                files += action.Add is not null ? 1 : action.Remove is not null ? -1 : 0;
                bytes += action.Add?.Size ?? (action.Remove is { } remove ? -remove.Size : 0);
            }

            if (files == snapshot.Files.Count && bytes is >= 0 and var total)
            {
                return total;
            }
        }

        return snapshot.Files.Sum(file => file.Size);
    }
}
