using System.Globalization;
using System.Text;

namespace Kadali.Delta;

/// <summary>A file to be read, and which of its rows.</summary>
/// <param name="Rows">Positions to leave out, or with <paramref name="Keep"/> to read alone; null for all rows.</param>
internal sealed record ScanFile(AddFile File, RowSet? Rows = null, bool Keep = false);

/// <summary>Columns that a scan gives besides those of the table.</summary>
[Flags]
internal enum ScanColumns
{
    None = 0,

    /// <summary><see cref="TableScan.FileColumn"/> and <see cref="TableScan.RowColumn"/>.</summary>
    Places = 1,

    /// <summary>Row tracking: <see cref="TableScan.RowIdColumn"/> and <see cref="TableScan.RowVersionColumn"/>.</summary>
    RowIds = 2,

    /// <summary>What happened to the row, which change data files have as a column.</summary>
    ChangeType = 4,
}

/// <summary>
/// A query for DuckDB that gives the rows of a table: lists of Parquet files, constants for partition values, and a predicate for deleted
/// rows. To be disposed when the query has been read.
/// </summary>
internal sealed class TableScan : IDisposable
{
    /// <summary>BIGINT: the place of the row's file in <see cref="Files"/>.</summary>
    public const string FileColumn = "__delta_file";

    /// <summary>BIGINT: the row's position in its file, from 0.</summary>
    public const string RowColumn = "__delta_row";

    /// <summary>BIGINT: the row's id, which it keeps when it moves.</summary>
    public const string RowIdColumn = "__delta_row_id";

    /// <summary>BIGINT: the version in which the row was changed last.</summary>
    public const string RowVersionColumn = "__delta_row_version";

    // More partitions than this become a list of constants: a branch of a union costs more to plan than to look up.
    private const int MostBranches = 200;

    // So few files of so many bytes are read each by itself: of a single file DuckDB knows the least and greatest values, and computes
    // faster for it by more than the millisecond that it takes to plan a branch. Looking up rows costs more there than it gives; where
    // each file is a branch anyway, nothing is lost.
    private const int FewFiles = 8;
    private const long LargeFile = 4 << 20;

    // Of so many files it is worth finding out whether DuckDB has to be told what columns they have: telling it takes a millisecond or
    // two each time.
    private const int MostLookedInto = 16;

    private readonly RowSets _sets;
    private readonly List<int> _slots = [];

    private TableScan(RowSets sets, IReadOnlyList<ScanFile> files) => (_sets, Files) = (sets, files);

    /// <summary>The query. Its columns are those of the schema, then those asked for.</summary>
    public string Sql { get; private set; } = "";

    /// <summary>The files in the order in which they are numbered.</summary>
    public IReadOnlyList<ScanFile> Files { get; }

    /// <summary>A scan of files of a snapshot.</summary>
    public static TableScan Of(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, IEnumerable<ScanFile> files, ScanColumns extra,
        CancellationToken cancellationToken) =>
        Of(session, storage, snapshot, files, extra, ScanPredicate.Unknown, cancellationToken);

    private static TableScan Of(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, IEnumerable<ScanFile> files, ScanColumns extra,
        ScanPredicate wanted, CancellationToken cancellationToken)
    {
        ProtocolChecker.CheckRead(snapshot.Location, snapshot.Protocol);
        var layout = new Layout(session, storage, snapshot, extra, cancellationToken);
        var all = files as IReadOnlyList<ScanFile> ?? [.. files];
        var single = all.Count <= FewFiles && (all.All(file => file.Rows is null && file.File.Size >= LargeFile)
            || all.GroupBy(layout.Group).All(group => group.Count() == 1));
        if (all.Count is > 0 and <= MostLookedInto)
        {
            layout.LookInto([.. all.Select(file => file.File)], single);
        }

        var groups = all.GroupBy(layout.Group).OrderBy(group => group.Key.Partition, StringComparer.Ordinal).ToArray();
        if (groups.Select(group => group.Key.Partition).Distinct().Count() > MostBranches)
        {
            groups = [.. all.GroupBy(file => layout.Group(file) with { Partition = null })];
        }

        var scan = new TableScan(session.RowSets, [.. groups.SelectMany(group => group)]);
        var sql = new StringBuilder();
        var first = 0;
        foreach (var group in groups)
        {
            var members = group.ToArray();
            sql.Append(sql.Length == 0 ? "" : "\nUNION ALL ");
            scan.Branch(sql, layout, group.Key, members, first, wanted);
            first += members.Length;
        }

        scan.Sql = sql.Length == 0 ? layout.Empty() : sql.ToString();
        return scan;
    }

