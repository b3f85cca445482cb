using System.Globalization;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// Lets DuckDB run SQL that names Delta tables: each is replaced by a view of the files that the statement needs. A table has one version in a
/// statement, wherever it stands there.
/// </summary>
internal sealed class QueryBinder(DeltaSession session, ITables tables)
{
    private int _next;

    /// <param name="sql">A statement; what it changes itself is left alone.</param>
    /// <param name="explain">Gives DuckDB's plan of a statement as JSON, where its parameters have to be bound; null where there are none.</param>
    /// <exception cref="DeltaException">A table has no such version, or cannot be read.</exception>
    public BoundQuery Bind(string sql, Func<string, string>? explain, CancellationToken cancellationToken)
    {
        var found = TableReferences.Find(sql);
        var bound = new BoundQuery(session.DuckDb);
        try
        {
            var views = new Dictionary<TableReference, string>();
            var rows = new List<(string View, IDeltaStorage Storage, Snapshot Snapshot)>();
            var pinned = new Dictionary<string, Snapshot>(StringComparer.Ordinal);
            foreach (var reference in found.Where(reference => reference.Use != TableUse.Target))
            {
                if (tables.Find(reference.Table) is not { } storage)
                {
                    if (reference.Table.Path is { } path)
                    {
                        throw new DeltaException(
                            DeltaErrorKind.NotFound, $"There is no Delta table at '{path}'.", "A Delta table is a folder with a '_delta_log' folder in it.")
                        {
                            Offset = reference.Start,
                        };
                    }

                    continue;
                }

                var view = string.Create(CultureInfo.InvariantCulture, $"__delta_view_{_next++}");
                if (reference.Use == TableUse.Changes)
                {
                    var changes = Changes(storage, reference, cancellationToken);
                    bound.Owns(changes);
                    bound.CreateView(view, changes.Sql, cancellationToken);
                }
                else
                {
                    rows.Add((view, storage, Pin(storage, reference.Table.AsOf, pinned, cancellationToken)));
                }

                views.Add(reference, view);
            }

            bound.Rewritten = RewrittenSql.Of(sql, found, reference => views.GetValueOrDefault(reference));
            Fill(bound, rows, explain, cancellationToken);
            return bound;
        }
        catch
        {
            bound.Dispose();
            throw;
        }
    }

    /// <summary>The version of a table that is meant.</summary>
    public Snapshot Version(IDeltaStorage storage, TimeTravel? asOf, CancellationToken cancellationToken)
    {
        var log = session.Log(storage);
        return asOf switch
        {
            TimeTravel.Version version => log.At(version.Number, cancellationToken),
            TimeTravel.Timestamp time => log.At(new DeltaHistory(log).VersionAt(Time(time.Expression, cancellationToken), cancellationToken), cancellationToken),
            _ => log.Update(cancellationToken),
        };
    }

    private Snapshot Pin(IDeltaStorage storage, TimeTravel? asOf, Dictionary<string, Snapshot> pinned, CancellationToken cancellationToken)
    {
        var key = $"{storage.Root}\u001f{asOf}";
        if (!pinned.TryGetValue(key, out var snapshot))
        {
            pinned.Add(key, snapshot = Version(storage, asOf, cancellationToken));
        }

        return snapshot;
    }

    private void Fill(
        BoundQuery bound, List<(string View, IDeltaStorage Storage, Snapshot Snapshot)> rows, Func<string, string>? explain,
        CancellationToken cancellationToken)
    {
        var pruned = rows.Select(table => PrunedFiles.All(table.Snapshot)).ToArray();
        if (rows.Any(table => table.Snapshot.Files.Count > 1))
        {
            var pruner = new FilePruner(session);
            try
            {
                pruned = [.. pruner.Prune(
                    [.. rows.Select(table => (table.View, table.Snapshot))],
                    () => (explain ?? (statement => pruner.Explain(statement, cancellationToken)))(bound.Rewritten.Text), cancellationToken)];
            }
            catch (DuckDBException)
            {
                // The statement itself is wrong, or is none that has a plan: it says so when it runs.
            }
        }

        for (var i = 0; i < rows.Count; i++)
        {
            var scan = TableScan.Of(session, rows[i].Storage, rows[i].Snapshot, pruned[i].Files, ScanColumns.None, cancellationToken);
            bound.Owns(scan);
            bound.CreateView(rows[i].View, scan.Sql, cancellationToken);
        }
    }

    private ChangeScan Changes(IDeltaStorage storage, TableReference reference, CancellationToken cancellationToken)
    {
        var changes = new TableChanges(session, session.Log(storage));
        var from = Bound(reference.Range[0], storage, isFirst: true, cancellationToken);
        return changes.Read(
            from, reference.Range.Count > 1 ? Bound(reference.Range[1], storage, isFirst: false, cancellationToken) : null, anyTable: false, cancellationToken);
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
internal sealed class BoundQuery(DuckDb duckDb) : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<string> _views = [];

    /// <summary>The statement, and the way back to the places of the original.</summary>
    public RewrittenSql Rewritten { get; set; } = null!;

    public string Sql => Rewritten.Text;

    /// <summary>Whether the statement names a Delta table at all.</summary>
    public bool NamesTables => _views.Count > 0;

    public void Owns(IDisposable scan) => _owned.Add(scan);

    public void CreateView(string view, string sql, CancellationToken cancellationToken)
    {
        _views.Add(view);
        duckDb.Execute($"CREATE OR REPLACE TEMP VIEW {view} AS {sql}", cancellationToken);
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }

        foreach (var view in _views)
        {
            duckDb.Execute($"DROP VIEW IF EXISTS temp.main.{view}", CancellationToken.None);
        }

        _owned.Clear();
        _views.Clear();
    }
}
