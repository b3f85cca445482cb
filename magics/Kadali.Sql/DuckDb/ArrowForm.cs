using Apache.Arrow;
using Apache.Arrow.Types;

namespace Kadali.Sql;

/// <summary>
/// DuckDB's own Arrow forms as those that everybody reads. The session asks for lossless Arrow, which keeps UUIDs and JSON apart from
/// text, but then gives BOOLEAN as bytes and HUGEINT (the type of each sum) as opaque ones.
/// </summary>
internal sealed class ArrowForm
{
    private const string ExtensionName = "ARROW:extension:name";
    private readonly Func<ArrayData, ArrayData>?[] _columns;

    private ArrowForm(Schema schema, Func<ArrayData, ArrayData>?[] columns) => (Schema, _columns) = (schema, columns);

    public Schema Schema { get; }

    public static ArrowForm Of(Schema schema)
    {
        var columns = schema.FieldsList.Select(Of).ToArray();
        return new(new(columns.Select(column => column.Field), schema.Metadata), [.. columns.Select(column => column.Convert)]);
    }

    /// <summary>The batch in the schema's form. It takes the batch over.</summary>
    public RecordBatch Of(RecordBatch batch)
    {
        if (_columns.All(convert => convert is null))
        {
            return batch;
        }

        return new(
            Schema,
            _columns.Select((convert, i) =>
                convert is null ? batch.Column(i) : ArrowArrayFactory.BuildArray(convert(batch.Column(i).Data))),
            batch.Length);
    }

    private static (Field Field, Func<ArrayData, ArrayData>? Convert) Of(Field field)
    {
        var extension = field.Metadata is { } metadata && metadata.TryGetValue(ExtensionName, out var name) ? name : null;
        var opaque = extension == "arrow.opaque" ? field.Metadata!.GetValueOrDefault("ARROW:extension:metadata", "") : "";
        if (extension == "arrow.bool8")
        {
            return (new(field.Name, BooleanType.Default, field.IsNullable), Bits);
        }

        if (opaque.Contains("\"hugeint\"", StringComparison.Ordinal) || opaque.Contains("\"uhugeint\"", StringComparison.Ordinal))
        {
            var type = new Decimal128Type(38, 0);
            return (new(field.Name, type, field.IsNullable), data => Retyped(data, type));
        }

        if (opaque.Contains("\"time_tz\"", StringComparison.Ordinal))
        {
            return (new(field.Name, StringType.Default, field.IsNullable), data => Text(data, ZonedTime));
        }

        if (opaque.Contains("\"bit\"", StringComparison.Ordinal))
        {
            return (new(field.Name, StringType.Default, field.IsNullable), data => Text(data, BitString));
        }

        return field.DataType switch
        {
            ListType list => Of(list.ValueField) is ({ } item, { } convert)
                ? Nested(field, new ListType(item), [convert])
                : (field, null),
            FixedSizeListType list => Of(list.ValueField) is ({ } item, { } convert)
                ? Nested(field, new FixedSizeListType(item, list.ListSize), [convert])
                : (field, null),
            MapType map => Of(map.KeyValueType) is ({ DataType: StructType pair }, { } convert)
                ? Nested(field, new MapType(pair.Fields[0], pair.Fields[1], map.KeySorted), [convert])
                : (field, null),
            StructType record => record.Fields.Select(Of).ToArray() is var children && children.Any(child => child.Convert is not null)
                ? Nested(field, new StructType([.. children.Select(child => child.Field)]), [.. children.Select(child => child.Convert)])
                : (field, null),
            _ => (field, null),
        };
    }

    private static (Field Field, Func<ArrayData, ArrayData>? Convert) Of(StructType type) =>
        Of(new Field("entries", type, false));

    private static (Field, Func<ArrayData, ArrayData>) Nested(Field field, IArrowType type, Func<ArrayData, ArrayData>?[] children) => (
        new(field.Name, type, field.IsNullable, field.Metadata),
        data => new(
            type, data.Length, data.NullCount, data.Offset, data.Buffers,
            [.. data.Children.Select((child, i) => children[i] is { } convert ? convert(child) : child)]));

    private static ArrayData Retyped(ArrayData data, IArrowType type) =>
        new(type, data.Length, data.NullCount, data.Offset, data.Buffers, data.Children);

    /// <summary>Bytes to bits.</summary>
    private static ArrayData Bits(ArrayData data)
    {
        var bytes = data.Buffers[1].Span.Slice(0, data.Offset + data.Length);
        var bits = new byte[(bytes.Length + 7) / 8];
        for (var i = 0; i < bytes.Length; i++)
        {
            bits[i >> 3] |= (byte)((bytes[i] == 0 ? 0 : 1) << (i & 7));
        }

        return new(BooleanType.Default, data.Length, data.NullCount, data.Offset, [data.Buffers[0], new ArrowBuffer(bits)]);
    }

    private static ArrayData Text(ArrayData data, Func<byte[], string> text)
    {
        var array = ArrowArrayFactory.BuildArray(data);
        var builder = new StringArray.Builder();
        for (var i = 0; i < array.Length; i++)
        {
            builder.Append(Kadali.Tables.ArrowValues.Get(array, i) is byte[] bytes ? text(bytes) : null);
        }

        return builder.Build().Data;
    }

    /// <summary>40 bits of microseconds, and 24 bits that hold the offset upside down.</summary>
    private static string ZonedTime(byte[] bytes)
    {
        const int latest = 16 * 3600 - 1;
        var bits = BitConverter.ToUInt64(bytes);
        var offset = TimeSpan.FromSeconds(latest - (long)(bits & 0xFFFFFF));
        var time = TimeSpan.FromTicks((long)(bits >> 24) * 10);
        return $"{time:hh\\:mm\\:ss}{(time.Ticks % TimeSpan.TicksPerSecond == 0 ? "" : time.ToString("\\.ffffff", null))}"
            + $"{(offset < TimeSpan.Zero ? "-" : "+")}{offset:hh\\:mm}";
    }

    /// <summary>The first byte says how many bits of the next one are padding.</summary>
    private static string BitString(byte[] bytes) =>
        string.Concat(bytes.Skip(1).Select(part => Convert.ToString(part, 2).PadLeft(8, '0')))[bytes[0]..];
}
