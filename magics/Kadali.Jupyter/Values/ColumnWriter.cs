using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Kadali.Formatting;

namespace Kadali.Jupyter;

/// <summary>Rows as columns of plain bytes, for a kernel that has no Arrow.</summary>
internal static class ColumnWriter
{
    public static JsonObject Table(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows, ValueWriter writer) => new()
    {
        ["$"] = "table",
        ["rows"] = rows.Count,
        ["columns"] = new JsonArray([.. columns.Select((column, i) => Column(column.Name, rows, i, writer))]),
    };

    private static JsonObject Column(string name, IReadOnlyList<object?[]> rows, int index, ValueWriter writer)
    {
        var mask = new byte[rows.Count];
        Type? type = null;
        var mixed = false;
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i][index] is not { } value)
            {
                mask[i] = 1;
            }
            else
            {
                mixed |= type is not null && type != value.GetType();
                type ??= value.GetType();
            }
        }

        var json = mixed ? Json(rows, index, writer) : Type.GetTypeCode(type is { IsEnum: true } ? typeof(string) : type) switch
        {
            TypeCode.Boolean => Fixed<byte>("b1", value => (bool)value ? (byte)1 : (byte)0),
            TypeCode.SByte => Fixed<sbyte>("i1"),
            TypeCode.Byte => Fixed<byte>("u1"),
            TypeCode.Int16 => Fixed<short>("i2"),
            TypeCode.UInt16 => Fixed<ushort>("u2"),
            TypeCode.Int32 => Fixed<int>("i4"),
            TypeCode.UInt32 => Fixed<uint>("u4"),
            TypeCode.Int64 => Fixed<long>("i8"),
            TypeCode.UInt64 => Fixed<ulong>("u8"),
            TypeCode.Single => Fixed<float>("f4"),
            TypeCode.Double => Fixed<double>("f8"),
            TypeCode.Decimal => Bytes("decimal", value => Text(((decimal)value).ToString(CultureInfo.InvariantCulture))),
            TypeCode.DateTime => Fixed("timestamp", value => Micros(((DateTime)value).Ticks)),
            TypeCode.String or TypeCode.Char or TypeCode.Empty => Bytes("str", value => Text(value.ToString()!)),
            _ when type == typeof(DateOnly) =>
                Fixed("date", value => ((DateOnly)value).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber),
            _ when type == typeof(DateTimeOffset) => Fixed("instant", value => Micros(((DateTimeOffset)value).UtcTicks)),
            _ when type == typeof(TimeSpan) => Fixed("span", value => ((TimeSpan)value).Ticks / TimeSpan.TicksPerMicrosecond),
            _ when type == typeof(Guid) => Bytes("uuid", value => Text(value.ToString()!)),
            _ when type == typeof(byte[]) => Bytes("bytes", value => (byte[])value),
            _ => Json(rows, index, writer),
        };
        json["name"] = name;
        json["mask"] = mask.Contains((byte)1) ? writer.Add(mask) : null;
        return json;

        JsonObject Fixed<T>(string kind, Func<object, T>? read = null)
            where T : unmanaged
        {
            var values = new T[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                if (rows[i][index] is { } value)
                {
                    values[i] = read is null ? (T)value : read(value);
                }
            }

            return new() { ["type"] = kind, ["b"] = writer.Add(MemoryMarshal.AsBytes(values.AsSpan()).ToArray()) };
        }

        JsonObject Bytes(string kind, Func<object, byte[]> read) =>
            Joined(kind, rows.Select(row => row[index] is { } value ? read(value) : []), writer);
    }

    private static JsonObject Json(IReadOnlyList<object?[]> rows, int index, ValueWriter writer) =>
        Joined("json", rows.Select(row => row[index] is { } value
            ? Text(writer.Write(Widened(value), 1)?.ToJsonString() ?? "null")
            : []), writer);

    // Buffers inside of JSON text have no place among those of the message.
    private static object Widened(object value) => value is byte[] bytes ? Convert.ToHexStringLower(bytes)
        : value is Array { Rank: 1 } array && value is not object[] ? array.Cast<object?>().ToArray()
        : value is BigInteger or Int128 or UInt128 ? BigInteger.Parse(value.ToString()!, CultureInfo.InvariantCulture) : value;

    private static JsonObject Joined(string kind, IEnumerable<byte[]> parts, ValueWriter writer)
    {
        using var data = new MemoryStream();
        List<long> offsets = [0];
        foreach (var part in parts)
        {
            data.Write(part);
            offsets.Add(data.Length);
        }

        return new()
        {
            ["type"] = kind, ["offsets"] = writer.Add(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(offsets)).ToArray()),
            ["b"] = writer.Add(data.ToArray()),
        };
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static long Micros(long ticks) => (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
