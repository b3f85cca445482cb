using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// The rows of a MERGE's source, which are read once: they may be others the second time, and may come from a file or a stream. Only a
/// table of DuckDB itself is read where it is, since it can be held as it is.
/// </summary>
internal sealed partial class MergeSource(DeltaSession session, MergeRequest request) : IDisposable
{
    /// <summary>BIGINT: the number of a row of the source; there where one is.</summary>
    public const string Row = "__delta_source_row";

    private const string Table = "__delta_merge_source";

    // Of keys of the source so many at most become a list by which files of the table are chosen; of more, only the least and the greatest.
    private const int MostKeys = 1000;

    private DuckSnapshot? _held;

    /// <summary>The rows and their numbers, under the alias of the source.</summary>
    public string Sql { get; private set; } = "";

    /// <summary>Reads the rows.</summary>
    public void Read(CancellationToken cancellationToken)
    {
        var plain = ColumnsOfTable().Match(SqlPlaces.Strip(request.Source));
        if (plain.Success && IsTable(plain.Groups["table"].Value, cancellationToken))
        {
            _held = new(session, cancellationToken);
            Sql = $"(SELECT {plain.Groups["columns"]}, rowid AS {Row} FROM {plain.Groups["table"]}) AS {request.SourceAlias}";
            return;
        }

        session.DuckDb.Execute($"CREATE OR REPLACE TEMP TABLE {Table} AS SELECT * FROM ({request.Source})", cancellationToken);

        // DuckDB numbers the rows of a table by itself, but a column of that name hides its numbers; ours cost a pass on one thread.
        if (HidesNumbers(Table, cancellationToken))
        {
            session.DuckDb.Execute(
                $"CREATE OR REPLACE TEMP TABLE {Table} AS SELECT *, row_number() OVER () AS {Row} FROM {Table}", cancellationToken);
            Sql = $"{Table} AS {request.SourceAlias}";
        }
        else
        {
            Sql = $"(SELECT *, rowid AS {Row} FROM {Table}) AS {request.SourceAlias}";
        }
    }

    /// <summary>The files that rows of the source may match in, by the values that the columns of ON have in the source.</summary>
    public PrunedFiles Prune(Snapshot table, CancellationToken cancellationToken)
    {
        if (table.Files.Count > 1)
        {
            return Choose(table, cancellationToken);
        }

        // Nothing to choose from. What another writer has added meanwhile may still have to be told apart.
        var choice = new Lazy<PrunedFiles>(() => Choose(table, cancellationToken));
        return new(table.Files, file => choice.Value.MayHold(file)) { Unasked = true };
    }

    public void Dispose()
    {
        session.DuckDb.Drop(Table);
        _held?.Dispose();
    }

    private bool IsTable(string name, CancellationToken cancellationToken)
    {
        try
        {
            var plan = new FilePruner(session).Explain($"SELECT rowid FROM {name}", cancellationToken);
            return plan.Contains("SEQ_SCAN", StringComparison.Ordinal) && !HidesNumbers(name, cancellationToken);
        }
        catch (DuckDBException)
        {
            // Views, files and functions have no numbers of rows. Whatever else is wrong with the name is found where the rows are read.
            return false;
        }
    }

    private bool HidesNumbers(string table, CancellationToken cancellationToken) => session.DuckDb
        .Query($"DESCRIBE {table}", reader => reader.GetString(0), cancellationToken).Contains("rowid", StringComparer.OrdinalIgnoreCase);

    private PrunedFiles Choose(Snapshot table, CancellationToken cancellationToken)
    {
        var pruner = new FilePruner(session);
        var conditions = new List<string>();
        foreach (var (target, source) in MergeKeys.Of(request, table))
        {
            var column = $"{request.TargetAlias}.{DuckDb.Name(target)}";
            var range = session.DuckDb.Query(
                $"SELECT count(DISTINCT v), CAST(min(v) AS VARCHAR), CAST(max(v) AS VARCHAR) FROM (SELECT {source} AS v FROM {Sql})",
                reader => (
                    Count: reader.GetInt64(0), Least: reader.IsDBNull(1) ? null : reader.GetString(1),
                    Greatest: reader.IsDBNull(2) ? null : reader.GetString(2)),
                cancellationToken)[0];
            var type = DuckTypes.Of(table.Schema.Find(target)!.Type);
            if (range.Least is null)
            {
                conditions.Add("false");
            }
            else if (range.Count <= MostKeys)
            {
                var values = session.DuckDb.Query(
                    $"SELECT DISTINCT CAST(v AS VARCHAR) FROM (SELECT {source} AS v FROM {Sql}) WHERE v IS NOT NULL",
                    reader => reader.GetString(0), cancellationToken);
                conditions.Add($"{column} IN ({string.Join(", ", values.Select(value => $"CAST({DuckDb.Text(value)} AS {type})"))})");
            }
            else
            {
                conditions.Add(
                    $"{column} BETWEEN CAST({DuckDb.Text(range.Least)} AS {type}) AND CAST({DuckDb.Text(range.Greatest!)} AS {type})");
            }
        }

        // What ON says of the table alone is in the plan of the join.
        conditions.Add("true");
        return pruner.Prune(
            [table],
            standIns => pruner.Explain(
                $"SELECT 1 FROM {standIns[0]} AS {request.TargetAlias} JOIN {Sql} ON {request.On} WHERE {string.Join(" AND ", conditions)}",
                cancellationToken))[0];
    }

    [GeneratedRegex("""^SELECT (?<columns>\*|"[^"]+"(, "[^"]+")*) FROM (?<table>("[^"]+"|\w+)(\.("[^"]+"|\w+)){0,2})$""")]
    private static partial Regex ColumnsOfTable();
}
