using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Kadali.Tables;

namespace Kadali.Sql;

/// <summary>The C# source of a record for a schema, of the records for its structs, and of the code that reads batches into them.</summary>
internal sealed class RowSource
{
    private static readonly HashSet<string> Taken =
    [
        "Equals", "GetHashCode", "ToString", "GetType", "EqualityContract", "PrintMembers", "Deconstruct", "Clone", "MemberwiseClone",
        "ReferenceEquals", "Finalize",
    ];

    private readonly StringBuilder _records = new();
    private readonly StringBuilder _before = new();
    private int _names;

    public static string Of(string recordName, Schema schema) => new RowSource().Write(recordName, schema);

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

        return Taken.Contains(name.ToString()) ? name + "Value" : name.ToString();
    }

    private string Write(string recordName, Schema schema)
    {
        var row = new StringBuilder();
        var columns = Columns(recordName, schema.FieldsList, "columns", "i", row);
        return $$"""
            #nullable enable
            {{_records}}public static class {{recordName}}Reader
            {
                public static System.Collections.IList List() => new System.Collections.Generic.List<{{recordName}}>();

                public static void Read(Kadali.Tables.BatchColumns columns, System.Collections.IList into)
                {
                    var rows = (System.Collections.Generic.List<{{recordName}}>)into;
                    {{_before}}
                    for (var i = 0; i < columns.Length; i++)
                    {
                        {{row}}
                        rows.Add(new {{recordName}}({{string.Join(", ", columns)}}));
                    }
                }
            }
            """;
    }

    /// <summary>Declares a record for fields, and gives the expressions of its values.</summary>
    /// <param name="from">The variable that holds the fields' columns.</param>
    /// <param name="row">The variable that holds the row's number.</param>
    /// <param name="body">Takes what has to be done for each row first.</param>
    private List<string> Columns(string recordName, IReadOnlyList<Field> fields, string from, string row, StringBuilder body)
    {
        var taken = new HashSet<string> { recordName };
        var members = new List<string>();
        var values = new List<string>();
        for (var i = 0; i < fields.Count; i++)
        {
            var name = PropertyName(fields[i].Name);
            for (var n = 2; !taken.Add(name); n++)
            {
                name = PropertyName(fields[i].Name) + n;
            }

            var (type, value) = Column(recordName + name, fields[i], from, i, row, body);
            members.Add($"{type}? {name}");
            values.Add(value);
        }

        _records.Append($"public sealed record {recordName}({string.Join(", ", members)});\n");
        return values;
    }

    /// <summary>The C# type of a column, not nullable, and the expression of its value in a row.</summary>
    private (string Type, string Value) Column(string recordName, Field field, string from, int column, string row, StringBuilder body)
    {
        switch (field.DataType)
        {
            case StructType { Fields.Count: > 0 } record:
                var inner = Variable($"{from}.Struct({column})");
                var record1 = new StringBuilder();
                var values = Columns(recordName, record.Fields, inner, row, record1);
                var made = $"v{++_names}";
                body.Append($"{recordName}? {made} = null; "
                    + $"if (!{from}.IsNull({column}, {row})) {{ {record1} {made} = new {recordName}({string.Join(", ", values)}); }}\n");
                return (recordName, made);
            case MapType map:
                return Repeated(recordName, field, from, column, row, body, [map.KeyField, map.ValueField]);
            case ListType list:
                return Repeated(recordName, field, from, column, row, body, [list.ValueField]);
            case LargeListType list:
                return Repeated(recordName, field, from, column, row, body, [list.ValueField]);
            case FixedSizeListType list:
                return Repeated(recordName, field, from, column, row, body, [list.ValueField]);
            default:
                var (type, reader) = Plain(field);
                return (type, $"{Variable($"{from}.{reader}({column})")}[{row}]");
        }
    }

    /// <summary>A list, or a dictionary of keys and values.</summary>
    private (string Type, string Value) Repeated(
        string recordName, Field field, string from, int column, string row, StringBuilder body, IReadOnlyList<Field> items)
    {
        var lists = Variable($"{from}.Lists({column})");
        var inner = Variable($"{from}.Items({column})");
        var (at, made) = ($"i{++_names}", $"v{_names}");
        var each = new StringBuilder();
        var found = items.Select((item, i) => Column(
            recordName + (items.Count == 1 ? "Item" : i == 0 ? "Key" : "Value"), item, inner, i, at, each)).ToArray();
        var type = items.Count == 1
            ? $"System.Collections.Generic.List<{found[0].Type}?>"
            : $"System.Collections.Generic.Dictionary<{found[0].Type}, {found[1].Type}?>";
        var add = items.Count == 1 ? $"{made}.Add({found[0].Value});" : $"{made}[({found[0].Type}){found[0].Value}!] = {found[1].Value};";
        body.Append($$"""
            {{type}}? {{made}} = null;
            if (!{{from}}.IsNull({{column}}, {{row}}))
            {
                {{made}} = new({{lists}}.End({{row}}) - {{lists}}.Start({{row}}));
                for (var {{at}} = {{lists}}.Start({{row}}); {{at}} < {{lists}}.End({{row}}); {{at}}++)
                {
                    {{each}}
                    {{add}}
                }
            }

            """);
        return (type, made);
    }

    private string Variable(string expression)
    {
        var name = $"c{++_names}";
        _before.Append($"var {name} = {expression};\n");
        return name;
    }

    private static (string Type, string Reader) Plain(Field field)
    {
        var type = ArrowTypes.ClrType(field);
        return field.DataType is DictionaryType
                { ValueType.TypeId: not (ArrowTypeId.String or ArrowTypeId.LargeString or ArrowTypeId.StringView) }
            ? ("object", "Objects")
            : Type.GetTypeCode(type) switch
            {
                TypeCode.Boolean => ("bool", "Booleans"),
                TypeCode.SByte => ("sbyte", "Values<sbyte>"),
                TypeCode.Byte => ("byte", "Values<byte>"),
                TypeCode.Int16 => ("short", "Values<short>"),
                TypeCode.UInt16 => ("ushort", "Values<ushort>"),
                TypeCode.Int32 => ("int", "Values<int>"),
                TypeCode.UInt32 => ("uint", "Values<uint>"),
                TypeCode.Int64 => ("long", "Values<long>"),
                TypeCode.UInt64 => ("ulong", "Values<ulong>"),
                TypeCode.Single => ("float", "Values<float>"),
                TypeCode.Double => ("double", "Values<double>"),
                TypeCode.Decimal => ("decimal", "Decimals"),
                TypeCode.DateTime => ("System.DateTime", "DateTimes"),
                TypeCode.String => ("string", "Texts"),
                _ => type == typeof(DateTimeOffset) ? ("System.DateTimeOffset", "DateTimeOffsets")
                    : type == typeof(DateOnly) ? ("System.DateOnly", "Dates")
                    : type == typeof(TimeOnly) ? ("System.TimeOnly", "Times")
                    : type == typeof(TimeSpan) ? ("System.TimeSpan", "Spans")
                    : type == typeof(Guid) ? ("System.Guid", "Guids")
                    : type == typeof(Half) ? ("System.Half", "Values<System.Half>")
                    : type == typeof(System.Numerics.BigInteger) ? ("System.Numerics.BigInteger", "BigIntegers")
                    : type == typeof(byte[]) ? ("byte[]", "Bytes")
                    : ("object", "Objects"),
            };
    }
}
