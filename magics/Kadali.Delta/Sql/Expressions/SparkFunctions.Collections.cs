namespace Kadali.Delta;

/// <content>Lists, maps and structs.</content>
internal static partial class SparkFunctions
{
    private static (string Names, Func<CallArguments, string?> Write)[] Collections =>
    [
        Renamed("array", "list_value"),
        ("named_struct", NamedStruct),
        ("struct", Struct),
        ("map", Map),
        ("map_from_arrays", a => $"map({a[0]}, {a[1]})"),
        ("map_contains_key", a => $"map_contains({a[0]}, {a[1]})"),
        ("size cardinality", a => a.Count == 1 ? $"{(a.Type(0) is DeltaType.Map ? "cardinality" : "len")}({a[0]})" : null),
        Renamed("array_size", "len"),
        ("element_at", a => a.Count != 2 ? null
            : a.Type(0) is DeltaType.Map || a.Text(1) is not null ? $"{a.Operand(0)}[{a[1]}]" : $"{a.Operand(0)}[{a[1]}]"),
        ("try_element_at", a => $"{a.Operand(0)}[{a[1]}]"),
        ("get", a => a.Count == 2 ? $"{a.Operand(0)}[{a.Operand(1)} + 1]" : null),
        Renamed("array_contains", "list_contains"),
        ("array_position", a => $"CASE WHEN {a.Operand(0)} IS NULL OR {a.Operand(1)} IS NULL THEN NULL "
            + $"ELSE coalesce(list_position({a[0]}, {a[1]}), 0) END"),
        Renamed("array_max", "list_max"), Renamed("array_min", "list_min"),
        ("array_join", a => a.Count == 2 ? $"array_to_string({a[0]}, {a[1]})" : null),
        ("array_append", a => $"list_append({a[0]}, {a[1]})"),
        ("array_prepend", a => $"list_prepend({a[1]}, {a[0]})"),
        ("array_remove", a => $"list_filter({a[0]}, lambda e: e <> {a.Operand(1)})"),
        ("array_compact", a => $"list_filter({a[0]}, lambda e: e IS NOT NULL)"),
        ("array_repeat", a => $"list_transform(range({a[1]}), lambda e: {a[0]})"),
        ("array_distinct", a => Distinct(a[0])),
        ("array_except", a => Distinct($"list_filter({a[0]}, lambda e: NOT list_contains({a[1]}, e))")),
        ("array_union", a => Distinct($"list_concat({a[0]}, {a[1]})")),
        Renamed("array_intersect", "list_intersect"), Renamed("arrays_overlap", "list_has_any"),
        ("sort_array", a => $"list_sort({a[0]}, {(a.Count > 1 ? $"CASE WHEN {a[1]} THEN 'ASC' ELSE 'DESC' END" : "'ASC'")}, "
            + $"{(a.Count > 1 ? $"CASE WHEN {a[1]} THEN 'NULLS FIRST' ELSE 'NULLS LAST' END" : "'NULLS FIRST'")})"),
        ("array_sort", a => a.Count == 1 ? $"list_sort({a[0]}, 'ASC', 'NULLS LAST')" : null),
        ("slice", a => a.Count != 3 ? null
            : a.Number(1) is > 0 and var from && a.Number(2) is { } length ? $"list_slice({a[0]}, {from}, {from + length - 1})"
            : $"list_slice({a[0]}, {a[1]}, {a.Operand(1)} + {a.Operand(2)} - 1)"),
        ("sequence", a => a.Count is 2 or 3 ? $"generate_series({a.From(0)})" : null),
        ("transform", a => $"list_transform({a[0]}, {a.Lambda(1, indexed: 1)})"),
        ("filter", a => a.Count == 2 ? $"list_filter({a[0]}, {a.Lambda(1, indexed: 1)})" : null),
        ("exists any_match", a => $"len(list_filter({a[0]}, {a.Lambda(1)})) > 0"),
        ("forall all_match", a => $"len(list_filter({a[0]}, {a.Lambda(1)})) = len({a[0]})"),
        ("aggregate reduce", a => a.Count is 3 or 4 && a.Expression(2) is SqlExpression.Lambda ? Aggregate(a) : null),
    ];

    /// <summary>The first of each; DuckDB's own list_distinct keeps no order.</summary>
    private static string Distinct(string list) =>
        $"list_transform([{list}], lambda u: list_filter(u, lambda e, i: list_position(u, e) = i))[1]";

    private static string? NamedStruct(CallArguments arguments)
    {
        var fields = new List<string>();
        for (var i = 0; i + 1 < arguments.Count; i += 2)
        {
            if (arguments.Text(i) is not { } name)
            {
                return null;
            }

            fields.Add($"{DuckDb.Name(name)} := {arguments[i + 1]}");
        }

        return $"struct_pack({string.Join(", ", fields)})";
    }

    private static string Struct(CallArguments arguments)
    {
        var fields = Enumerable.Range(0, arguments.Count).Select(i => arguments.Expression(i) switch
        {
            SqlExpression.Named => arguments[i],
            SqlExpression.Name name => $"{DuckDb.Name(name.Parts[^1])} := {arguments[i]}",
            _ => $"{DuckDb.Name($"col{i + 1}")} := {arguments[i]}",
        });
        return $"struct_pack({string.Join(", ", fields)})";
    }

    /// <summary>Keys and values by turns. Two lists are DuckDB's own way to say it.</summary>
    private static string? Map(CallArguments arguments)
    {
        if (arguments.Count % 2 == 1 || (arguments.Count == 2 && arguments.Expression(0) is SqlExpression.Items { Open: '[' }))
        {
            return null;
        }

        var all = arguments;
        var entries = Enumerable.Range(0, all.Count / 2).Select(i => $"{all[2 * i]}: {all[(2 * i) + 1]}");
        return $"MAP {{{string.Join(", ", entries)}}}";
    }

    /// <summary>A last lambda makes something of the outcome.</summary>
    private static string? Aggregate(CallArguments arguments)
    {
        var folded = $"list_reduce({arguments[0]}, {arguments.Lambda(2)}, {arguments[1]})";
        return arguments.Count == 3 ? folded : $"list_transform([{folded}], {arguments.Lambda(3)})[1]";
    }
}
