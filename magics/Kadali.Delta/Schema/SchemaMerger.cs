using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>Schema evolution: what a table's schema becomes when rows of another come to it.</summary>
internal static class SchemaMerger
{
    public const string TypeChangesKey = "delta.typeChanges";

    /// <summary>The schema with the columns that only the other has, at the end; and with wider types where the table allows it.</summary>
    /// <param name="widens">Whether types may become wider.</param>
    public static DeltaType.Struct Merge(DeltaType.Struct table, DeltaType.Struct rows, bool widens)
    {
        var fields = table.Fields.Select(field => rows.Find(field.Name) is { } other ? Merge(field, other, widens) : field).ToList();

        // What comes new has no value in the rows that are there.
        fields.AddRange(rows.Fields.Where(field => table.Find(field.Name) is null).Select(field => field with { Nullable = true }));
        return new(fields);
    }

    private static StructField Merge(StructField field, StructField other, bool widens)
    {
        switch (field.Type, other.Type)
        {
            case (DeltaType.Struct mine, DeltaType.Struct theirs):
                return field with { Type = Merge(mine, theirs, widens) };
            case (DeltaType.Array { Element: DeltaType.Struct mine } array, DeltaType.Array { Element: DeltaType.Struct theirs }):
                return field with { Type = array with { Element = Merge(mine, theirs, widens) } };
            case (DeltaType.Map { Value: DeltaType.Struct mine } map, DeltaType.Map { Value: DeltaType.Struct theirs }):
                return field with { Type = map with { Value = Merge(mine, theirs, widens) } };
            case ({ } mine, _) when mine == DeltaType.Void:
                return field with { Type = other.Type };
            case ({ } mine, { } theirs) when widens && TypeWidening.IsWider(mine, theirs):
                return TypeWidening.Widen(field, theirs);
            default:
                return field;
        }
    }
}

/// <summary>Changes of a column's type that leave its files as they are (Delta protocol, "Type Widening").</summary>
internal static class TypeWidening
{
    private static readonly Dictionary<string, int> Integers = new() { ["byte"] = 1, ["short"] = 2, ["integer"] = 3, ["long"] = 4 };

    /// <summary>Whether all values of one type are values of another, as the feature allows.</summary>
    public static bool IsWider(DeltaType from, DeltaType to) => (from, to) switch
    {
        (DeltaType.Primitive a, DeltaType.Primitive b)
            when Integers.TryGetValue(a.Name, out var low) && Integers.TryGetValue(b.Name, out var high) => low < high,
        (DeltaType.Primitive { Name: "float" }, DeltaType.Primitive { Name: "double" }) => true,
        (DeltaType.Primitive { Name: "byte" or "short" or "integer" }, DeltaType.Primitive { Name: "double" }) => true,
        (DeltaType.Primitive { Name: "date" }, DeltaType.Primitive { Name: "timestamp_ntz" }) => true,
        (DeltaType.Decimal a, DeltaType.Decimal b) => a != b && b.Scale >= a.Scale && b.Precision - b.Scale >= a.Precision - a.Scale,
        (DeltaType.Primitive { Name: "byte" or "short" or "integer" }, DeltaType.Decimal b) => b.Precision - b.Scale >= 10,
        (DeltaType.Primitive { Name: "long" }, DeltaType.Decimal b) => b.Precision - b.Scale >= 20,
        _ => false,
    };

    /// <summary>The field with the wider type, and a note of the change.</summary>
    /// <param name="inside">The way to it inside of lists and maps: <c>element</c>, <c>key</c>, <c>value</c>.</param>
    public static StructField Widen(StructField field, DeltaType to, params IReadOnlyList<string> inside) =>
        Note(field, Inside(field.Type, inside), to, inside) with { Type = With(field.Type, inside, to) };

    /// <summary>The field with a note of a change that its type has behind it; this field where it has that note.</summary>
    /// <param name="inside">As for <see cref="Widen"/>.</param>
    public static StructField Note(StructField field, DeltaType from, DeltaType to, params IReadOnlyList<string> inside)
    {
        var change = new JsonObject { ["toType"] = SchemaJson.Json(to), ["fromType"] = SchemaJson.Json(from) };
        if (inside.Count > 0)
        {
            change["fieldPath"] = string.Join('.', inside);
        }

        var changes = field.Metadata[SchemaMerger.TypeChangesKey]?.DeepClone() as JsonArray ?? [];
        if (changes.Any(known => JsonNode.DeepEquals(known, change)))
        {
            return field;
        }

        changes.Add(change);
        return field.With(SchemaMerger.TypeChangesKey, changes);
    }

    /// <summary>All changes that a schema notes, in whatever part of it.</summary>
    public static IEnumerable<(DeltaType From, DeltaType To)> Changes(DeltaType type) => type switch
    {
        DeltaType.Struct record => record.Fields.SelectMany(field => Changes(field).Concat(Changes(field.Type))),
        DeltaType.Array array => Changes(array.Element),
        DeltaType.Map map => Changes(map.Key).Concat(Changes(map.Value)),
        _ => [],
    };

    /// <summary>The changes that a field notes of its own type.</summary>
    public static IEnumerable<(DeltaType From, DeltaType To)> Changes(StructField field) =>
        (field.Metadata[SchemaMerger.TypeChangesKey] as JsonArray ?? []).OfType<JsonObject>()
            .Where(change => change["fromType"] is not null && change["toType"] is not null)
            .Select(change => (SchemaJson.Type(change["fromType"]!), SchemaJson.Type(change["toType"]!)));

    /// <summary>The type at the end of a way inside of lists and maps.</summary>
    public static DeltaType Inside(DeltaType type, IReadOnlyList<string> way) => way.Aggregate(type, (inner, step) => Inside(inner, step)!);

    /// <summary>The type one step inside of a list or map, or null where there is no such step.</summary>
    public static DeltaType? Inside(DeltaType type, string step) => (type, step) switch
    {
        (DeltaType.Array array, "element") => array.Element,
        (DeltaType.Map map, "key") => map.Key,
        (DeltaType.Map map, "value") => map.Value,
        _ => null,
    };

    /// <summary>A type with another at the end of a way inside of it.</summary>
    public static DeltaType With(DeltaType type, IReadOnlyList<string> way, DeltaType to) => With(type, way, 0, to);

    private static DeltaType With(DeltaType type, IReadOnlyList<string> way, int depth, DeltaType to) => depth == way.Count
        ? to
        : type switch
        {
            DeltaType.Array array => array with { Element = With(array.Element, way, depth + 1, to) },
            DeltaType.Map map when way[depth] == "key" => map with { Key = With(map.Key, way, depth + 1, to) },
            DeltaType.Map map => map with { Value = With(map.Value, way, depth + 1, to) },
            _ => type,
        };
}
