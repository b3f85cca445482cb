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
        var layout = new ScanLayout(session, storage, snapshot, extra, cancellationToken);
        var all = files as IReadOnlyList<ScanFile> ?? [.. files];
        var single = all.Count <= FewFiles && (all.All(file => file.Rows is null && file.File.Size >= LargeFile)
            || all.GroupBy(layout.Group).All(group => group.Count() == 1));
        if (all.Count > 0)
        {
            layout.LookInto([.. all.Select(file => file.File)], all.Count <= MostLookedInto, single);
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

    private void Branch(StringBuilder sql, ScanLayout layout, FileGroup group, ScanFile[] files, int first, ScanPredicate wanted)
    {
        sql.Append("SELECT ").Append(layout.Columns(group, files, first)).Append(" FROM ").Append(layout.Source(group, files));
        var conditions = layout.Conditions(group, wanted).ToList();
        if (group.Selects)
        {
            var slot = _sets.Take(files.Select(file => (file.Rows!, file.Keep)).ToArray());
            _slots.Add(slot);
            conditions.Add(string.Create(
                CultureInfo.InvariantCulture, $"{RowSets.Function}({slot}, {VirtualColumns.File}, {VirtualColumns.Row})"));
        }

        if (conditions.Count > 0)
        {
            sql.Append(" WHERE ").AppendJoin(" AND ", conditions);
        }
    }
}
