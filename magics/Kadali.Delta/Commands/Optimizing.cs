using System.Globalization;
using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>What OPTIMIZE is to do.</summary>
internal sealed record OptimizeRequest
{
    /// <summary>Partitions that are meant, in DuckDB's SQL; null for all.</summary>
    public string? Where { get; init; }

    /// <summary>The condition as its author wrote it, for the history.</summary>
    public string? Text { get; init; }

    /// <summary>Columns along whose Z-order curve rows are laid.</summary>
    public IReadOnlyList<string> ZOrderBy { get; init; } = [];

    /// <summary>Whether files that are clustered already are laid anew.</summary>
    public bool Full { get; init; }

    /// <summary>From which size on what was clustered together stays as it is.</summary>
    public long StableSize { get; init; } = ZCubes.StableSize;

    /// <summary>Whether only files that have deleted rows in them are written anew, and all of those (REORG … APPLY (PURGE)).</summary>
    public bool Purge { get; init; }

    /// <summary>With <see cref="Purge"/>, the files that are meant instead; null for those with deleted rows.</summary>
    public Func<AddFile, bool>? Only { get; init; }
}

/// <summary>OPTIMIZE: the same rows in fewer, fuller files, or in an order by which queries need fewer of them.</summary>
internal sealed class Optimizing(DeltaSession session, IDeltaStorage storage, Snapshot snapshot)
{
    private const long DefaultFileSize = 128L << 20;

    // A file is full enough from here on, and worth to be written anew with so many deleted rows in it.
    private const double Full = 0.75;
    private const double MostDeleted = 0.05;

    private readonly ColumnMapping _mapping = new(snapshot.Properties);

    public DeltaResult Run(OptimizeRequest request, CancellationToken cancellationToken)
    {
        using var transaction = new DeltaTransaction(session, storage, snapshot) { RearrangesOnly = true };
        var clustered = Clustering.Columns(snapshot);
        IReadOnlyList<string> curve = request.ZOrderBy.Count > 0 ? request.ZOrderBy : [.. clustered.Select(path => path[0])];
        IReadOnlyList<string> columns = [.. clustered.Select(path => string.Join('.', path))];
        Check(request, clustered);
        var pruned = new FilePruner(session).Prune(snapshot, request.Where, null, cancellationToken);
        var rounds = clustered.Count > 0 && !request.Purge
            ? ZCubes.Choose(pruned.Files, columns, request.Full, request.StableSize, IsWorn)
            : Rounds(request, pruned.Files, curve.Count > 0);
        var change = new RowChange(session, transaction);
        var (added, removed) = (new List<AddFile>(), new List<AddFile>());
        foreach (var round in rounds)
        {
            using var scan = TableScan.Of(
                session, storage, snapshot, round, change.TracksRows ? ScanColumns.RowIds : ScanColumns.None, cancellationToken);
            var rows = change.WithRowIds(scan.Sql);
            var target = change.Target();
            using var order = curve.Count == 0 ? null : ZOrder.Of(
                session, snapshot.Schema, rows, curve, isHilbert: clustered.Count > 0, cancellationToken);
            var written = transaction.Writer.Write(
                order?.Sql ?? rows, order is null ? target : target with { OrderBy = ZOrder.Column }, cancellationToken);
            var cube = Guid.NewGuid().ToString("D");
            added.AddRange(written.Files.Select(file => file with { DataChange = false })
                .Select(file => clustered.Count > 0 && !request.Purge ? ZCubes.Mark(file, cube, columns) : file));
            removed.AddRange(round);
        }

        foreach (var file in removed)
        {
            transaction.Remove(file, dataChange: false);
        }

        transaction.AddAll(added);
        transaction.Reads.Read(removed);
        transaction.Metrics["numRemovedFiles"] = removed.Count;
        transaction.Metrics["numAddedFiles"] = added.Count;
        transaction.Metrics["numRemovedBytes"] = removed.Sum(file => file.Size);
        transaction.Metrics["numAddedBytes"] = added.Sum(file => file.Size);
        if (removed.Count == 0)
        {
            return new(null, transaction.Metrics);
        }

        var parameters = new JsonObject
        {
            ["predicate"] = ActionJson.Text(new JsonArray([.. request.Text is null ? [] : new[] { JsonValue.Create(request.Text) }])),
            ["zOrderBy"] = ActionJson.Text(new JsonArray([.. request.ZOrderBy.Select(name => JsonValue.Create(name))])), ["auto"] = "false",
        };
        return new(transaction.Commit(request.Purge ? "REORG" : "OPTIMIZE", parameters, cancellationToken), transaction.Metrics);
    }

