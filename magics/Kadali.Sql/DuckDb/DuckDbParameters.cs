using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>C# values as DuckDB binds them.</summary>
internal static partial class DuckDbParameters
{
    /// <exception cref="CellFaultException">DuckDB has no such values.</exception>
    public static DuckDBParameter Of(SqlParameter parameter) => new(parameter.Name, Of(parameter.Name, parameter.Value));

    /// <summary>
    /// A statement in which <c>IN ($list)</c>, as one writes it, is <c>IN $list</c>, which DuckDB takes; all else stays in its place.
    /// </summary>
    public static string InLists(string sql, IReadOnlyList<SqlParameter> parameters) => !parameters.Any(IsList)
        ? sql
        : InParameter().Replace(sql, match => parameters.Any(parameter => IsList(parameter) && parameter.Name == match.Groups["name"].Value)
            ? match.Value.Replace('(', ' ').Replace(')', ' ')
            : match.Value);

    private static bool IsList(SqlParameter parameter) => parameter.Value is IEnumerable and not (string or byte[] or JsonNode);

    private static object? Of(string name, object? value) => value switch
    {
        null => null,
        bool or sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal or string or Guid or byte[]
            or DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan or System.Numerics.BigInteger => value,
        char letter => letter.ToString(),
        Enum constant => constant.ToString(),
        Half half => (float)half,
        Int128 number => (System.Numerics.BigInteger)number,
        UInt128 number => (System.Numerics.BigInteger)number,
        Uri address => address.ToString(),
        Version version => version.ToString(),
        JsonNode node => node.ToJsonString(),
        JsonElement element => element.GetRawText(),
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        PasswordString => throw new CellFaultException(new("KDL313", $"'{name}' is a password, which no statement may take.")),
        IDictionary => throw Unbound(name, value),
        IEnumerable items => items.Cast<object?>().Select(item => Of(name, item)).ToList() is var list
                && list.OfType<object>().FirstOrDefault() is { } first
            ? Typed(list, first.GetType())
            : Typed(list, ElementOf(items.GetType())),
        _ => throw Unbound(name, value),
    };

    /// <summary>A list of one type, since DuckDB takes a list's type from its C# one.</summary>
    private static IList Typed(List<object?> items, Type type)
    {
        var hasNull = items.Contains(null) && type.IsValueType;
        var list = (IList)Activator.CreateInstance(
            typeof(List<>).MakeGenericType(hasNull ? typeof(Nullable<>).MakeGenericType(type) : type))!;
        foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }

    /// <summary>The type of elements that are not there; text where it has none in DuckDB.</summary>
    private static Type ElementOf(Type type)
    {
        var element = type.GetInterfaces().Append(type).FirstOrDefault(candidate =>
            candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];
        element = element is null ? null : Nullable.GetUnderlyingType(element) ?? element;
        return element is { IsPrimitive: true } && element != typeof(char) && element != typeof(nint) && element != typeof(nuint)
            || element == typeof(decimal) || element == typeof(DateTime) || element == typeof(DateOnly) || element == typeof(Guid)
            ? element!
            : typeof(string);
    }

    [GeneratedRegex(@"\bIN\s*\(\s*\$(?<name>\w+)\s*\)", RegexOptions.IgnoreCase)]
    private static partial Regex InParameter();

    private static CellFaultException Unbound(string name, object value) => new(new(
        "KDL313", $"':{name}' cannot be bound: '{name}' is a {TypeNames.Of(value.GetType())}.",
        "Numbers, text, times, Guids, bytes and lists of them can. A sequence of objects is a table: name it after FROM."));
}
