using System.Collections;
using System.Globalization;

namespace Kadali.Delta;

/// <summary>What a statement gave, as a query: so that it is read, shown and kept like any other rows.</summary>
internal static class OutputSql
{
    /// <summary>A query that gives the rows in their order.</summary>
    public static string Of(CommandOutput output)
    {
        var columns = output.Columns.Select((column, i) => $"CAST(c{i} AS {column.Type}) AS {DuckDb.Name(column.Name)}");
        var names = string.Join(", ", output.Columns.Select((_, i) => $"c{i}"));
        var rows = output.Rows.Count == 0
            ? $"({string.Join(", ", output.Columns.Select(_ => "NULL"))})"
            : string.Join(",\n", output.Rows.Select(row => $"({string.Join(", ", row.Select(Literal))})"));
        return $"SELECT {string.Join(", ", columns)} FROM (VALUES {rows}) t({names}){(output.Rows.Count == 0 ? " WHERE false" : "")}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "NULL",
        string text => DuckDb.Text(text),
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => $"TIMESTAMPTZ '{time.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}+00'",
        IEnumerable<KeyValuePair<string, string>> map =>
            $"MAP {{{string.Join(", ", map.Select(pair => $"{DuckDb.Text(pair.Key)}: {DuckDb.Text(pair.Value)}"))}}}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Literal))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => DuckDb.Text(value.ToString() ?? ""),
    };
}
