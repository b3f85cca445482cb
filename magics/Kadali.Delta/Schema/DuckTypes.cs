namespace Kadali.Delta;

/// <summary>Delta's types as DuckDB spells them.</summary>
internal static class DuckTypes
{
    /// <summary>The type for reading and computing.</summary>
    /// <param name="blobs">Whether variants are stored as structs of two blobs.</param>
    public static string Of(DeltaType type, bool blobs = false) => type switch
    {
        DeltaType.Primitive primitive => primitive.Name switch
        {
            "string" => "VARCHAR",
            "long" => "BIGINT",
            "integer" => "INTEGER",
            "short" => "SMALLINT",
            "byte" => "TINYINT",
            "float" => "FLOAT",
            "double" => "DOUBLE",
            "boolean" => "BOOLEAN",
            "binary" => "BLOB",
            "date" => "DATE",
            "timestamp" => "TIMESTAMPTZ",
            "timestamp_ntz" => "TIMESTAMP",
            "variant" => blobs ? "STRUCT(value BLOB, metadata BLOB)" : "VARIANT",
            "void" => "INTEGER",
            _ => throw new DeltaException(DeltaErrorKind.Unsupported, $"Columns of type '{primitive.Name}' cannot be read here."),
        },
        DeltaType.Decimal number => $"DECIMAL({number.Precision}, {number.Scale})",
        DeltaType.Array array => Of(array.Element, blobs) + "[]",
        DeltaType.Map map => $"MAP({Of(map.Key, blobs)}, {Of(map.Value, blobs)})",
        DeltaType.Struct record =>
            $"STRUCT({string.Join(", ", record.Fields.Select(field => $"{DuckDb.Name(field.Name)} {Of(field.Type, blobs)}"))})",
        _ => throw new InvalidOperationException($"{type.GetType()} has no type in DuckDB."),
    };

    /// <summary>A type as DuckDB prints it, in the spelling of <see cref="Of"/>.</summary>
    public static string Normal(string type) => type switch
    {
        "TIMESTAMP WITH TIME ZONE" => "TIMESTAMPTZ",
        _ when type.StartsWith("DECIMAL(", StringComparison.Ordinal) => type.Replace(",", ", ", StringComparison.Ordinal),
        _ => type,
    };

    /// <summary>The type with texts for all single values in it.</summary>
    public static DeltaType Texts(DeltaType type) => type switch
    {
        DeltaType.Array array => array with { Element = Texts(array.Element) },
        DeltaType.Map map => map with { Key = Texts(map.Key), Value = Texts(map.Value) },
        DeltaType.Struct record => new DeltaType.Struct([.. record.Fields.Select(field => field with { Type = Texts(field.Type) })]),
        _ => DeltaType.String,
    };

    /// <summary>SQL of a value's text. DuckDB writes no digit before a decimal's point where its type has none there.</summary>
    public static string Text(DeltaType type, string value, string verb = "CAST") =>
        type is DeltaType.Decimal { Precision: var all, Scale: var behind } && all == behind
            ? $"regexp_replace({verb}({value} AS VARCHAR), '^(-?)\\.', '\\10.')"
            : $"{verb}({value} AS VARCHAR)";

    /// <summary>Whether variants stand somewhere in it.</summary>
    public static bool HoldsVariant(DeltaType type) => type switch
    {
        DeltaType.Primitive { Name: "variant" } => true,
        DeltaType.Array array => HoldsVariant(array.Element),
        DeltaType.Map map => HoldsVariant(map.Value),
        DeltaType.Struct record => record.Fields.Any(field => HoldsVariant(field.Type)),
        _ => false,
    };

    /// <summary>The type of Delta that holds the values of a type of DuckDB.</summary>
    /// <param name="column">The column, for errors.</param>
    /// <param name="type">As <c>DESCRIBE</c> prints it.</param>
    /// <exception cref="DeltaException">Delta has no such type.</exception>
    public static DeltaType ToDelta(string column, string type)
    {
        var reader = new TypeReader(column, type);
        return reader.Read();
    }

