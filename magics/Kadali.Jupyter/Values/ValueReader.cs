using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kadali.Tables;

namespace Kadali.Jupyter;

/// <summary>
/// What <c>kadali_values.py</c> writes, as C# values: whole numbers stay whole, lists of one type are typed, tables are tables.
/// </summary>
internal sealed class ValueReader(IReadOnlyList<byte[]> buffers, CancellationToken cancellationToken)
{
    public object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetRawText().AsSpan().IndexOfAny(".eE") < 0 ? (object)value.GetInt64() : value.GetDouble(),
        JsonValueKind.Array => Typed([.. value.EnumerateArray().Select(Read)]),
        JsonValueKind.Object => Object(value),
        _ => null,
    };

    private object? Object(JsonElement value) => Kind(value) switch
    {
        null => value.EnumerateObject().ToDictionary(member => member.Name, member => Read(member.Value)),
        "int" => BigInteger.Parse(Text(value), CultureInfo.InvariantCulture),
        "float" => Text(value) switch { "nan" => double.NaN, "inf" => double.PositiveInfinity, _ => double.NegativeInfinity },
        "decimal" => decimal.TryParse(Text(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : Text(value),
        "uuid" => Guid.Parse(Text(value)),
        "datetime" => DateTime.Parse(Text(value), CultureInfo.InvariantCulture, DateTimeStyles.None),
        "instant" => DateTimeOffset.Parse(Text(value), CultureInfo.InvariantCulture),
        "date" => DateOnly.Parse(Text(value), CultureInfo.InvariantCulture),
        "time" => TimeOnly.Parse(Text(value), CultureInfo.InvariantCulture),
        "span" => TimeSpan.FromMicroseconds(value.GetProperty("v").GetInt64()),
        "complex" when value.GetProperty("v") is var parts =>
            new Complex(Convert.ToDouble(Read(parts[0]), null), Convert.ToDouble(Read(parts[1]), null)),
        "bytes" => Buffer(value),
        "array" => Array(value),
        "map" => value.GetProperty("v").EnumerateArray().ToDictionary(pair => Read(pair[0]) ?? "", pair => Read(pair[1])),
        "arrow" => ArrowIpc.ReadTable(Buffer(value), cancellationToken),
        "table" => ColumnReader.Table(value, buffers),
        var kind => throw new InvalidDataException($"The kernel sent a value of the unknown kind '{kind}'."),
    };

    /// <summary>A list of the type that all its values have; of objects where they differ.</summary>
    private static IList Typed(List<object?> values)
    {
        var type = values.Count > 0 ? values[0]?.GetType() : null;
        if (type is null || values.Any(value => value?.GetType() != type))
        {
            return values;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type), values.Count)!;
        foreach (var value in values)
        {
            list.Add(value);
        }

        return list;
    }

    private Array Array(JsonElement value)
    {
        int[] shape = [.. value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32())];
        var type = value.GetProperty("type").GetString() switch
        {
            "i1" => typeof(sbyte), "i2" => typeof(short), "i4" => typeof(int), "i8" => typeof(long),
            "u1" => typeof(byte), "u2" => typeof(ushort), "u4" => typeof(uint), "u8" => typeof(ulong),
            "f4" => typeof(float), "b1" => typeof(bool), _ => typeof(double),
        };
        var array = System.Array.CreateInstance(type, shape);
        var bytes = Buffer(value);
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), bytes.Length));
        return array;
    }

    private static string? Kind(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$", out var kind) ? kind.GetString() : null;

    private static string Text(JsonElement value) => value.GetProperty("v").GetString()!;

    private byte[] Buffer(JsonElement value) => buffers[value.GetProperty("b").GetInt32()];
}
