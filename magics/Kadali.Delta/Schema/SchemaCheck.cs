namespace Kadali.Delta;

/// <summary>Whether a schema may be a table's.</summary>
internal static class SchemaCheck
{
    // What readers of Parquet and of Hive's folders cannot have in a name, unless column mapping gives files others.
    private const string Odd = " ,;{}()\n\t=";

    /// <exception cref="DeltaException">Two columns have the same name, or the partition columns make no sense.</exception>
    public static void Check(DeltaType.Struct schema, IReadOnlyList<string> partitionColumns)
    {
        if (schema.Fields.Count == 0)
        {
            throw new DeltaException(DeltaErrorKind.Schema, "A table needs at least one column.");
        }

        Unique(schema, "");
        foreach (var name in partitionColumns)
        {
            var field = schema.Find(name) ?? throw new DeltaException(
                DeltaErrorKind.Schema, $"The table has no column '{name}' to be partitioned by.",
                $"Its columns are {string.Join(", ", schema.Fields.Select(known => known.Name))}.");
            if (field.Type is DeltaType.Struct or DeltaType.Array or DeltaType.Map
                || field.Type == DeltaType.Variant || field.Type == DeltaType.Void)
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"A table cannot be partitioned by '{name}', which is of type {field.Type}.");
            }
        }

        if (partitionColumns.Distinct(StringComparer.OrdinalIgnoreCase).Count() != partitionColumns.Count)
        {
            throw new DeltaException(DeltaErrorKind.Schema, "A partition column is named twice.");
        }

        if (partitionColumns.Count == schema.Fields.Count)
        {
            throw new DeltaException(DeltaErrorKind.Schema, "A table cannot be partitioned by all of its columns.");
        }
    }

    /// <exception cref="DeltaException">NOT NULL stands in a list or map, where no writer looks.</exception>
    public static void CheckNulls(DeltaType.Struct schema, string within = "")
    {
        foreach (var field in schema.Fields)
        {
            var name = within + field.Name;
            switch (field.Type)
            {
                case DeltaType.Struct record:
                    CheckNulls(record, name + ".");
                    break;
                case DeltaType.Array { Element: var element } when HasNotNull(element):
                case DeltaType.Map map when HasNotNull(map.Key) || HasNotNull(map.Value):
                    throw new DeltaException(
                        DeltaErrorKind.Schema,
                        $"NOT NULL within '{name}', of type {field.Type}, would not be checked: Delta knows it of columns and fields of "
                            + "structs, not within lists and maps.",
                        "Leave NOT NULL away there.");
            }
        }
    }

    private static bool HasNotNull(DeltaType type) => type switch
    {
        DeltaType.Struct record => record.Fields.Any(field => !field.Nullable || HasNotNull(field.Type)),
        DeltaType.Array array => HasNotNull(array.Element),
        DeltaType.Map map => HasNotNull(map.Key) || HasNotNull(map.Value),
        _ => false,
    };

    /// <exception cref="DeltaException">A name needs column mapping, and the table has none.</exception>
    public static void CheckNames(DeltaType.Struct schema, TableProperties properties)
    {
        if (new ColumnMapping(properties).IsOn)
        {
            return;
        }

        foreach (var field in schema.Fields)
        {
            if (field.Name.IndexOfAny(Odd.ToCharArray()) >= 0)
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"The name of column '{field.Name}' has one of ' ,;{{}}()=' in it, or a line's end.",
                    "Rename it, or let the table have column mapping: TBLPROPERTIES ('delta.columnMapping.mode' = 'name').");
            }

            if (field.Type is DeltaType.Struct record)
            {
                CheckNames(record, properties);
            }
        }
    }

    private static void Unique(DeltaType type, string path)
    {
        switch (type)
        {
            case DeltaType.Struct record:
                var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                foreach (var field in record.Fields)
                {
                    if (!names.Add(field.Name))
                    {
                        throw new DeltaException(
                            DeltaErrorKind.Schema, $"There are two columns '{path}{field.Name}': names differ without regard to case.");
                    }

                    Unique(field.Type, $"{path}{field.Name}.");
                }

                break;
            case DeltaType.Array array:
                Unique(array.Element, $"{path}element.");
                break;
            case DeltaType.Map map:
                Unique(map.Key, $"{path}key.");
                Unique(map.Value, $"{path}value.");
                break;
        }
    }
}