    /// <summary>The same, but null where Delta has no such type.</summary>
    public static DeltaType? TryToDelta(string column, string type)
    {
        try
        {
            return ToDelta(column, type);
        }
        catch (DeltaException)
        {
            return null;
        }
    }

    private ref struct TypeReader(string column, string type)
    {
        private int _at;

        public DeltaType Read()
        {
            var read = One();
            while (_at < type.Length && type[_at] == '[')
            {
                _at = type.IndexOf(']', _at) + 1;
                read = new DeltaType.Array(read, ContainsNull: true);
            }

            return read;
        }

        private DeltaType One()
        {
            var name = Word();
            switch (name)
            {
                case "STRUCT":
                    var fields = new List<StructField>();
                    do
                    {
                        // Behind '(' or ', '.
                        _at += fields.Count == 0 ? 1 : 2;
                        var field = Name();
                        _at++;
                        fields.Add(new(field, Read()));
                    }
                    while (type[_at] == ',');

                    _at++;
                    return new DeltaType.Struct(fields);
                case "MAP":
                    _at++;
                    var key = Read();
                    _at = type.IndexOf(' ', _at) + 1;
                    var value = Read();
                    _at++;
                    return new DeltaType.Map(key, value, ValueContainsNull: true);
                case "ENUM":
                    Skip();
                    return DeltaType.String;
                case "DECIMAL":
                    var numbers = type[(_at + 1)..type.IndexOf(')', _at)].Split(',');
                    Skip();
                    return new DeltaType.Decimal(
                        int.Parse(numbers[0], System.Globalization.CultureInfo.InvariantCulture),
                        int.Parse(numbers[1], System.Globalization.CultureInfo.InvariantCulture));
                default:
                    return Simple(name);
            }
        }

        private readonly DeltaType Simple(string name) => name switch
        {
            "VARCHAR" or "UUID" or "JSON" => DeltaType.String,
            "BIGINT" or "UINTEGER" => DeltaType.Long,
            "INTEGER" or "USMALLINT" => DeltaType.Integer,
            "SMALLINT" or "UTINYINT" => DeltaType.Short,
            "TINYINT" => DeltaType.Byte,
            "UBIGINT" => new DeltaType.Decimal(20, 0),
            "HUGEINT" => new DeltaType.Decimal(38, 0),
            "FLOAT" => DeltaType.Float,
            "DOUBLE" => DeltaType.Double,
            "BOOLEAN" => DeltaType.Boolean,
            "BLOB" => DeltaType.Binary,
            "DATE" => DeltaType.Date,
            "TIMESTAMP WITH TIME ZONE" => DeltaType.Timestamp,
            "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" => DeltaType.TimestampNtz,
            "VARIANT" => DeltaType.Variant,
            "NULL" or "\"NULL\"" => DeltaType.Void,
            _ => throw new DeltaException(
                DeltaErrorKind.Schema, $"Delta has no type for the values of column '{column}', which are {type}.",
                "Cast it, for instance to VARCHAR."),
        };

        private string Word()
        {
            var start = _at;
            while (_at < type.Length && type[_at] is not ('(' or '[' or ',' or ')'))
            {
                _at++;
            }

            return type[start.._at];
        }

        private string Name()
        {
            if (type[_at] != '"')
            {
                var end = type.IndexOf(' ', _at);
                if (end < 0 || type.AsSpan(_at, end - _at).ContainsAny("(),["))
                {
                    throw new DeltaException(
                        DeltaErrorKind.Schema, $"The values of column '{column}' have fields without names: {type}.",
                        "Write {'name': value}, or cast them to a struct.");
                }

                var plain = type[_at..end];
                _at = end;
                return plain;
            }

            var name = new System.Text.StringBuilder();
            for (_at++; type[_at] != '"' || (_at + 1 < type.Length && type[_at + 1] == '"'); _at++)
            {
                _at += type[_at] == '"' ? 1 : 0;
                name.Append(type[_at]);
            }

            _at++;
            return name.ToString();
        }

        private void Skip() => _at = type.IndexOf(')', _at) + 1;
    }
}
