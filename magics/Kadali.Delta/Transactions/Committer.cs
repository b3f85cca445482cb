using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>Makes of a transaction a commit, and puts it into the log.</summary>
internal static class Committer
{
    private const string Engine = "Kadali-Delta/0.1.0";

    public static CommitLoop.Result Commit(
        DeltaSession session, DeltaTransaction transaction, string operation, JsonObject parameters, CancellationToken cancellationToken)
    {
        var read = transaction.Snapshot?.Version ?? -1;
        var version = read + 1;
        var actions = new List<SingleAction>();
        if (transaction.NewProtocol is { } protocol)
        {
            actions.Add(new() { Protocol = protocol });
        }

        if (transaction.NewMetadata is { } metadata)
        {
            actions.Add(new() { Metadata = metadata });
        }

        actions.AddRange(transaction.Actions);
        actions = RowTracking.Assign(transaction, actions, version);
        var level = PreparedCommit.LevelOf(new(transaction.Metadata.Configuration), actions, changesRows: !transaction.RearrangesOnly);
        var info = Info(session, transaction, operation, parameters, read, level);
        var commit = new PreparedCommit(
            transaction.Storage.Root, transaction.Reads, transaction.Snapshot?.Protocol, transaction.Snapshot?.Metadata,
            RowTracking.HighWaterMark(transaction.Snapshot), level, [new() { CommitInfo = info }, .. actions]);
        return CommitLoop.Run(transaction.Storage, commit, version, cancellationToken);
    }

    private static JsonObject Info(
        DeltaSession session, DeltaTransaction transaction, string operation, JsonObject parameters, long read,
        IsolationLevel level)
    {
        var properties = new TableProperties(transaction.Metadata.Configuration);
        var now = session.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var blind = transaction.Reads.IsEmpty && transaction.Actions.All(action => action.Remove is null);
        var info = new JsonObject();
        if (properties.InCommitTimestamps)
        {
            // It has to come first, so that readers of the history need not read on.
            info["inCommitTimestamp"] = Math.Max(now, (transaction.Snapshot?.Timestamp ?? 0) + 1);
        }

        info["timestamp"] = now;
        info["operation"] = operation;
        info["operationParameters"] = parameters.DeepClone();
        if (read >= 0)
        {
            info["readVersion"] = read;
        }

        info["isolationLevel"] = level.ToString();
        info["isBlindAppend"] = blind;
        info["operationMetrics"] = new JsonObject(transaction.Metrics.Select(metric => KeyValuePair.Create<string, JsonNode?>(
            metric.Key, metric.Value.ToString(CultureInfo.InvariantCulture))));
        info["engineInfo"] = Engine;
        info["txnId"] = Guid.NewGuid().ToString("D");
        return info;
    }
}
