using System.Globalization;

namespace Kadali.Formatting;

/// <summary>Numbers as people write them on an axis: 20k, 1.5M.</summary>
internal static class AxisNumber
{
    public static string Of(double value) => Math.Abs(value) switch
    {
        >= 1e15 => value.ToString("0.#e0", CultureInfo.InvariantCulture),
        >= 1e9 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + "G",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("G5", CultureInfo.InvariantCulture),
    };
}
