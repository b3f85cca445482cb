using System.Globalization;
using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>The files that a query must read.</summary>
/// <param name="Files">Of the snapshot.</param>
/// <param name="MayHold">Whether a file, of the snapshot or not, may hold rows that the query asks for.</param>
internal sealed record PrunedFiles(IReadOnlyCollection<AddFile> Files, Func<AddFile, bool> MayHold)
{
    /// <summary>Whether all files were taken without asking <see cref="MayHold"/>, which may be much to find out.</summary>
    public bool Unasked { get; init; }

    /// <summary>What every row fulfils that the query needs, as far as it is understood.</summary>
    public ScanPredicate Wanted { get; init; } = ScanPredicate.Unknown;

    public static PrunedFiles All(Snapshot snapshot) => new(snapshot.Files, _ => true);
}

/// <summary>
/// Finds the files of tables that a query must read: DuckDB's optimizer says what the query asks of each, statistics say which files may
/// have it.
/// </summary>
internal sealed partial class FilePruner(DeltaSession session)
{
    /// <summary>The files that each table of a query must be read from.</summary>
    /// <param name="plan">
    /// Gives DuckDB's plan (<c>EXPLAIN (FORMAT json)</c>) of the query with stand-ins of the tables in it, which are queries in brackets,
    /// in the order of the tables.
    /// </param>
    public IReadOnlyList<PrunedFiles> Prune(IReadOnlyList<Snapshot> tables, Func<IReadOnlyList<string>, string> plan)
    {
        var mappings = tables.Select(table => new ColumnMapping(table.Properties)).ToArray();
        var asked = new FilterExtractor([.. tables.Select(table => table.Schema)], mappings)
            .Read(plan([.. tables.Select((table, i) => $"({StandIn(i, table)})")]));
        return [.. tables.Select((table, i) => Prune(table, asked[i]))];
    }

    /// <summary>The files that may hold rows for which a condition is true.</summary>
    /// <param name="alias">What the condition calls the table, or null.</param>
    public PrunedFiles Prune(Snapshot snapshot, string? condition, string? alias, CancellationToken cancellationToken) => condition is null
        ? PrunedFiles.All(snapshot)
        : Prune(
            [snapshot],
            standIns => Explain($"SELECT * FROM {standIns[0]} AS {alias ?? "_rows"} WHERE {condition}", cancellationToken))[0];

    /// <summary>The columns of a table that a query needs, as far as DuckDB's optimizer can tell.</summary>
    /// <param name="query">Gives the query with a stand-in of the table in it, which is a query in brackets.</param>
    public HashSet<string> Columns(Snapshot table, Func<string, string> query, CancellationToken cancellationToken)
    {
        var plan = Explain(query($"({StandIn(0, table)})"), cancellationToken);
        var places = ColumnOfStandIn().Matches(plan).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .ToHashSet();
        return table.Schema.Fields.Where((_, i) => places.Contains(i)).Select(field => field.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The plan of a query.</summary>
    public string Explain(string sql, CancellationToken cancellationToken) =>
        session.DuckDb.Query($"EXPLAIN (FORMAT json) {sql}", reader => reader.GetString(1), cancellationToken)[0];

    private static PrunedFiles Prune(Snapshot snapshot, IReadOnlyList<ScanPredicate> scans)
    {
        // No scan at all: the optimizer found that nothing of the table is needed.
        if (scans.Any(scan => !scan.Columns().Any()))
        {
            return PrunedFiles.All(snapshot);
        }

        var mapping = new ColumnMapping(snapshot.Properties);
        var partitions = snapshot.PartitionColumns.Select(name => mapping.Physical(snapshot.Schema.Find(name)!))
            .ToHashSet(StringComparer.Ordinal);
        return new(
            snapshot.Files.Where(block => MayHold(column => block.Ranges(column, IsPartition(column)))),
            file => MayHold(column =>
                [IsPartition(column) ? PartitionValue.Range(file, column) : FileStatistics.Range(file.Stats, column)])(0))
        {
            Wanted = scans.Count == 1 ? scans[0] : ScanPredicate.Unknown,
        };

        bool IsPartition(ScanColumn column) => column.Names.Count == 1 && partitions.Contains(column.Path);

        Func<int, bool> MayHold(Func<ScanColumn, IReadOnlyList<ValueRange>> ranges)
        {
            var tests = scans.Select(scan => scan.MayHold(ranges)).ToArray();
            return file => Array.Exists(tests, test => test(file));
        }
    }

    /// <summary>A query with the schema of a table, whose columns have names that plans can be read by.</summary>
    private string StandIn(int table, Snapshot snapshot)
    {
        // The same file twice: of a single one the optimizer would know minimum and maximum.
        var file = DuckDb.Text(DuckDb.EscapeGlob(session.StandInFile(default)));
        var columns = snapshot.Schema.Fields
            .Select((field, i) => (Name: string.Create(CultureInfo.InvariantCulture, $"t{table}c{i}"), Field: field))
            .ToArray();
        var map = string.Join(", ", columns.Select(column =>
            $"'{column.Name}': {{name: '{column.Name}', type: {DuckDb.Text(DuckTypes.Of(column.Field.Type))}, default_value: NULL}}"));
        return $"SELECT {string.Join(", ", columns.Select(column => $"{column.Name} AS {DuckDb.Name(column.Field.Name)}"))} "
            + $"FROM read_parquet([{file}, {file}], schema = MAP {{{map}}}, hive_partitioning = false)";
    }

    [GeneratedRegex(@"\bt0c([0-9]{1,6})\b")]
    private static partial Regex ColumnOfStandIn();
}
