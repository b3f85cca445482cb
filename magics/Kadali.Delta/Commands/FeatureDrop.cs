using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// DROP FEATURE: takes what a table has of a feature out of its newest version, and then the feature out of its protocol. Readers that do
/// not know the feature must not come upon it in earlier versions: either three checkpoints in a row stand before the change and are kept
/// as long as what is before them (the feature <c>checkpointProtection</c>), or the history is cut off.
/// </summary>
internal sealed class FeatureDrop(DeltaSession session, IDeltaStorage storage)
{
    // Delta's reader tries as many checkpoints, one before the other, before it gives up.
    private const int Barriers = 3;
    private const string Guarded = "delta.requireCheckpointProtectionBeforeVersion";
    private const string Retention = "delta.dropFeatureTruncateHistory.retentionDuration";

    private readonly FeatureTraces _traces = new(session, storage);

    public DeltaResult Run(TableChange.DropFeature drop, CancellationToken cancellationToken)
    {
        var feature = Check(drop, Newest(cancellationToken));
        if (feature.Name == TableFeature.CheckpointProtection)
        {
            return DropProtection(feature, cancellationToken);
        }

        var changed = _traces.Remove(feature, Newest(cancellationToken), cancellationToken);
        if (drop.TruncateHistory)
        {
            Checkpoint(cancellationToken);
            CheckHistory(feature, changed, cancellationToken);
        }
        else if (feature.IsReader)
        {
            for (var i = 0; i < Barriers; i++)
            {
                Checkpoint(cancellationToken);
            }
        }

        var result = Downgrade(feature, drop.TruncateHistory, feature.IsReader && !drop.TruncateHistory, cancellationToken);
        if (feature.IsReader && !drop.TruncateHistory)
        {
            // From the barrier on all can be read without the commit that had both protocols.
            WriteCheckpoint(cancellationToken);
        }

        return result;
    }

    private Snapshot Newest(CancellationToken cancellationToken) => session.Log(storage).Update(cancellationToken);

