using System.Collections;
using System.Globalization;
using Kadali.Cells;
using Kadali.Delta;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>What commands of Delta gave, for the reader.</summary>
internal static class DeltaViews
{
    /// <summary>Rows as a table; a sentence where there are none.</summary>
    public static MimeBundle Table(CommandOutput output, DeltaCommand command)
    {
        if (output.Rows.Count == 0)
        {
            return MimeBundle.Text(command switch
            {
                DeltaCommand.Vacuum => "No file is to be removed.",
                DeltaCommand.Fsck => "The log and the files are whole.",
                _ => "Done.",
            });
        }

        var note = output.Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"version {version}") : null;
        return TableFormatter.Format(
            new SequenceTable(
                [.. output.Columns.Select(column => new TableColumn(column.Name, column.Type, column.Type is "BIGINT" or "INTEGER"))],
                output.Rows.Select(row => row.Select(Value).ToArray()).ToList()),
            note);
    }

    /// <summary>One row, its columns below each other; of a map, its keys.</summary>
    public static MimeBundle Properties(CommandOutput output) => TableFormatter.Format(new SequenceTable(
        [new("property", "VARCHAR", false), new("value", "VARCHAR", false)],
        output.Columns.Zip(output.Rows[0]).SelectMany(column => column.Second is IEnumerable<KeyValuePair<string, string>> map
            ? map.Select(pair => new object?[] { pair.Key, pair.Value })
            : [[column.First.Name, Shown(column.First.Name, column.Second)]]).ToList()));

    /// <summary>A size for readers: <c>3.4 MB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:F1} GiB"),
    };

    private static object? Shown(string name, object? value) => value is long bytes && name == "sizeInBytes"
        ? string.Create(CultureInfo.InvariantCulture, $"{Bytes(bytes)} ({bytes:N0} bytes)")
        : Value(value) is var shown and not "" ? shown : null;

    private static object? Value(object? value) => value switch
    {
        IEnumerable<KeyValuePair<string, string>> map => string.Join(", ", map.Select(pair => $"{pair.Key}={pair.Value}")),
        string or null => value,
        IEnumerable list => string.Join(", ", list.Cast<object?>()),
        DateTimeOffset time => time.UtcDateTime,
        _ => value,
    };
}
