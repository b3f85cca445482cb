using System.Globalization;

namespace Kadali.Delta;

/// <summary>The change data feed: which rows came, went and changed in each version (Delta protocol, "Change Data Files").</summary>
internal sealed class TableChanges(DeltaSession session, DeltaLog log)
{
    public const string CommitVersion = "_commit_version";
    public const string CommitTimestamp = "_commit_timestamp";

    /// <summary>A query of the changes of some versions; the scans are disposed with the result.</summary>
    /// <param name="to">The last version; null for the newest.</param>
    /// <param name="anyTable">Whether tables that keep no feed may be asked too: then changed rows show as gone and come.</param>
    /// <exception cref="DeltaException">The table keeps no feed in one of the versions.</exception>
    public ChangeScan Read(long from, long? to, bool anyTable, CancellationToken cancellationToken)
    {
        var newest = log.Update(cancellationToken);
        var last = to ?? newest.Version;
        if (from < 0 || from > last || last > newest.Version)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"There are no changes from version {from} to {last}: "
                        + $"the table at '{newest.Location}' has versions 0 to {newest.Version}."));
        }

        var times = new DeltaHistory(log).Timestamps(cancellationToken).ToDictionary(time => time.Version, time => time.Timestamp);
        var scans = new List<TableScan>();
        var parts = new List<string>();
        var schema = log.At(last, cancellationToken).Schema;
        try
        {
            for (var version = from; version <= last; version++)
            {
                Version(version, schema, anyTable, times.GetValueOrDefault(version), scans, parts, cancellationToken);
            }
        }
        catch
        {
            scans.ForEach(scan => scan.Dispose());
            throw;
        }

        return new(parts.Count == 0 ? Empty(schema) : string.Join("\nUNION ALL BY NAME ", parts), scans);
    }

    private void Version(
        long version, DeltaType.Struct schema, bool anyTable, long time, List<TableScan> scans, List<string> parts,
        CancellationToken cancellationToken)
    {
        var snapshot = log.At(version, cancellationToken);
        if (!anyTable && !snapshot.Properties.ChangeDataFeed)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Version {version} of the table at '{snapshot.Location}' has no change data feed."),
                "Set the property 'delta.enableChangeDataFeed' to true: the feed begins there. 'diff' compares two versions of any table.");
        }

        var actions = log.ReadCommit(version, cancellationToken);
        var changes = actions.Select(action => action.Cdc).OfType<AddCdcFile>().ToArray();
        if (changes.Length > 0)
        {
            var files = changes.Select(file => new ScanFile(new(file.Path, file.PartitionValues, file.Size, 0, DataChange: false)));
            Part(TableScan.OfChanges(session, log.Storage, snapshot, files, cancellationToken), RowChange.ChangeType);
            return;
        }

        var adds = actions.Select(action => action.Add).OfType<AddFile>().Where(file => file.DataChange).ToDictionary(file => file.Path);
        var removes = actions.Select(action => action.Remove).OfType<RemoveFile>().Where(file => file.DataChange)
            .ToDictionary(file => file.Path);
        var inserted = new List<ScanFile>();
        var deleted = new List<ScanFile>();
        foreach (var (path, add) in adds)
        {
            var now = Vector(add.DeletionVector, cancellationToken);
            if (!removes.TryGetValue(path, out var removed))
            {
                inserted.Add(new(add, now is null ? null : RowSets.Of(now)));
                continue;
            }

            // The same file with other deleted rows: the difference of the two is what happened.
            var before = Vector(removed.DeletionVector, cancellationToken);
            if (Except(now, before) is { Cardinality: > 0 } gone)
            {
                deleted.Add(new(add, RowSets.Of(gone), Keep: true));
            }

            if (Except(before, now) is { Cardinality: > 0 } back)
            {
                inserted.Add(new(add, RowSets.Of(back), Keep: true));
            }
        }

        foreach (var (path, removed) in removes.Where(removed => !adds.ContainsKey(removed.Key)))
        {
            var rows = Vector(removed.DeletionVector, cancellationToken);
            deleted.Add(new(
                new(path, removed.PartitionValues ?? new Dictionary<string, string?>(), removed.Size ?? 0, 0, DataChange: true),
                rows is null ? null : RowSets.Of(rows)));
        }

        if (inserted.Count > 0)
        {
            Part(TableScan.Of(session, log.Storage, snapshot, inserted, ScanColumns.None, cancellationToken), "'insert'");
        }

        if (deleted.Count > 0)
        {
            Part(TableScan.Of(session, log.Storage, snapshot, deleted, ScanColumns.None, cancellationToken), "'delete'");
        }

        void Part(TableScan scan, string type)
        {
            scans.Add(scan);
            var columns = schema.Fields.Select(field => snapshot.Schema.Find(field.Name) is null
                ? $"CAST(NULL AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}"
                : $"CAST({DuckDb.Name(field.Name)} AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}");
            parts.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT {string.Join(", ", columns)}, {type} AS {RowChange.ChangeType}, "
                    + $"CAST({version} AS BIGINT) AS {CommitVersion}, make_timestamptz({time * 1000}) AS {CommitTimestamp} "
                    + $"FROM ({scan.Sql})"));
        }
    }

    private RoaringBitmapArray? Vector(DeletionVectorDescriptor? descriptor, CancellationToken cancellationToken) =>
        descriptor is null ? null : DeletionVectorStore.Read(log.Storage, descriptor, cancellationToken);

    private static RoaringBitmapArray? Except(RoaringBitmapArray? rows, RoaringBitmapArray? others)
    {
        if (rows is null || others is null)
        {
            return rows;
        }

        var rest = new RoaringBitmapArray();
        foreach (var row in rows.Where(row => !others.Contains(row)))
        {
            rest.Add(row);
        }

        return rest;
    }

    private static string Empty(DeltaType.Struct schema) =>
        $"SELECT {string.Join(", ", schema.Fields.Select(
            field => $"CAST(NULL AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}"))}, "
            + $"CAST(NULL AS VARCHAR) AS {RowChange.ChangeType}, CAST(NULL AS BIGINT) AS {CommitVersion}, "
            + $"CAST(NULL AS TIMESTAMPTZ) AS {CommitTimestamp} WHERE false";
}

/// <summary>A query of changes, to be disposed when it has been read.</summary>
internal sealed class ChangeScan(string sql, IReadOnlyList<TableScan> scans) : IDisposable
{
    /// <summary>The columns of the table, then what happened, in which version, and when.</summary>
    public string Sql { get; } = sql;

    public void Dispose()
    {
        foreach (var scan in scans)
        {
            scan.Dispose();
        }
    }
}