    private static TableFeature Check(TableChange.DropFeature drop, Snapshot snapshot)
    {
        var feature = TableFeature.Find(drop.Feature) ?? throw new DeltaException(
            DeltaErrorKind.Unsupported, $"There is no table feature '{drop.Feature}'.",
            drop.Feature.StartsWith("delta.", StringComparison.OrdinalIgnoreCase)
                ? "Properties are unset: ALTER TABLE … UNSET TBLPROPERTIES."
                : Spelling.Nearest(drop.Feature, snapshot.Features) is { } near ? $"Did you mean '{near}'?"
                : $"The table has {Names(snapshot)}.");
        if (!snapshot.Features.Contains(feature.Name))
        {
            throw new DeltaException(
                DeltaErrorKind.NotFound, $"The table does not have the feature '{feature.Name}'.", $"It has {Names(snapshot)}.");
        }

        if (FeatureTraces.WhyNot(feature.Name) is { } reason)
        {
            throw new DeltaException(DeltaErrorKind.Unsupported, $"The feature '{feature.Name}' cannot be dropped: {reason}");
        }

        if (snapshot.Features.Select(TableFeature.Find).FirstOrDefault(
            other => other is not null && other.Needs.Contains(feature.Name, StringComparer.OrdinalIgnoreCase)) is { } dependent)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, $"The feature '{feature.Name}' cannot be dropped: '{dependent.Name}' needs it.");
        }

        if (drop.TruncateHistory && !feature.IsReader && feature.Name != TableFeature.CheckpointProtection)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, $"No history has to go for '{feature.Name}', which readers need not know.",
                "Leave TRUNCATE HISTORY away.");
        }

        return drop.TruncateHistory || feature.Name != TableFeature.CheckpointProtection ? feature : throw new DeltaException(
            DeltaErrorKind.Argument, $"'{feature.Name}' guards the history of features that were dropped, and goes with it alone.",
            $"Write DROP FEATURE {feature.Name} TRUNCATE HISTORY.");
    }

    private static string Names(Snapshot snapshot) =>
        snapshot.Features.Count == 0 ? "none" : string.Join(", ", snapshot.Features.Order(StringComparer.Ordinal));

    private DeltaResult Downgrade(TableFeature feature, bool truncates, bool guards, CancellationToken cancellationToken)
    {
        var snapshot = Newest(cancellationToken);
        if (_traces.In(feature, snapshot, cancellationToken))
        {
            throw new DeltaException(
                DeltaErrorKind.Conflict, $"Another writer has used '{feature.Name}' since it was taken out of the table.",
                "Repeat the statement.");
        }

        using var transaction = new DeltaTransaction(session, storage, snapshot);
        transaction.Reads.ReadAll();
        var configuration = new Dictionary<string, string>(snapshot.Metadata.Configuration);
        var features = snapshot.Features.Where(name => !string.Equals(name, feature.Name, StringComparison.OrdinalIgnoreCase));
        if (guards)
        {
            configuration[Guarded] = (snapshot.Version + 1).ToString(CultureInfo.InvariantCulture);
            features = features.Append(TableFeature.CheckpointProtection);
        }
        else if (feature.Name == TableFeature.CheckpointProtection)
        {
            configuration.Remove(Guarded);
        }

        if (!snapshot.Metadata.Configuration.SequenceEqual(configuration))
        {
            transaction.SetMetadata(snapshot.Metadata with { Configuration = configuration });
        }

        transaction.SetProtocol(ProtocolUpgrade.Least(features));
        return new(
            transaction.Commit(
                "DROP FEATURE", new() { ["featureName"] = feature.Name, ["truncateHistory"] = truncates ? "true" : "false" },
                cancellationToken),
            transaction.Metrics);
    }

    private DeltaResult DropProtection(TableFeature feature, CancellationToken cancellationToken)
    {
        var before = Newest(cancellationToken).Properties.Number(Guarded, 0);
        Checkpoint(cancellationToken);
        var snapshot = Cut(cancellationToken);
        return Commits(cancellationToken).Min() >= before
            ? Downgrade(feature, truncates: true, guards: false, cancellationToken)
            : throw new DeltaException(
                DeltaErrorKind.Argument,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Versions before {before} are guarded by '{feature.Name}', and are not old enough to go."),
                $"Repeat the statement when {Hours(snapshot)} hours have passed since that version.");
    }

    /// <summary>Fails where versions that can still be read have the feature in them.</summary>
    private void CheckHistory(TableFeature feature, bool changed, CancellationToken cancellationToken)
    {
        var snapshot = changed ? Newest(cancellationToken) : Cut(cancellationToken);
        var first = Commits(cancellationToken).Min();
        var found = changed || Commits(cancellationToken).Any(version => session.Log(storage).ReadCommit(version, cancellationToken)
            .Any(action => FeatureTraces.Is(feature, action)));
        if (found || (first > 0 && _traces.In(feature, session.Log(storage).At(first, cancellationToken), cancellationToken)))
        {
            throw new DeltaException(
                DeltaErrorKind.Argument,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The newest version is free of '{feature.Name}', but earlier ones that can still be read (from {first} on) have it."),
                $"Repeat the statement when {Hours(snapshot)} hours have passed, or leave TRUNCATE HISTORY away to keep them.");
        }
    }

    private static double Hours(Snapshot snapshot) => snapshot.Properties.Interval(Retention, TimeSpan.FromHours(24)).TotalHours;

    private IEnumerable<long> Commits(CancellationToken cancellationToken) =>
        storage.List(LogFiles.Folder, "", cancellationToken).Select(LogFiles.Read).OfType<LogFile.Commit>()
            .Select(commit => commit.Version);

    /// <summary>Removes what is older than DROP FEATURE has to keep.</summary>
    private Snapshot Cut(CancellationToken cancellationToken)
    {
        var snapshot = Newest(cancellationToken);
        MetadataCleanup.Run(
            session.Log(storage), snapshot, session.Time.GetUtcNow(), cancellationToken,
            snapshot.Properties.Interval(Retention, TimeSpan.FromHours(24)));
        session.Forget(storage);
        return Newest(cancellationToken);
    }

    /// <summary>A version of its own that changes nothing, with a checkpoint.</summary>
    private void Checkpoint(CancellationToken cancellationToken)
    {
        using (var transaction = new DeltaTransaction(session, storage, Newest(cancellationToken)))
        {
            transaction.Commit("Empty Commit", [], cancellationToken);
        }

        WriteCheckpoint(cancellationToken);
    }

    private void WriteCheckpoint(CancellationToken cancellationToken)
    {
        var log = session.Log(storage);
        LogUpkeep.Checkpoint(log, log.Update(cancellationToken), session.Scratch, session.Time.GetUtcNow(), cancellationToken);
    }
}
