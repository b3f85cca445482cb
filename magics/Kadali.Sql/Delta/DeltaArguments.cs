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
    public TableRef Table(string option = "table") => TryParse(Text(option)!)
        ?? throw Refused(option, $"'{Text(option)}' is no table's name.", "Write name, database.name or a path.");

    /// <summary>A table's name or path, or null where it is neither.</summary>
    public static TableRef? TryParse(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return TableRef.OfPath(text);
        }

        return text.StartsWith('.') || text.AsSpan().ContainsAny('/', '\\')
            ? TableRef.OfPath(Path.GetFullPath(text))
            : new SqlCursor(text) is var cursor && cursor.ReadTable() is var table && cursor.AtEnd ? table : null;
    }

    /// <summary>The version that is meant, or null.</summary>
    public TimeTravel? Travel()
    {
        if (Has("version") && Has("at"))
        {
            throw Refused("at", "'--version' and '--at' cannot both stand.", "Give one of them.");
        }

        return Number("version") is { } version ? new TimeTravel.Version(version)
            : Text("at") is { } time ? new TimeTravel.Timestamp(new(DuckDb.Text(time))) : null;
    }

    /// <summary>A whole number, or null.</summary>
    public long? Number(string option) => Text(option) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Refused(option, $"'--{option}' cannot be '{text}'.", "It is a whole number.");

    public double? Hours(string option) => Text(option) is not { } text ? null
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours) ? hours
        : throw Refused(option, $"'--{option}' cannot be '{text}'.", "It is a number of hours.");

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
            text => text.Split('=', 2) is [_, var value] ? value.Trim() : throw Refused(
                "property", $"'--property' cannot be '{text}'.", "Write key=value."));

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
            throw Refused("from", "The rows come either from '--from' or from the query below.", "Leave one of them away.");
        }

        var isFile = source.Contains('*', StringComparison.Ordinal) || File.Exists(source);
        return new($"SELECT * FROM {(isFile ? DuckDb.Text(source) : SparkSql.Table(Table("from")))}");
    }

    /// <summary>Where the line has the value that a message names; null where it names none of them, or several.</summary>
    public FaultPlace? PlaceOf(string message)
    {
        var named = DeltaSyntax.ValuesThatErrorsName
            .Where(option => Text(option) is { Length: > 0 } text && Names(message, text)).ToArray();
        return named is [var option] ? cell.Arguments.Place(option) : null;
    }

    /// <summary>Whether a message has a text that is no part of a longer name or path.</summary>
    private static bool Names(string message, string text)
    {
        const string Before = " '`", Behind = " '`,;.";
        for (var at = -1; (at = message.IndexOf(text, at + 1, StringComparison.Ordinal)) >= 0;)
        {
            var end = at + text.Length;
            if ((at == 0 || Before.Contains(message[at - 1])) && (end == message.Length || Behind.Contains(message[end])))
            {
                return true;
            }
        }

        return false;
    }

    private CellFaultException Refused(string option, string message, string hint) =>
        new(new("KDL105", message, hint, cell.Arguments.Place(option)));
}
