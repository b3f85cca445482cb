using System.Globalization;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// Lets DuckDB run SQL that names Delta tables: each is replaced by a query of the files that the statement needs. A table has one
/// version in a statement, wherever it stands there.
/// </summary>
/// <param name="read">Is told each version of a table that is read; null for nobody.</param>
internal sealed class QueryBinder(DeltaSession session, ITables tables, Action<ReadTable>? read = null)
{
    // DuckDB looks into so few files sooner than it makes a plan: their own statistics leave out what the statement does not need.
    // Each partition is a branch of its own, which takes as long to plan as four files do.
    private const int FewFiles = 16;
    private const int FilesOfBranch = 4;

    // Of so many bytes a plan is worth its two milliseconds where it may say what DuckDB can filter by dictionaries.
    private const long LargeTable = 64 << 20;

    /// <param name="sql">A statement; what it changes itself is left alone.</param>
    /// <param name="explain">
    /// Gives DuckDB's plan of a statement as JSON, where its parameters have to be bound; null where there are none.
    /// </param>
    /// <exception cref="DeltaException">A table has no such version, or cannot be read.</exception>
    public BoundQuery Bind(string sql, Func<string, string>? explain, CancellationToken cancellationToken)
    {
        var found = TableReferences.Find(sql);
        var sources = new Dictionary<TableReference, string>();
        var rows = new List<Pinned>();
        var bound = new BoundQuery();
        try
        {
            foreach (var reference in found.Where(reference => reference.Use != TableUse.Target))
            {
                if (Find(reference) is not { } storage)
                {
                    continue;
                }

                if (reference.Use == TableUse.Changes)
                {
                    var changes = Placed(reference, () => Changes(storage, reference, cancellationToken));
                    bound.Owns(changes);
                    sources.Add(reference, $"({changes.Sql})");
                    continue;
                }

                var key = $"{storage.Root}\u001f{reference.Table.AsOf}";
                if (rows.Find(table => table.Key == key) is not { } pinned)
                {
                    var version = Placed(reference, () => Version(storage, reference.Table.AsOf, cancellationToken));
                    rows.Add(pinned = new(key, storage, version, []));
                    bound.Tables.Add(new(storage, version, reference.Start));
                }

                pinned.References.Add(reference);
            }

            if (found.Count == 1 && rows.Count == 1 && new LogAnswers(sql, found[0], rows[0].Snapshot).Answer() is { } answered)
            {
                (bound.Rewritten, bound.NamesTables) = (answered, true);
                return bound;
            }

            var pruned = Prune(sql, found, sources, rows, explain, cancellationToken);
            for (var i = 0; i < rows.Count; i++)
            {
                var scan = TableScan.Of(session, rows[i].Storage, rows[i].Snapshot, pruned[i], ScanColumns.None, cancellationToken);
                bound.Owns(scan);
                rows[i].References.ForEach(reference => sources[reference] = $"({scan.Sql})");
            }

            bound.Rewritten = RewrittenSql.Of(sql, found, sources.GetValueOrDefault);
            bound.NamesTables = sources.Count > 0;
            return bound;
        }
        catch (DuckDBException exception) when (MissingFile.Explain(session, exception, bound.Tables) is { } missing)
        {
            // What columns files have is looked up here already.
            bound.Dispose();
            throw missing;
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    /// <summary>A table in one version, and where the statement names it.</summary>
    private sealed record Pinned(string Key, IDeltaStorage Storage, Snapshot Snapshot, List<TableReference> References);

    private IDeltaStorage? Find(TableReference reference) => tables.Find(reference.Table) ?? (reference.Table.Path is { } path
        ? throw new DeltaException(
            DeltaErrorKind.NotFound, $"There is no Delta table at '{path}'.", "A Delta table is a folder with a '_delta_log' folder in it.")
        {
            Offset = reference.Start,
        }
        : null);

    /// <summary>Whether all files of a table can be looked into; one that is missing may be one that the statement does not need.</summary>
    private static bool IsAtHand(Pinned table) =>
        table.Storage is LocalStorage && table.Snapshot.Files.All(file => table.Storage.Exists(DeltaPath.Decode(file.Path)));

    private static bool IsLarge(Pinned table) =>
        table.Snapshot.Files.Count > FewFiles || table.Snapshot.Files.Sum(file => file.Size) >= LargeTable;

    /// <summary>What is wrong with a table is said where the statement names it.</summary>
    private static T Placed<T>(TableReference reference, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DeltaException exception) when (exception.Offset is null)
        {
            exception.Offset = reference.Start;
            throw;
        }
    }

    private IReadOnlyList<PrunedFiles> Prune(
        string sql, IReadOnlyList<TableReference> found, Dictionary<TableReference, string> sources, List<Pinned> rows,
        Func<string, string>? explain, CancellationToken cancellationToken)
    {
        if (!(DictionaryFilter.MayBeIn(sql) && rows.Exists(IsLarge))
            && (rows.All(table => table.Snapshot.Files.Count < 2)
                || (rows.Sum(table => table.Snapshot.Files.Count * (table.Snapshot.PartitionColumns.Count > 0 ? FilesOfBranch : 1))
                    <= FewFiles && rows.All(IsAtHand))))
        {
            return [.. rows.Select(table => PrunedFiles.All(table.Snapshot))];
        }

        var pruner = new FilePruner(session);
        try
        {
            return pruner.Prune([.. rows.Select(table => table.Snapshot)], standIns =>
            {
                var replaced = new Dictionary<TableReference, string>(sources);
                for (var i = 0; i < rows.Count; i++)
                {
                    rows[i].References.ForEach(reference => replaced[reference] = standIns[i]);
                }

                var statement = RewrittenSql.Of(sql, found, replaced.GetValueOrDefault).Text;
                return explain is null ? pruner.Explain(statement, cancellationToken) : explain(statement);
            });
        }
        catch (DuckDBException)
        {
            // The statement itself is wrong, or is none that has a plan: it says so when it runs.
            return [.. rows.Select(table => PrunedFiles.All(table.Snapshot))];
        }
    }

    /// <summary>The version of a table that is meant.</summary>
    public Snapshot Version(IDeltaStorage storage, TimeTravel? asOf, CancellationToken cancellationToken)
    {
        var log = session.Log(storage);
        var snapshot = asOf switch
        {
            TimeTravel.Version version => log.At(version.Number, cancellationToken),
            TimeTravel.Timestamp time => log.At(
                new DeltaHistory(log).VersionAt(Time(time.Expression, cancellationToken), cancellationToken), cancellationToken),
            _ => log.Update(cancellationToken),
        };
        read?.Invoke(new(storage, snapshot));
        return snapshot;
    }

    private ChangeScan Changes(IDeltaStorage storage, TableReference reference, CancellationToken cancellationToken)
    {
        var changes = new TableChanges(session, session.Log(storage));
        var from = Bound(reference.Range[0], storage, isFirst: true, cancellationToken);
        return changes.Read(
            from,
            reference.Range.Count > 1 ? Bound(reference.Range[1], storage, isFirst: false, cancellationToken) : null,
            anyTable: false,
            cancellationToken);
    }

    /// <summary>A version, or the one of a time.</summary>
    private long Bound(SqlPart part, IDeltaStorage storage, bool isFirst, CancellationToken cancellationToken)
    {
        if (long.TryParse(part.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return version;
        }

        var time = Time(part, cancellationToken).ToUnixTimeMilliseconds();
        var times = new DeltaHistory(session.Log(storage)).Timestamps(cancellationToken);
        return isFirst
            ? times.Where(known => known.Timestamp >= time).Select(known => known.Version).FirstOrDefault(times[^1].Version + 1)
            : times.Where(known => known.Timestamp <= time).Select(known => known.Version).LastOrDefault(-1);
    }

    private DateTimeOffset Time(SqlPart expression, CancellationToken cancellationToken)
    {
        try
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(session.DuckDb.Scalar<long>(
                $"SELECT epoch_ms(CAST(({SparkExpression.ToDuckDb(expression)}) AS TIMESTAMPTZ))", cancellationToken));
        }
        catch (DuckDBException exception)
        {
            throw new DeltaException(
                DeltaErrorKind.Argument, $"{expression.Text} is no time: {DuckDb.Message(exception)}",
                "Write for instance '2026-11-25 08:00:00'.", exception) { Offset = expression.Start };
        }
    }
}

/// <summary>SQL that DuckDB can run, to be disposed when its rows have been read.</summary>
internal sealed class BoundQuery : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>The statement, and the way back to the places of the original.</summary>
    public RewrittenSql Rewritten { get; set; } = null!;

    public string Sql => Rewritten.Text;

    /// <summary>The tables whose rows it reads.</summary>
    public List<ReadTable> Tables { get; } = [];

    /// <summary>Whether the statement names a Delta table at all.</summary>
    public bool NamesTables { get; set; }

    public void Owns(IDisposable scan) => _owned.Add(scan);

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _owned.Clear();
    }
}
