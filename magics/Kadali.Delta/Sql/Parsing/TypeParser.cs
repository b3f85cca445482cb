namespace Kadali.Delta;

/// <summary>Reads type names, in Spark's and in DuckDB's spelling.</summary>
internal static class TypeParser
{
    private const int MostDigits = 38;

    private static readonly Dictionary<string, DeltaType> Plain = new(StringComparer.OrdinalIgnoreCase)
    {
        ["BOOLEAN"] = DeltaType.Boolean, ["BOOL"] = DeltaType.Boolean, ["LOGICAL"] = DeltaType.Boolean,
        ["TINYINT"] = DeltaType.Byte, ["BYTE"] = DeltaType.Byte, ["INT1"] = DeltaType.Byte,
        ["SMALLINT"] = DeltaType.Short, ["SHORT"] = DeltaType.Short, ["INT2"] = DeltaType.Short,
        ["INT"] = DeltaType.Integer, ["INTEGER"] = DeltaType.Integer, ["INT4"] = DeltaType.Integer, ["SIGNED"] = DeltaType.Integer,
        ["BIGINT"] = DeltaType.Long, ["LONG"] = DeltaType.Long, ["INT8"] = DeltaType.Long,
        ["FLOAT"] = DeltaType.Float, ["REAL"] = DeltaType.Float, ["FLOAT4"] = DeltaType.Float,
        ["DOUBLE"] = DeltaType.Double, ["FLOAT8"] = DeltaType.Double,
        ["DATE"] = DeltaType.Date,
        ["TIMESTAMP"] = DeltaType.Timestamp, ["TIMESTAMP_LTZ"] = DeltaType.Timestamp, ["TIMESTAMPTZ"] = DeltaType.Timestamp,
        ["TIMESTAMP_NTZ"] = DeltaType.TimestampNtz, ["DATETIME"] = DeltaType.TimestampNtz,
        ["STRING"] = DeltaType.String, ["TEXT"] = DeltaType.String, ["UUID"] = DeltaType.String, ["JSON"] = DeltaType.String,
        ["VARCHAR"] = DeltaType.String, ["BPCHAR"] = DeltaType.String,
        ["BINARY"] = DeltaType.Binary, ["BLOB"] = DeltaType.Binary, ["BYTEA"] = DeltaType.Binary, ["VARBINARY"] = DeltaType.Binary,
        ["VOID"] = DeltaType.Void, ["VARIANT"] = DeltaType.Variant,

        // Delta has no types without a sign: the next larger ones hold their values.
        ["UTINYINT"] = DeltaType.Short, ["USMALLINT"] = DeltaType.Integer, ["UINTEGER"] = DeltaType.Long,
        ["UBIGINT"] = new DeltaType.Decimal(20, 0), ["HUGEINT"] = new DeltaType.Decimal(MostDigits, 0),
    };

    private static readonly string[] Others = ["DECIMAL", "NUMERIC", "DEC", "CHAR", "CHARACTER", "ARRAY", "MAP", "STRUCT"];

    /// <summary>Reads a type.</summary>
    /// <returns>The type, and <c>char(n)</c> or <c>varchar(n)</c> where it is a string of limited length.</returns>
    public static (DeltaType Type, string? LimitedString) Read(SqlCursor cursor)
    {
        var (type, limited) = ReadOne(cursor);
        while (cursor.Is("["))
        {
            cursor.Read();
            if (cursor.Current.Kind == SqlTokenKind.Number)
            {
                throw SqlCursor.Failure("Arrays of a fixed length have no type in Delta.", cursor.Current.Start, "Write the type with [].");
            }

            cursor.Expect("]");
            (type, limited) = (new DeltaType.Array(type, ContainsNull: true), null);
        }

        return (type, limited);
    }

    /// <summary>Whether a word can begin a type; for telling a column's type from its other clauses.</summary>
    public static bool IsTypeName(string word) => Plain.ContainsKey(word) || Others.Contains(word, StringComparer.OrdinalIgnoreCase);

