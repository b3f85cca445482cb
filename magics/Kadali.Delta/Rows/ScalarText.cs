using System.Globalization;
using System.Text;

namespace Kadali.Delta;

/// <summary>
/// Values of C# that are columns by themselves, as text that DuckDB casts to the type of the column without a loss, and back.
/// </summary>
internal static class ScalarText
{
    private const string Clock = "yyyy-MM-dd HH:mm:ss.ffffff";

    private static readonly string[] Times = ["yyyy-MM-dd HH:mm:ss.FFFFFFzz", "yyyy-MM-dd HH:mm:ss.FFFFFFzzz",
        "yyyy-MM-dd HH:mm:ss.FFFFFF"];

    private static readonly Dictionary<Type, DeltaType> Types = new()
    {
        [typeof(string)] = DeltaType.String, [typeof(Guid)] = DeltaType.String, [typeof(char)] = DeltaType.String,
        [typeof(long)] = DeltaType.Long, [typeof(uint)] = DeltaType.Long, [typeof(int)] = DeltaType.Integer,
        [typeof(ushort)] = DeltaType.Integer, [typeof(short)] = DeltaType.Short, [typeof(byte)] = DeltaType.Short,
        [typeof(sbyte)] = DeltaType.Byte, [typeof(double)] = DeltaType.Double, [typeof(float)] = DeltaType.Float,
        [typeof(bool)] = DeltaType.Boolean, [typeof(decimal)] = new DeltaType.Decimal(38, 10),
        [typeof(ulong)] = new DeltaType.Decimal(20, 0), [typeof(DateTimeOffset)] = DeltaType.Timestamp,
        [typeof(DateTime)] = DeltaType.TimestampNtz, [typeof(DateOnly)] = DeltaType.Date, [typeof(byte[])] = DeltaType.Binary,
    };

    /// <summary>The type of a column of such values; null for what is no scalar.</summary>
    public static DeltaType? TypeOf(Type type) => type.IsEnum ? DeltaType.String : Types.GetValueOrDefault(type);

    /// <summary>A value for a column of a type.</summary>
    public static string Of(object value, DeltaType type) => value switch
    {
        byte[] bytes => Blob(bytes),
        DateTime time when type == DeltaType.Timestamp => Instant(time).ToString(Clock, CultureInfo.InvariantCulture) + "+00",
        DateTime time => time.ToString(Clock, CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString(Clock, CultureInfo.InvariantCulture)
            + (type == DeltaType.Timestamp ? "+00" : ""),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable number and not Enum => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    /// <summary>The moment that is meant: times that do not say where they are of are in UTC, as all times of tables.</summary>
    public static DateTime Instant(DateTime time) => time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time;

    /// <summary>The value of a text, as DuckDB prints it.</summary>
    /// <exception cref="FormatException">It is none of that type.</exception>
    /// <exception cref="OverflowException">The type has no such value.</exception>
    public static object Parse(string text, Type type)
    {
        if (type == typeof(string))
        {
            return text;
        }

        if (type.IsEnum)
        {
            return Enum.TryParse(type, text, ignoreCase: true, out var named) ? named
                : throw new FormatException($"'{text}' is none of {string.Join(", ", Enum.GetNames(type))}.");
        }

        return type switch
        {
            _ when type == typeof(char) => text.Length == 1 ? text[0] : throw new FormatException($"'{text}' is no single character."),
            _ when type == typeof(Guid) => Guid.Parse(text),
            _ when type == typeof(bool) => bool.Parse(text),
            _ when type == typeof(double) => Double(text),
            _ when type == typeof(float) => (float)Double(text),
            _ when type == typeof(byte[]) => Bytes(text),
            _ when type == typeof(DateOnly) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ when type == typeof(DateTimeOffset) => Time(text),
            _ when type == typeof(DateTime) => text.AsSpan(10).ContainsAny('+', '-') ? Time(text).UtcDateTime
                : DateTime.SpecifyKind(Time(text).UtcDateTime, DateTimeKind.Unspecified),
            _ when type == typeof(decimal) => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
            _ => Whole(decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture), type),
        };
    }

    /// <summary>A whole number of another type.</summary>
    /// <exception cref="FormatException">It has a fraction.</exception>
    public static object Whole(decimal number, Type type) => number == decimal.Truncate(number)
        ? Convert.ChangeType(number, type, CultureInfo.InvariantCulture)
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{number} is no whole number."));

    private static double Double(string text) => text switch
    {
        "nan" => double.NaN,
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(
        text.Length == 10 ? text + " 00:00:00" : text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>Bytes as DuckDB reads them from text: <c>\x0A</c> each.</summary>
    private static string Blob(byte[] bytes)
    {
        var text = new StringBuilder(4 * bytes.Length);
        foreach (var value in bytes)
        {
            text.Append("\\x").Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                bytes.Add(byte.Parse(text.AsSpan(i + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 3;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }

        return [.. bytes];
    }
}
