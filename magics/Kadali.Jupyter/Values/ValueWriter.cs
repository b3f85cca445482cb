using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Tables;

namespace Kadali.Jupyter;

/// <summary>
/// C# values in the form that <c>kadali_values.py</c> reads: JSON where JSON says it, else an object with the kind under <c>$</c>, and what
/// is large in buffers beside it. Sequences of rows go as tables.
/// </summary>
internal sealed class ValueWriter(bool takesArrow)
{
    private const int DeepEnough = 16;

    public List<byte[]> Buffers { get; } = [];

    public async Task<JsonNode?> WriteAsync(object? value, CancellationToken cancellationToken)
    {
        if (value is IRecordBatches batches && takesArrow)
        {
            return new JsonObject { ["$"] = "arrow", ["b"] = Add(await ArrowIpc.ToBytesAsync(batches, cancellationToken)) };
        }

        return AsTable(value) is { } table
            ? ColumnWriter.Table(table.Columns, await table.ReadAsync(new(0, int.MaxValue), cancellationToken), this)
            : Write(value, 0);
    }

    public int Add(byte[] buffer)
    {
        Buffers.Add(buffer);
        return Buffers.Count - 1;
    }

    /// <summary>A value that is no table.</summary>
    public JsonNode? Write(object? value, int depth)
    {
        if (depth > DeepEnough)
        {
            throw CannotShare(value!, "it is nested too deep, or holds itself");
        }

        return value switch
        {
            null or DBNull => null,
            string text => text,
            bool flag => flag,
            char letter => letter.ToString(),
            sbyte or byte or short or ushort or int or uint or long =>
                JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            ulong or BigInteger or Int128 or UInt128 => Tagged("int", Convert.ToString(value, CultureInfo.InvariantCulture)!),
            float or double or Half => Number(Convert.ToDouble(value is Half half ? (double)half : value, CultureInfo.InvariantCulture)),
            decimal number => Tagged("decimal", number.ToString(CultureInfo.InvariantCulture)),
            Complex number => new JsonObject { ["$"] = "complex", ["v"] = new JsonArray(Number(number.Real), Number(number.Imaginary)) },
            DateTime { Kind: DateTimeKind.Utc } time => Tagged("instant", Time(new DateTimeOffset(time))),
            DateTime time => Tagged("datetime", time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture)),
            DateTimeOffset time => Tagged("instant", Time(time)),
            DateOnly day => Tagged("date", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            TimeOnly time => Tagged("time", time.ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture)),
            TimeSpan span => new JsonObject { ["$"] = "span", ["v"] = span.Ticks / TimeSpan.TicksPerMicrosecond },
            Guid id => Tagged("uuid", id.ToString()),
            byte[] bytes => new JsonObject { ["$"] = "bytes", ["b"] = Add(bytes) },
            Enum constant => constant.ToString(),
            Uri address => address.ToString(),
            PasswordString secret => secret.GetClearTextPassword(),
            JsonNode node => Json(JsonSerializer.SerializeToElement(node), depth),
            JsonDocument document => Json(document.RootElement, depth),
            JsonElement element => Json(element, depth),
            Array { Rank: > 1 } grid => Grid(grid, [], depth),
            double[] or float[] or long[] or int[] or short[] or sbyte[] or ushort[] or uint[] or ulong[] => Vector((Array)value),
            IDictionary map => Map(map.Keys.Cast<object>().Select(key => (key, map[key])), depth),
            IEnumerable sequence when Pairs(sequence) is { } pairs => Map(pairs, depth),
            IEnumerable sequence => new JsonArray([.. sequence.Cast<object?>().Select(item => Write(item, depth + 1))]),
            Delegate or Task or Type or Stream => throw CannotShare(value, "it is code or a resource of this process"),
            _ => Record(value, depth),
        };
    }

    /// <summary>The value as a table, or null where it is none.</summary>
    public static ITable? AsTable(object? value)
    {
        if (value is ITable table)
        {
            return table;
        }

        if (value is not IEnumerable sequence || value is string or IDictionary or byte[] or JsonNode)
        {
            return null;
        }

        var element = value.GetType().GetInterfaces().Append(value.GetType())
            .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            .Select(face => face.GetGenericArguments()[0]).FirstOrDefault();
        return element is not null && SequenceTable.IsRow(element) && !typeof(IEnumerable).IsAssignableFrom(element) && !IsValue(element)
            && !(element.IsGenericType && element.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
            ? new SequenceTable(sequence, element)
            : null;
    }

    // What IsRow takes for a row, since it has members, but is one value in any language.
    private static bool IsValue(Type type) =>
        type == typeof(BigInteger) || type == typeof(Complex) || type == typeof(JsonElement) || typeof(Delegate).IsAssignableFrom(type);

    private static JsonObject Tagged(string kind, string value) => new() { ["$"] = kind, ["v"] = value };

    // Python tells 1.0 from 1, and so does its JSON.
    private static JsonNode Number(double value) => !double.IsFinite(value)
        ? Tagged("float", double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf")
        : JsonNode.Parse(value.ToString("R", CultureInfo.InvariantCulture) is var text && text.AsSpan().IndexOfAny('.', 'E') < 0
            ? text + ".0" : text)!;

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);

    private JsonNode? Json(JsonElement element, int depth) => element.ValueKind switch
    {
        JsonValueKind.Object => Map(element.EnumerateObject().Select(member => ((object)member.Name, (object?)member.Value)), depth),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(item => Json(item, depth + 1))]),
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        _ => JsonNode.Parse(element.GetRawText()),
    };

    private JsonObject Vector(Array values)
    {
        var type = values switch
        {
            double[] => "f8", float[] => "f4", long[] => "i8", int[] => "i4", short[] => "i2", sbyte[] => "i1", ulong[] => "u8",
            uint[] => "u4", _ => "u2",
        };
        var bytes = new byte[Buffer.ByteLength(values)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new() { ["$"] = "array", ["type"] = type, ["shape"] = new JsonArray(values.Length), ["b"] = Add(bytes) };
    }

    private JsonArray Grid(Array grid, int[] at, int depth) => new(
        [.. Enumerable.Range(0, grid.GetLength(at.Length)).Select(i => at.Length + 1 == grid.Rank
            ? Write(grid.GetValue([.. at, i]), depth + 1)
            : Grid(grid, [.. at, i], depth + 1))]);

    private JsonObject Map(IEnumerable<(object Key, object? Value)> entries, int depth)
    {
        var all = entries.ToArray();
        return all.All(entry => entry.Key is string and not "$")
            ? new(all.Select(entry => KeyValuePair.Create((string)entry.Key, Write(entry.Value, depth + 1))))
            : new()
            {
                ["$"] = "map",
                ["v"] = new JsonArray([.. all.Select(entry => new JsonArray(Write(entry.Key, depth + 1), Write(entry.Value, depth + 1)))]),
            };
    }

    /// <summary>The entries of a dictionary that is only generic.</summary>
    private static IEnumerable<(object Key, object? Value)>? Pairs(IEnumerable sequence)
    {
        var face = sequence.GetType().GetInterfaces()
            .FirstOrDefault(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>));
        if (face is null)
        {
            return null;
        }

        var pair = typeof(KeyValuePair<,>).MakeGenericType(face.GetGenericArguments());
        var (key, value) = (pair.GetProperty("Key")!, pair.GetProperty("Value")!);
        return sequence.Cast<object>().Select(item => (key.GetValue(item)!, value.GetValue(item)));
    }

    private JsonObject Record(object value, int depth)
    {
        var type = value.GetType();
        (string Name, Func<object?> Read)[] members =
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)
                .Select(property => (property.Name, (Func<object?>)(() => property.GetValue(value)))),
            .. type.GetFields(BindingFlags.Public | BindingFlags.Instance)
                .Select(field => (field.Name, (Func<object?>)(() => field.GetValue(value)))),
        ];
        return members.Length > 0
            ? new(members.Select(member => KeyValuePair.Create(member.Name, Write(member.Read(), depth + 1))))
            : throw CannotShare(value, "it has no public members");
    }

    private static CellFaultException CannotShare(object value, string why) => new(new(
        "KDL134", $"A value of type {TypeNames.Of(value.GetType())} cannot be shared: {why}.",
        "Numbers, text, dates, lists, dictionaries, records and tables can."));
}
