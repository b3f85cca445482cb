using System.Globalization;

namespace Kadali.Delta;

/// <summary>
/// What a value has to become before it is cast to a column's type. DuckDB rounds fractions to whole numbers, where Spark cuts them off,
/// and drops fields of a struct that the column has not.
/// </summary>
internal static class StoreAssignment
{
    /// <summary>SQL of the value, still to be cast.</summary>
    /// <param name="path">What is assigned, as messages name it.</param>
    /// <param name="from">The value's type, as DuckDB prints it.</param>
    /// <exception cref="DeltaException">A struct has a field that the column has not.</exception>
    public static string Of(string path, DeltaType to, string value, string from) =>
        Concerns(to) && DuckTypes.TryToDelta(path, from) is { } given ? Change(path, to, given, value, 0) ?? value : value;

    /// <summary>The same for values of unknown types: all are asked of DuckDB at once.</summary>
    /// <param name="rows">What stands behind FROM: the rows that the values are made of.</param>
    public static IReadOnlyList<string> Of(
        DuckDb duckDb, IReadOnlyList<(StructField Field, string Value)> values, string rows, CancellationToken cancellationToken)
    {
        var asked = values.Index().Where(item => Concerns(item.Item.Field.Type) && !IsPlain(item.Item.Value)).ToArray();
        var stored = values.Select(value => value.Value).ToArray();
        if (asked.Length > 0)
        {
            var columns = asked.Select(item => string.Create(CultureInfo.InvariantCulture, $"({item.Item.Value}) AS v{item.Index}"));
            var types = RowShape.Columns(duckDb, $"SELECT {string.Join(", ", columns)} FROM {rows}", cancellationToken);
            foreach (var ((place, (field, value)), column) in asked.Zip(types))
            {
                stored[place] = Of(field.Name, field.Type, value, column.Type) is var changed && changed != value
                    ? SqlPlaces.Leading(value) + changed
                    : value;
            }
        }

        return stored;
    }

    private static bool Concerns(DeltaType to) => to switch
    {
        DeltaType.Struct => true,
        DeltaType.Array array => Concerns(array.Element),
        DeltaType.Map map => Concerns(map.Key) || Concerns(map.Value),
        _ => ExpressionTypes.IsInteger(to),
    };

    /// <summary>Whether it is a whole number that is written out, or null.</summary>
    private static bool IsPlain(string value) => SqlPlaces.Strip(value).Trim() is var text
        && (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            || text.Equals("NULL", StringComparison.OrdinalIgnoreCase));

    /// <summary>Null where the value can stay as it is.</summary>
    private static string? Change(string path, DeltaType to, DeltaType from, string value, int depth)
    {
        var item = string.Create(CultureInfo.InvariantCulture, $"_v{depth}");
        switch (to, from)
        {
            case (DeltaType.Struct wanted, DeltaType.Struct given):
                return Fields(path, wanted, given, item, depth) is { } packed
                    // By a list the value is computed once, however often its fields are taken.
                    ? $"list_transform([{value}], lambda {item}: CASE WHEN {item} IS NOT NULL THEN {packed} END)[1]"
                    : null;
            case (DeltaType.Array wanted, DeltaType.Array given):
                return Change($"{path}.element", wanted.Element, given.Element, item, depth + 1) is { } element
                    ? $"list_transform({value}, lambda {item}: {element})"
                    : null;
            case (DeltaType.Map wanted, DeltaType.Map given):
                var key = Change($"{path}.key", wanted.Key, given.Key, $"{item}.key", depth + 1);
                var inner = Change($"{path}.value", wanted.Value, given.Value, $"{item}.value", depth + 1);
                return key is null && inner is null ? null
                    : $"map_from_entries(list_transform(map_entries({value}), lambda {item}: "
                        + $"struct_pack(k := {key ?? $"{item}.key"}, v := {inner ?? $"{item}.value"})))";
            default:
                return ExpressionTypes.IsInteger(to) && ExpressionTypes.HasFraction(from) ? $"trunc({value})" : null;
        }
    }

    private static string? Fields(string path, DeltaType.Struct to, DeltaType.Struct from, string item, int depth)
    {
        var changes = false;
        var fields = new List<string>();
        foreach (var field in from.Fields)
        {
            var wanted = to.Find(field.Name) ?? throw new DeltaException(
                DeltaErrorKind.Schema, $"The table has no field '{path}.{field.Name}'.",
                $"'{path}' has {string.Join(", ", to.Fields.Select(known => known.Name))}. With schema evolution new fields are added.");
            var old = $"struct_extract({item}, {DuckDb.Text(field.Name)})";
            var change = Change($"{path}.{field.Name}", wanted.Type, field.Type, old, depth + 1);
            changes |= change is not null;
            fields.Add($"{DuckDb.Name(field.Name)} := {change ?? old}");
        }

        return changes ? $"struct_pack({string.Join(", ", fields)})" : null;
    }
}