    private void Check(OptimizeRequest request, IReadOnlyList<IReadOnlyList<string>> clustered)
    {
        if (request.ZOrderBy.Count > 0 && clustered.Count > 0)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, "The table is clustered: ZORDER BY would undo that.", "OPTIMIZE without it keeps the clustering.");
        }

        foreach (var name in request.ZOrderBy)
        {
            var field = snapshot.Schema.Find(name) ?? throw new DeltaException(
                DeltaErrorKind.Schema, $"The table has no column '{name}' for ZORDER BY.",
                $"Its columns are {string.Join(", ", snapshot.Schema.Fields.Select(known => known.Name))}.");
            if (snapshot.PartitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase))
            {
                throw new DeltaException(
                    DeltaErrorKind.Argument,
                    $"'{field.Name}' partitions the table: each file has one value of it, and ZORDER BY it changes nothing.");
            }
        }
    }

    /// <summary>The files to be written anew, in groups that one COPY each can take: of each partition about one file.</summary>
    private List<List<AddFile>> Rounds(OptimizeRequest request, IReadOnlyCollection<AddFile> files, bool ordered)
    {
        var size = snapshot.Properties.TargetFileSize ?? DefaultFileSize;
        var rounds = new List<List<AddFile>>();
        foreach (var partition in files.GroupBy(Partition))
        {
            var chosen = partition.Where(file => Wants(request, file, size)).OrderBy(file => file.Size).ToList();
            if (ordered || snapshot.PartitionColumns.Count == 0)
            {
                // COPY itself begins a new file where one is full. An order is one of the rows in a file, too.
                if (chosen.Count > 1 || chosen.Exists(IsWorn) || ((request.Purge || ordered) && chosen.Count > 0))
                {
                    Round(0).AddRange(chosen);
                }

                continue;
            }

            var bins = new List<List<AddFile>>();
            var filled = 0L;
            foreach (var file in chosen)
            {
                if (bins.Count == 0 || filled + file.Size > size)
                {
                    bins.Add([]);
                    filled = 0;
                }

                bins[^1].Add(file);
                filled += file.Size;
            }

            foreach (var (bin, i) in bins.Where(bin => bin.Count > 1 || IsWorn(bin[0]) || request.Purge).Select((bin, i) => (bin, i)))
            {
                Round(i).AddRange(bin);
            }
        }

        return rounds;

        List<AddFile> Round(int number)
        {
            while (rounds.Count <= number)
            {
                rounds.Add([]);
            }

            return rounds[number];
        }
    }

    private static bool Wants(OptimizeRequest request, AddFile file, long size) => request switch
    {
        { Purge: true } => request.Only?.Invoke(file) ?? file.DeletionVector is not null,
        { ZOrderBy.Count: > 0 } or { Full: true } => true,
        _ => file.Size < size * Full || IsWorn(file),
    };

    private static bool IsWorn(AddFile file) => file.DeletionVector is { } vector
        && (FileStatistics.Rows(file) is not { } rows || vector.Cardinality > rows * MostDeleted);

    private string Partition(AddFile file) => string.Join('\u001f', snapshot.PartitionColumns.Select(name =>
        file.PartitionValues.GetValueOrDefault(_mapping.Physical(snapshot.Schema.Find(name)!)) is { Length: > 0 } text ? "=" + text : "-"));
}
