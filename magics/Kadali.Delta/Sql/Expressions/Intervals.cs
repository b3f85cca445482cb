namespace Kadali.Delta;

/// <summary>Intervals as DuckDB reads them.</summary>
internal static class Intervals
{
    private static readonly string[] Units =
        ["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"];

    public static bool IsUnit(ReadOnlySpan<char> word)
    {
        foreach (var unit in Units)
        {
            if (word.StartsWith(unit, StringComparison.OrdinalIgnoreCase)
                && (word.Length == unit.Length || (word.Length == unit.Length + 1 && word[^1] is 's' or 'S')))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an interval is of whole days, months or years.</summary>
    public static bool AreDays(SqlExpression.Interval interval) => interval.Parts.All(part => part.Unit is { } unit
        && (unit.StartsWith("DAY", StringComparison.Ordinal) || unit.StartsWith("WEEK", StringComparison.Ordinal)
            || unit.StartsWith("MONTH", StringComparison.Ordinal) || unit.StartsWith("QUARTER", StringComparison.Ordinal)
            || unit.StartsWith("YEAR", StringComparison.Ordinal)) && unit != "DAY TO SECOND");

    public static string Write(SqlExpression.Interval interval, Func<SqlExpression, string> write)
    {
        var parts = interval.Parts.Select(part => Part(part.Amount, part.Unit, write)).ToArray();
        return parts.Length == 1 ? parts[0] : $"({string.Join(" + ", parts)})";
    }

    private static string Part(SqlExpression amount, string? unit, Func<SqlExpression, string> write) => (amount, unit) switch
    {
        (SqlExpression.Literal { Text: { } text }, null) => $"INTERVAL {DuckDb.Text(text)}",
        (SqlExpression.Literal { Text: { } text }, "YEAR TO MONTH") when text.Split('-') is [var years, var months] =>
            $"INTERVAL {DuckDb.Text($"{years} years {months} months")}",
        (SqlExpression.Literal { Text: { } text }, "DAY TO SECOND") when text.Split(' ') is [var days, var time] =>
            $"INTERVAL {DuckDb.Text($"{days} days {time}")}",
        (_, { } to) when to.Contains(" TO ", StringComparison.Ordinal) =>
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"Intervals of {to} cannot be read here.", "Add intervals of one unit each."),
        (_, null) => $"INTERVAL ({write(amount)})",
        _ => $"INTERVAL ({write(amount)}) {unit}",
    };
}
