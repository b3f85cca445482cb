namespace Kadali.Delta;

/// <summary>
/// Which rows differ between two versions of a table. Only files that one of the versions has and the other has not are read: what OPTIMIZE
/// moved from one file to another cancels out.
/// </summary>
internal static class TableDiff
{
    /// <summary>VARCHAR: <c>added</c>, <c>changed</c> or <c>removed</c>.</summary>
    public const string Change = "change";

    /// <summary>VARCHAR[]: the columns that differ, where rows are told apart by keys.</summary>
    public const string Differing = "__delta_differing";

    private const string There = "__delta_there";

    /// <summary>Puts the rows that differ into a temporary table.</summary>
    /// <param name="table">Its name, quoted where it has to be.</param>
    /// <param name="keys">
    /// Columns that tell rows apart: a row whose other columns differ is <c>changed</c>, and shows in each the value before and after.
    /// Without them, a row that changed shows as one that was removed and one that was added.
    /// </param>
    /// <exception cref="DeltaException">A key is no column of both versions, or does not tell rows apart.</exception>
    public static void Create(
        DeltaSession session, IDeltaStorage storage, Snapshot from, Snapshot to, IReadOnlyList<string> keys, string table,
        CancellationToken cancellationToken)
    {
        var before = from.Files.ToDictionary(file => file.Key);
        var after = to.Files.ToDictionary(file => file.Key);
        using var old = TableScan.Of(
            session, storage, from, before.Where(file => !after.ContainsKey(file.Key)).Select(file => file.Value), ScanColumns.None,
            cancellationToken);
        using var now = TableScan.Of(
            session, storage, to, after.Where(file => !before.ContainsKey(file.Key)).Select(file => file.Value), ScanColumns.None,
            cancellationToken);
        var sql = keys.Count == 0
            ? ByRows(from, to, old.Sql, now.Sql)
            : ByKeys(session, from, to, Keys(from, to, keys), old.Sql, now.Sql, cancellationToken);
        session.DuckDb.Execute($"CREATE OR REPLACE TEMP TABLE {table} AS {sql}", cancellationToken);
    }

    private static string ByRows(Snapshot from, Snapshot to, string old, string now)
    {
        var columns = Names(from, to);
        var (before, after) = (Select(columns, from, old), Select(columns, to, now));
        return $"SELECT 'removed' AS {Change}, *, CAST([] AS VARCHAR[]) AS {Differing} FROM (({before}) EXCEPT ALL ({after})) "
            + $"UNION ALL SELECT 'added', *, [] FROM (({after}) EXCEPT ALL ({before})) ORDER BY ALL";
    }

    private static string ByKeys(
        DeltaSession session, Snapshot from, Snapshot to, IReadOnlyList<string> keys, string old, string now,
        CancellationToken cancellationToken)
    {
        var columns = Names(from, to);
        var list = string.Join(", ", keys.Select(DuckDb.Name));
        foreach (var (rows, version) in new[] { (old, from.Version), (now, to.Version) })
        {
            var twice = $"SELECT 1 FROM ({rows}) GROUP BY {list} HAVING count(*) > 1 LIMIT 1";
            if (session.DuckDb.Query(twice, reader => reader.GetInt32(0), cancellationToken).Count > 0)
            {
                throw new DeltaException(
                    DeltaErrorKind.Argument,
                    $"{string.Join(", ", keys)} does not tell rows apart: in version {version} several have the same.",
                    "Give more columns as keys, or none.");
            }
        }

        var others = columns.Where(name => !keys.Contains(name, StringComparer.OrdinalIgnoreCase)).ToArray();
        var shown = keys.Select(DuckDb.Name).Select(key => $"coalesce(b.{key}, a.{key}) AS {key}").Concat(others.Select(Shown));
        var differing = string.Join(", ", others.Select(name =>
            $"CASE WHEN a.{DuckDb.Name(name)} IS DISTINCT FROM b.{DuckDb.Name(name)} THEN {DuckDb.Text(name)} END"));
        return $"SELECT CASE WHEN a.{There} IS NULL THEN 'added' WHEN b.{There} IS NULL THEN 'removed' ELSE 'changed' END AS {Change}, "
            + $"{string.Join(", ", shown)}, CAST(list_filter([{differing}], lambda name: name IS NOT NULL) AS VARCHAR[]) AS {Differing} "
            + $"FROM (SELECT *, true AS {There} FROM ({Select(columns, from, old)})) a "
            + $"FULL JOIN (SELECT *, true AS {There} FROM ({Select(columns, to, now)})) b "
            + $"ON {string.Join(" AND ", keys.Select(key => $"a.{DuckDb.Name(key)} IS NOT DISTINCT FROM b.{DuckDb.Name(key)}"))} "
            + $"WHERE a.{There} IS NULL OR b.{There} IS NULL OR len({Differing}) > 0 ORDER BY {list}";
    }

    /// <summary>A value; for one that changed, both.</summary>
    private static string Shown(string column)
    {
        var name = DuckDb.Name(column);
        var (before, after) = ($"coalesce(CAST(a.{name} AS VARCHAR), 'null')", $"coalesce(CAST(b.{name} AS VARCHAR), 'null')");
        return $"CASE WHEN a.{There} IS NULL THEN CAST(b.{name} AS VARCHAR) WHEN b.{There} IS NULL THEN CAST(a.{name} AS VARCHAR) "
            + $"WHEN a.{name} IS DISTINCT FROM b.{name} THEN {before} || ' → ' || {after} ELSE CAST(b.{name} AS VARCHAR) END AS {name}";
    }

    /// <summary>The columns of the later version, then those that only the earlier one had.</summary>
    private static string[] Names(Snapshot from, Snapshot to) =>
    [
        .. to.Schema.Fields.Select(field => field.Name),
        .. from.Schema.Fields.Where(field => to.Schema.Find(field.Name) is null).Select(field => field.Name),
    ];

    private static string Select(IEnumerable<string> columns, Snapshot snapshot, string rows)
    {
        var list = columns.Select(name =>
            $"{(snapshot.Schema.Find(name) is { } field ? DuckDb.Name(field.Name) : "NULL")} AS {DuckDb.Name(name)}");
        return $"SELECT {string.Join(", ", list)} FROM ({rows})";
    }

    private static IReadOnlyList<string> Keys(Snapshot from, Snapshot to, IReadOnlyList<string> keys) =>
    [
        .. keys.Select(key => from.Schema.Find(key) is not null && to.Schema.Find(key) is { } field ? field.Name : throw new DeltaException(
            DeltaErrorKind.Argument, $"'{key}' is no column of both versions.",
            Spelling.Nearest(key, to.Schema.Fields.Select(known => known.Name)) is { } near ? $"Did you mean '{near}'?" : null)),
    ];
}
