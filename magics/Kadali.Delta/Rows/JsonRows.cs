using System.Collections;
using System.Text.Json;

namespace Kadali.Delta;

/// <summary>Objects of lists, maps and structs, which DuckDB gives as JSON with texts in it.</summary>
internal static class JsonRows
{
    /// <param name="path">The column or field, for errors.</param>
    /// <exception cref="DeltaException">A field is missing, or there is no value for one that cannot be null.</exception>
    /// <exception cref="FormatException">A value is none of that type.</exception>
    public static object? Read(JsonElement json, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (json.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (ScalarText.TypeOf(type) is not null)
        {
            return ScalarText.Parse(json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText(), type);
        }

        if (RowType.MapOf(type) is { } map)
        {
            return Map(json, type, map.Key, map.Value, path);
        }

        return RowType.ElementOf(type) is { } element ? List(json, type, element, path) : Object(json, type, path);
    }

    private static object Map(JsonElement json, Type type, Type keys, Type values, string path)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(keys, values))!;
        foreach (var pair in json.EnumerateObject())
        {
            map.Add(ScalarText.Parse(pair.Name, keys), Element(pair.Value, values, path));
        }

        return type.IsInstanceOfType(map) ? map : Activator.CreateInstance(type, map)!;
    }

    private static object List(JsonElement json, Type type, Type element, string path)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        foreach (var item in json.EnumerateArray())
        {
            list.Add(Element(item, element, path));
        }

        if (type.IsArray)
        {
            var array = Array.CreateInstance(element, list.Count);
            list.CopyTo(array, 0);
            return array;
        }

        return type.IsInstanceOfType(list) ? list : Activator.CreateInstance(type, list)!;
    }

    private static object? Element(JsonElement json, Type type, string path) =>
        Read(json, type, path) ?? (type.IsValueType && Nullable.GetUnderlyingType(type) is null ? throw Missing(path, type) : null);

    private static object Object(JsonElement json, Type type, string path)
    {
        var fields = json.EnumerateObject().ToArray();
        return RowConstruction.Of(type, [.. fields.Select(field => field.Name)]).Make(slot =>
        {
            var field = fields.First(field => string.Equals(field.Name, slot.Column, StringComparison.OrdinalIgnoreCase));
            return Read(field.Value, slot.Type, $"{path}.{field.Name}")
                ?? (slot.IsNeverNull ? throw Missing($"{path}.{field.Name}", slot.Type) : null);
        });
    }

    private static DeltaException Missing(string path, Type type) => new(
        DeltaErrorKind.Schema, $"A row has no value in '{path}', and what it is read into cannot be null.", $"Declare it as {type.Name}?.");
}
