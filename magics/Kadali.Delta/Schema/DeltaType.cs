using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>A type of Delta's schema (Delta protocol, "Schema Serialization Format").</summary>
public abstract record DeltaType
{
    /// <summary>Types without parts.</summary>
    /// <param name="Name">
    /// As in the log: <c>string</c>, <c>long</c>, <c>integer</c>, <c>short</c>, <c>byte</c>, <c>float</c>, <c>double</c>,
    /// <c>boolean</c>, <c>binary</c>, <c>date</c>, <c>timestamp</c>, <c>timestamp_ntz</c>, <c>variant</c>, <c>void</c>.
    /// </param>
    public sealed record Primitive(string Name) : DeltaType
    {
        /// <summary>The type's name in the log.</summary>
        public override string ToString() => Name;
    }

    /// <summary>Exact numbers of up to 38 digits.</summary>
    /// <param name="Precision">Digits altogether, from 1 to 38.</param>
    /// <param name="Scale">Digits after the point, of those.</param>
    public sealed record Decimal(int Precision, int Scale) : DeltaType
    {
        /// <summary>The type as it stands in the log: <c>decimal(10,2)</c>.</summary>
        public override string ToString() =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})");
    }

    /// <summary>Lists of one type.</summary>
    /// <param name="Element">The type of what is in them.</param>
    /// <param name="ContainsNull">Whether elements may be null.</param>
    public sealed record Array(DeltaType Element, bool ContainsNull) : DeltaType
    {
        /// <summary>The type in one line, with the log's names: <c>array&lt;long&gt;</c>. Where nulls may stand is not in it.</summary>
        public override string ToString() => $"array<{Element}>";
    }

    /// <summary>Maps; keys are never null.</summary>
    /// <param name="Key">The type of keys.</param>
    /// <param name="Value">The type of values.</param>
    /// <param name="ValueContainsNull">Whether values may be null.</param>
    public sealed record Map(DeltaType Key, DeltaType Value, bool ValueContainsNull) : DeltaType
    {
        /// <summary>
        /// The type in one line, with the log's names: <c>map&lt;string,long&gt;</c>. Where nulls may stand is not in it.
        /// </summary>
        public override string ToString() => $"map<{Key},{Value}>";
    }

    /// <summary>Named fields, whose names differ without regard to case.</summary>
    /// <param name="Fields">In the order of the schema.</param>
    public sealed record Struct(IReadOnlyList<StructField> Fields) : DeltaType
    {
        /// <summary>The field of that name, in whatever case, or null.</summary>
        public StructField? Find(string name) =>
            Fields.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase));

        /// <summary>Whether the fields of both are equal, in the same order.</summary>
        public bool Equals(Struct? other) => other is not null && Fields.SequenceEqual(other.Fields);

        /// <inheritdoc/>
        public override int GetHashCode() => Fields.Aggregate(0, (hash, field) => HashCode.Combine(hash, field.Name));

        /// <summary>
        /// The type in one line, with the log's names: <c>struct&lt;id:long,name:string&gt;</c>. Where nulls may stand, and metadata, are
        /// not in it.
        /// </summary>
        public override string ToString() => $"struct<{string.Join(",", Fields.Select(field => $"{field.Name}:{field.Type}"))}>";
    }

    /// <summary>Texts in UTF-8 (<c>string</c>); also what Spark calls <c>char(n)</c> and <c>varchar(n)</c>.</summary>
    public static Primitive String { get; } = new("string");

    /// <summary>Whole numbers of 8 bytes with a sign (<c>long</c>); <c>BIGINT</c> in SQL.</summary>
    public static Primitive Long { get; } = new("long");

    /// <summary>Whole numbers of 4 bytes with a sign (<c>integer</c>); <c>INT</c> in SQL.</summary>
    public static Primitive Integer { get; } = new("integer");

    /// <summary>Whole numbers of 2 bytes with a sign (<c>short</c>); <c>SMALLINT</c> in SQL.</summary>
    public static Primitive Short { get; } = new("short");

    /// <summary>Whole numbers of 1 byte with a sign, from -128 to 127 (<c>byte</c>); <c>TINYINT</c> in SQL.</summary>
    public static Primitive Byte { get; } = new("byte");

    /// <summary>Floating-point numbers of 4 bytes (<c>float</c>).</summary>
    public static Primitive Float { get; } = new("float");

    /// <summary>Floating-point numbers of 8 bytes (<c>double</c>).</summary>
    public static Primitive Double { get; } = new("double");

    /// <summary>True and false (<c>boolean</c>).</summary>
    public static Primitive Boolean { get; } = new("boolean");

    /// <summary>Bytes (<c>binary</c>).</summary>
    public static Primitive Binary { get; } = new("binary");

    /// <summary>Days of the calendar, without a time (<c>date</c>).</summary>
    public static Primitive Date { get; } = new("date");

    /// <summary>Points in time, to the microsecond, stored in UTC (<c>timestamp</c>).</summary>
    public static Primitive Timestamp { get; } = new("timestamp");

    /// <summary>
    /// Date and time on a clock of no time zone, to the microsecond (<c>timestamp_ntz</c>). Tables with it have the feature
    /// <c>timestampNtz</c>.
    /// </summary>
    public static Primitive TimestampNtz { get; } = new("timestamp_ntz");

    /// <summary>Values of any type, each with its own (<c>variant</c>). Tables with it have the feature <c>variantType</c>.</summary>
    public static Primitive Variant { get; } = new("variant");

    /// <summary>Nothing but nulls (<c>void</c>): data files leave such columns out. Spark's type of a null without a cast.</summary>
    public static Primitive Void { get; } = new("void");
}

/// <summary>A column, or a field of a struct.</summary>
/// <param name="Name">As its users see it; where column mapping is on, files have another, in the metadata.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Nullable">Whether null may stand there.</param>
/// <param name="Metadata">What the log says beside it: comments, column mapping, generation; kept as it is. Never changed in place.</param>
public sealed record StructField(string Name, DeltaType Type, bool Nullable, JsonObject Metadata)
{
    /// <summary>A field without metadata.</summary>
    public StructField(string name, DeltaType type, bool nullable = true) : this(name, type, nullable, []) { }

    /// <summary>The text under a key of the metadata, or null.</summary>
    public string? Text(string key) => Metadata[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>This field with one entry of its metadata set; removed where the value is null.</summary>
    public StructField With(string key, JsonNode? value)
    {
        var metadata = (JsonObject)Metadata.DeepClone();
        if (value is null)
        {
            metadata.Remove(key);
        }
        else
        {
            metadata[key] = value;
        }

        return this with { Metadata = metadata };
    }

    /// <summary>Whether name, by case, type, nullability and metadata are equal.</summary>
    public bool Equals(StructField? other) => other is not null && Name == other.Name && Type.Equals(other.Type)
        && Nullable == other.Nullable && JsonNode.DeepEquals(Metadata, other.Metadata);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Nullable);
}
