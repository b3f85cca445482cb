using System.Globalization;
using System.Text.RegularExpressions;

namespace Kadali.Delta;

/// <summary>How a statement says which version of a table it means.</summary>
internal static partial class TimeTravels
{
    /// <summary>
    /// <c>VERSION AS OF 3</c>, <c>TIMESTAMP AS OF '…'</c> (also behind <c>FOR</c>, and as <c>SYSTEM_VERSION</c>, <c>SYSTEM_TIME</c>),
    /// <c>@v3</c>, <c>AT (VERSION =&gt; 3)</c>; null where none of them stands here.
    /// </summary>
    public static TimeTravel? TryReadTimeTravel(this SqlCursor cursor)
    {
        if (cursor.Is("@"))
        {
            return ReadSuffix(cursor);
        }

        if (cursor.Is("AT", "("))
        {
            return ReadAt(cursor);
        }

        if (cursor.Is("FOR") && (IsVersion(cursor.Peek()) || IsTimestamp(cursor.Peek())))
        {
            cursor.Read();
        }

        return !cursor.Is(cursor.Peek(), "AS") ? null
            : IsVersion(cursor.Current) ? ReadVersion(cursor)
            : IsTimestamp(cursor.Current) ? ReadTimestamp(cursor)
            : null;

        bool IsVersion(SqlToken token) => cursor.Is(token, "VERSION") || cursor.Is(token, "SYSTEM_VERSION");
        bool IsTimestamp(SqlToken token) => cursor.Is(token, "TIMESTAMP") || cursor.Is(token, "SYSTEM_TIME");
    }

    /// <summary><c>VERSION AS OF 3</c></summary>
    public static TimeTravel ReadVersion(this SqlCursor cursor)
    {
        cursor.Read();
        cursor.Expect("AS", "OF");
        if (cursor.Current.Kind == SqlTokenKind.String && long.TryParse(
            cursor.TextOf(cursor.Current).Trim('\''), NumberStyles.None, CultureInfo.InvariantCulture, out var quoted))
        {
            cursor.Read();
            return new TimeTravel.Version(quoted);
        }

        return new TimeTravel.Version(cursor.ReadNumber("a version"));
    }

    /// <summary><c>TIMESTAMP AS OF …</c></summary>
    public static TimeTravel ReadTimestamp(this SqlCursor cursor)
    {
        cursor.Read();
        cursor.Expect("AS", "OF");
        return new TimeTravel.Timestamp(ReadMoment(cursor));
    }

    /// <summary>Takes <c>@v3</c> or <c>@20240131000000000</c> off a path's end.</summary>
    public static TimeTravel? CutSuffix(ref string path)
    {
        if (Suffix().Match(path) is not { Success: true } match)
        {
            return null;
        }

        path = path[..match.Index];
        return Read(match.Groups[1].Value);
    }

    private static TimeTravel ReadSuffix(SqlCursor cursor)
    {
        var at = cursor.Read();
        return cursor.Current.Start == at.End && SuffixBody().IsMatch(cursor.TextOf(cursor.Current))
            ? Read(cursor.TextOf(cursor.Read()).ToString())
            : throw cursor.Expected("a version such as v3", "a time such as 20240131000000000");
    }

    private static TimeTravel Read(string suffix) => suffix[0] is 'v' or 'V'
        ? new TimeTravel.Version(long.Parse(suffix.AsSpan(1), CultureInfo.InvariantCulture))
        : new TimeTravel.Timestamp(new("'" + DateTime
            .ParseExact(suffix, "yyyyMMddHHmmssfff", CultureInfo.InvariantCulture)
            .ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) + "'"));

    private static TimeTravel ReadAt(SqlCursor cursor)
    {
        cursor.Read();
        cursor.Read();
        var version = cursor.Try("VERSION");
        if (!version && !cursor.Try("TIMESTAMP"))
        {
            throw cursor.Expected("VERSION", "TIMESTAMP");
        }

        cursor.Expect("=>");
        TimeTravel asOf = version
            ? new TimeTravel.Version(cursor.ReadNumber("a version")) : new TimeTravel.Timestamp(cursor.ReadExpression());
        cursor.Expect(")");
        return asOf;
    }

    /// <summary>An expression that has an end of its own: values, calls and brackets, with plus and minus between.</summary>
    private static SqlPart ReadMoment(SqlCursor cursor)
    {
        var start = cursor.Current.Start;
        do
        {
            ReadOperand(cursor);
        }
        while (cursor.Try("+") || cursor.Try("-"));
        return new(cursor.Text[start..cursor.LastEnd], start);
    }

    private static void ReadOperand(SqlCursor cursor)
    {
        if (cursor.Is("("))
        {
            cursor.ReadBracketed();
            return;
        }

        if (cursor.Current.Kind is not (SqlTokenKind.Word or SqlTokenKind.String or SqlTokenKind.DoubleQuotes or SqlTokenKind.Number
            or SqlTokenKind.Parameter))
        {
            throw cursor.Expected("a time");
        }

        var word = cursor.Current.Kind == SqlTokenKind.Word;
        var interval = cursor.Is("INTERVAL");
        cursor.Read();
        if (word && cursor.Is("("))
        {
            cursor.SkipBrackets();
        }
        else if (word && cursor.Current.Kind is SqlTokenKind.String or SqlTokenKind.Number)
        {
            // DATE '…', TIMESTAMP '…', INTERVAL '1' DAY
            cursor.Read();
            if (interval && cursor.Current.Kind == SqlTokenKind.Word)
            {
                cursor.Read();
            }
        }
    }

    /// <summary>Passes over brackets and all that is in them.</summary>
    public static void SkipBrackets(this SqlCursor cursor)
    {
        var opened = cursor.Current.Start;
        var depth = 0;
        do
        {
            if (cursor.Current.Kind is SqlTokenKind.End or SqlTokenKind.Unterminated)
            {
                throw SqlCursor.Failure("The bracket that opens here is not closed.", opened);
            }

            depth += cursor.IsAny("(", "[", "{") ? 1 : cursor.IsAny(")", "]", "}") ? -1 : 0;
            cursor.Read();
        }
        while (depth > 0);
    }

    [GeneratedRegex(@"@([vV]\d{1,18}|\d{17})$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"^([vV]\d{1,18}|\d{17})$")]
    private static partial Regex SuffixBody();
}
