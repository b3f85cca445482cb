using System.Text.Json;

namespace Kadali.Delta;

/// <summary>What the log says of the values in a file (Delta protocol, "Per-file Statistics").</summary>
internal sealed class FileStatistics
{
    private readonly JsonElement _root;

    private FileStatistics(JsonElement root, long? rows) => (_root, Rows) = (root, rows);

    /// <summary>Rows in the file, also deleted ones; null where that is not known.</summary>
    public long? Rows { get; }

    /// <summary>Whether minimum and maximum stand in the file still, or are bounds only.</summary>
    public bool IsTight => !_root.TryGetProperty("tightBounds", out var tight) || tight.ValueKind != JsonValueKind.False;

    /// <summary>The statistics of a file; null where it has none that can be read: then it is read whole.</summary>
    public static FileStatistics? Of(AddFile file)
    {
        if (string.IsNullOrEmpty(file.Stats))
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(file.Stats);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new(
                    json.RootElement.Clone(),
                    json.RootElement.TryGetProperty("numRecords", out var rows) && rows.TryGetInt64(out var count) ? count : null)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The least value of a column, or a bound below it.</summary>
    /// <param name="path">Physical names.</param>
    public object? Minimum(IReadOnlyList<string> path, DeltaType type) => Value("minValues", path, type);

    /// <summary>The greatest value of a column, or a bound above it.</summary>
    public object? Maximum(IReadOnlyList<string> path, DeltaType type) => Value("maxValues", path, type) switch
    {
        // Writers cut times to milliseconds.
        long time when type is DeltaType.Primitive { Name: "timestamp" or "timestamp_ntz" } => time + 999,
        var value => value,
    };

    /// <summary>How many rows have no value, or null.</summary>
    public long? Nulls(IReadOnlyList<string> path) =>
        Find("nullCount", path) is { ValueKind: JsonValueKind.Number } count && count.TryGetInt64(out var number) ? number : null;

    private object? Value(string kind, IReadOnlyList<string> path, DeltaType type) => Find(kind, path) is { } value
        ? value.ValueKind switch
        {
            JsonValueKind.String => StatValue.Parse(type, value.GetString()!),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => StatValue.Parse(type, value.GetRawText()),
            _ => null,
        }
        : null;

    private JsonElement? Find(string kind, IReadOnlyList<string> path)
    {
        var place = _root;
        if (!place.TryGetProperty(kind, out place))
        {
            return null;
        }

        foreach (var name in path)
        {
            if (place.ValueKind != JsonValueKind.Object || !place.TryGetProperty(name, out place))
            {
                return null;
            }
        }

        return place;
    }
}
