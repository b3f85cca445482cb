using System.Data.Common;
using System.Text;
using System.Text.Json;
using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>The database's words as a fault of the cell, with the place in the cell.</summary>
internal static class SqlFaults
{
    /// <param name="exception">What the database threw.</param>
    /// <param name="cell">The reader's cell.</param>
    /// <param name="statement">The statement that was refused.</param>
    public static Fault Of(DbException exception, Cell cell, SqlText.Statement statement)
    {
        var (kind, message, position) = Read(exception.Message);
        var (sentence, hint) = Split(message);
        FaultPlace? place = null;
        if (position is { } bytes)
        {
            var offset = statement.Start + Chars(statement.Sql, bytes);
            var at = cell.PositionAt(offset);
            var end = offset;
            while (end < cell.Body.Length && (char.IsLetterOrDigit(cell.Body[end]) || cell.Body[end] == '_'))
            {
                end++;
            }

            place = new(at, LineAt(cell.Body, offset), Math.Max(1, end - offset));
        }

        return new(Code(kind), sentence, hint, place);
    }

    private static (string Kind, string Message, int? Position) Read(string message)
    {
        // The parser's errors come with their kind before the JSON: Parser Error: {"exception_type":…
        var brace = message.IndexOf('{', StringComparison.Ordinal);
        if (brace >= 0)
        {
            try
            {
                using var json = JsonDocument.Parse(message.AsMemory(brace));
                var root = json.RootElement;
                var position = root.TryGetProperty("position", out var at) && int.TryParse(at.GetString(), out var offset) ? offset : (int?)null;
                return (
                    root.TryGetProperty("exception_type", out var type) ? type.GetString() ?? "" : "",
                    root.TryGetProperty("exception_message", out var text) ? text.GetString() ?? message : message,
                    position);
            }
            catch (JsonException)
            {
                // Not DuckDB's JSON after all: shown as it is.
            }
        }

        return ("", message, null);
    }

    private static (string Sentence, string? Hint) Split(string message)
    {
        // "…does not exist!\nDid you mean \"flights\"?" and "Candidate bindings: …"
        var line = message.IndexOf("\n\nLINE ", StringComparison.Ordinal);
        var text = line >= 0 ? message[..line] : message;
        var cut = text.IndexOf('\n', StringComparison.Ordinal);
        return cut < 0 ? (text.Trim(), null) : (text[..cut].Trim(), text[(cut + 1)..].Trim());
    }

    private static string Code(string kind) => kind switch
    {
        "Parser" or "Syntax" => "KDL301",
        "Catalog" => "KDL302",
        "Binder" => "KDL303",
        "Conversion" or "Mismatch Type" or "Out of Range" => "KDL304",
        "IO" or "HTTP" => "KDL305",
        "Out of Memory" => "KDL306",
        "Constraint" => "KDL307",
        _ => "KDL300",
    };

    private static int Chars(string text, int bytes)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Encoding.UTF8.GetCharCount(utf8, 0, Math.Clamp(bytes, 0, utf8.Length));
    }

    private static string LineAt(string text, int offset)
    {
        var start = offset > 0 ? text.LastIndexOf('\n', Math.Min(offset, text.Length) - 1) + 1 : 0;
        var end = text.IndexOf('\n', Math.Min(offset, text.Length));
        return text[start..(end < 0 ? text.Length : end)].TrimEnd('\r');
    }
}
