using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Kadali.Delta;

/// <summary>What the log says of the values in a file (Delta protocol, "Per-file Statistics").</summary>
internal static class FileStatistics
{
    /// <summary>Rows in a file, also deleted ones; null where that is not known.</summary>
    public static long? Rows(AddFile file)
    {
        if (string.IsNullOrEmpty(file.Stats))
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(file.Stats));
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals("numRecords"u8))
                    {
                        return Whole(ref reader);
                    }

                    reader.Skip();
                }
            }
        }
        catch (JsonException)
        {
            // Statistics that cannot be read are none.
        }

        return null;
    }

    /// <summary>What statistics say of a column; nothing where they cannot be read.</summary>
    public static ValueRange Range(string? json, ScanColumn column)
    {
        if (string.IsNullOrEmpty(json))
        {
            return ValueRange.Unknown;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
        try
        {
            return Range(buffer.AsSpan(0, Encoding.UTF8.GetBytes(json, buffer)), column);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A column's range from its parts.</summary>
    /// <param name="maximum">As the statistics have it: writers cut times to milliseconds.</param>
    public static ValueRange Range(ScanColumn column, object? minimum, object? maximum, long? nulls, long? rows)
    {
        // 1.1 may stand for the float next to it, which is greater.
        if (column.WasFloat)
        {
            minimum = minimum is double low ? Math.Min(low, (float)low) : minimum;
            maximum = maximum is double high ? Math.Max(high, (float)high) : maximum;
        }

        return new(
            minimum,
            maximum is long time && column.Type is DeltaType.Primitive { Name: "timestamp" or "timestamp_ntz" } ? time + 999 : maximum,
            MayBeNull: nulls is not 0, MayBeValue: nulls is null || rows is null || nulls < rows);
    }

    /// <inheritdoc cref="Range(string?, ScanColumn)"/>
    public static ValueRange Range(ReadOnlySpan<byte> json, ScanColumn column)
    {
        var (minimum, maximum, nulls, rows) = ((object?)null, (object?)null, (long?)null, (long?)null);
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return ValueRange.Unknown;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("numRecords"u8))
                {
                    rows = Whole(ref reader);
                }
                else if (reader.ValueTextEquals("minValues"u8))
                {
                    minimum = Find(ref reader, column.Names) ? Value(ref reader, column.Type) : null;
                    Leave(ref reader, 1);
                }
                else if (reader.ValueTextEquals("maxValues"u8))
                {
                    maximum = Find(ref reader, column.Names) ? Value(ref reader, column.Type) : null;
                    Leave(ref reader, 1);
                }
                else if (reader.ValueTextEquals("nullCount"u8))
                {
                    nulls = Find(ref reader, column.Names) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count)
                        ? count
                        : null;
                    Leave(ref reader, 1);
                }
                else
                {
                    reader.Skip();
                }
            }

            return Range(column, minimum, maximum, nulls, rows);
        }
        catch (JsonException)
        {
            return ValueRange.Unknown;
        }
    }

    /// <summary>
    /// Goes from the name of an object to the value at a path in it; false, somewhere in the object, where there is none.
    /// </summary>
    private static bool Find(ref Utf8JsonReader reader, IReadOnlyList<string> path)
    {
        reader.Read();
        foreach (var name in path)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            var found = false;
            while (!found && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                found = reader.ValueTextEquals(name);
                if (found)
                {
                    reader.Read();
                }
                else
                {
                    reader.Skip();
                }
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Goes to the end of the value that was begun at a depth.</summary>
    private static void Leave(ref Utf8JsonReader reader, int depth)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            reader.Skip();
        }

        while (reader.CurrentDepth > depth && reader.Read())
        {
        }
    }

    private static object? Value(ref Utf8JsonReader reader, DeltaType type)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number when type is DeltaType.Primitive { Name: "long" or "integer" or "short" or "byte" }:
                return reader.TryGetInt64(out var whole) ? whole : null;
            case JsonTokenType.String:
                return StatValue.Parse(type, reader.GetString()!);
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                return StatValue.Parse(type, Encoding.UTF8.GetString(reader.ValueSpan));
            default:
                return null;
        }
    }

    private static long? Whole(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
        {
            return number;
        }

        reader.Skip();
        return null;
    }
}
