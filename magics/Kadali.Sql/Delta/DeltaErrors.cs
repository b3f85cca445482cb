using System.Text.RegularExpressions;
using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>What Delta refuses, as errors of SQL cells with codes of their own.</summary>
internal static partial class DeltaErrors
{
    public static SqlError Read(DeltaException exception) =>
        new(SqlErrorKind.Other, exception.Message, exception.Hint, exception.Offset) { Code = Code(exception.Kind) };

    /// <summary>
    /// What DuckDB refuses of SQL that was made of a statement of Delta: at its place in the statement, in the author's names.
    /// </summary>
    /// <param name="ours">The SQL that failed.</param>
    /// <param name="statement">The statement as its author wrote it.</param>
    /// <param name="prefix">How much stands before the statement that its author did not write.</param>
    public static SqlError Read(Exception exception, string ours, string statement, int prefix)
    {
        var error = DuckDbErrors.Read(exception.Message, ours);
        var place = error.Offset is { } offset ? SqlPlaces.ToOriginal(ours, offset) : null;
        var wrong = Wrong().Match(error.Message) is { Success: true } match ? match.Groups["name"].Value : null;
        var original = ParameterSql.Of(statement);
        int? known = place is { } at ? Math.Max(0, original.ToOriginal(at) - prefix) : null;
        return error with
        {
            Message = ValuesList().Replace(CastSource().Replace(error.Message, ""), "Table $1"), Hint = Hint(exception, error, wrong),
            Offset = Named(statement, wrong, known) ?? (DeltaExecutor.PlaceOf(exception) is { } near ? original.ToOriginal(near) : null),
        };
    }

    /// <summary>
    /// Where the statement has the name or text that is wrong: at the place that is known or behind it, or the only one there is.
    /// </summary>
    private static int? Named(string statement, string? wrong, int? place)
    {
        if (wrong is null)
        {
            return place;
        }

        var found = new List<int>();
        var cursor = new SqlCursor(statement);
        for (; cursor.Current.Kind is not (SqlTokenKind.End or SqlTokenKind.Unterminated); cursor.Read())
        {
            var token = cursor.Current;
            var text = token.Kind switch
            {
                SqlTokenKind.Word or SqlTokenKind.Backticks or SqlTokenKind.DoubleQuotes => SqlQuotes.Name(cursor.TextOf(token)),
                SqlTokenKind.String => SqlQuotes.String(cursor.TextOf(token), escapes: false),
                _ => null,
            };
            if (string.Equals(text, wrong, StringComparison.OrdinalIgnoreCase))
            {
                found.Add(token.Start);
            }
        }

        // DuckDB's place of "t.nam" is that of "t".
        return place is { } known ? found.FirstOrDefault(at => at >= known && statement.AsSpan(known..at).IndexOfAny(' ', '\n') < 0, known)
            : found.Count == 1 ? found[0] : null;
    }

    /// <summary>
    /// The column that may have been meant, of those that the statement can name; DuckDB's own guess has names of ours in it.
    /// </summary>
    private static string? Hint(Exception exception, SqlError error, string? wrong)
    {
        var isColumn = NoColumn().IsMatch(error.Message);
        if (!isColumn && error.Hint?.StartsWith("Candidate Entries", StringComparison.Ordinal) != true)
        {
            return error.Hint;
        }

        var names = (isColumn ? DeltaExecutor.ColumnsOf(exception) : [])
            .Concat(Quoted().Matches(error.Hint ?? "").Select(match => match.Groups[1].Value.Split('.')[^1]))
            .Where(name => !name.StartsWith("__delta", StringComparison.Ordinal)).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        return wrong is not null && Nearest.Of(wrong, names) is { } near ? $"Did you mean \"{near}\"?"
            : names.Length > 0 ? $"There are {string.Join(", ", names)}." : null;
    }

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("""^(?:Referenced column|(?:Values list|Table) "[^"]*" does not have a column)""")]
    private static partial Regex NoColumn();

    /// <summary>What the message says is wrong.</summary>
    [GeneratedRegex(
        """(?:^Referenced column|does not have a column named|^Could not find key|^Ambiguous reference to column name) "(?<name>[^"]+)["]"""
            + """|(?:^Could not convert string|with value) '(?<name>[^']*)'""")]
    private static partial Regex Wrong();

    /// <summary>What a query of ours is called in messages.</summary>
    [GeneratedRegex("""^Values list ("[^"]*")""")]
    private static partial Regex ValuesList();

    /// <summary>A column that only we know by this name.</summary>
    [GeneratedRegex(@" when casting from source column (?:col\d+|__delta\w+|.*[()'].*)$")]
    private static partial Regex CastSource();

    public static string Code(DeltaErrorKind kind) => kind switch
    {
        DeltaErrorKind.Syntax => "KDL501",
        DeltaErrorKind.NotFound => "KDL502",
        DeltaErrorKind.AlreadyExists => "KDL503",
        DeltaErrorKind.Corrupt => "KDL504",
        DeltaErrorKind.Unsupported => "KDL505",
        DeltaErrorKind.Conflict => "KDL506",
        DeltaErrorKind.Constraint => "KDL507",
        DeltaErrorKind.Schema => "KDL508",
        DeltaErrorKind.Argument => "KDL509",
        DeltaErrorKind.Storage => "KDL510",
        _ => "KDL500",
    };
}
