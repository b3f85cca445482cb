using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What a table has of the features that can be dropped, in files and metadata: found, and taken out.</summary>
internal sealed class FeatureTraces(DeltaSession session, IDeltaStorage storage)
{
    private const string EnableTimestamps = "delta.enableInCommitTimestamps";

    private static readonly Dictionary<string, string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        [TableFeature.RowTracking] = "rows would lose their ids. Set 'delta.enableRowTracking' to false to keep none from now on.",
        [TableFeature.Clustering] = "Delta's releases do not all know how. ALTER TABLE … CLUSTER BY NONE turns clustering off.",
        [TableFeature.DomainMetadata] = "other features keep their settings in domains.",
        [TableFeature.VariantType] = "columns of type VARIANT need it.",
        [TableFeature.TimestampNtz] = "columns of type TIMESTAMP_NTZ need it.",
    };

    private static readonly HashSet<string> CanGo = new(StringComparer.OrdinalIgnoreCase)
    {
        TableFeature.DeletionVectors, TableFeature.V2Checkpoint, TableFeature.TypeWidening, TableFeature.TypeWideningPreview,
        TableFeature.ColumnMapping, TableFeature.CheckConstraints, TableFeature.InCommitTimestamp, TableFeature.VacuumProtocolCheck,
        TableFeature.CheckpointProtection,
    };

    /// <summary>Why a feature stays for good; null for one that can be dropped.</summary>
    public static string? WhyNot(string feature) => CanGo.Contains(feature) ? null
        : Kept.GetValueOrDefault(feature)
            ?? $"Delta lets {string.Join(", ", CanGo.Order(StringComparer.Ordinal))} be dropped, and no others.";

    /// <summary>Whether an action of the log has to do with the feature, so that a reader would have to know it.</summary>
    public static bool Is(TableFeature feature, SingleAction action) => feature.Name switch
    {
        TableFeature.DeletionVectors => action.Add?.DeletionVector is not null || action.Remove?.DeletionVector is not null
            || IsOn(action.Metadata, "delta.enableDeletionVectors", "true"),
        TableFeature.V2Checkpoint => action.Sidecar is not null || action.CheckpointMetadata is not null
            || IsOn(action.Metadata, "delta.checkpointPolicy", "v2"),
        TableFeature.TypeWidening or TableFeature.TypeWideningPreview => IsOn(action.Metadata, "delta.enableTypeWidening", "true")
            || action.Metadata?.SchemaString.Contains(SchemaMerger.TypeChangesKey, StringComparison.Ordinal) == true,
        TableFeature.ColumnMapping => action.Metadata is { } metadata && new ColumnMapping(new(metadata.Configuration)).IsOn,
        _ => false,
    };

    /// <summary>Whether a version of the table has something of the feature.</summary>
    public bool In(TableFeature feature, Snapshot snapshot, CancellationToken cancellationToken) => feature.Name switch
    {
        TableFeature.CheckConstraints => Constraints(snapshot).Length > 0,
        TableFeature.InCommitTimestamp => snapshot.Properties.InCommitTimestamps,
        TableFeature.DeletionVectors => snapshot.Properties.DeletionVectors || snapshot.Files.Any(file => file.DeletionVector is not null),
        TableFeature.V2Checkpoint => snapshot.Properties.V2Checkpoints
            || snapshot.Segment.Checkpoint.Any(file => LogFiles.Read(file.File) is LogFile.Checkpoint { Named: true }),
        TableFeature.TypeWidening or TableFeature.TypeWideningPreview => Is(feature, new() { Metadata = snapshot.Metadata })
            || Narrower(snapshot, cancellationToken).Count > 0,
        _ => Is(feature, new() { Metadata = snapshot.Metadata }),
    };

    /// <summary>Takes it out of the newest version.</summary>
    /// <returns>Whether there was something.</returns>
    /// <exception cref="DeltaException">Only the table's owner can decide what is to become of it.</exception>
    public bool Remove(TableFeature feature, Snapshot snapshot, CancellationToken cancellationToken)
    {
        switch (feature.Name)
        {
            case TableFeature.CheckConstraints when Constraints(snapshot) is { Length: > 0 } names:
                throw new DeltaException(
                    DeltaErrorKind.Argument, $"The table has the constraint{(names.Length == 1 ? "" : "s")} {string.Join(", ", names)}.",
                    "Drop them first: ALTER TABLE … DROP CONSTRAINT.");
            case TableFeature.InCommitTimestamp:
                var kept = snapshot.Metadata.Configuration
                    .Where(pair => !pair.Key.StartsWith("delta.inCommitTimestamp", StringComparison.Ordinal))
                    .ToDictionary(pair => pair.Key, pair => pair.Key == EnableTimestamps ? "false" : pair.Value);
                return Set(snapshot, snapshot.Metadata with { Configuration = kept }, cancellationToken);
            case TableFeature.DeletionVectors:
                var off = Set(snapshot, With(snapshot.Metadata, "delta.enableDeletionVectors", "false"), cancellationToken);
                return Rewrite(file => file.DeletionVector is not null, cancellationToken) || off;
            case TableFeature.V2Checkpoint:
                return snapshot.Properties.V2Checkpoints
                    && Set(snapshot, With(snapshot.Metadata, "delta.checkpointPolicy", "classic"), cancellationToken);
            case TableFeature.TypeWidening or TableFeature.TypeWideningPreview:
                return RemoveWidening(snapshot, cancellationToken);
            case TableFeature.ColumnMapping when new ColumnMapping(snapshot.Properties).IsOn:
                RemoveMapping(snapshot, cancellationToken);
                return true;
            default:
                return false;
        }
    }

    private static bool IsOn(Metadata? metadata, string property, string value) =>
        string.Equals(metadata?.Configuration.GetValueOrDefault(property), value, StringComparison.OrdinalIgnoreCase);

    private static string[] Constraints(Snapshot snapshot) =>
    [
        .. snapshot.Metadata.Configuration.Keys.Where(key => key.StartsWith("delta.constraints.", StringComparison.OrdinalIgnoreCase))
            .Select(key => $"'{key["delta.constraints.".Length..]}'"),
    ];

    private static Metadata With(Metadata metadata, string property, string? value)
    {
        var configuration = new Dictionary<string, string>(metadata.Configuration);
        if (value is null)
        {
            configuration.Remove(property);
        }
        else if (configuration.ContainsKey(property))
        {
            configuration[property] = value;
        }

        return metadata with { Configuration = configuration };
    }

    private bool Set(Snapshot snapshot, Metadata metadata, CancellationToken cancellationToken)
    {
        if (metadata.SchemaString == snapshot.Metadata.SchemaString
            && metadata.Configuration.OrderBy(pair => pair.Key).SequenceEqual(snapshot.Metadata.Configuration.OrderBy(pair => pair.Key)))
        {
            return false;
        }

        using var transaction = new DeltaTransaction(session, storage, snapshot);
        transaction.Reads.ReadAll();
        transaction.SetMetadata(metadata);
        transaction.Commit("SET TBLPROPERTIES", new() { ["properties"] = new JsonObject().ToJsonString() }, cancellationToken);
        return true;
    }

    /// <summary>Writes files anew as the table is now.</summary>
    private bool Rewrite(Func<AddFile, bool> which, CancellationToken cancellationToken)
    {
        var snapshot = session.Log(storage).Update(cancellationToken);
        return new Optimizing(session, storage, snapshot).Run(new() { Purge = true, Only = which }, cancellationToken).Version is not null;
    }

    private bool RemoveWidening(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var off = Set(snapshot, With(snapshot.Metadata, "delta.enableTypeWidening", null), cancellationToken);
        var narrower = Narrower(snapshot, cancellationToken).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var rewritten = narrower.Count > 0 && Rewrite(file => narrower.Contains(file.Path), cancellationToken);
        var newest = session.Log(storage).Update(cancellationToken);
        var schema = SchemaJson.Write(Without(newest.Schema, SchemaMerger.TypeChangesKey));
        return Set(newest, newest.Metadata with { SchemaString = schema }, cancellationToken) || rewritten || off;
    }

    /// <summary>The files that have a column in another type than the table.</summary>
    private List<AddFile> Narrower(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var mapping = new ColumnMapping(snapshot.Properties);
        var wanted = snapshot.Schema.Fields.Where(field => !snapshot.PartitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase)
                && field.Type != DeltaType.Void && !DuckTypes.HoldsVariant(new DeltaType.Struct([field])))
            .ToDictionary(mapping.Physical, field => DuckTypes.Of(mapping.Physical(field.Type)));
        return [.. snapshot.Files.Where(file =>
        {
            var local = storage.ToLocal(DeltaPath.Decode(file.Path), cancellationToken);
            return session.DuckDb.Query(
                $"DESCRIBE SELECT * FROM read_parquet({DuckDb.Text(DuckDb.EscapeGlob(local))}, hive_partitioning = false)",
                reader => (Name: reader.GetString(0), Type: reader.GetString(1)), cancellationToken)
                .Any(column => wanted.TryGetValue(column.Name, out var type)
                    && type != DuckTypes.Of(DuckTypes.ToDelta(column.Name, column.Type)));
        })];
    }

    /// <summary>All rows are written anew under the names that the table has for its columns.</summary>
    private void RemoveMapping(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var configuration = snapshot.Metadata.Configuration
            .Where(pair => !pair.Key.StartsWith("delta.columnMapping.", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        var schema = Without(snapshot.Schema, ColumnMapping.IdKey, ColumnMapping.PhysicalKey);
        SchemaCheck.CheckNames(schema, new(configuration));
        using var transaction = new DeltaTransaction(session, storage, snapshot) { RearrangesOnly = true };
        transaction.Reads.ReadAll();
        var change = new RowChange(session, transaction);
        using var scan = TableScan.Of(
            session, storage, snapshot, snapshot.Files, change.TracksRows ? ScanColumns.RowIds : ScanColumns.None, cancellationToken);
        var rows = change.WithRowIds(scan.Sql);
        transaction.SetMetadata(snapshot.Metadata with { SchemaString = SchemaJson.Write(schema), Configuration = configuration });
        var written = transaction.Writer.Write(rows, change.Target(), cancellationToken);
        foreach (var file in snapshot.Files)
        {
            transaction.Remove(file, dataChange: false);
        }

        transaction.AddAll(written.Files.Select(file => file with { DataChange = false }));
        transaction.Commit("REMOVE COLUMN MAPPING", [], cancellationToken);
    }

    private static DeltaType.Struct Without(DeltaType.Struct schema, params string[] keys) => new([.. schema.Fields.Select(field =>
        keys.Aggregate(field, (one, key) => one.With(key, null)) with { Type = Without(field.Type, keys) })]);

    private static DeltaType Without(DeltaType type, string[] keys) => type switch
    {
        DeltaType.Struct record => Without(record, keys),
        DeltaType.Array array => array with { Element = Without(array.Element, keys) },
        DeltaType.Map map => map with { Key = Without(map.Key, keys), Value = Without(map.Value, keys) },
        _ => type,
    };
}
