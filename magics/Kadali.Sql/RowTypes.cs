using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using System.Text;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>
/// C# records for the schemas of results, with readers that are compiled along: no reflection and no boxing per value. Value types are nullable,
/// since any SQL column may hold NULL. The same schema under the same name is the same record.
/// </summary>
internal sealed class RowTypes(IVariables variables)
{
    private static readonly HashSet<string> Keywords =
    [
        "Equals", "GetHashCode", "ToString", "GetType", "EqualityContract", "PrintMembers", "Deconstruct", "Clone", "MemberwiseClone", "ReferenceEquals", "Finalize",
    ];

    private readonly ConcurrentDictionary<string, RowType> _known = new();

    /// <summary>A record and the function that reads all rows into a list of it.</summary>
    internal sealed record RowType(Type Record, Func<DbDataReader, CancellationToken, long, System.Collections.IList> Read);

    public async Task<RowType> ForAsync(string recordName, DbDataReader reader, CancellationToken cancellationToken)
    {
        var source = Source(recordName, reader);
        if (_known.TryGetValue(source, out var known))
        {
            return known;
        }

        var assembly = await variables.DeclareTypesAsync(source, cancellationToken);
        var record = assembly.GetType(recordName)!;
        var read = assembly.GetType(recordName + "Reader")!.GetMethod("Read", BindingFlags.Static | BindingFlags.Public)!
            .CreateDelegate<Func<DbDataReader, CancellationToken, long, System.Collections.IList>>();
        return _known[source] = new(record, read);
    }

    /// <summary>A C# name for a column: <c>dep_delay</c> becomes <c>DepDelay</c>.</summary>
    public static string PropertyName(string column)
    {
        var name = new StringBuilder();
        var upper = true;
        foreach (var letter in column)
        {
            if (!char.IsLetterOrDigit(letter))
            {
                upper = true;
                continue;
            }

            name.Append(upper ? char.ToUpperInvariant(letter) : letter);
            upper = false;
        }

        if (name.Length == 0 || char.IsDigit(name[0]))
        {
            name.Insert(0, "Column");
        }

        return Keywords.Contains(name.ToString()) ? name + "Value" : name.ToString();
    }

    private static string Source(string recordName, DbDataReader reader)
    {
        var properties = new List<(string Name, string Type, string Read)>();
        var taken = new HashSet<string> { recordName };
        for (var i = 0; i < reader.FieldCount; i++)
        {
            var name = PropertyName(reader.GetName(i));
            for (var n = 2; !taken.Add(name); n++)
            {
                name = PropertyName(reader.GetName(i)) + n;
            }

            var (type, read) = Column(reader.GetFieldType(i), i);
            properties.Add((name, type, read));
        }

        var source = new StringBuilder("#nullable enable\n");
        source.Append($"public sealed record {recordName}({string.Join(", ", properties.Select(property => $"{property.Type} {property.Name}"))});\n");
        source.Append($$"""
            public static class {{recordName}}Reader
            {
                public static System.Collections.IList Read(System.Data.Common.DbDataReader reader, System.Threading.CancellationToken cancellationToken, long limit)
                {
                    var rows = new System.Collections.Generic.List<{{recordName}}>();
                    while (rows.Count < limit && reader.Read())
                    {
                        if ((rows.Count & 1023) == 0)
                        {
                            cancellationToken.ThrowIfCancellationRequested();
                        }

                        rows.Add(new({{string.Join(", ", properties.Select(property => property.Read))}}));
                    }

                    return rows;
                }
            }
            """);
        return source.ToString();
    }

    private static (string Type, string Read) Column(Type type, int i) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => Value("bool", "GetBoolean"),
        TypeCode.Byte => Value("byte", "GetByte"),
        TypeCode.Int16 => Value("short", "GetInt16"),
        TypeCode.Int32 => Value("int", "GetInt32"),
        TypeCode.Int64 => Value("long", "GetInt64"),
        TypeCode.Single => Value("float", "GetFloat"),
        TypeCode.Double => Value("double", "GetDouble"),
        TypeCode.Decimal => Value("decimal", "GetDecimal"),
        TypeCode.DateTime => Value("System.DateTime", "GetDateTime"),
        TypeCode.String => ("string?", $"reader.IsDBNull({i}) ? null : reader.GetString({i})"),
        _ when type.IsValueType && type.IsVisible => Value($"global::{type.FullName}", $"GetFieldValue<global::{type.FullName}>"),
        _ when type == typeof(byte[]) || type == typeof(Stream) => ("byte[]?", $"reader.IsDBNull({i}) ? null : Kadali.Sql.SqlValues.Bytes(reader.GetValue({i}))"),
        _ => ("object?", $"reader.IsDBNull({i}) ? null : Kadali.Sql.SqlValues.Plain(reader.GetValue({i}))"),
    } is var (name, read) ? (name.Replace("{i}", $"{i}", StringComparison.Ordinal), read.Replace("{i}", $"{i}", StringComparison.Ordinal)) : default;

    private static (string, string) Value(string type, string getter) => ($"{type}?", $"reader.IsDBNull({{i}}) ? null : reader.{getter}({{i}})");
}

/// <summary>Values of a database as C# values.</summary>
public static class SqlValues
{
    /// <summary>The bytes of a BLOB.</summary>
    public static byte[] Bytes(object value)
    {
        if (value is not Stream stream)
        {
            return (byte[])value;
        }

        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>A value as it is shown and kept: a stream's bytes, and null for NULL.</summary>
    public static object? Plain(object? value) => value switch
    {
        DBNull => null,
        Stream stream => Bytes(stream),
        _ => value,
    };

    /// <summary>The columns of an open result.</summary>
    internal static IReadOnlyList<TableColumn> Columns(DbDataReader reader) =>
        [.. Enumerable.Range(0, reader.FieldCount).Select(i => new TableColumn(reader.GetName(i), reader.GetDataTypeName(i).ToUpperInvariant(), IsNumeric(reader.GetFieldType(i))))];

    /// <summary>The current row.</summary>
    internal static object?[] Row(DbDataReader reader)
    {
        var row = new object?[reader.FieldCount];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = reader.IsDBNull(i) ? null : Plain(reader.GetValue(i));
        }

        return row;
    }

    private static bool IsNumeric(Type type) =>
        Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal || type == typeof(System.Numerics.BigInteger) || type == typeof(Int128) || type == typeof(UInt128);
}
