using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kadali.Sql;

/// <summary>DuckDB's errors, which the session asks for as JSON, with their place.</summary>
internal static partial class DuckDbErrors
{
    public static SqlError Read(string message, string sql)
    {
        var (type, text, position) = Parse(message);
        var (sentence, hint) = Split(text);
        if (Extension().Match(text) is { Success: true } extension)
        {
            return NeedsExtension(sentence, extension.Groups["name"].Value, position is { } place ? Chars(sql, place) : null);
        }

        var kind = Kind(type, sentence);
        return new(kind, sentence, Advice(kind, sentence) ?? hint, position is { } bytes ? Chars(sql, bytes) : null);
    }

    /// <summary>DuckDB advises to install it, which is refused here.</summary>
    private static SqlError NeedsExtension(string sentence, string extension, int? offset)
    {
        var source = Url().Match(sentence).Value;
        return source.Length > 0
            ? new(
                SqlErrorKind.Io, $"'{source}' cannot be read over the network: DuckDB's extensions are not loaded here.",
                "Download it in a C# cell and read the file: "
                    + (source.StartsWith("http", StringComparison.OrdinalIgnoreCase)
                        ? $"await File.WriteAllBytesAsync(\"NAME\", await new HttpClient().GetByteArrayAsync(\"{source}\"));"
                        : "with HttpClient from its https address, or with the client of that store."),
                offset)
            : new(
                SqlErrorKind.Permission, $"This takes DuckDB's extension '{extension}', and extensions are not loaded here.",
                extension.StartsWith("sqlite", StringComparison.Ordinal) || extension.StartsWith("postgres", StringComparison.Ordinal)
                    || extension.StartsWith("mysql", StringComparison.Ordinal)
                    ? "'#!connect' connects that database: '#!connect --help'."
                    : "Parquet, CSV, JSON and ICU are built in; what else is to be read can come from a NuGet package in a C# cell.",
                offset);
    }

    private static (string Type, string Message, int? Position) Parse(string message)
    {
        // The parser's errors come with their type before the JSON: Parser Error: {"exception_type":…
        var brace = message.IndexOf('{', StringComparison.Ordinal);
        if (brace >= 0)
        {
            try
            {
                using var json = JsonDocument.Parse(message.AsMemory(brace));
                var root = json.RootElement;
                return (
                    root.TryGetProperty("exception_type", out var type) ? type.GetString() ?? "" : "",
                    root.TryGetProperty("exception_message", out var text) ? text.GetString() ?? message : message,
                    root.TryGetProperty("position", out var at) && int.TryParse(at.GetString(), out var offset) ? offset : null);
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

    private static SqlErrorKind Kind(string type, string sentence) => type switch
    {
        "Parser" or "Syntax" => SqlErrorKind.Syntax,
        "Catalog" => SqlErrorKind.Catalog,
        "Binder" => SqlErrorKind.Binding,
        "Conversion" or "Mismatch Type" or "Out of Range" or "Invalid Input" => SqlErrorKind.Value,
        "IO" or "HTTP" => SqlErrorKind.Io,
        "Out of Memory" => SqlErrorKind.Memory,
        "Constraint" => SqlErrorKind.Constraint,
        "TransactionContext" => SqlErrorKind.Transaction,
        "Permission" => SqlErrorKind.Permission,
        _ => sentence.Contains("ransaction", StringComparison.Ordinal) ? SqlErrorKind.Transaction : SqlErrorKind.Other,
    };

    private static string? Advice(SqlErrorKind kind, string sentence) => kind switch
    {
        SqlErrorKind.Memory =>
            $"DuckDB may use {DuckDbSession.MemoryLimit()}: set KADALI_SQL_MEMORY (for instance 8GB) before the kernel starts, "
                + "read fewer rows or columns, or filter and aggregate earlier.",
        SqlErrorKind.Transaction when sentence.Contains("abort", StringComparison.OrdinalIgnoreCase) =>
            "An earlier statement of this transaction failed. Run ROLLBACK to leave it; what it changed is undone.",
        _ when sentence.Contains("Unsupported Arrow type VARIANT", StringComparison.Ordinal) =>
            "Inside of other types VARIANT has to be cast: 'value::JSON'.",
        _ => null,
    };

    /// <summary>DuckDB counts bytes of UTF-8.</summary>
    private static int Chars(string text, int bytes)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Encoding.UTF8.GetCharCount(utf8, 0, Math.Clamp(bytes, 0, utf8.Length));
    }

    [GeneratedRegex(
        @"requires the extension (?<name>\w+) to be loaded|it exists in the (?<name>\w+) extension"
        + @"|^Extension ""(?<name>\w+)"" is an existing",
        RegexOptions.Multiline)]
    private static partial Regex Extension();

    [GeneratedRegex(@"(?<=^File )\w+://[^\s?]+")]
    private static partial Regex Url();
}