    private static (DeltaType Type, string? LimitedString) ReadOne(SqlCursor cursor)
    {
        var start = cursor.Current;
        Nesting.Check(start.Start);
        if (start.Kind != SqlTokenKind.Word)
        {
            throw cursor.Expected("a type");
        }

        var name = cursor.TextOf(start).ToString().ToUpperInvariant();
        switch (name)
        {
            case "DECIMAL" or "NUMERIC" or "DEC":
                cursor.Read();
                return (ReadDecimal(cursor), null);
            case "CHAR" or "CHARACTER" or "VARCHAR" when cursor.Is(cursor.Peek(), "("):
                cursor.Read();
                cursor.Read();
                var length = cursor.ReadNumber("a length");
                cursor.Expect(")");
                return (DeltaType.String, $"{(name == "VARCHAR" ? "varchar" : "char")}({length})");
            case "CHAR" or "CHARACTER":
                cursor.Read();
                return (DeltaType.String, null);
            case "ARRAY" when cursor.Is(cursor.Peek(), "<"):
                cursor.Read();
                cursor.Read();
                var element = Read(cursor).Type;
                Close(cursor);
                return (new DeltaType.Array(element, ContainsNull: true), null);
            case "MAP":
                return (ReadMap(cursor), null);
            case "STRUCT" or "ROW":
                return (ReadStruct(cursor), null);
        }

        if (!Plain.TryGetValue(name, out var type))
        {
            throw cursor.Expected(["a type"], Plain.Keys.Concat(Others));
        }

        cursor.Read();
        if (name == "DOUBLE")
        {
            cursor.Try("PRECISION");
        }
        else if (name == "TIMESTAMP" && (cursor.Try("WITHOUT", "TIME") || cursor.Is("WITH", "TIME")))
        {
            type = cursor.Try("WITH", "TIME") ? DeltaType.Timestamp : DeltaType.TimestampNtz;
            cursor.Expect("ZONE");
        }

        return (type, null);
    }

    private static DeltaType.Decimal ReadDecimal(SqlCursor cursor)
    {
        if (!cursor.Try("("))
        {
            return new(10, 0);
        }

        var place = cursor.Current.Start;
        var precision = cursor.ReadNumber("a precision");
        var scale = cursor.Try(",") ? cursor.ReadNumber("a scale") : 0;
        cursor.Expect(")");
        return precision is >= 1 and <= MostDigits && scale <= precision
            ? new((int)precision, (int)scale)
            : throw SqlCursor.Failure($"DECIMAL({precision}, {scale}) has more than {MostDigits} digits, or more behind the point.", place);
    }

    private static DeltaType.Map ReadMap(SqlCursor cursor)
    {
        cursor.Read();
        var angles = cursor.Try("<");
        if (!angles)
        {
            cursor.Expect("(");
        }

        var key = Read(cursor).Type;
        cursor.Expect(",");
        var value = Read(cursor).Type;
        if (angles)
        {
            Close(cursor);
        }
        else
        {
            cursor.Expect(")");
        }

        return new(key, value, ValueContainsNull: true);
    }

    private static DeltaType.Struct ReadStruct(SqlCursor cursor)
    {
        cursor.Read();

        // STRUCT<> comes as one token.
        if (cursor.Try("<>"))
        {
            return new([]);
        }

        var angles = cursor.Try("<");
        if (!angles)
        {
            cursor.Expect("(");
        }

        var fields = new List<StructField>();
        while (!(fields.Count == 0 && cursor.Is(">")))
        {
            fields.Add(ReadField(cursor));
            if (!cursor.Try(","))
            {
                break;
            }
        }

        if (angles)
        {
            Close(cursor);
        }
        else
        {
            cursor.Expect(")");
        }

        return new(fields);
    }

    private static StructField ReadField(SqlCursor cursor)
    {
        var name = cursor.ReadName("a field's name");

        // "a:INT" comes as a name and a parameter.
        if (cursor.Current.Kind == SqlTokenKind.Parameter && cursor.TextOf(cursor.Current)[0] == ':')
        {
            cursor.MoveTo(cursor.Current.Start + 1);
        }
        else
        {
            cursor.Try(":");
        }

        var (type, limited) = Read(cursor);
        var nullable = !cursor.Try("NOT", "NULL");
        var field = new StructField(name, type, nullable);
        if (limited is not null)
        {
            field = field.With(ColumnDefinition.StringLimit, limited);
        }

        return cursor.Try("COMMENT") ? field.With("comment", cursor.ReadString("a comment")) : field;
    }

    /// <summary>Reads <c>&gt;</c>, which may be the first half of <c>&gt;&gt;</c>.</summary>
    private static void Close(SqlCursor cursor)
    {
        if (cursor.Current.Kind == SqlTokenKind.Symbol && cursor.TextOf(cursor.Current)[0] == '>')
        {
            cursor.MoveTo(cursor.Current.Start + 1);
        }
        else
        {
            throw cursor.Expected(">");
        }
    }
}
