using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>C# values as DuckDB binds them.</summary>
internal static class DuckDbParameters
{
    /// <exception cref="CellFaultException">DuckDB has no such values.</exception>
    public static DuckDBParameter Of(SqlParameter parameter) => new(parameter.Name, Of(parameter.Name, parameter.Value));

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
            : list,
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

    private static CellFaultException Unbound(string name, object value) => new(new(
        "KDL313", $"':{name}' cannot be bound: '{name}' is a {TypeNames.Of(value.GetType())}.",
        "Numbers, text, times, Guids, bytes and lists of them can. A sequence of objects is a table: name it after FROM."));
}
