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
    /// <exception cref="DeltaException">
    /// The table keeps no feed in one of the versions, or its columns were replaced by others between them.
    /// </exception>
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
        var end = log.At(last, cancellationToken);
        var names = end;
        try
        {
            // Backwards: where column mapping was dropped, the names up to there are those of the last version that had it.
            for (var version = last; version >= from; version--)
            {
                var snapshot = version == last ? end : log.At(version, cancellationToken);
                names = !IsMapped(names) && IsMapped(snapshot) ? snapshot : names;
                var found = new List<string>();
                Version(snapshot, names, end.Schema, anyTable, times, scans, found, cancellationToken);
                parts.InsertRange(0, found);
            }
        }
        catch
        {
            scans.ForEach(scan => scan.Dispose());
            throw;
        }

        return new(parts.Count == 0 ? Empty(end.Schema) : string.Join("\nUNION ALL BY NAME ", parts), scans);
    }

    /// <param name="names">The version by whose names columns are read: a column keeps its physical name when it gets another.</param>
    private void Version(
        Snapshot snapshot, Snapshot names, DeltaType.Struct schema, bool anyTable, Dictionary<long, long> times, List<TableScan> scans,
        List<string> parts, CancellationToken cancellationToken)
    {
        var version = snapshot.Version;
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
            ScanFile[] files =
                [.. changes.Select(file => new ScanFile(new(file.Path, file.PartitionValues, file.Size, 0, DataChange: false)))];
            var seen = Seen(names, snapshot, files);
            Part(TableScan.OfChanges(session, log.Storage, seen, files, cancellationToken), RowChange.ChangeType);
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
            var seen = Seen(names, snapshot, inserted);
            Part(TableScan.Of(session, log.Storage, seen, inserted, ScanColumns.None, cancellationToken), "'insert'");
        }

        if (deleted.Count > 0)
        {
            // What goes has the columns from before.
            var had = actions.Any(action => action.Metadata is not null) && times.ContainsKey(version - 1)
                ? log.At(version - 1, cancellationToken)
                : snapshot;
            var seen = Seen(names, had, deleted);
            Part(TableScan.Of(session, log.Storage, seen, deleted, ScanColumns.None, cancellationToken), "'delete'");
        }

        void Part(TableScan scan, string type)
        {
            scans.Add(scan);
            var columns = schema.Fields.Select(field => names.Schema.Find(field.Name) is null
                ? $"CAST(NULL AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}"
                : $"CAST({DuckDb.Name(field.Name)} AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}");
            parts.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT {string.Join(", ", columns)}, {type} AS {RowChange.ChangeType}, CAST({version} AS BIGINT) AS {CommitVersion}, "
                    + $"make_timestamptz({times.GetValueOrDefault(version) * 1000}) AS {CommitTimestamp} FROM ({scan.Sql})"));
        }
    }

    private static bool IsMapped(Snapshot snapshot) => new ColumnMapping(snapshot.Properties).IsOn;

    /// <summary>The names of a version, for files that may have lain in other folders than its own do.</summary>
    /// <param name="written">The version that the files were written for.</param>
    /// <exception cref="DeltaException">The version has none of the columns of the files.</exception>
    private static Snapshot Seen(Snapshot names, Snapshot written, IReadOnlyCollection<ScanFile> files)
    {
        var (mapping, before) = (new ColumnMapping(names.Properties), new ColumnMapping(written.Properties));
        var known = names.Schema.Fields.ToLookup(mapping.Physical, StringComparer.Ordinal);
        if (mapping.IsOn && !written.Schema.Fields.Any(field => known.Contains(before.Physical(field))))
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The columns of the table at '{names.Location}' in version {names.Version} are others than those in version "
                        + $"{written.Version}: the changes of both have no columns in common."),
                "Ask for the versions up to the one that replaced the columns, and for those from there on, each by themselves.");
        }

        string[] partitions =
        [
            .. files.SelectMany(file => file.File.PartitionValues.Keys).Distinct()
                .Select(key => (known[key].FirstOrDefault() ?? names.Schema.Find(key))?.Name).OfType<string>(),
        ];
        return partitions.ToHashSet().SetEquals(names.PartitionColumns)
            ? names
            : names.With(names.Metadata with { PartitionColumns = partitions });
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
