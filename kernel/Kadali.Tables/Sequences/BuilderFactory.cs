using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Apache.Arrow.Types;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>The builder for a C# type. A type that contains itself is text from there on.</summary>
internal sealed class BuilderFactory
{
    private const int DaysToEpoch = 719_162;
    private static readonly TimestampType Local = new(TimeUnit.Microsecond, (string?)null);
    private static readonly TimestampType Zoned = new(TimeUnit.Microsecond, "UTC");
    private readonly HashSet<Type> _above = [];

    public ColumnBuilder Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Make(typeof(NullableBuilder<>), [inner], Of(inner));
        }

        return Plain(type) ?? Nested(type);
    }

    private static ColumnBuilder? Plain(Type type) =>
        type.IsEnum ? Make(typeof(TextBuilder<>), [type])
        : type == typeof(bool) ? new BooleanBuilder()
        : type == typeof(sbyte) ? Same<sbyte>(Int8Type.Default)
        : type == typeof(byte) ? Same<byte>(UInt8Type.Default)
        : type == typeof(short) ? Same<short>(Int16Type.Default)
        : type == typeof(ushort) ? Same<ushort>(UInt16Type.Default)
        : type == typeof(int) ? Same<int>(Int32Type.Default)
        : type == typeof(uint) ? Same<uint>(UInt32Type.Default)
        : type == typeof(long) ? Same<long>(Int64Type.Default)
        : type == typeof(ulong) ? Same<ulong>(UInt64Type.Default)
        : type == typeof(Half) ? new ValueBuilder<Half, float>(FloatType.Default, value => (float)value)
        : type == typeof(float) ? Same<float>(FloatType.Default)
        : type == typeof(double) ? Same<double>(DoubleType.Default)
        : type == typeof(decimal) ? new DecimalBuilder()
        : type == typeof(BigInteger) ? new ValueBuilder<BigInteger, Int128>(new Decimal128Type(38, 0), value => (Int128)value)
        : type == typeof(Int128) ? new ValueBuilder<Int128, Int128>(new Decimal128Type(38, 0), value => value)
        : type == typeof(UInt128) ? new ValueBuilder<UInt128, Int128>(new Decimal128Type(38, 0), value => checked((Int128)value))
        : type == typeof(DateTime) ? new ValueBuilder<DateTime, long>(Local, value => Microseconds(value.Ticks))
        : type == typeof(DateTimeOffset) ? new ValueBuilder<DateTimeOffset, long>(Zoned, value => Microseconds(value.UtcTicks))
        : type == typeof(DateOnly) ? new ValueBuilder<DateOnly, int>(Date32Type.Default, value => value.DayNumber - DaysToEpoch)
        : type == typeof(TimeOnly)
            ? new ValueBuilder<TimeOnly, long>(Time64Type.Microsecond, value => value.Ticks / TimeSpan.TicksPerMicrosecond)
        : type == typeof(TimeSpan)
            ? new ValueBuilder<TimeSpan, long>(DurationType.Microsecond, value => value.Ticks / TimeSpan.TicksPerMicrosecond)
        : type == typeof(Guid) ? new ValueBuilder<Guid, UInt128>(new FixedSizeBinaryType(16), Bytes, ArrowTypes.Uuid)
        : type == typeof(char) ? new BytesBuilder<char>(StringType.Default, (value, bytes) => bytes.Write(value.ToString()))
        : type == typeof(string) ? new BytesBuilder<string>(StringType.Default, (value, bytes) => bytes.Write(value))
        : type == typeof(byte[]) ? new BytesBuilder<byte[]>(BinaryType.Default, (value, bytes) => bytes.Write(value))
        : type == typeof(ReadOnlyMemory<byte>)
            ? new BytesBuilder<ReadOnlyMemory<byte>>(BinaryType.Default, (value, bytes) => bytes.Write(value.Span))
        : type == typeof(JsonElement)
            ? new BytesBuilder<JsonElement>(StringType.Default, (value, bytes) => bytes.Write(value.GetRawText()), ArrowTypes.Json)
        : typeof(JsonNode).IsAssignableFrom(type) ? Make(typeof(JsonBuilder<>), [type])
        : null;

    private ColumnBuilder Nested(Type type)
    {
        if (type == typeof(object))
        {
            return new ObjectBuilder(inner => Of(inner));
        }

        if (!_above.Add(type))
        {
            return Make(typeof(TextBuilder<>), [type]);
        }

        try
        {
            var items = type.GetInterfaces().Append(type)
                .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))
                .Select(face => face.GetGenericArguments()[0])
                .FirstOrDefault();
            if (items is { IsGenericType: true } && items.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
                && items.GetGenericArguments() is [var key, var value])
            {
                return Make(typeof(MapBuilder<,,>), [type, key, value], Of(key), Of(value));
            }

            if (items is not null)
            {
                return Make(typeof(ListBuilder<,>), [type, items], Of(items));
            }

            return SequenceTable.IsRow(type) && !type.IsAbstract && MemberColumns.Members(type).Any()
                ? Make(typeof(StructBuilder<>), [type], typeof(MemberColumns).GetMethod(nameof(MemberColumns.Of))!
                    .MakeGenericMethod(type).Invoke(null, [this])!)
                : Make(typeof(TextBuilder<>), [type]);
        }
        finally
        {
            _above.Remove(type);
        }
    }

    private static ValueBuilder<T, T> Same<T>(IArrowType type)
        where T : unmanaged => new(type, value => value);

    private static ColumnBuilder Make(Type definition, Type[] arguments, params object[] parameters) =>
        (ColumnBuilder)Activator.CreateInstance(definition.MakeGenericType(arguments), parameters)!;

    private static long Microseconds(long ticks) => (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static UInt128 Bytes(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return System.Runtime.InteropServices.MemoryMarshal.Read<UInt128>(bytes);
    }

    /// <summary>Anything as its text; enumerations as their names.</summary>
    private sealed class TextBuilder<T>() : Forwarding<T>(new BytesBuilder<T>(
        StringType.Default, (value, bytes) => bytes.Write(value is Enum ? value.ToString()! : ValueText.Of(value))));

    private sealed class JsonBuilder<T>() : Forwarding<T>(new BytesBuilder<T>(
            StringType.Default, (value, bytes) => bytes.Write(((JsonNode)(object)value!).ToJsonString()), ArrowTypes.Json))
        where T : JsonNode;

    /// <summary>A builder by another.</summary>
    private abstract class Forwarding<T>(ColumnBuilder<T> inner) : ColumnBuilder<T>
    {
        public override IArrowType Type => inner.Type;

        public override string? Extension => inner.Extension;

        public override void Append(T value) => inner.Append(value);

        protected override void AppendDefault() => inner.AppendNull();

        protected override Apache.Arrow.ArrayData Build(Apache.Arrow.ArrowBuffer validity, int length, int nulls) => inner.Build();
    }
}
