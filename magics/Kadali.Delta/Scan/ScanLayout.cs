using System.Globalization;

namespace Kadali.Delta;

/// <summary>Files that one branch of the union reads.</summary>
/// <param name="Partition">The partition values that they share; null where they differ.</param>
/// <param name="Selects">Whether only some of their rows are read.</param>
/// <param name="HasBlobs">Whether their variants are structs of two blobs.</param>
/// <param name="IsPlain">Whether they have all columns under their physical names with just their types.</param>
/// <param name="Single">The one file, where it is read by itself; else null.</param>
/// <param name="Casts">By name the columns that are cast, and the types they are stored in; null where there are none.</param>
internal sealed record FileGroup(
    string? Partition, bool Selects, bool HasBlobs, bool IsPlain, string? Single, IReadOnlyDictionary<string, DeltaType>? Casts);

/// <summary>How the files of a snapshot are read: what DuckDB is told of them, and how their columns become those of the table.</summary>
internal sealed class ScanLayout(
    DeltaSession session, IDeltaStorage storage, Snapshot snapshot, ScanColumns extra, CancellationToken cancellationToken)
{
    private readonly ColumnMapping _mapping = new(snapshot.Properties);
    private readonly HashSet<string> _partitions = new(snapshot.PartitionColumns, StringComparer.OrdinalIgnoreCase);
    private readonly bool _hasVariant = DuckTypes.HoldsVariant(snapshot.Schema);
    private readonly HashSet<string> _plain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, DeltaType>> _casts = new(StringComparer.Ordinal);
    private bool _single;

    /// <summary>
    /// Finds out what columns files have, where that may matter: which have to be cast, and which of a few files are plain. Those are read
    /// each by itself, or else all together.
    /// </summary>
    public void LookInto(IReadOnlyList<AddFile> files, bool few, bool single)
    {
        var mayBePlain = few && !_mapping.ById && !_hasVariant && (extra & ~ScanColumns.Places) == 0;
        if (!mayBePlain && !StoredTypes.MayDiffer(snapshot))
        {
            return;
        }

        var stored = session.FileColumns.Of(
            storage.ToLocal([.. files.Select(file => DeltaPath.Decode(file.Path))], cancellationToken), cancellationToken);
        FindCasts(files, stored);
        if (!mayBePlain)
        {
            return;
        }

        _single = single;
        _plain.UnionWith(files.Where((_, i) => IsPlain(stored[i])).Select(file => file.Path));

        // The first of many files says what is in all of them.
        if (!single && (_plain.Count < files.Count || stored.Any(columns => columns.Count != stored[0].Count)))
        {
            _plain.Clear();
        }
    }

    private void FindCasts(IReadOnlyList<AddFile> files, IReadOnlyList<IReadOnlyDictionary<string, string>> stored)
    {
        // Most files have the same columns, and then the same list of them. Equal casts are one, by which files are grouped.
        var known = new Dictionary<object, IReadOnlyDictionary<string, DeltaType>?>(ReferenceEqualityComparer.Instance);
        var equal = new Dictionary<string, IReadOnlyDictionary<string, DeltaType>>(StringComparer.Ordinal);
        StructField[] fields = [.. snapshot.Schema.Fields.Where(field => !IsPartition(field) && field.Type != DeltaType.Void)];
        for (var i = 0; i < files.Count; i++)
        {
            if (!known.TryGetValue(stored[i], out var casts))
            {
                var found = StoredTypes.Of(fields, _mapping, stored[i]);
                if (found.Count > 0)
                {
                    var key = string.Join('\u001f', found.Select(cast => $"{cast.Key}\u001f{DuckTypes.Of(cast.Value)}"));
                    casts = equal.TryGetValue(key, out var same) ? same : equal[key] = found;
                }

                known.Add(stored[i], casts);
            }

            if (casts is not null)
            {
                _casts[files[i].Path] = casts;
            }
        }
    }

    /// <summary>The files with which one is read.</summary>
    public FileGroup Group(ScanFile file) => new(
        _partitions.Count == 0
            ? ""
            : string.Join(
                '\u001f',
                snapshot.Schema.Fields.Where(IsPartition)
                    .Select(field => Value(file.File, field) is { Length: > 0 } text ? "=" + text : "-")),
        file.Rows is not null,
        _hasVariant && HasBlobs(file.File), _plain.Contains(file.File.Path),
        _single && _plain.Contains(file.File.Path) ? file.File.Path : null,
        _casts.GetValueOrDefault(file.File.Path));

    /// <summary>What the files of a group are read by.</summary>
    public string Source(FileGroup group, ScanFile[] files)
    {
        var local = storage.ToLocal([.. files.Select(file => DeltaPath.Decode(file.File.Path))], cancellationToken);
        var list = string.Join(", ", local.Select(path => DuckDb.Text(DuckDb.EscapeGlob(path))));
        var columns = snapshot.Schema.Fields.Where(field => !IsPartition(field) && field.Type != DeltaType.Void)
            .Select(field => VirtualColumns.Entry(Key(field), VirtualColumns.Safe(field.Name), PhysicalType(field, group)))
            .Concat(RowIdSources().Where(name => name.Length > 0).Select(name => Plain(name, "BIGINT")))
            .Concat(extra.HasFlag(ScanColumns.ChangeType) ? [Plain(RowChange.ChangeType, "VARCHAR")] : [])
            .ToArray();
        return VirtualColumns.Read(list, group.IsPlain ? null : columns);
    }

    private static string Plain(string name, string type) => VirtualColumns.Entry(DuckDb.Text(name), name, type);

    /// <summary>The columns of the table, and those asked for, from what a group's files have.</summary>
    /// <param name="first">The number of the first of the files.</param>
    public string Columns(FileGroup group, ScanFile[] files, int first)
    {
        var columns = snapshot.Schema.Fields.Select(field => $"{Column(field, group, files)} AS {DuckDb.Name(field.Name)}").ToList();
        if (extra.HasFlag(ScanColumns.Places))
        {
            columns.Add(string.Create(
                CultureInfo.InvariantCulture, $"{first} + CAST({VirtualColumns.File} AS BIGINT) AS {TableScan.FileColumn}"));
            columns.Add($"{VirtualColumns.Row} AS {TableScan.RowColumn}");
        }

        if (extra.HasFlag(ScanColumns.RowIds))
        {
            var stored = RowIdSources();
            columns.Add($"coalesce({Stored(stored, 0)}, {Indexed(files, "BIGINT", file => file.File.BaseRowId)} + {VirtualColumns.Row}) "
                + $"AS {TableScan.RowIdColumn}");
            columns.Add($"coalesce({Stored(stored, 1)}, {Indexed(files, "BIGINT", file => file.File.DefaultRowCommitVersion)}) "
                + $"AS {TableScan.RowVersionColumn}");
        }

        if (extra.HasFlag(ScanColumns.ChangeType))
        {
            columns.Add(RowChange.ChangeType);
        }

        return string.Join(", ", columns);
    }

    /// <summary>A query of no rows, with the same columns.</summary>
    public string Empty()
    {
        var columns = snapshot.Schema.Fields
            .Select(field => $"CAST(NULL AS {DuckTypes.Of(field.Type)}) AS {DuckDb.Name(field.Name)}")
            .ToList();
        string[] added =
        [
            .. extra.HasFlag(ScanColumns.Places) ? [TableScan.FileColumn, TableScan.RowColumn] : Array.Empty<string>(),
            .. extra.HasFlag(ScanColumns.RowIds) ? [TableScan.RowIdColumn, TableScan.RowVersionColumn] : Array.Empty<string>(),
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
                    + $"], CAST({VirtualColumns.File} AS BIGINT) + 1)";
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

    private string InFile(StructField field, FileGroup group)
    {
        var name = DuckDb.Name(group.IsPlain ? _mapping.Physical(field) : VirtualColumns.Safe(field.Name));
        return group.Casts?.ContainsKey(field.Name) == true
            ? $"CAST({name} AS {DuckTypes.Of(_mapping.Physical(field.Type), group.HasBlobs)})"
            : name;
    }

    private string PhysicalType(StructField field, FileGroup group) =>
        DuckTypes.Of(group.Casts?.GetValueOrDefault(field.Name) ?? _mapping.Physical(field.Type), group.HasBlobs);

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
            : $"list_extract(CAST([{string.Join(", ", values)}] AS {type}[]), CAST({VirtualColumns.File} AS BIGINT) + 1)";
    }

    private bool IsPartition(StructField field) => _partitions.Contains(field.Name);

    private string? Value(AddFile file, StructField field) =>
        file.PartitionValues.TryGetValue(_mapping.Physical(field), out var value)
            || file.PartitionValues.TryGetValue(field.Name, out value)
            ? value
            : null;

    /// <summary>Whether DuckDB finds in a file just what the schema says, so that nothing has to be said of its columns.</summary>
    private bool IsPlain(IReadOnlyDictionary<string, string> stored) => !stored.Keys.Any(VirtualColumns.AreHiddenBy)
        && snapshot.Schema.Fields.All(field => IsPartition(field) || field.Type == DeltaType.Void
            || (stored.TryGetValue(_mapping.Physical(field), out var type)
                && DuckTypes.Of(_mapping.Physical(field.Type)) == DuckTypes.Normal(type)));

    /// <summary>Variants of Spark 4.0's time stand in files as structs of two blobs, which no annotation tells from others.</summary>
    private bool HasBlobs(AddFile file)
    {
        var local = storage.ToLocal(DeltaPath.Decode(file.Path), cancellationToken);
        return !session.FileColumns.Of([local], cancellationToken)[0].Values
            .Any(type => type.Contains("VARIANT", StringComparison.Ordinal));
    }
}
