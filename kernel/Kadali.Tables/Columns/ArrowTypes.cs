using System.Numerics;
using Apache.Arrow;
using Apache.Arrow.Types;
using Kadali.Formatting;

namespace Kadali.Tables;

/// <summary>Arrow's types under the names of SQL, and as the C# types that hold their values.</summary>
public static class ArrowTypes
{
    /// <summary>Metadata of a field that says what its bytes mean, as Arrow spells it.</summary>
    internal const string ExtensionKey = "ARROW:extension:name";

    /// <summary>The extension of 16 bytes that are a UUID.</summary>
    public const string Uuid = "arrow.uuid";

    /// <summary>The extension of text that is JSON.</summary>
    public const string Json = "arrow.json";

    /// <summary>The columns of a schema, for a reader of tables.</summary>
    public static IReadOnlyList<TableColumn> Columns(Schema schema) =>
        [.. schema.FieldsList.Select(field => new TableColumn(field.Name, SqlName(field), IsNumeric(field.DataType)))];

    /// <summary>The extension that a field carries, or null.</summary>
    public static string? Extension(Field field) =>
        field.Metadata is { } metadata && metadata.TryGetValue(ExtensionKey, out var name) ? name : null;

    /// <summary>Whether the values are numbers.</summary>
    public static bool IsNumeric(IArrowType type) => type.TypeId is >= ArrowTypeId.UInt8 and <= ArrowTypeId.Double
        or ArrowTypeId.Decimal32 or ArrowTypeId.Decimal64 or ArrowTypeId.Decimal128 or ArrowTypeId.Decimal256;

    /// <summary>The type of a column as SQL names it, for instance <c>DECIMAL(10,2)</c> or <c>STRUCT(a INTEGER)</c>.</summary>
    public static string SqlName(Field field) => Extension(field) switch
    {
        Uuid => "UUID",
        Json => "JSON",
        _ => SqlName(field.DataType),
    };

    private static string SqlName(IArrowType type) => type switch
    {
        Decimal128Type { Precision: 38, Scale: 0 } => "HUGEINT",
        Decimal128Type wide => $"DECIMAL({wide.Precision},{wide.Scale})",
        Decimal256Type wide => $"DECIMAL({wide.Precision},{wide.Scale})",
        Decimal64Type wide => $"DECIMAL({wide.Precision},{wide.Scale})",
        Decimal32Type wide => $"DECIMAL({wide.Precision},{wide.Scale})",
        TimestampType time => string.IsNullOrEmpty(time.Timezone)
            ? time.Unit == TimeUnit.Nanosecond ? "TIMESTAMP_NS" : "TIMESTAMP"
            : "TIMESTAMP WITH TIME ZONE",
        MapType map => $"MAP({SqlName(map.KeyField)}, {SqlName(map.ValueField)})",
        ListType list => SqlName(list.ValueField) + "[]",
        LargeListType list => SqlName(list.ValueField) + "[]",
        FixedSizeListType list => $"{SqlName(list.ValueField)}[{list.ListSize}]",
        StructType record => $"STRUCT({string.Join(", ", record.Fields.Select(child => $"{child.Name} {SqlName(child)}"))})",
        UnionType union => $"UNION({string.Join(", ", union.Fields.Select(child => $"{child.Name} {SqlName(child)}"))})",
        DictionaryType dictionary => SqlName(dictionary.ValueType),
        ExtensionType extension => SqlName(extension.StorageType),
        _ => type.TypeId switch
        {
            ArrowTypeId.Boolean => "BOOLEAN",
            ArrowTypeId.Int8 => "TINYINT",
            ArrowTypeId.Int16 => "SMALLINT",
            ArrowTypeId.Int32 => "INTEGER",
            ArrowTypeId.Int64 => "BIGINT",
            ArrowTypeId.UInt8 => "UTINYINT",
            ArrowTypeId.UInt16 => "USMALLINT",
            ArrowTypeId.UInt32 => "UINTEGER",
            ArrowTypeId.UInt64 => "UBIGINT",
            ArrowTypeId.HalfFloat or ArrowTypeId.Float => "FLOAT",
            ArrowTypeId.Double => "DOUBLE",
            ArrowTypeId.String or ArrowTypeId.LargeString or ArrowTypeId.StringView => "VARCHAR",
            ArrowTypeId.Binary or ArrowTypeId.LargeBinary or ArrowTypeId.BinaryView or ArrowTypeId.FixedSizedBinary => "BLOB",
            ArrowTypeId.Date32 or ArrowTypeId.Date64 => "DATE",
            ArrowTypeId.Time32 or ArrowTypeId.Time64 => "TIME",
            ArrowTypeId.Interval or ArrowTypeId.Duration => "INTERVAL",
            ArrowTypeId.Null => "NULL",
            _ => type.Name.ToUpperInvariant(),
        },
    };

    /// <summary>
    /// The C# type that holds the values of a column; a value type is not nullable here. Structs are dictionaries by name.
    /// </summary>
    public static Type ClrType(Field field) => Extension(field) == Uuid ? typeof(Guid) : ClrType(field.DataType);

    private static Type ClrType(IArrowType type) => type switch
    {
        Decimal128Type { Precision: 38, Scale: 0 } => typeof(BigInteger),
        TimestampType time => string.IsNullOrEmpty(time.Timezone) ? typeof(DateTime) : typeof(DateTimeOffset),
        DictionaryType dictionary => ClrType(dictionary.ValueType),
        ExtensionType extension => ClrType(extension.StorageType),
        MapType => typeof(Dictionary<object, object?>),
        StructType => typeof(Dictionary<string, object?>),
        _ => type.TypeId switch
        {
            ArrowTypeId.Boolean => typeof(bool),
            ArrowTypeId.Int8 => typeof(sbyte),
            ArrowTypeId.Int16 => typeof(short),
            ArrowTypeId.Int32 => typeof(int),
            ArrowTypeId.Int64 => typeof(long),
            ArrowTypeId.UInt8 => typeof(byte),
            ArrowTypeId.UInt16 => typeof(ushort),
            ArrowTypeId.UInt32 => typeof(uint),
            ArrowTypeId.UInt64 => typeof(ulong),
            ArrowTypeId.HalfFloat => typeof(Half),
            ArrowTypeId.Float => typeof(float),
            ArrowTypeId.Double => typeof(double),
            ArrowTypeId.Decimal32 or ArrowTypeId.Decimal64 or ArrowTypeId.Decimal128 or ArrowTypeId.Decimal256 => typeof(decimal),
            ArrowTypeId.String or ArrowTypeId.LargeString or ArrowTypeId.StringView => typeof(string),
            ArrowTypeId.Binary or ArrowTypeId.LargeBinary or ArrowTypeId.BinaryView or ArrowTypeId.FixedSizedBinary => typeof(byte[]),
            ArrowTypeId.Date32 or ArrowTypeId.Date64 => typeof(DateOnly),
            ArrowTypeId.Time32 or ArrowTypeId.Time64 => typeof(TimeOnly),
            ArrowTypeId.Interval or ArrowTypeId.Duration => typeof(TimeSpan),
            ArrowTypeId.List or ArrowTypeId.LargeList or ArrowTypeId.FixedSizeList or ArrowTypeId.ListView => typeof(object[]),
            _ => typeof(object),
        },
    };
}
