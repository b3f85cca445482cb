using System.Globalization;

namespace Kadali.Delta;

/// <summary>Numbers as Spark writes them.</summary>
internal static class NumberLiterals
{
    public static SqlExpression.Literal Of(ReadOnlySpan<char> written)
    {
        if (written.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return new(written.ToString(), DeltaType.Integer);
        }

        var (digits, suffix) = Cut(written);
        return suffix switch
        {
            "L" => new($"CAST({digits} AS BIGINT)", DeltaType.Long),
            "S" => new($"CAST({digits} AS SMALLINT)", DeltaType.Short),
            "Y" => new($"CAST({digits} AS TINYINT)", DeltaType.Byte),
            "F" => new($"CAST({digits} AS FLOAT)", DeltaType.Float),
            "D" => new($"CAST({digits} AS DOUBLE)", DeltaType.Double),
            _ when suffix != "BD" && digits.Contains('e', StringComparison.OrdinalIgnoreCase) => new(digits, DeltaType.Double),
            _ when suffix == "BD" || digits.Contains('.', StringComparison.Ordinal) => new(digits, DecimalOf(digits)),
            _ when int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _) => new(digits, DeltaType.Integer),
            _ => new(digits, DeltaType.Long),
        };
    }

    private static (string Digits, string Suffix) Cut(ReadOnlySpan<char> written)
    {
        var end = written.Length;
        while (end > 0 && char.IsAsciiLetter(written[end - 1]))
        {
            end--;
        }

        return (written[..end].ToString(), written[end..].ToString().ToUpperInvariant());
    }

    private static DeltaType.Decimal DecimalOf(string digits)
    {
        var scale = digits.IndexOf('.', StringComparison.Ordinal) is >= 0 and var point ? digits.Length - point - 1 : 0;
        return new(Math.Max(digits.Count(char.IsAsciiDigit), 1), scale);
    }
}
