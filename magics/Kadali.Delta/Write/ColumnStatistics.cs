using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Kadali.Delta;

/// <summary>Turns what DuckDB says of a Parquet file that it wrote (COPY … RETURN_STATS) into Delta's statistics.</summary>
internal sealed class ColumnStatistics
{
    private readonly TableProperties _properties;
    private readonly List<Leaf> _leaves = [];

    public ColumnStatistics(DeltaType.Struct schema, IReadOnlyList<string> partitionColumns, TableProperties properties)
    {
        _properties = properties;
        var mapping = new ColumnMapping(properties);
        var wanted = properties.StatsColumns is { } names ? Names(names) : null;
        var left = wanted is not null || properties.IndexedColumns < 0 ? int.MaxValue : properties.IndexedColumns;
        foreach (var field in schema.Fields.Where(field => !partitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase)))
        {
            Add(field, [], field.Name, mapping, wanted, ref left);
        }
    }

    /// <summary>The columns that statistics are kept of, by their physical names from the outside in.</summary>
    public IEnumerable<(IReadOnlyList<string> Path, DeltaType Type)> Leaves =>
        _leaves.Select(leaf => ((IReadOnlyList<string>)leaf.Path, leaf.Type));

    /// <param name="Path">Physical names from the outside in.</param>
    private sealed record Leaf(string[] Path, string Key, DeltaType Type);

    /// <summary>The columns that have statistics, as quoted, dotted paths.</summary>
    public IEnumerable<string> Keys => _leaves.Select(leaf => leaf.Key);

    /// <summary>The statistics of a file as JSON.</summary>
    /// <param name="rows">Rows in the file.</param>
    /// <param name="columns">What DuckDB gave: by quoted, dotted path.</param>
    /// <param name="tight">Whether the bounds stand for rows that are all there.</param>
    public string Write(long rows, IReadOnlyDictionary<string, Dictionary<string, string>> columns, bool tight = true)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("numRecords", rows);
            WriteBounds(json, "minValues", columns, leaf => Bound(leaf, columns, "min"));
            WriteBounds(json, "maxValues", columns, leaf => Bound(leaf, columns, "max"));
            WriteBounds(json, "nullCount", columns, leaf => columns[leaf.Key].GetValueOrDefault("null_count"));
            if (_properties.DeletionVectors)
            {
                json.WriteBoolean("tightBounds", tight);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private void WriteBounds(
        Utf8JsonWriter json, string name, IReadOnlyDictionary<string, Dictionary<string, string>> columns, Func<Leaf, string?> value)
    {
        json.WriteStartObject(name);
        var open = new List<string>();
        foreach (var leaf in _leaves)
        {
            if (!columns.ContainsKey(leaf.Key) || value(leaf) is not { } text)
            {
                continue;
            }

            // Leaves of a struct follow each other.
            var same = 0;
            while (same < open.Count && same < leaf.Path.Length - 1 && open[same] == leaf.Path[same])
            {
                same++;
            }

            for (; open.Count > same; open.RemoveAt(open.Count - 1))
            {
                json.WriteEndObject();
            }

            for (; open.Count < leaf.Path.Length - 1; open.Add(leaf.Path[open.Count]))
            {
                json.WriteStartObject(leaf.Path[open.Count]);
            }

            json.WritePropertyName(leaf.Path[^1]);
            json.WriteRawValue(text);
        }

        for (; open.Count > 0; open.RemoveAt(open.Count - 1))
        {
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>A least or greatest value as JSON; null where Delta collects none.</summary>
    private string? Bound(Leaf leaf, IReadOnlyDictionary<string, Dictionary<string, string>> columns, string which)
    {
        var column = columns[leaf.Key];
        if (!column.TryGetValue(which, out var text) || (column.TryGetValue("has_nan", out var nan) && nan == "true"))
        {
            return null;
        }

        return leaf.Type switch
        {
            DeltaType.Primitive { Name: "string" } => Quote(which == "min" ? Cut(text) : Greatest(text)),
            DeltaType.Primitive { Name: "date" } => Quote(text),
            DeltaType.Primitive { Name: "timestamp" } => Time(text) is { } time ? Quote(time + "Z") : null,
            DeltaType.Primitive { Name: "timestamp_ntz" } => Time(text) is { } time ? Quote(time) : null,
            DeltaType.Primitive { Name: "float" or "double" } =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                    ? text
                    : null,
            DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" } => text,
            DeltaType.Decimal => WithDigit(text),
            _ => null,
        };
    }

    /// <summary>DuckDB writes no digit before the point where the type has none there, and JSON wants one.</summary>
    private static string WithDigit(string text) => text.StartsWith('.') ? "0" + text
        : text.StartsWith("-.", StringComparison.Ordinal) ? "-0" + text[1..]
        : text;

    /// <summary>A text that is not less than any that begins with it. DuckDB has cut it and rounded it up at 256 bytes before.</summary>
    private string Greatest(string text) => Cut(text) is var cut && cut.Length < text.Length ? cut + "\U0010FFFF" : text;

    private string Cut(string text)
    {
        var most = _properties.StringPrefix;

        // Not in the middle of a surrogate pair.
        return text.Length <= most ? text : text[..(most > 0 && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }

    /// <summary>ISO 8601 in UTC, cut down to milliseconds.</summary>
    private static string? Time(string text) => DateTime.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
        ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture)
        : null;

    private static string Quote(string text) =>
        "\"" + JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    private void Add(
        StructField field, string[] above, string logical, ColumnMapping mapping, HashSet<string>? wanted, ref int left)
    {
        string[] path = [.. above, mapping.Physical(field)];
        if (field.Type is DeltaType.Struct record)
        {
            var all = wanted is null || wanted.Contains(logical) ? null : wanted;
            foreach (var inner in record.Fields)
            {
                Add(inner, path, $"{logical}.{inner.Name}", mapping, all, ref left);
            }
        }
        else if (left-- > 0 && (wanted is null || wanted.Contains(logical)) && field.Type is not (DeltaType.Array or DeltaType.Map)
            && field.Type != DeltaType.Variant && field.Type != DeltaType.Void)
        {
            _leaves.Add(new(path, string.Join('.', path.Select(name => DuckDb.Name(name))), field.Type));
        }
    }

    /// <summary>Names between commas, which may stand in backticks.</summary>
    private static HashSet<string> Names(string text) => new(
        text.Split(',').Select(name => name.Trim().Replace("`", "", StringComparison.Ordinal)), StringComparer.OrdinalIgnoreCase);
}
