using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Formatting;

/// <summary>A value as one line of text.</summary>
public static class ValueText
{
    public static string Of(object? value) => Of(value, 0);

    internal static string Of(object? value, int depth)
    {
        const int bytesShown = 32;
        switch (value)
        {
            case null:
                return Formatter.NullString;
            case string text:
                return text;
            case bool flag:
                return flag ? "true" : "false";
            case DateTime time:
                return time.ToString(time.TimeOfDay == TimeSpan.Zero && time.Kind == DateTimeKind.Unspecified ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + (time.Kind == DateTimeKind.Utc ? "Z" : "");
            case DateTimeOffset time:
                return time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture);
            case DateOnly or TimeOnly:
                return ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture);
            case double or float:
                return ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture);
            case JsonNode or JsonElement or JsonDocument:
                return value is JsonDocument document ? document.RootElement.GetRawText() : value.ToString() ?? "";
            case byte[] bytes:
                return Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, bytesShown))) + (bytes.Length > bytesShown ? $"… ({bytes.Length:N0} bytes)" : "");
            case Type type:
                return TypeNames.Of(type);
            case IDictionary map:
                return "{ " + Items(map.Keys.Cast<object?>().Select(key => $"{Of(key, depth + 1)}: {Of(map[key!], depth + 1)}"), map.Count) + " }";
            case IEnumerable items when depth < Formatter.RecursionLimit:
                return "[ " + Items(items.Cast<object?>().Select(item => Of(item, depth + 1)), (items as ICollection)?.Count) + " ]";
            case IFormattable formattable:
                return formattable.ToString(null, CultureInfo.InvariantCulture);
            default:
                return Text(value);
        }
    }

    /// <summary>What <c>ToString</c> says, which is somebody else's code.</summary>
    private static string Text(object value)
    {
        try
        {
            return value.ToString() ?? "";
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A ToString that throws must not take the whole table with it.
            return $"<{exception.GetType().Name}: {exception.Message}>";
        }
    }

    private static string Items(IEnumerable<string> items, int? count)
    {
        var limit = Formatter.ListExpansionLimit;
        var shown = items.Take(limit + 1).ToList();
        if (shown.Count <= limit)
        {
            return string.Join(", ", shown);
        }

        var rest = count is { } known ? $"({known - limit} more)" : "(more)";
        return string.Join(", ", shown.Take(limit)) + " … " + rest;
    }

    /// <summary>The members of an object with their values, an indented line each.</summary>
    internal static string Members(object value)
    {
        var text = new StringBuilder(TypeNames.Of(value.GetType()));
        foreach (var (name, member) in MembersOf(value))
        {
            text.Append("\n  ").Append(name).Append(": ").Append(Of(member, 1).ReplaceLineEndings("\n  "));
        }

        return text.ToString();
    }

    internal static IEnumerable<(string Name, object? Value)> MembersOf(object value)
    {
        foreach (var property in value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            if (property.GetMethod is not null && property.GetIndexParameters().Length == 0)
            {
                yield return (property.Name, Get(() => property.GetValue(value)));
            }
        }

        foreach (var field in value.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            yield return (field.Name, field.GetValue(value));
        }
    }

    private static object? Get(Func<object?> read)
    {
        try
        {
            return read();
        }
        catch (TargetInvocationException exception)
        {
            return $"<{exception.InnerException?.GetType().Name}: {exception.InnerException?.Message}>";
        }
    }
}
