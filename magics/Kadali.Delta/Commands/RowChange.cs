using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// Stages that rows of a table go and others come: the common part of DELETE, UPDATE, MERGE and replaceWhere. With deletion vectors the
/// files stay and are marked; without, files that rows go from are written anew without them.
/// </summary>
internal sealed class RowChange(DeltaSession session, DeltaTransaction transaction)
{
    /// <summary>The column of change data files that says what happened.</summary>
    public const string ChangeType = "_change_type";

    private readonly Snapshot _snapshot = transaction.Snapshot!;

    /// <summary>The rows that go, by file.</summary>
    /// <param name="HasRepeated">Whether one was given more than once.</param>
    public sealed record Matched(IReadOnlyList<ScanFile> Files, IReadOnlyDictionary<int, RoaringBitmapArray> Rows, bool HasRepeated)
    {
        public long Count => Rows.Values.Sum(rows => rows.Cardinality);
    }

    /// <summary>The positions that a query of file and row gives.</summary>
    public Matched Match(TableScan scan, string query, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<int, RoaringBitmapArray>();
        var hasRepeated = false;
        session.DuckDb.ForEach(
            query,
            reader =>
            {
                var file = (int)reader.GetInt64(0);
                if (!rows.TryGetValue(file, out var positions))
                {
                    rows.Add(file, positions = new());
                }

                hasRepeated |= !positions.Add(reader.GetInt64(1));
            },
            cancellationToken);
        return new(scan.Files, rows, hasRepeated);
    }

    /// <summary>A scan of just the rows that go.</summary>
    public TableScan Rows(Matched matched, ScanColumns columns, CancellationToken cancellationToken) => TableScan.Of(
        session, transaction.Storage, _snapshot,
        matched.Rows.Select(file => new ScanFile(matched.Files[file.Key].File, RowSets.Of(file.Value), Keep: true)),
        columns, cancellationToken);

    /// <summary>Stages the change.</summary>
    /// <param name="newRows">A query of rows that come, with the columns of the table, and of row tracking where that is on; null for
    /// none.</param>
    /// <returns>How many rows came.</returns>
    public long Stage(Matched matched, string? newRows, CancellationToken cancellationToken)
    {
        var rewritten = new List<ScanFile>();
        var marked = new List<(AddFile File, RoaringBitmapArray Rows)>();
        var (removed, copied) = (0L, 0L);
        foreach (var (place, rows) in matched.Rows)
        {
            var file = matched.Files[place].File;
            var total = FileStatistics.Rows(file);
            var all = rows;
            if (file.DeletionVector is { } before)
            {
                all = DeletionVectorStore.Read(transaction.Storage, before, cancellationToken);
                all.Or(rows);
            }

            transaction.Remove(file);
            removed++;
            if (total == all.Cardinality)
            {
                continue;
            }

            if (_snapshot.Properties.DeletionVectors && total is not null)
            {
                marked.Add((file, all));
            }
            else
            {
                rewritten.Add(new(file, RowSets.Of(all)));
                copied += (total ?? 0) - all.Cardinality;
            }
        }

        Mark(marked, cancellationToken);
        using var rest = rewritten.Count == 0
            ? null
            : TableScan.Of(
                session, transaction.Storage, _snapshot, rewritten, TracksRows ? ScanColumns.RowIds : ScanColumns.None, cancellationToken);
        var sources = new[] { rest is null ? null : WithRowIds(rest.Sql), newRows }.OfType<string>().ToArray();
        var written = sources.Length == 0
            ? new([], 0)
            : transaction.Writer.Write(
                string.Join("\nUNION ALL BY NAME ", sources.Select(source => $"({source})")), Target(), cancellationToken);
        transaction.AddAll(written.Files);
        transaction.Metrics["numRemovedFiles"] = removed - marked.Count;
        transaction.Metrics["numAddedFiles"] = written.Files.Count;
        transaction.Metrics["numDeletionVectorsAdded"] = marked.Count;
        transaction.Metrics["numCopiedRows"] = copied;
        return written.Rows - copied;
    }

    /// <summary>Stages a file of changes, where the table keeps them.</summary>
    /// <param name="changes">A query with the columns of the table and <see cref="ChangeType"/>.</param>
    public void StageChanges(string changes, CancellationToken cancellationToken)
    {
        var target = WriteTarget.Of(transaction.Metadata, "_change_data") with { Extra = [ChangeType] };
        transaction.AddChanges(transaction.Writer.Write(changes, target, cancellationToken).Files);
    }

    public bool TracksRows => ProtocolChecker.Features(transaction.Protocol!).Contains(TableFeature.RowTracking)
        && RowIdColumns.All(name => name.Length > 0);

    /// <summary>The columns in which rows that were moved keep id and version.</summary>
    public IReadOnlyList<string> RowIdColumns =>
    [
        transaction.Metadata.Configuration.GetValueOrDefault(RowTracking.RowIdProperty) ?? "",
        transaction.Metadata.Configuration.GetValueOrDefault(RowTracking.VersionProperty) ?? "",
    ];

    /// <summary>A scan's columns with those of row tracking under the names that files have for them.</summary>
    /// <param name="isChanged">Whether the rows are another version's from now on.</param>
    public string WithRowIds(string scan, bool isChanged = false) => !TracksRows
        ? scan
        : $"SELECT * EXCLUDE ({TableScan.RowIdColumn}, {TableScan.RowVersionColumn}), "
            + $"{TableScan.RowIdColumn} AS {DuckDb.Name(RowIdColumns[0])}, "
            + $"{(isChanged ? "CAST(NULL AS BIGINT)" : TableScan.RowVersionColumn)} AS {DuckDb.Name(RowIdColumns[1])} FROM ({scan})";

    public WriteTarget Target() => WriteTarget.Of(transaction.Metadata) with { Extra = TracksRows ? RowIdColumns : [] };

    private void Mark(List<(AddFile File, RoaringBitmapArray Rows)> marked, CancellationToken cancellationToken)
    {
        if (marked.Count == 0)
        {
            return;
        }

        var vectors = DeletionVectorStore.Write(transaction.Storage, [.. marked.Select(file => file.Rows)], cancellationToken);
        transaction.Writer.Owns(DeletionVectorStore.PathOf(vectors[0])!);
        for (var i = 0; i < marked.Count; i++)
        {
            transaction.Add(marked[i].File with { DeletionVector = vectors[i], DataChange = true, Stats = Loosened(marked[i].File.Stats) });
        }
    }

    /// <summary>Statistics whose bounds are bounds only, since rows are gone.</summary>
    private static string? Loosened(string? stats)
    {
        if (stats is null || JsonNode.Parse(stats) is not JsonObject json)
        {
            return stats;
        }

        json["tightBounds"] = false;
        return ActionJson.Text(json);
    }
}
