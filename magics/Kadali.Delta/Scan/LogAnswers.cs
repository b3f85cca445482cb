using System.Globalization;
using System.Text.Json;

namespace Kadali.Delta;

/// <summary>
/// Answers what asks only for numbers of rows, and for least and greatest values, from the log:
/// <c>SELECT [p,] count(*), min(c), max(c) FROM t [WHERE …] [GROUP BY p]</c> with partition columns alone in its conditions. The table is
/// replaced by a line per partition, and the aggregates by sums over them, so that DuckDB computes the rest. Any word that is not known
/// here leaves the statement as it is.
/// </summary>
/// <param name="sql">The statement.</param>
/// <param name="table">The only table in it.</param>
internal sealed class LogAnswers(string sql, TableReference table, Snapshot snapshot)
{
    private const string Rows = "__delta_rows";

    // A longer list of partitions takes DuckDB as long to read as many a scan.
    private const int MostLines = 2000;

    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "LIKE", "GROUP", "BY", "ORDER", "ASC", "DESC",
        "LIMIT", "TRUE", "FALSE",
    };

    private readonly ColumnMapping _mapping = new(snapshot.Properties);
    private readonly List<StructField> _partitions = [];
    private readonly List<(StructField Field, bool IsLeast)> _bounds = [];
    private readonly List<(TableReference Place, string Sql)> _replaced = [];
    private bool _asks;

    /// <summary>The statement as DuckDB is to run it; null where the log does not have its answer.</summary>
    public RewrittenSql? Answer()
    {
        if (!Understand() || !_asks || Lines() is not { } lines)
        {
            return null;
        }

        var replacements = _replaced.ToDictionary(one => one.Place, one => one.Sql);
        replacements.Add(table, lines);
        return RewrittenSql.Of(sql, [.. replacements.Keys.OrderBy(place => place.Start)], replacements.GetValueOrDefault);
    }

    /// <summary>Whether each word of the statement is one whose meaning stays the same over lines of partitions.</summary>
    private bool Understand()
    {
        var cursor = new SqlCursor(sql);
        if (!cursor.Is("SELECT") || table.Use != TableUse.Rows)
        {
            return false;
        }

        var (selects, alias, lists) = (0, Alias(), true);
        while (!cursor.AtEnd)
        {
            var start = cursor.Current.Start;
            if (start == table.Start)
            {
                cursor.MoveTo(table.End);
                lists = false;
                if (table.HasAlias)
                {
                    cursor.Try("AS");
                    cursor.ReadName("an alias");
                }

                continue;
            }

            selects += cursor.Is("SELECT") ? 1 : 0;
            var aggregates = cursor.Is("count", "(") || cursor.Is("min", "(") || cursor.Is("max", "(");
            if (selects > 1 || !(aggregates ? Aggregate(cursor, alias, lists) : Word(cursor, alias, lists)))
            {
                return false;
            }
        }

        return true;
    }

    private string? Alias()
    {
        if (!table.HasAlias)
        {
            return table.Table.Parts is [.., var name] ? name : null;
        }

        var cursor = new SqlCursor(sql, table.End);
        cursor.Try("AS");
        return cursor.Current.Kind is SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes
            ? cursor.ReadName("an alias") : null;
    }

    /// <summary><c>count(*)</c>, <c>min(column)</c>, <c>max(column)</c></summary>
    /// <param name="lists">Whether it is one of the columns of the answer, which then has DuckDB's name for it.</param>
    private bool Aggregate(SqlCursor cursor, string? alias, bool lists)
    {
        var start = cursor.Current.Start;
        if (cursor.Is("count", "("))
        {
            cursor.Read();
            cursor.Read();
            return cursor.Try("*") && cursor.Try(")")
                && Replace(cursor, start, $"CAST(coalesce(sum({Rows}), 0) AS BIGINT)", lists ? "count_star()" : null);
        }

        var least = cursor.TextOf(cursor.Read())[1] is 'i' or 'I';
        cursor.Read();
        if (Column(cursor, alias) is not { } field || !cursor.Try(")"))
        {
            return false;
        }

        if (IsPartition(field))
        {
            _partitions.Add(field);
            _asks = true;
            return true;
        }

        // Of others the bounds are cut (texts, times), rounded (decimals) or know no NaN (floats).
        if (field.Type is not DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" or "date" })
        {
            return false;
        }

        _bounds.Add((field, least));
        var function = least ? "min" : "max";
        return Replace(
            cursor, start, string.Create(CultureInfo.InvariantCulture, $"{function}(__delta_bound_{_bounds.Count})"),
            lists ? "" : null);
    }

    /// <param name="heading">DuckDB's name for it among the columns of the answer; empty where it needs one of its author's.</param>
    private bool Replace(SqlCursor cursor, int start, string by, string? heading)
    {
        var end = cursor.LastEnd;
        if (heading is not null)
        {
            var named = cursor.Try("AS") || !cursor.IsAny(",", "FROM");
            if (named && cursor.Current.Kind is SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes)
            {
                cursor.Read();
            }

            if (!cursor.IsAny(",", "FROM") || (!named && heading.Length == 0))
            {
                return false;
            }

            by = named ? by : $"{by} AS {DuckDb.Name(heading)}";
        }

        _asks = true;
        _replaced.Add((new(TableRef.OfPath(""), start, end) { HasAlias = true }, by));
        return true;
    }

    private bool Word(SqlCursor cursor, string? alias, bool lists)
    {
        switch (cursor.Current.Kind)
        {
            case SqlTokenKind.Number or SqlTokenKind.String or SqlTokenKind.Parameter:
            case SqlTokenKind.Symbol when cursor.IsAny("(", ")", ",", "=", "==", "<>", "!=", "<", "<=", ">", ">="):
            case SqlTokenKind.Word when Known.Contains(cursor.TextOf(cursor.Current).ToString()):
                cursor.Read();
                return true;
            case SqlTokenKind.Word when cursor.Is("DATE") && cursor.Peek().Kind == SqlTokenKind.String:
                cursor.Read();
                cursor.Read();
                return true;
            case SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes:
                if (Column(cursor, alias) is not { } field || !IsPartition(field) || cursor.Is("(") || (lists && cursor.Is("AS")))
                {
                    return false;
                }

                _partitions.Add(field);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A column, which may have the table's name before it.</summary>
    private StructField? Column(SqlCursor cursor, string? alias)
    {
        if (cursor.Current.Kind is not (SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes))
        {
            return null;
        }

        var name = cursor.ReadName("a column");
        if (cursor.Try("."))
        {
            if (!string.Equals(name, alias, StringComparison.OrdinalIgnoreCase)
                || cursor.Current.Kind is not (SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes))
            {
                return null;
            }

            name = cursor.ReadName("a column");
        }

        return cursor.Is(".") || cursor.Is("[") ? null : snapshot.Schema.Find(name);
    }

    private bool IsPartition(StructField field) => snapshot.PartitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The lines of the partitions that the statement tells apart; null where a file does not say what is asked.</summary>
    private string? Lines()
    {
        ProtocolChecker.CheckRead(snapshot.Location, snapshot.Protocol);
        var partitions = _partitions.DistinctBy(field => field.Name).ToArray();
        var lines = new Dictionary<string, (AddFile First, long Rows, long?[] Bounds)>(StringComparer.Ordinal);
        foreach (var file in snapshot.Files)
        {
            if (FileStatistics.Rows(file) is not { } rows || rows < (file.DeletionVector?.Cardinality ?? 0)
                || (_bounds.Count > 0 && file.DeletionVector is not null))
            {
                return null;
            }

            // A line without rows would be a group of its own.
            if ((rows -= file.DeletionVector?.Cardinality ?? 0) == 0)
            {
                continue;
            }

            var key = string.Join('\u001f', partitions.Select(field => Value(file, field) is { Length: > 0 } text ? "=" + text : "-"));
            if (!lines.TryGetValue(key, out var line))
            {
                lines.Add(key, line = (file, 0, new long?[_bounds.Count]));
                if (lines.Count > MostLines)
                {
                    return null;
                }
            }

            for (var i = 0; i < _bounds.Count; i++)
            {
                if (!Bound(file, _bounds[i].Field, _bounds[i].IsLeast, ref line.Bounds[i]))
                {
                    return null;
                }
            }

            lines[key] = line with { Rows = line.Rows + rows };
        }

        var columns = partitions.Select(field => DuckDb.Name(field.Name)).Append(Rows)
            .Concat(_bounds.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"__delta_bound_{i + 1}")));
        var values = lines.Count == 0
            ? [Line(partitions.Select(_ => (string?)null), 0, new long?[_bounds.Count])]
            : lines.Values.Select(line => Line(partitions.Select(field => Value(line.First, field)), line.Rows, line.Bounds));
        return $"(SELECT * FROM (VALUES {string.Join(", ", values)}) AS _lines({string.Join(", ", columns)})"
            + (lines.Count == 0 ? " WHERE false)" : ")");

        string Line(IEnumerable<string?> texts, long rows, long?[] bounds)
        {
            string[] items =
            [
                .. partitions.Zip(texts, (field, text) => PartitionValue.Literal(field.Type, text)),
                rows.ToString(CultureInfo.InvariantCulture), .. _bounds.Select((bound, i) => Literal(bound.Field.Type, bounds[i])),
            ];
            return $"({string.Join(", ", items)})";
        }
    }

    /// <summary>Takes a file's bound into account; false where its statistics do not have it for certain.</summary>
    private bool Bound(AddFile file, StructField field, bool isLeast, ref long? bound)
    {
        if (!IsTight(file.Stats))
        {
            return false;
        }

        var range = FileStatistics.Range(file.Stats, new(_mapping.Physical(field), field.Type));
        if (!range.MayBeValue)
        {
            return true;
        }

        if ((isLeast ? range.Minimum : range.Maximum) is not long value)
        {
            return false;
        }

        bound = bound is not { } known ? value : isLeast ? Math.Min(known, value) : Math.Max(known, value);
        return true;
    }

    /// <summary>Whether rows have the bounds themselves; so they have where nothing is said of it.</summary>
    private static bool IsTight(string? stats)
    {
        if (stats?.Contains("\"tightBounds\"", StringComparison.Ordinal) != true)
        {
            return stats is not null;
        }

        using var json = JsonDocument.Parse(stats);
        return json.RootElement.TryGetProperty("tightBounds", out var tight) && tight.ValueKind == JsonValueKind.True;
    }

    private static string Literal(DeltaType type, long? value) => value is not { } number ? $"CAST(NULL AS {DuckTypes.Of(type)})"
        : type == DeltaType.Date ? string.Create(CultureInfo.InvariantCulture, $"DATE '1970-01-01' + {number}::INTEGER")
        : string.Create(CultureInfo.InvariantCulture, $"CAST({number} AS {DuckTypes.Of(type)})");

    private string? Value(AddFile file, StructField field) =>
        file.PartitionValues.TryGetValue(_mapping.Physical(field), out var value) || file.PartitionValues.TryGetValue(field.Name, out value)
            ? value : null;
}
