namespace Kadali.Delta;

/// <content>Dates and times.</content>
internal static partial class SparkFunctions
{
    // What Spark calls the units of date_trunc and trunc.
    private static readonly Dictionary<string, string> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["year"] = "year", ["yyyy"] = "year", ["yy"] = "year", ["quarter"] = "quarter", ["month"] = "month", ["mon"] = "month",
        ["mm"] = "month", ["week"] = "week", ["day"] = "day",
        ["dd"] = "day", ["hour"] = "hour", ["minute"] = "minute", ["second"] = "second",
        ["millisecond"] = "millisecond", ["microsecond"] = "microsecond",
    };

    private static readonly string[] Weekdays = ["mo", "tu", "we", "th", "fr", "sa", "su"];

    private static (string Names, Func<CallArguments, string?> Write)[] Times =>
    [
        ("current_timestamp now", a => a.Count == 0 ? "now()" : null),
        ("current_date curdate", a => a.Count == 0 ? "current_date" : null),
        ("localtimestamp", a => a.Count == 0 ? "CAST(localtimestamp AS TIMESTAMP)" : null),
        ("current_timezone", a => "current_setting('TimeZone')"),
        .. new[] { "year", "month", "day", "quarter", "hour", "minute", "dayofyear", "weekofyear" }.Select(Part),
        ("second", a => a.Count == 1 ? $"second({a.Moment(0)})" : null),
        ("dayofmonth", a => $"day({a.Moment(0)})"),
        ("dayofweek", a => $"dayofweek({a.Moment(0)}) + 1"),
        ("weekday", a => $"isodow({a.Moment(0)}) - 1"),
        ("extract date_part datepart", a => a.Text(0) is { } part
            ? part.ToUpperInvariant() switch
            {
                "DAYOFWEEK" or "DOW" => $"dayofweek({a.Moment(1)}) + 1",
                "DAYOFWEEK_ISO" or "DOW_ISO" => $"isodow({a.Moment(1)})",
                "YEAROFWEEK" => $"date_part('isoyear', {a.Moment(1)})",
                _ => $"date_part({DuckDb.Text(part.ToLowerInvariant())}, {a.Moment(1)})",
            }
            : null),
        ("to_date", a => a.Count == 1 ? $"CAST({a[0]} AS DATE)" : $"CAST(strptime({a[0]}, {a.Pattern(1)}) AS DATE)"),
        ("try_to_date", a => a.Count == 1 ? $"TRY_CAST({a[0]} AS DATE)" : $"CAST(try_strptime({a[0]}, {a.Pattern(1)}) AS DATE)"),
        ("to_timestamp to_timestamp_ltz", a => a.Count == 1
            ? Casts.Write(a[0], a.Type(0), DeltaType.Timestamp, "TIMESTAMPTZ", isTry: false)
            : $"CAST(strptime({a[0]}, {a.Pattern(1)}) AS TIMESTAMPTZ)"),
        ("to_timestamp_ntz", a => a.Count == 1 ? $"CAST({a[0]} AS TIMESTAMP)" : $"strptime({a[0]}, {a.Pattern(1)})"),
        ("try_to_timestamp", a => a.Count == 1 ? $"TRY_CAST({a[0]} AS TIMESTAMPTZ)"
            : $"CAST(try_strptime({a[0]}, {a.Pattern(1)}) AS TIMESTAMPTZ)"),
        ("date_format", a => $"strftime({a.Timestamp(0)}, {a.Pattern(1)})"),
        ("date_trunc", a => Unit(a, 0) is { } unit ? $"CAST(date_trunc('{unit}', {a.Timestamp(1)}) AS TIMESTAMPTZ)" : null),
        ("trunc", a => a.Count == 2 && Unit(a, 1) is { } unit ? $"CAST(date_trunc('{unit}', {a.Date(0)}) AS DATE)" : null),
        ("date_add dateadd", a => a.Count == 2 ? Shifted(a, "+") : PartShifted(a)),
        ("date_sub", a => a.Count == 2 ? Shifted(a, "-") : null),
        ("timestampadd", PartShifted),
        ("datediff date_diff", a => a.Count == 2 ? $"date_diff('day', {a.Date(1)}, {a.Date(0)})" : PartDifference(a)),
        ("timestampdiff", PartDifference),
        ("add_months", a => $"CAST({a.Date(0)} + to_months(CAST({a[1]} AS INTEGER)) AS DATE)"),
        ("last_day", a => $"last_day({a.Date(0)})"),
        ("next_day", NextDay),
        ("unix_date", a => $"CAST(date_diff('day', DATE '1970-01-01', {a.Date(0)}) AS INTEGER)"),
        ("date_from_unix_date", a => $"DATE '1970-01-01' + CAST({a[0]} AS INTEGER)"),
        ("unix_timestamp to_unix_timestamp", a => a.Count switch
        {
            0 => "CAST(floor(epoch(now())) AS BIGINT)",
            1 => $"CAST(floor(epoch({a.Timestamp(0)})) AS BIGINT)",
            _ when a.Type(0) is { } type && type != DeltaType.String => $"CAST(floor(epoch({a.Timestamp(0)})) AS BIGINT)",
            _ => $"CAST(floor(epoch(strptime({a[0]}, {a.Pattern(1)}))) AS BIGINT)",
        }),
        ("from_unixtime", a => $"strftime(to_timestamp({a[0]}), {(a.Count > 1 ? a.Pattern(1) : "'%Y-%m-%d %H:%M:%S'")})"),
        ("unix_seconds", a => $"CAST(floor(epoch({a.Timestamp(0)})) AS BIGINT)"),
        ("unix_millis", a => $"epoch_ms({a.Timestamp(0)})"),
        ("unix_micros", a => $"epoch_us({a.Timestamp(0)})"),
        ("timestamp_seconds", a => $"to_timestamp({a[0]})"),
        ("timestamp_millis", a => $"make_timestamptz(1000 * CAST({a[0]} AS BIGINT))"),
        ("timestamp_micros", a => $"make_timestamptz(CAST({a[0]} AS BIGINT))"),
        ("make_timestamp", a => a.Count == 6 ? $"CAST(make_timestamp({a.From(0)}) AS TIMESTAMPTZ)" : null),
        ("from_utc_timestamp", a => $"CAST({a.Timestamp(0)} AT TIME ZONE {a.Operand(1)} AS TIMESTAMPTZ)"),
        ("to_utc_timestamp", a => $"CAST({a.As(0, DeltaType.TimestampNtz)} AT TIME ZONE {a.Operand(1)} AS TIMESTAMPTZ)"),
    ];

    private static (string Names, Func<CallArguments, string?> Write) Part(string part) =>
        (part, a => a.Count == 1 ? $"{part}({a.Moment(0)})" : null);

    private static string? Unit(CallArguments arguments, int index) =>
        arguments.Text(index) is { } unit && Units.TryGetValue(unit, out var known) ? known : null;

    private static string? Shifted(CallArguments arguments, string sign) => arguments.Expression(1) is SqlExpression.Interval
        ? $"CAST({arguments.Operand(0)} {sign} {arguments[1]} AS DATE)"
        : $"CAST({arguments.Date(0)} {sign} CAST({arguments[1]} AS INTEGER) AS DATE)";

    /// <summary><c>dateadd(HOUR, 3, x)</c>; the unit is a word.</summary>
    private static string? PartShifted(CallArguments arguments) =>
        arguments.Count == 3 && UnitWord(arguments) is { } unit
            ? $"{arguments.Timestamp(2)} + INTERVAL ({arguments[1]}) {unit}" : null;

    private static string? PartDifference(CallArguments arguments) => arguments.Count == 3 && UnitWord(arguments) is { } unit
        ? $"date_sub('{unit.ToLowerInvariant()}', {arguments.Timestamp(1)}, {arguments.Timestamp(2)})" : null;

    private static string? UnitWord(CallArguments arguments) =>
        arguments.Expression(0) is SqlExpression.Name { Parts: [var word] } && Intervals.IsUnit(word) ? word.ToUpperInvariant() : null;

    private static string? NextDay(CallArguments arguments)
    {
        if (arguments.Text(1) is not { Length: >= 2 } day)
        {
            return null;
        }

        var number = Array.IndexOf(Weekdays, day[..2].ToLowerInvariant()) + 1;
        return number == 0 ? "CAST(NULL AS DATE)"
            : $"{arguments.Date(0)} + CAST(((({number} - isodow({arguments.Date(0)})) + 6) % 7) + 1 AS INTEGER)";
    }
}
