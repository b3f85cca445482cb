using System.Collections;
using System.Reflection;

namespace Kadali.Formatting;

/// <summary>A sequence of objects as a table: a column for each public property and field, or for each key of dictionaries.</summary>
public sealed class SequenceTable : ITable
{
    private readonly IEnumerable _rows;
    private readonly IReadOnlyList<Func<object?, object?>> _readers;

    public SequenceTable(IEnumerable rows, Type rowType)
    {
        _rows = rows;
        RowCount = rows is ICollection collection ? collection.Count : null;
        (Columns, _readers) = ColumnsOf(rows, rowType);
    }

    public IReadOnlyList<TableColumn> Columns { get; }

    public long? RowCount { get; }

    public ValueTask<IReadOnlyList<object?[]>> ReadAsync(TableRequest request, CancellationToken cancellationToken) => new(Read(request, cancellationToken));

    /// <summary>Whether objects of the type are rows: they have members of their own, and are no plain values.</summary>
    public static bool IsRow(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !type.IsPointer && type != typeof(string) && type != typeof(decimal) && type != typeof(object)
        && Nullable.GetUnderlyingType(type) is null && type.Namespace is not "System" || type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true
        || type.FullName?.StartsWith("System.Tuple`", StringComparison.Ordinal) == true;

    private IReadOnlyList<object?[]> Read(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = _rows.Cast<object?>().Select(row =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = new object?[_readers.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = _readers[i](row);
            }

            return values;
        });
        if (request.Filter is { Length: > 0 } filter)
        {
            rows = rows.Where(row => row.Any(value => value?.ToString()?.Contains(filter, StringComparison.OrdinalIgnoreCase) == true));
        }

        if (request.Sort is { } column)
        {
            rows = request.Descending ? rows.OrderByDescending(row => row[column], Comparer.Default.Loosely()) : rows.OrderBy(row => row[column], Comparer.Default.Loosely());
        }

        return [.. rows.Skip((int)Math.Min(request.Offset, int.MaxValue)).Take(request.Count)];
    }

    private static (IReadOnlyList<TableColumn>, IReadOnlyList<Func<object?, object?>>) ColumnsOf(IEnumerable rows, Type rowType)
    {
        if (typeof(IDictionary<string, object?>).IsAssignableFrom(rowType))
        {
            var keys = rows.Cast<IDictionary<string, object?>>().Take(100).SelectMany(row => row.Keys).Distinct().ToArray();
            return (
                [.. keys.Select(key => new TableColumn(key, "object", false))],
                [.. keys.Select(key => (Func<object?, object?>)(row => row is IDictionary<string, object?> values && values.TryGetValue(key, out var value) ? value : null))]);
        }

        MemberInfo[] members =
        [
            .. rowType.GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Where(property => property.GetMethod is not null && property.GetIndexParameters().Length == 0 && property.Name != "EqualityContract"),
            .. rowType.GetFields(BindingFlags.Instance | BindingFlags.Public),
        ];
        return (
            [.. members.Select(member => Column(member.Name, member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType))],
            [.. members.Select(Reader)]);
    }

    private static TableColumn Column(string name, Type type) => new(name, TypeNames.Of(type), IsNumber(Nullable.GetUnderlyingType(type) ?? type));

    private static bool IsNumber(Type type) => !type.IsEnum && Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal
        || type == typeof(Int128) || type == typeof(UInt128) || type == typeof(System.Numerics.BigInteger) || type == typeof(Half);

    private static Func<object?, object?> Reader(MemberInfo member) => row =>
    {
        try
        {
            return row is null ? null : member is PropertyInfo property ? property.GetValue(row) : ((FieldInfo)member).GetValue(row);
        }
        catch (TargetInvocationException exception)
        {
            // A getter that throws is shown as what it is, in its place.
            return $"<{exception.InnerException?.GetType().Name}>";
        }
    };
}

internal static class ComparerExtensions
{
    extension(Comparer comparer)
    {
        /// <summary>Compares what can be compared, and the text of the rest; nulls come first.</summary>
        public IComparer<object?> Loosely() => Comparer<object?>.Create((left, right) =>
            left is null || right is null ? (left is null ? 0 : 1) - (right is null ? 0 : 1)
            : left is IComparable && left.GetType() == right.GetType() ? comparer.Compare(left, right)
            : string.CompareOrdinal(left.ToString(), right.ToString()));
    }
}

/// <summary>Names of types as C# writes them.</summary>
public static class TypeNames
{
    public static string Of(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Of(inner) + "?"
        : type.IsArray ? Of(type.GetElementType()!) + "[]"
        : type.IsGenericType ? $"{(type.Name.IndexOf('`') is >= 0 and var tick ? type.Name[..tick] : type.Name)}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>"
        : type.IsEnum ? type.Name
        : Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => "bool",
            TypeCode.Byte => "byte",
            TypeCode.Char => "char",
            TypeCode.Int16 => "short",
            TypeCode.Int32 => "int",
            TypeCode.Int64 => "long",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            TypeCode.Decimal => "decimal",
            TypeCode.String => "string",
            _ => type == typeof(object) ? "object" : type.Name,
        };
}
