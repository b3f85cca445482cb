using System.Collections;
using System.Text.Json;

namespace Kadali.Delta;

/// <summary>How the values of a C# type are those of a column.</summary>
/// <param name="Source">The C# type, without a <c>?</c>.</param>
internal abstract record RowValue(Type Source)
{
    /// <summary>The column's type.</summary>
    public abstract DeltaType Type { get; }

    /// <summary>A value by itself.</summary>
    public sealed record Scalar(Type Source, DeltaType As) : RowValue(Source)
    {
        public override DeltaType Type => As;
    }

    public sealed record List(Type Source, RowValue Element) : RowValue(Source)
    {
        public override DeltaType Type => new DeltaType.Array(Element.Type, ContainsNull: true);
    }

    public sealed record Map(Type Source, RowValue Key, RowValue Value) : RowValue(Source)
    {
        public override DeltaType Type => new DeltaType.Map(Key.Type, Value.Type, ValueContainsNull: true);
    }

    /// <summary>An object whose properties are fields.</summary>
    public sealed record Record(Type Source, IReadOnlyList<RowMember> Members) : RowValue(Source)
    {
        public override DeltaType Type => new DeltaType.Struct([.. Members.Select(member => member.Field)]);
    }

    /// <summary>Whether values are lists, maps or structs, which go to DuckDB and come from it as JSON with texts in it.</summary>
    public bool IsNested => this is not Scalar;

    /// <summary>The same values for a column that is there.</summary>
    /// <param name="path">The column, for errors.</param>
    /// <param name="extends">Whether fields that the column has not may come.</param>
    /// <exception cref="DeltaException">The column cannot hold them without a loss.</exception>
    public RowValue Into(DeltaType target, string path, bool extends) => (this, target) switch
    {
        (Scalar scalar, _) when Fitting(scalar.Type, target) is { } type => scalar with { As = type },
        (List list, DeltaType.Array array) => list with { Element = list.Element.Into(array.Element, $"{path}.element", extends) },
        (Map map, DeltaType.Map to) =>
            map with { Key = map.Key.Into(to.Key, $"{path}.key", extends), Value = map.Value.Into(to.Value, $"{path}.value", extends) },
        (Record record, DeltaType.Struct fields) => record with
        {
            Members = [.. record.Members.Select(member => member.Into(fields, $"{path}.{member.Field.Name}", extends))],
        },
        _ => throw new DeltaException(
            DeltaErrorKind.Schema, $"Column '{path}' is {target}, and {Source.Name} does not go into it without a loss.",
            $"Give it values of a type that is {target}, or change the column."),
    };

    /// <summary>Writes a value as JSON, with a text for each scalar.</summary>
    public void Write(Utf8JsonWriter json, object? value)
    {
        if (value is null)
        {
            json.WriteNullValue();
            return;
        }

        switch (this)
        {
            case List list:
                json.WriteStartArray();
                foreach (var element in (IEnumerable)value)
                {
                    list.Element.Write(json, element);
                }

                json.WriteEndArray();
                break;
            case Map map:
                json.WriteStartObject();
                foreach (var (key, held) in Pairs(value))
                {
                    json.WritePropertyName(ScalarText.Of(key, map.Key.Type));
                    map.Value.Write(json, held);
                }

                json.WriteEndObject();
                break;
            case Record record:
                json.WriteStartObject();
                foreach (var member in record.Members)
                {
                    json.WritePropertyName(member.Field.Name);
                    member.Value.Write(json, member.Get(value));
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(ScalarText.Of(value, Type));
                break;
        }
    }

    private static IEnumerable<(object Key, object? Value)> Pairs(object map)
    {
        if (map is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                yield return (entry.Key, entry.Value);
            }

            yield break;
        }

        foreach (var pair in (IEnumerable)map)
        {
            var type = pair.GetType();
            yield return (type.GetProperty("Key")!.GetValue(pair)!, type.GetProperty("Value")!.GetValue(pair));
        }
    }

    /// <summary>The type as which values go into a column: null where something of them could be lost unseen.</summary>
    private static DeltaType? Fitting(DeltaType type, DeltaType target) => (type, target) switch
    {
        _ when type == target => type,

        // Rounded to the places that the column has, as by INSERT; what is too large is an error.
        (DeltaType.Decimal { Scale: > 0 }, DeltaType.Decimal) => target,
        (DeltaType.Decimal { Scale: 0 }, DeltaType.Decimal) => type,
        (DeltaType.Decimal, DeltaType.Primitive { Name: "double" or "float" }) => type,
        (DeltaType.Decimal { Scale: 0 }, DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" }) => type,
        (DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" }, DeltaType.Decimal) => type,
        (DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" },
            DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" or "double" or "float" }) => type,
        (DeltaType.Primitive { Name: "double" or "float" }, DeltaType.Primitive { Name: "double" or "float" }) => type,
        (DeltaType.Primitive { Name: "timestamp" or "timestamp_ntz" }, DeltaType.Primitive { Name: "timestamp" or "timestamp_ntz" }) =>
            target,
        (DeltaType.Primitive { Name: "date" }, DeltaType.Primitive { Name: "timestamp" or "timestamp_ntz" }) => type,
        _ => null,
    };
}
