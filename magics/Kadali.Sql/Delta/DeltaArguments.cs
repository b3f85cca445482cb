using System.Globalization;
using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>What stands on a line of <c>#!delta</c>, as parts of commands.</summary>
internal sealed class DeltaArguments(Cell cell)
{
    public string? Text(string option) => cell.Arguments.Text(option);

    public bool Has(string option) => cell.Arguments.Has(option);

    /// <summary>A table, with the version that <c>--version</c> or <c>--at</c> says.</summary>
    public TableRef Table(string option = "table") => Parse(Text(option)!);

    public static TableRef Parse(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return TableRef.OfPath(text);
        }

        return text.StartsWith('.') || text.AsSpan().ContainsAny('/', '\\')
            ? TableRef.OfPath(Path.GetFullPath(text))
            : new SqlCursor(text) is var cursor && cursor.ReadTable() is var table && cursor.AtEnd ? table
            : throw new CellFaultException(new("KDL105", $"'{text}' is no table's name.", "Write name, database.name or a path."));
    }

    /// <summary>The version that is meant, or null.</summary>
    public TimeTravel? Travel()
    {
        if (Has("version") && Has("at"))
        {
            throw new CellFaultException(new("KDL105", "'--version' and '--at' cannot both stand.", "Give one of them."));
        }

        return Number("version") is { } version ? new TimeTravel.Version(version)
            : Text("at") is { } time ? new TimeTravel.Timestamp(new(DuckDb.Text(time))) : null;
    }

    /// <summary>A whole number, or null.</summary>
    public long? Number(string option) => Text(option) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new CellFaultException(new("KDL105", $"'--{option}' cannot be '{text}'.", "It is a whole number."));

    public double? Hours(string option) => Text(option) is not { } text ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours) ? hours
        : throw new CellFaultException(new("KDL105", $"'--{option}' cannot be '{text}'.", "It is a number of hours."));

    /// <summary>Names between commas.</summary>
    public IReadOnlyList<ColumnPath> Columns(string option)
    {
        if (Text(option) is not { } text)
        {
            return [];
        }

        var cursor = new SqlCursor(text);
        var columns = new List<ColumnPath> { cursor.ReadColumn() };
        while (cursor.Try(","))
        {
            columns.Add(cursor.ReadColumn());
        }

        cursor.ExpectEnd(",");
        return columns;
    }

    public SqlPart? Expression(string option) => Text(option) is { } text ? new(text) : null;

    public IReadOnlyDictionary<string, string> Properties() => cell.Arguments.Values("property").Select(value => value?.ToString() ?? "")
        .ToDictionary(
            text => text.Split('=', 2)[0].Trim(),
            text => text.Split('=', 2) is [_, var value] ? value.Trim() : throw new CellFaultException(new(
                "KDL105", $"'--property' cannot be '{text}'.", "Write key=value.")));

    /// <summary>The query that gives rows: of <c>--from</c>, else what stands below the line; null where there is neither.</summary>
    public SqlPart? Query()
    {
        var body = cell.Body.Trim().TrimEnd(';').Trim();
        if (Text("from") is not { } source)
        {
            return body.Length == 0 ? null : new(body, cell.Body.IndexOf(body, StringComparison.Ordinal));
        }

        if (body.Length > 0)
        {
            throw new CellFaultException(new(
                "KDL105", "The rows come either from '--from' or from the query below.", "Leave one of them away."));
        }

        var isFile = source.Contains('*', StringComparison.Ordinal) || File.Exists(source);
        return new($"SELECT * FROM {(isFile ? DuckDb.Text(source) : SparkSql.Table(Parse(source)))}");
    }
}
