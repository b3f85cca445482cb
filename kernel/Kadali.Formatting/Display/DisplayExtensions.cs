using System.Collections;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>What cells call to show values, under the names that .NET Interactive's notebooks use.</summary>
public static class DisplayExtensions
{
    /// <summary>Shows a value; in these MIME types, or in all it has.</summary>
    public static DisplayedValue Display(this object? value, params string[] mimeTypes) => new(value, mimeTypes);

    /// <summary>Shows text as content of a MIME type, for instance <c>text/html</c>.</summary>
    public static DisplayedValue DisplayAs(this string value, string mimeType) => new(MimeBundle.Of(mimeType, value, value));

    /// <summary>Shows a sequence as a table: a column for each member of its items, or one column of values.</summary>
    public static DisplayedValue DisplayTable<T>(this IEnumerable<T> rows) =>
        new(TableFormatter.Format(new SequenceTable(rows, typeof(T))));

    /// <summary>Shows a table with columns of its own.</summary>
    public static DisplayedValue DisplayTable(this ITable table) => new(TableFormatter.Format(table));

    /// <summary>Shows an untyped sequence as a table.</summary>
    public static DisplayedValue DisplayTable(this IEnumerable rows) =>
        new(TableFormatter.Format(new SequenceTable(rows, Sequences.ItemType(rows.GetType()) ?? typeof(object))));

    /// <summary>The text of a value in a MIME type.</summary>
    public static string ToDisplayString(this object? value, string mimeType = MimeBundle.Plain) =>
        Formatter.Format(value, mimeType).Data[mimeType].ToString() ?? "";

    /// <summary>The text that a formatter gives to a value.</summary>
    public static string ToDisplayString(this object value, ITypeFormatter formatter)
    {
        using var writer = new StringWriter();
        formatter.Format(value, writer);
        return writer.ToString();
    }
}
