using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>A value as text, as a reader of tables and terminals wants it. Whatever the value is, the text has an end.</summary>
public static class ValueText
{
    private const int Most = 16_384;
    private const int InnerText = 1_000;
    private const int BytesShown = 32;

    /// <summary>The text of a value: text as it is, all else up to some thousand letters.</summary>
    public static string Of(object? value) => value as string ?? Of(value, Most);

    /// <summary>The text of a value, cut where it is longer than <paramref name="most"/>.</summary>
    public static string Of(object? value, int most)
    {
        if (Scalar(value) is not { } text)
        {
            var written = new StringBuilder();
            new Writer(written, most).Write(value!, 0);
            text = written.ToString();
        }

        return TextCut.Clip(text, most);
    }

    /// <summary>The members of an object with their values, an indented line each.</summary>
    internal static string Members(object value)
    {
        var text = new StringBuilder(TypeNames.Of(value.GetType()));
        var writer = new Writer(text, Most);
        foreach (var (name, member) in ObjectMembers.Of(value))
        {
            var from = text.Append("\n  ").Append(name).Append(": ").Length;
            writer.Write(member, 1);
            text.Replace("\n", "\n  ", from, text.Length - from);
            if (text.Length > Most)
            {
                return text.Append("\n  …").ToString();
            }
        }

        return text.ToString();
    }

    /// <summary>The text of what has no parts, else null.</summary>
    private static string? Scalar(object? value) => Formatter.RegisteredText(value) ?? value switch
    {
        null or DBNull => Formatter.NullString,
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTime time => Time(time),
        DateTimeOffset time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
        double or float or Half => ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture),
        JsonDocument document => document.RootElement.GetRawText(),
        JsonNode node => node.ToJsonString(),
        JsonElement element => element.ValueKind is JsonValueKind.String ? element.GetString() : element.GetRawText(),
        byte[] bytes => Bytes(bytes),
        Type type => TypeNames.Of(type),
        Task task => OfTask(task),
        Enum or Uri or Version or StringBuilder => value.ToString(),
        IFormattable formattable and not IEnumerable => Text(() => formattable.ToString(null, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static string Time(DateTime time) =>
        time.ToString(
            time.TimeOfDay == TimeSpan.Zero && time.Kind == DateTimeKind.Unspecified ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.FFFFFF",
            CultureInfo.InvariantCulture)
        + (time.Kind == DateTimeKind.Utc ? "Z" : "");

    private static string Bytes(byte[] bytes) =>
        Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, BytesShown)))
            + (bytes.Length > BytesShown ? $"… ({bytes.Length:N0} bytes)" : "");

    /// <summary>Its state and, where it has one, its value: never by waiting for it.</summary>
    private static string OfTask(Task task)
    {
        var type = task.GetType();
        while (type is { IsVisible: false, BaseType: { } above })
        {
            type = above;
        }

        return TypeNames.Of(type) + (task.Status switch
        {
            TaskStatus.RanToCompletion when type.GetProperty("Result") is { } result && result.PropertyType.Name != "VoidTaskResult" =>
                $": {Of(result.GetValue(task), InnerText)}",
            TaskStatus.RanToCompletion => " (done)",
            TaskStatus.Faulted => $" (failed: {task.Exception!.InnerException?.Message})",
            TaskStatus.Canceled => " (cancelled)",
            _ => " (running)",
        });
    }

    /// <summary>What somebody else's code says of itself: a <c>ToString</c> that throws must not take a whole table with it.</summary>
    private static string Text(Func<string?> read)
    {
        try
        {
            return read() ?? "";
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return $"<{exception.GetType().Name}: {exception.Message}>";
        }
    }

    /// <summary>Writes what has parts, and stops where enough is written: lists of lists of lists may have no end.</summary>
    private sealed class Writer(StringBuilder text, int most)
    {
        private readonly List<object> _above = [];

        public void Write(object? value, int depth)
        {
            if (Scalar(value) is { } scalar)
            {
                text.Append(depth > 0 ? TextCut.Clip(scalar, InnerText + 1) : scalar);
            }
            else if (_above.Any(other => ReferenceEquals(other, value)))
            {
                text.Append("(see above)");
            }
            else if (depth >= Formatter.RecursionLimit)
            {
                text.Append(ObjectMembers.HasOwnText(value!) && value is not IEnumerable
                    ? Text(value!.ToString)
                    : TypeNames.Of(value!.GetType()));
            }
            else
            {
                _above.Add(value!);
                Parts(value!, depth + 1);
                _above.RemoveAt(_above.Count - 1);
            }
        }

        private void Parts(object value, int depth)
        {
            if (value is IDictionary map)
            {
                Items("{ ", map.Keys, map.Count, depth, Formatter.ListExpansionLimit, key =>
                {
                    Write(key, depth);
                    text.Append(": ");
                    Write(map[key!], depth);
                });
                text.Append(" }");
            }
            else if (Sequences.Of(value) is { } items)
            {
                Items("[ ", items, (items as ICollection)?.Count, depth, Formatter.LimitFor(value.GetType()), item => Write(item, depth));
                text.Append(" ]");
            }
            else if (ObjectMembers.HasOwnText(value) || ObjectMembers.IsOpaque(value))
            {
                text.Append(Text(value.ToString));
            }
            else
            {
                var members = ObjectMembers.Of(value).ToArray();
                text.Append(TypeNames.Of(value.GetType()));
                Items(" { ", members, members.Length, depth, members.Length, member =>
                {
                    var (name, inner) = ((string, object?))member!;
                    text.Append(name).Append(" = ");
                    Write(inner, depth);
                });
                text.Append(members.Length > 0 ? " }" : "");
            }
        }

        private void Items(string open, IEnumerable items, int? count, int depth, int limit, Action<object?> write)
        {
            text.Append(open);
            var i = 0;
            foreach (var item in items)
            {
                if (i == limit || text.Length > most)
                {
                    text.Append(" … ").Append(count is { } known ? $"({known - i} more)" : "(more)");
                    return;
                }

                text.Append(i++ > 0 ? ", " : "");
                write(item);
            }
        }
    }
}
