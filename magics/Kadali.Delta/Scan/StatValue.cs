using System.Globalization;

namespace Kadali.Delta;

/// <summary>
/// Values of statistics, partitions and constants of a query in a form that compares: whole numbers, dates (days) and times (microseconds
/// since 1970 UTC) as <see cref="long"/>, and <see cref="double"/>, <see cref="decimal"/> and <see cref="string"/>. Null stands for what
/// cannot be told.
/// </summary>
internal static class StatValue
{
    /// <summary>The value of a text as statistics, partition values and DuckDB's plans have it.</summary>
    public static object? Parse(DeltaType type, string text) => type switch
    {
        DeltaType.Primitive { Name: "string" } => text,
        DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" } =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null,
        DeltaType.Primitive { Name: "double" } =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && !double.IsNaN(number)
                ? number
                : null,

        // The same float stands as 0.1 in one text and as 0.10000000149011612 in another.
        DeltaType.Primitive { Name: "float" } =>
            float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var single) && !float.IsNaN(single)
                ? (double)single
                : null,
        DeltaType.Primitive { Name: "boolean" } => bool.TryParse(text, out var flag) ? (flag ? 1L : 0L) : null,
        DeltaType.Primitive { Name: "date" } => Time(text) is { } day ? (long)Math.Floor(day / (decimal)TimeSpan.MicrosecondsPerDay) : null,
        DeltaType.Primitive { Name: "timestamp" or "timestamp_ntz" } => Time(text) is { } time ? time : null,
        DeltaType.Decimal => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact : null,
        _ => null,
    };

    /// <summary>Less than, equal to or greater than zero; null where the two do not compare.</summary>
    public static int? Compare(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        (decimal a, decimal b) => a.CompareTo(b),
        (string a, string b) => CompareText(a, b),
        _ => null,
    };

    /// <summary>In the order of code points, which is that of UTF-8 and not that of UTF-16.</summary>
    private static int CompareText(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        var (left, right) = (a[same], b[same]);
        return char.IsSurrogate(left) != char.IsSurrogate(right) ? (char.IsSurrogate(left) ? 1 : -1) : left.CompareTo(right);
    }

    private static long? Time(string text)
    {
        const DateTimeStyles Styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTime.TryParse(text, CultureInfo.InvariantCulture, Styles, out var time)
            ? (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond
            : null;
    }
}
