using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations.Schema;
using System.Linq.Expressions;
using System.Reflection;

namespace Kadali.Delta;

/// <summary>A property and its column.</summary>
/// <param name="Field">Name and type in the schema.</param>
/// <param name="Value">How its values are those of the column.</param>
/// <param name="Get">Gives the value of an object.</param>
internal sealed record RowMember(StructField Field, RowValue Value, Func<object, object?> Get)
{
    /// <summary>The same for a table or struct that is there; what it has no field for stays as it is.</summary>
    /// <exception cref="DeltaException">The column cannot hold the values, or is none of a struct's.</exception>
    public RowMember Into(DeltaType.Struct target, string path, bool extends)
    {
        if (target.Find(Field.Name) is not { } field)
        {
            return extends ? this : throw new DeltaException(
                DeltaErrorKind.Schema, $"The table has no column '{path}'.",
                $"There {(target.Fields.Count == 1 ? "is" : "are")} {string.Join(", ", target.Fields.Select(known => known.Name))}.");
        }

        var value = Value.Into(field.Type, path, extends);
        return this with { Value = value, Field = Field with { Type = value.Type } };
    }
}

/// <summary>How a C# type's properties are a table's columns.</summary>
internal static class RowType
{
    private static readonly ConcurrentDictionary<Type, RowValue.Record> Known = [];
    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The columns of a type's objects.</summary>
    /// <exception cref="DeltaException">A property is of a type that no column can have.</exception>
    public static RowValue.Record Of(Type type) => Known.GetOrAdd(type, added => Record(added, []));

    /// <summary>The schema of a table of such objects.</summary>
    public static DeltaType.Struct Schema(Type type) => (DeltaType.Struct)Of(type).Type;

    /// <summary>What a property's or parameter's column is called.</summary>
    public static string ColumnOf(ICustomAttributeProvider member, string name) =>
        member.GetCustomAttributes(typeof(ColumnAttribute), inherit: true) is [ColumnAttribute { Name: { } given }, ..] ? given : name;

    /// <summary>Whether C# says that it is never null.</summary>
    public static bool IsNeverNull(PropertyInfo property) => property.PropertyType.IsValueType
        ? Nullable.GetUnderlyingType(property.PropertyType) is null
        : Asked(() => Nullability.Create(property).ReadState) == NullabilityState.NotNull;

    /// <inheritdoc cref="IsNeverNull(PropertyInfo)"/>
    public static bool IsNeverNull(ParameterInfo parameter) => parameter.ParameterType.IsValueType
        ? Nullable.GetUnderlyingType(parameter.ParameterType) is null
        : Asked(() => Nullability.Create(parameter).WriteState) == NullabilityState.NotNull;

    /// <summary>The types of a map's keys and values; null for what is no map.</summary>
    public static (Type Key, Type Value)? MapOf(Type type) =>
        (Implemented(type, typeof(IReadOnlyDictionary<,>)) ?? Implemented(type, typeof(IDictionary<,>))) is [var key, var value]
            ? (key, value)
            : null;

    /// <summary>The type of a sequence's elements; null for what is none.</summary>
    public static Type? ElementOf(Type type) => Implemented(type, typeof(IEnumerable<>)) is [var element] ? element : null;

    private static NullabilityState Asked(Func<NullabilityState> ask)
    {
        // The context is not made for several threads.
        lock (Nullability)
        {
            return ask();
        }
    }

    /// <param name="within">The types that it is a part of.</param>
    private static RowValue.Record Record(Type type, HashSet<Type> within)
    {
        if (!within.Add(type))
        {
            throw new DeltaException(
                DeltaErrorKind.Schema, $"{type.Name} has itself as a part, and no column can have another within it without end.",
                "Leave the property out with [NotMapped].");
        }

        RowMember[] members =
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property is { CanRead: true, GetMethod.IsPublic: true } && property.GetIndexParameters().Length == 0
                    && property.Name != "EqualityContract" && !property.IsDefined(typeof(NotMappedAttribute), inherit: true))
                .Select(property => Member(property, within)),
        ];
        within.Remove(type);
        return members.Length > 0 ? new(type, members) : throw new DeltaException(
            DeltaErrorKind.Schema, $"{type} has no public properties that could be columns.",
            "Use a record: record Sale(int Id, decimal Amount).");
    }

    private static RowMember Member(PropertyInfo property, HashSet<Type> within)
    {
        var (value, nullable) = (Value(property.PropertyType, property.Name, within), !IsNeverNull(property));
        var item = Expression.Parameter(typeof(object));
        var get = Expression.Lambda<Func<object, object?>>(
            Expression.Convert(Expression.Property(Expression.Convert(item, property.DeclaringType!), property), typeof(object)), item);

        // Delta asks for values of NOT NULL fields where the struct itself has none, and not at all within lists and maps.
        var type = value.Type is DeltaType.Struct && !nullable ? value.Type : Loosened(value.Type);
        return new(new(ColumnOf(property, property.Name), type, nullable), value, get.Compile());
    }

    private static RowValue Value(Type type, string name, HashSet<Type> within)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarText.TypeOf(type) is { } scalar)
        {
            return new RowValue.Scalar(type, scalar);
        }

        if (MapOf(type) is { } map)
        {
            var key = Value(map.Key, name, within);
            return key is RowValue.Scalar
                ? new RowValue.Map(type, key, Value(map.Value, name, within))
                : throw new DeltaException(DeltaErrorKind.Schema,
                    $"The property '{name}' is a map whose keys are {map.Key.Name}: they have to be single values.");
        }

        return ElementOf(type) is { } element ? new RowValue.List(type, Value(element, name, within))
            : type is { IsPrimitive: false } && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true
                ? Record(type, within)
                : throw new DeltaException(DeltaErrorKind.Schema, $"The property '{name}' is of type {type}, which no column can have.");
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

    private static Type[]? Implemented(Type type, Type face) => type.GetInterfaces().Append(type)
        .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == face)?.GetGenericArguments();
}
