using System.Collections;
using System.Numerics;
using System.Reflection;

namespace Kadali.Formatting;

/// <summary>
/// What the rows of a sequence have in common: a column for each public property and field, or for each key of dictionaries.
/// </summary>
internal sealed class RowShape
{
    private const int Looked = 100;
    private readonly Func<object?, object?>[]? _readers;

    private RowShape(IReadOnlyList<TableColumn> columns) => Columns = columns;

    private RowShape(IEnumerable<(TableColumn Column, Func<object?, object?> Read)> columns)
    {
        var all = columns.ToArray();
        Columns = [.. all.Select(column => column.Column)];
        _readers = [.. all.Select(column => column.Read)];
    }

    public IReadOnlyList<TableColumn> Columns { get; }

    public object?[] Read(object? row)
    {
        if (_readers is null)
        {
            return (object?[])row!;
        }

        var values = new object?[_readers.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _readers[i](row);
        }

        return values;
    }

    /// <summary>The shape of rows that have a value for each column.</summary>
    public static RowShape OfValues(IReadOnlyList<TableColumn> columns) => new(columns);

    /// <summary>The shape of rows of a static type; where that says too little, of the rows that come first.</summary>
    /// <param name="first">Gives the first rows, up to a number.</param>
    public static RowShape Of(Type type, Func<int, IReadOnlyList<object?>> first)
    {
        if (IsKeyed(type))
        {
            return new(Keys(first(Looked)));
        }

        if (IsGroup(type))
        {
            return new(Group());
        }

        if (type.IsAbstract || type.IsInterface || type == typeof(object))
        {
            var rows = first(Looked).OfType<object>().ToArray();
            if (rows.Length > 0 && rows.All(row => IsKeyed(row.GetType())))
            {
                return new(Keys(rows));
            }

            var types = rows.Select(row => row.GetType()).Distinct().ToArray();
            var members = types.SelectMany(Members).DistinctBy(member => member.Name).ToArray();
            if (members.Length > 0 && types.All(IsRow))
            {
                return new(members.Select(member => Column(member, byName: types.Length > 1)));
            }
        }

        var own = IsRow(type) ? Members(type).ToArray() : [];
        return own.Length > 0
            ? new(own.Select(member => Column(member, byName: false)))
            : new([(new("value", TypeNames.Of(type), IsNumber(type)), row => row)]);
    }

    /// <summary>Whether objects of the type are rows: they have members of their own, and are no plain values.</summary>
    public static bool IsRow(Type type) =>
        IsTuple(type) || IsKeyed(type) || IsGroup(type)
        || (!type.IsPrimitive && !type.IsEnum && !type.IsPointer && type.Namespace != "System" && Nullable.GetUnderlyingType(type) is null
            && !typeof(IEnumerable).IsAssignableFrom(type) && !typeof(Type).IsAssignableFrom(type) && !typeof(Task).IsAssignableFrom(type)
            && type.Namespace?.StartsWith("System.Text.Json", StringComparison.Ordinal) != true
            && !typeof(IFormattable).IsAssignableFrom(type));

    /// <summary>Whether values of the type are shown to the right.</summary>
    public static bool IsNumber(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return (!type.IsEnum && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal)
            || type == typeof(Int128) || type == typeof(UInt128) || type == typeof(BigInteger) || type == typeof(Half);
    }

    private static bool IsKeyed(Type type) => typeof(IDictionary<string, object?>).IsAssignableFrom(type);

    private static bool IsGroup(Type type) =>
        type.GetInterfaces().Append(type).Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IGrouping<,>));

    private static bool IsTuple(Type type) =>
        type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true
        || type.FullName?.StartsWith("System.Tuple`", StringComparison.Ordinal) == true;

    private static IEnumerable<(TableColumn, Func<object?, object?>)> Keys(IReadOnlyList<object?> rows)
    {
        foreach (var key in rows.OfType<IDictionary<string, object?>>().SelectMany(row => row.Keys).Distinct().ToArray())
        {
            var values = rows.OfType<IDictionary<string, object?>>().Select(row => row.TryGetValue(key, out var value) ? value : null)
                .OfType<object>().ToArray();
            var type = values.Select(value => value.GetType()).Distinct().Count() == 1 ? values[0].GetType() : typeof(object);
            yield return (
                new(key, TypeNames.Of(type), IsNumber(type)),
                row => row is IDictionary<string, object?> known && known.TryGetValue(key, out var value) ? value : null);
        }
    }

    private static IEnumerable<(TableColumn, Func<object?, object?>)> Group()
    {
        yield return (new("key", "object", false), row => row?.GetType().GetInterfaces().Append(row.GetType())
            .First(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IGrouping<,>))
            .GetProperty("Key")!.GetValue(row));
        yield return (new("count", "int", true), row => row is IEnumerable items ? items.Cast<object?>().Count() : null);
        yield return (new("items", "object", false), row => row);
    }

    private static IEnumerable<MemberInfo> Members(Type type) =>
    [
        .. (type.IsInterface ? type.GetInterfaces().Prepend(type) : [type])
            .SelectMany(face => face.GetProperties(BindingFlags.Instance | BindingFlags.Public))
            .Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0
                && property.Name != "EqualityContract"
                && !property.PropertyType.IsByRefLike && !property.PropertyType.IsPointer)
            .DistinctBy(property => property.Name),
        .. type.GetFields(BindingFlags.Instance | BindingFlags.Public),
    ];

    private static (TableColumn, Func<object?, object?>) Column(MemberInfo member, bool byName)
    {
        var type = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;
        return (new(member.Name, TypeNames.Of(type), IsNumber(type)), row => row is null ? null : Value(member, row, byName));
    }

    private static object? Value(MemberInfo member, object row, bool byName)
    {
        if (byName && !member.DeclaringType!.IsInstanceOfType(row))
        {
            // Rows of several types: each has the columns that it has.
            var own = Members(row.GetType()).FirstOrDefault(it => it.Name == member.Name);
            return own is null ? null : Value(own, row, byName: false);
        }

        try
        {
            return member is PropertyInfo property ? property.GetValue(row) : ((FieldInfo)member).GetValue(row);
        }
        catch (TargetInvocationException exception)
        {
            // A getter that throws is shown as what it is, in its place.
            return $"<{exception.InnerException?.GetType().Name}: {exception.InnerException?.Message}>";
        }
        catch (TargetException)
        {
            // A row of another type than the rows before it.
            return null;
        }
    }
}
