namespace Kadali.Delta;

/// <summary>The values of SET and of INSERT's VALUES, by top-level columns: fields within a struct make a new struct of the old.</summary>
internal static class AssignedValues
{
    /// <param name="values">Paths and values; the values are DuckDB's SQL.</param>
    /// <param name="old">What the table is called whose columns have the old values.</param>
    /// <exception cref="DeltaException">A column is not there, or is set twice.</exception>
    public static IReadOnlyDictionary<string, string> Of(
        DeltaType.Struct schema, IEnumerable<(ColumnPath Column, string Value)> values, string old)
    {
        var assigned = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var column in values.GroupBy(value => value.Column.Parts[0], StringComparer.OrdinalIgnoreCase))
        {
            var field = Find(schema, column.First().Column, 0);
            assigned.Add(
                field.Name,
                Value(field, [.. column.Select(value => (value.Column, value.Value))], 1, $"{old}.{DuckDb.Name(field.Name)}"));
        }

        return assigned;
    }

    private static string Value(StructField field, IReadOnlyList<(ColumnPath Column, string Value)> values, int depth, string old)
    {
        if (values.FirstOrDefault(value => value.Column.Parts.Count == depth) is { Column: not null } whole)
        {
            return values.Count == 1 ? whole.Value : throw new DeltaException(
                DeltaErrorKind.Argument, $"Column '{whole.Column}' is set twice.") { Offset = values[1].Column.Start };
        }

        if (field.Type is not DeltaType.Struct record)
        {
            throw new DeltaException(
                DeltaErrorKind.Schema,
                $"'{string.Join('.', values[0].Column.Parts.Take(depth))}' has no fields: it is of type {field.Type}.")
            {
                Offset = values[0].Column.Start,
            };
        }

        var fields = values.GroupBy(value => Find(record, value.Column, depth).Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.OrdinalIgnoreCase);
        return $"struct_pack({string.Join(", ", record.Fields.Select(inner =>
        {
            var before = $"struct_extract({old}, {DuckDb.Text(inner.Name)})";
            return $"{DuckDb.Name(inner.Name)} := "
                + $"{(fields.TryGetValue(inner.Name, out var set) ? Value(inner, set, depth + 1, before) : before)}";
        }))})";
    }

    private static StructField Find(DeltaType.Struct schema, ColumnPath path, int depth) =>
        schema.Find(path.Parts[depth]) ?? throw new DeltaException(
            DeltaErrorKind.Schema, $"The table has no column '{path}'.",
            Spelling.Nearest(path.Parts[depth], schema.Fields.Select(field => field.Name)) is { } near ? $"Did you mean '{near}'?"
                : $"There are {string.Join(", ", schema.Fields.Select(field => field.Name))}.")
        {
            Offset = path.Start,
        };
}
