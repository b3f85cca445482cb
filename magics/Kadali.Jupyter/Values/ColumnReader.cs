using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using Kadali.Tables;

namespace Kadali.Jupyter;

/// <summary>Columns of plain bytes, from a kernel that has no Arrow, as an Arrow table. Fixed widths are taken over as they are.</summary>
internal static class ColumnReader
{
    private const int DecimalPrecision = 38;

    public static RecordBatchTable Table(JsonElement table, IReadOnlyList<byte[]> buffers)
    {
        var rows = table.GetProperty("rows").GetInt32();
        (Field Field, IArrowArray Array)[] columns =
            [.. table.GetProperty("columns").EnumerateArray().Select(column => Column(new(column, buffers, rows)))];
        var schema = new Schema(columns.Select(column => column.Field), null);
        return new(schema, [new RecordBatch(schema, columns.Select(column => column.Array), rows)]);
    }

    private static (Field Field, IArrowArray Array) Column(Source source)
    {
        IArrowType type = source.Kind switch
        {
            "b1" => BooleanType.Default,
            "i1" => Int8Type.Default,
            "i2" => Int16Type.Default,
            "i4" => Int32Type.Default,
            "i8" => Int64Type.Default,
            "u1" => UInt8Type.Default,
            "u2" => UInt16Type.Default,
            "u4" => UInt32Type.Default,
            "u8" => UInt64Type.Default,
            "f4" => FloatType.Default,
            "f8" => DoubleType.Default,
            "date" => Date32Type.Default,
            "timestamp" => new TimestampType(TimeUnit.Microsecond, (string?)null),
            "instant" => new TimestampType(TimeUnit.Microsecond, "UTC"),
            "span" => DurationType.Microsecond,
            "bytes" => BinaryType.Default,
            "decimal" => DecimalType(source),
            _ => StringType.Default,
        };
        var validity = source.Mask is { } mask ? new ArrowBuffer(Bits(mask, zero: true)) : ArrowBuffer.Empty;
        var missing = source.Mask?.Count(gone => gone != 0) ?? 0;
        ArrowBuffer[] data = type switch
        {
            BooleanType => [validity, new(Bits(source.Data, zero: false))],
            Decimal128Type scale => [validity, new(Decimals(source, scale.Scale))],
            StringType or BinaryType => [validity, new(Offsets(source)), new(source.Data)],
            _ => [validity, new(source.Data)],
        };
        var metadata = source.Kind == "json" ? new Dictionary<string, string> { ["ARROW:extension:name"] = ArrowTypes.Json } : null;
        return (new(source.Name, type, true, metadata), ArrowArrayFactory.BuildArray(new(type, source.Rows, missing, 0, data)));
    }

    /// <summary>One bit for each byte: set where the byte is set, or where it is <paramref name="zero"/>.</summary>
    private static byte[] Bits(ReadOnlySpan<byte> flags, bool zero)
    {
        var bits = new byte[(flags.Length + 7) / 8];
        for (var i = 0; i < flags.Length; i++)
        {
            if ((flags[i] == 0) == zero)
            {
                bits[i >> 3] |= (byte)(1 << (i & 7));
            }
        }

        return bits;
    }

    private static byte[] Offsets(Source source)
    {
        var wide = source.Offsets;
        if (wide[^1] > int.MaxValue)
        {
            throw new InvalidDataException($"The column '{source.Name}' has more than 2 GiB of text.");
        }

        var offsets = new int[wide.Length];
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = (int)wide[i];
        }

        return MemoryMarshal.AsBytes(offsets.AsSpan()).ToArray();
    }

    /// <summary>Exact numbers have one scale for the whole column; what is beyond C#'s decimals stays text.</summary>
    private static IArrowType DecimalType(Source source)
    {
        var scale = 0;
        for (var i = 0; i < source.Rows; i++)
        {
            var text = source.Text(i);
            if (text.Length > 0 && !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                return StringType.Default;
            }

            scale = text.Length > 0 ? Math.Max(scale, decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).Scale) : scale;
        }

        return new Decimal128Type(DecimalPrecision, scale);
    }

    private static byte[] Decimals(Source source, int scale)
    {
        var values = new Int128[source.Rows];
        for (var i = 0; i < values.Length; i++)
        {
            if (source.Text(i) is { Length: > 0 } text)
            {
                var number = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
                Int128 unscaled = 0;
                var bits = decimal.GetBits(number);
                foreach (var part in (ReadOnlySpan<int>)[bits[2], bits[1], bits[0]])
                {
                    unscaled = (unscaled << 32) | (uint)part;
                }

                for (int s = number.Scale; s < scale; s++)
                {
                    unscaled *= 10;
                }

                values[i] = number < 0 ? -unscaled : unscaled;
            }
        }

        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private sealed class Source(JsonElement column, IReadOnlyList<byte[]> buffers, int rows)
    {
        public int Rows => rows;

        public string Name { get; } = column.GetProperty("name").GetString()!;

        public string Kind { get; } = column.GetProperty("type").GetString()!;

        public byte[] Data { get; } = buffers[column.GetProperty("b").GetInt32()];

        public byte[]? Mask { get; } =
            column.TryGetProperty("mask", out var mask) && mask.ValueKind == JsonValueKind.Number ? buffers[mask.GetInt32()] : null;

        public ReadOnlySpan<long> Offsets => MemoryMarshal.Cast<byte, long>(buffers[column.GetProperty("offsets").GetInt32()]);

        public string Text(int row) => Encoding.UTF8.GetString(Data.AsSpan((int)Offsets[row]..(int)Offsets[row + 1]));
    }
}
