using System.Collections.Concurrent;
using System.Reflection;

namespace Kadali.Delta;

/// <summary>How a C# type's properties are a table's columns.</summary>
internal sealed class RowType
{
    private static readonly ConcurrentDictionary<Type, RowType> Known = [];
    private static readonly NullabilityInfoContext Nullability = new();

    private RowType(Type type)
    {
        Members = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property is { CanRead: true } && property.GetIndexParameters().Length == 0
                && property.Name != "EqualityContract")
            .Select(Member.Of)];
        if (Members.Count == 0)
        {
            throw new DeltaException(
                DeltaErrorKind.Schema, $"{type} has no public properties that could be columns.",
                "Use a record: record Sale(int Id, decimal Amount).");
        }
    }

    /// <summary>A property and its column.</summary>
    /// <param name="Field">Name and type in the schema.</param>
    /// <param name="IsJson">Whether values go to DuckDB and come from it as JSON: lists, maps and structs.</param>
    internal sealed record Member(PropertyInfo Property, StructField Field, bool IsJson)
    {
        public static Member Of(PropertyInfo property)
        {
            var (type, nullable) = (TypeOf(property.PropertyType, property.Name), IsNullable(property));

            // Delta asks for values of NOT NULL fields where the struct itself has none, and not at all within lists and maps.
            type = type is DeltaType.Struct && !nullable ? type : Loosened(type);
            return new(property, new(property.Name, type, nullable), type is DeltaType.Array or DeltaType.Map or DeltaType.Struct);
        }
    }

    public IReadOnlyList<Member> Members { get; }

    public DeltaType.Struct Schema => new([.. Members.Select(member => member.Field)]);

    /// <exception cref="DeltaException">A property is of a type that no column can have.</exception>
    public static RowType Of(Type type) => Known.GetOrAdd(type, added => new(added));

    private static bool IsNullable(PropertyInfo property)
    {
        if (property.PropertyType.IsValueType)
        {
            return Nullable.GetUnderlyingType(property.PropertyType) is not null;
        }

        lock (Nullability)
        {
            return Nullability.Create(property).ReadState != NullabilityState.NotNull;
        }
    }

    private static DeltaType TypeOf(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) || type == typeof(Guid) || type == typeof(char) || type.IsEnum => DeltaType.String,
            _ when type == typeof(long) || type == typeof(uint) => DeltaType.Long,
            _ when type == typeof(int) || type == typeof(ushort) => DeltaType.Integer,
            _ when type == typeof(short) || type == typeof(byte) => DeltaType.Short,
            _ when type == typeof(sbyte) => DeltaType.Byte,
            _ when type == typeof(double) => DeltaType.Double,
            _ when type == typeof(float) => DeltaType.Float,
            _ when type == typeof(bool) => DeltaType.Boolean,
            _ when type == typeof(decimal) => new DeltaType.Decimal(38, 10),
            _ when type == typeof(ulong) => new DeltaType.Decimal(20, 0),
            _ when type == typeof(DateTimeOffset) => DeltaType.Timestamp,
            _ when type == typeof(DateTime) => DeltaType.TimestampNtz,
            _ when type == typeof(DateOnly) => DeltaType.Date,
            _ when type == typeof(byte[]) => DeltaType.Binary,
            _ when MapOf(type) is { } map => new DeltaType.Map(TypeOf(map.Key, name), TypeOf(map.Value, name), ValueContainsNull: true),
            _ when ElementOf(type) is { } element => new DeltaType.Array(TypeOf(element, name), ContainsNull: true),
            { IsPrimitive: false, Namespace: not null } when !type.Namespace.StartsWith("System", StringComparison.Ordinal) =>
                Of(type).Schema,
            { IsPrimitive: false, Namespace: null } => Of(type).Schema,
            _ => throw new DeltaException(DeltaErrorKind.Schema, $"The property '{name}' is of type {type}, which no column can have."),
        };
    }

    /// <summary>The type, with fields that may be null wherever it has some.</summary>
    private static DeltaType Loosened(DeltaType type) => type switch
    {
        DeltaType.Struct record => new DeltaType.Struct(
            [.. record.Fields.Select(field => field with { Nullable = true, Type = Loosened(field.Type) })]),
        DeltaType.Array array => array with { Element = Loosened(array.Element) },
        DeltaType.Map map => map with { Key = Loosened(map.Key), Value = Loosened(map.Value) },
        _ => type,
    };

    private static (Type Key, Type Value)? MapOf(Type type) =>
        Implemented(type, typeof(IReadOnlyDictionary<,>)) is [var key, var value] ? (key, value) : null;

    private static Type? ElementOf(Type type) => Implemented(type, typeof(IEnumerable<>)) is [var element] ? element : null;

    private static Type[]? Implemented(Type type, Type face) => type.GetInterfaces().Append(type)
        .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == face)?.GetGenericArguments();
}
