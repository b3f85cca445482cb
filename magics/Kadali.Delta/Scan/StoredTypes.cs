namespace Kadali.Delta;

/// <summary>
/// The types in which columns are read that files hold in others than the table has. Where DuckDB itself is told of the table's type, it
/// turns the constants of a filter into the file's: <c>5.2</c> finds the whole number 5. So they are read as they are stored, and cast in
/// the query, where filters are computed on what is cast. Whole numbers need no such care: a constant that is out of range stays outside.
/// </summary>
internal static class StoredTypes
{
    /// <summary>Whether files may hold a column in such another type, as far as the schema says it.</summary>
    public static bool MayDiffer(Snapshot snapshot) =>
        (snapshot.Features.Contains(TableFeature.TypeWidening) || snapshot.Features.Contains(TableFeature.TypeWideningPreview))
        && TypeWidening.Changes(snapshot.Schema).Any(change => IsTold(change.To, change.From));

    /// <summary>The columns of a file that have to be cast, by their names in the table, and the types in which they are read.</summary>
    /// <param name="fields">The columns that files have.</param>
    /// <param name="stored">The file's columns, and their types as DuckDB prints them.</param>
    public static Dictionary<string, DeltaType> Of(
        IEnumerable<StructField> fields, ColumnMapping mapping, IReadOnlyDictionary<string, string> stored)
    {
        var casts = new Dictionary<string, DeltaType>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            var name = mapping.Physical(field);
            var type = mapping.Physical(field.Type);
            if ((stored.GetValueOrDefault(name) ?? stored.FirstOrDefault(
                    column => string.Equals(column.Key, name, StringComparison.OrdinalIgnoreCase)).Value) is { } text
                && DuckTypes.Of(type) != DuckTypes.Normal(text) && Read(type, name, text) is { } read && !read.Equals(type))
            {
                casts.Add(field.Name, read);
            }
        }

        return casts;
    }

    /// <summary>Notes in the fields of a new table the types that its files have instead, as if they had become wider.</summary>
    /// <param name="fields">Changed in place.</param>
    /// <param name="files">The columns of each file.</param>
    /// <returns>Whether there are any.</returns>
    /// <exception cref="DeltaException">A file has a type that cannot become the table's in a table of Delta.</exception>
    public static bool Note(StructField[] fields, IReadOnlyList<IReadOnlyDictionary<string, string>> files)
    {
        var before = fields.ToArray();
        foreach (var columns in files.Distinct())
        {
            foreach (var (name, text) in columns)
            {
                var place = Array.FindIndex(fields, field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase));
                if (place >= 0 && DuckTypes.Of(fields[place].Type) != DuckTypes.Normal(text))
                {
                    fields[place] = Note(fields[place], fields[place].Type, DuckTypes.ToDelta(name, text), []);
                }
            }
        }

        return fields.Where((field, i) => !ReferenceEquals(field, before[i])).Any();
    }

    /// <param name="table">The field's type, or what is at the end of a way inside of it.</param>
    private static StructField Note(StructField field, DeltaType table, DeltaType stored, string[] inside)
    {
        switch (table, stored)
        {
            case (DeltaType.Struct record, DeltaType.Struct other):
                StructField[] parts =
                [
                    .. record.Fields.Select(part => other.Find(part.Name) is { } same ? Note(part, part.Type, same.Type, []) : part),
                ];
                return parts.Where((part, i) => !ReferenceEquals(part, record.Fields[i])).Any()
                    ? field with { Type = TypeWidening.With(field.Type, inside, new DeltaType.Struct(parts)) }
                    : field;
            case (DeltaType.Array array, DeltaType.Array other):
                return Note(field, array.Element, other.Element, [.. inside, "element"]);
            case (DeltaType.Map map, DeltaType.Map other):
                field = Note(field, map.Key, other.Key, [.. inside, "key"]);
                return Note(field, map.Value, other.Value, [.. inside, "value"]);
            case ({ } mine, { } theirs) when mine == theirs || theirs == DeltaType.Void:
                return field;
            case ({ } mine, { } theirs) when TypeWidening.IsWider(theirs, mine):
                return TypeWidening.Note(field, theirs, mine, inside);
            default:
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"The column '{field.Name}' is {stored} in one file and would be {table} in the table.",
                    "Write the files with one type each column, or with types of which one holds the values of the other.");
        }
    }

    private static DeltaType? Read(DeltaType type, string name, string stored)
    {
        try
        {
            return Read(type, DuckTypes.ToDelta(name, stored));
        }
        catch (DeltaException)
        {
            // Of such a type no column of Delta can have become: DuckDB says whether it can be cast.
            return null;
        }
    }

    private static DeltaType Read(DeltaType table, DeltaType stored) => (table, stored) switch
    {
        (DeltaType.Struct record, DeltaType.Struct other) => new DeltaType.Struct(
        [
            .. record.Fields.Select(
                field => other.Find(field.Name) is { } part ? field with { Type = Read(field.Type, part.Type) } : field),
        ]),
        (DeltaType.Array array, DeltaType.Array other) => array with { Element = Read(array.Element, other.Element) },
        (DeltaType.Map map, DeltaType.Map other) => map with { Key = Read(map.Key, other.Key), Value = Read(map.Value, other.Value) },
        _ => IsTold(table, stored) ? stored : table,
    };

    /// <summary>Whether a constant of the table's type may lose something as one of the stored type.</summary>
    private static bool IsTold(DeltaType table, DeltaType stored) => table != stored && (table, stored) switch
    {
        (DeltaType.Decimal or DeltaType.Primitive { Name: "float" or "double" or "string" or "date" or "timestamp_ntz" },
            DeltaType.Decimal or DeltaType.Primitive { Name: not ("binary" or "timestamp" or "variant" or "void") }) => true,
        (DeltaType.Primitive { Name: "byte" or "short" or "integer" or "long" },
            DeltaType.Decimal or DeltaType.Primitive { Name: "float" or "double" }) => true,
        _ => false,
    };
}
