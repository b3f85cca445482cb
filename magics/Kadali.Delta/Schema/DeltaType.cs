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
        public override string ToString() => Name;
    }

    /// <summary>Exact numbers of up to 38 digits.</summary>
    public sealed record Decimal(int Precision, int Scale) : DeltaType
    {
        public override string ToString() =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})");
    }

    /// <summary>Lists of one type.</summary>
    public sealed record Array(DeltaType Element, bool ContainsNull) : DeltaType
    {
        public override string ToString() => $"array<{Element}>";
    }

    /// <summary>Maps; keys are never null.</summary>
    public sealed record Map(DeltaType Key, DeltaType Value, bool ValueContainsNull) : DeltaType
    {
        public override string ToString() => $"map<{Key},{Value}>";
    }

    /// <summary>Named fields, whose names differ without regard to case.</summary>
    public sealed record Struct(IReadOnlyList<StructField> Fields) : DeltaType
    {
        /// <summary>The field of that name, in whatever case, or null.</summary>
        public StructField? Find(string name) =>
            Fields.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase));

        public bool Equals(Struct? other) => other is not null && Fields.SequenceEqual(other.Fields);

        public override int GetHashCode() => Fields.Aggregate(0, (hash, field) => HashCode.Combine(hash, field.Name));

        public override string ToString() => $"struct<{string.Join(",", Fields.Select(field => $"{field.Name}:{field.Type}"))}>";
    }

    public static Primitive String { get; } = new("string");
    public static Primitive Long { get; } = new("long");
    public static Primitive Integer { get; } = new("integer");
    public static Primitive Short { get; } = new("short");
    public static Primitive Byte { get; } = new("byte");
    public static Primitive Float { get; } = new("float");
    public static Primitive Double { get; } = new("double");
    public static Primitive Boolean { get; } = new("boolean");
    public static Primitive Binary { get; } = new("binary");
    public static Primitive Date { get; } = new("date");
    public static Primitive Timestamp { get; } = new("timestamp");
    public static Primitive TimestampNtz { get; } = new("timestamp_ntz");
    public static Primitive Variant { get; } = new("variant");
    public static Primitive Void { get; } = new("void");
}

/// <summary>A column, or a field of a struct.</summary>
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

    public bool Equals(StructField? other) => other is not null && Name == other.Name && Type.Equals(other.Type)
        && Nullable == other.Nullable && JsonNode.DeepEquals(Metadata, other.Metadata);

    public override int GetHashCode() => HashCode.Combine(Name, Type, Nullable);
}
