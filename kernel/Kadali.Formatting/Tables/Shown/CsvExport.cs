using System.Runtime.CompilerServices;
using System.Text;

namespace Kadali.Formatting;

/// <summary>
/// Comma-separated values as RFC 4180 has them: UTF-8, CRLF, quotes where they are needed; null is an empty field, empty text is <c>""</c>.
/// </summary>
public sealed class CsvExport : ITableExport
{
    private const int Piece = 1 << 20;

    public string Format => "csv";

    public string MimeType => "text/csv;charset=utf-8";

    public async IAsyncEnumerable<byte[]> WriteAsync(
        ITable table, TableRequest order, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        Line(text, table.Columns.Select(column => (object?)column.Name));
        await foreach (var rows in table.PagesAsync(order, cancellationToken))
        {
            foreach (var row in rows)
            {
                Line(text, row);
                if (text.Length >= Piece)
                {
                    yield return Encoding.UTF8.GetBytes(text.ToString());
                    text.Clear();
                }
            }
        }

        yield return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Line(StringBuilder text, IEnumerable<object?> values)
    {
        var first = true;
        foreach (var value in values)
        {
            if (!first)
            {
                text.Append(',');
            }

            first = false;
            if (value is not null)
            {
                Field(text, ValueText.Of(value, int.MaxValue));
            }
        }

        text.Append("\r\n");
    }

    private static void Field(StringBuilder text, string value)
    {
        if (value.Length > 0 && !value.AsSpan().ContainsAny("\",\r\n") && value[0] != ' ' && value[^1] != ' ')
        {
            text.Append(value);
            return;
        }

        text.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