    /// <summary>A scan of live files of a snapshot, without their deleted rows.</summary>
    public static TableScan Of(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, IEnumerable<AddFile> files, ScanColumns extra,
        CancellationToken cancellationToken) =>
        Of(session, storage, snapshot, Live(session, storage, files, cancellationToken), extra, cancellationToken);

    /// <summary>
    /// A scan of the live rows of some files, of which those that do not fulfil <see cref="PrunedFiles.Wanted"/> may be missing.
    /// </summary>
    public static TableScan Of(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, PrunedFiles files, ScanColumns extra,
        CancellationToken cancellationToken) => Of(
            session, storage, snapshot, Live(session, storage, files.Files, cancellationToken), extra, files.Wanted, cancellationToken);

    /// <summary>A scan of change data files, which have a column for what happened.</summary>
    public static TableScan OfChanges(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, IEnumerable<ScanFile> files, CancellationToken cancellationToken) =>
        Of(session, storage, snapshot, files, ScanColumns.ChangeType, cancellationToken);

    public void Dispose()
    {
        foreach (var slot in _slots)
        {
            _sets.Release(slot);
        }

        _slots.Clear();
    }

    private static IEnumerable<ScanFile> Live(
        DeltaSession session, IDeltaStorage storage, IEnumerable<AddFile> files, CancellationToken cancellationToken) =>
        files.Select(file => new ScanFile(
            file, file.DeletionVector is null ? null : session.RowSets.Read(storage, file.DeletionVector, cancellationToken)));

    private void Branch(StringBuilder sql, Layout layout, FileGroup group, ScanFile[] files, int first, ScanPredicate wanted)
    {
        sql.Append("SELECT ").Append(layout.Columns(group, files, first)).Append(" FROM ").Append(layout.Source(group, files));
        var conditions = layout.Conditions(group, wanted).ToList();
        if (group.Selects)
        {
            var slot = _sets.Take(files.Select(file => (file.Rows!, file.Keep)).ToArray());
            _slots.Add(slot);
            conditions.Add(string.Create(
                CultureInfo.InvariantCulture, $"{RowSets.Function}({slot}, file_index, file_row_number)"));
        }

        if (conditions.Count > 0)
        {
            sql.Append(" WHERE ").AppendJoin(" AND ", conditions);
        }
    }

    /// <summary>Files that one branch of the union reads.</summary>
    /// <param name="Partition">The partition values that they share; null where they differ.</param>
    /// <param name="Selects">Whether only some of their rows are read.</param>
    /// <param name="HasBlobs">Whether their variants are structs of two blobs.</param>
    /// <param name="IsPlain">Whether they have all columns under their physical names with just their types.</param>
    /// <param name="Single">The one file, where it is read by itself; else null.</param>
    private sealed record FileGroup(string? Partition, bool Selects, bool HasBlobs, bool IsPlain, string? Single);

    private sealed class Layout(
        DeltaSession session, IDeltaStorage storage, Snapshot snapshot, ScanColumns extra, CancellationToken cancellationToken)
    {
        private readonly ColumnMapping _mapping = new(snapshot.Properties);
        private readonly HashSet<string> _partitions = new(snapshot.PartitionColumns, StringComparer.OrdinalIgnoreCase);
        private readonly bool _hasVariant = DuckTypes.HoldsVariant(snapshot.Schema);

        private readonly HashSet<string> _plain = new(StringComparer.Ordinal);
        private bool _single;

        /// <summary>Finds out which of the files are plain; those are read each by itself, or else all together.</summary>
        public void LookInto(IReadOnlyList<AddFile> files, bool single)
        {
            if (_mapping.ById || _hasVariant || (extra & ~ScanColumns.Places) != 0)
            {
                return;
            }

            var stored = session.FileColumns.Of(
                storage.ToLocal([.. files.Select(file => DeltaPath.Decode(file.Path))], cancellationToken), cancellationToken);
            _single = single;
            _plain.UnionWith(files.Where((_, i) => IsPlain(stored[i])).Select(file => file.Path));

            // The first of many files says what is in all of them.
            if (!single && (_plain.Count < files.Count || stored.Any(columns => columns.Count != stored[0].Count)))
            {
                _plain.Clear();
            }
        }

        public FileGroup Group(ScanFile file) => new(
            _partitions.Count == 0
                ? ""
                : string.Join(
                    '\u001f',
                    snapshot.Schema.Fields.Where(IsPartition)
                        .Select(field => Value(file.File, field) is { Length: > 0 } text ? "=" + text : "-")),
            file.Rows is not null,
            _hasVariant && HasBlobs(file.File), _plain.Contains(file.File.Path),
            _single && _plain.Contains(file.File.Path) ? file.File.Path : null);

        public string Source(FileGroup group, ScanFile[] files)
        {
            var local = storage.ToLocal([.. files.Select(file => DeltaPath.Decode(file.File.Path))], cancellationToken);
            var list = string.Join(", ", local.Select(path => DuckDb.Text(DuckDb.EscapeGlob(path))));
            var columns = snapshot.Schema.Fields.Where(field => !IsPartition(field) && field.Type != DeltaType.Void)
                .Select(field => $"{Key(field)}: {{name: {DuckDb.Text(field.Name)}, "
                    + $"type: {DuckDb.Text(PhysicalType(field, group))}, default_value: NULL}}")
                .Concat(RowIdSources().Where(name => name.Length > 0).Select(name => Plain(name, "BIGINT")))
                .Concat(extra.HasFlag(ScanColumns.ChangeType) ? [Plain(RowChange.ChangeType, "VARCHAR")] : [])
                .ToArray();
            return columns.Length == 0 || group.IsPlain
                ? $"read_parquet([{list}], hive_partitioning = false)"
                : $"read_parquet([{list}], schema = MAP {{{string.Join(", ", columns)}}}, hive_partitioning = false)";
        }

        private static string Plain(string name, string type) =>
            $"{DuckDb.Text(name)}: {{name: {DuckDb.Text(name)}, type: '{type}', default_value: NULL}}";

        public string Columns(FileGroup group, ScanFile[] files, int first)
        {
            var columns = snapshot.Schema.Fields.Select(field => $"{Column(field, group, files)} AS {DuckDb.Name(field.Name)}").ToList();
            if (extra.HasFlag(ScanColumns.Places))
            {
                columns.Add(string.Create(CultureInfo.InvariantCulture, $"{first} + CAST(file_index AS BIGINT) AS {FileColumn}"));
                columns.Add($"file_row_number AS {RowColumn}");
            }

            if (extra.HasFlag(ScanColumns.RowIds))
            {
                var stored = RowIdSources();
                columns.Add($"coalesce({Stored(stored, 0)}, {Indexed(files, "BIGINT", file => file.File.BaseRowId)} + file_row_number) "
                    + $"AS {RowIdColumn}");
                columns.Add($"coalesce({Stored(stored, 1)}, {Indexed(files, "BIGINT", file => file.File.DefaultRowCommitVersion)}) "
                    + $"AS {RowVersionColumn}");
            }

            if (extra.HasFlag(ScanColumns.ChangeType))
            {
                columns.Add(RowChange.ChangeType);
            }

            return string.Join(", ", columns);
        }

        public string Empty()
        {
            var columns = snapshot.Schema.Fields
                .Select(field => $"CAST(NULL AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}")
                .ToList();
            string[] added =
            [
                .. extra.HasFlag(ScanColumns.Places) ? [FileColumn, RowColumn] : Array.Empty<string>(),
                .. extra.HasFlag(ScanColumns.RowIds) ? [RowIdColumn, RowVersionColumn] : Array.Empty<string>(),
            ];
            columns.AddRange(added.Select(name => $"CAST(NULL AS BIGINT) AS {name}"));
            return columns.Count == 0
                ? throw new DeltaException(DeltaErrorKind.Schema, $"The table at '{snapshot.Location}' has no columns.")
                : $"SELECT {string.Join(", ", columns)} WHERE false";
        }

        private string Column(StructField field, FileGroup group, ScanFile[] files)
        {
            if (IsPartition(field))
            {
                return group.Partition is not null
                    ? PartitionValue.Literal(field.Type, Value(files[0].File, field))
                    : "list_extract(["
                        + string.Join(", ", files.Select(file => PartitionValue.Literal(field.Type, Value(file.File, field))))
                        + "], CAST(file_index AS BIGINT) + 1)";
            }

            if (field.Type == DeltaType.Void)
            {
                return "CAST(NULL AS INTEGER)";
            }

            return _mapping.ToLogical(field.Type, InFile(field, group), group.HasBlobs);
        }

        /// <summary>Conditions on columns of the files that every row fulfils that is wanted.</summary>
        public IEnumerable<string> Conditions(FileGroup group, ScanPredicate wanted) =>
            from condition in DictionaryFilter.Of(wanted)
            let field = snapshot.Schema.Fields.First(field => _mapping.Physical(field) == condition.Column)
            where !IsPartition(field)
            select $"list_contains([{string.Join(", ", condition.Values.Select(DuckDb.Text))}], {InFile(field, group)})";

        private string InFile(StructField field, FileGroup group) =>
            DuckDb.Name(group.IsPlain ? _mapping.Physical(field) : field.Name);

        private string PhysicalType(StructField field, FileGroup group) => DuckTypes.Of(_mapping.Physical(field.Type), group.HasBlobs);

        // Columns that the schema does not know have no ids: where one is read, all are read by their names in files.
        private string Key(StructField field) => _mapping.ById && (extra & ~ScanColumns.Places) == 0 && ColumnMapping.Id(field) is { } id
            ? id.ToString(CultureInfo.InvariantCulture)
            : DuckDb.Text(_mapping.Physical(field));

        private string[] RowIdSources() => extra.HasFlag(ScanColumns.RowIds)
            ? [
                snapshot.Properties.Text("delta.rowTracking.materializedRowIdColumnName") ?? "",
                snapshot.Properties.Text("delta.rowTracking.materializedRowCommitVersionColumnName") ?? "",
            ]
            : [];

        private static string Stored(string[] sources, int which) => sources[which].Length == 0 ? "NULL" : DuckDb.Name(sources[which]);

        private static string Indexed(ScanFile[] files, string type, Func<ScanFile, long?> value)
        {
            var values = files.Select(file => value(file)?.ToString(CultureInfo.InvariantCulture) ?? "NULL").ToArray();
            return values.Distinct().Count() == 1
                ? $"CAST({values[0]} AS {type})"
                : $"list_extract(CAST([{string.Join(", ", values)}] AS {type}[]), CAST(file_index AS BIGINT) + 1)";
        }

        private bool IsPartition(StructField field) => _partitions.Contains(field.Name);

        private string? Value(AddFile file, StructField field) =>
            file.PartitionValues.TryGetValue(_mapping.Physical(field), out var value)
                || file.PartitionValues.TryGetValue(field.Name, out value)
                ? value
                : null;

        /// <summary>Whether DuckDB finds in a file just what the schema says, so that nothing has to be said of its columns.</summary>
        private bool IsPlain(IReadOnlyDictionary<string, string> stored) =>
            snapshot.Schema.Fields.All(field => IsPartition(field) || field.Type == DeltaType.Void
                || (stored.TryGetValue(_mapping.Physical(field), out var type)
                    && DuckTypes.Of(_mapping.Physical(field.Type)) == DuckTypes.Normal(type)));

        /// <summary>Variants of Spark 4.0's time stand in files as structs of two blobs, which no annotation tells from others.</summary>
        private bool HasBlobs(AddFile file)
        {
            var local = storage.ToLocal(DeltaPath.Decode(file.Path), cancellationToken);
            return !session.AnnotatedVariants.GetOrAdd(local, path => session.DuckDb.Query(
                $"DESCRIBE SELECT * FROM read_parquet({DuckDb.Text(DuckDb.EscapeGlob(path))}, hive_partitioning = false)",
                reader => reader.GetString(1), cancellationToken).Any(type => type.Contains("VARIANT", StringComparison.Ordinal)));
        }
    }
}
