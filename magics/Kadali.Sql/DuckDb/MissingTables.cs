using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>
/// What somebody may have meant who named a table that is not there: a table or view, a C# sequence, a file. (DuckDB's own guess takes the
/// names of its catalogue, too, which nobody means.)
/// </summary>
internal sealed partial class MissingTables(
    DuckDbSession session, IVariables variables, TemporaryTables temporary, Lazy<DeltaNames> delta)
{
    private const int MostFiles = 1000;
    private static readonly string[] Formats = [".parquet", ".csv", ".tsv", ".json", ".jsonl", ".ndjson"];

    /// <summary>The name of the table that the message misses, where a C# variable could have it.</summary>
    public static string? VariableIn(string message) =>
        Named().Match(message) is { Success: true } match && Identifier().IsMatch(match.Groups[1].Value) ? match.Groups[1].Value : null;

    /// <summary>The error with our guess in place of DuckDB's, where it is that a table is missing.</summary>
    public SqlError WithGuess(SqlError error) => Named().Match(error.Message) is { Success: true } match
        ? error with { Hint = Guess(match.Groups[1].Value, error.Hint) }
        : error;

    private string? Guess(string name, string? ofDuckDb)
    {
        var tables = session.Ask(Tables).Concat(temporary.Columns.Select(column => column.Table))
            .Concat(delta.Value.Items().Select(item => item.Text)).ToArray();
        var sequences = variables.List().Where(variable => SequenceTables.CanBeTable(variable.Type)).Select(variable => variable.Name);
        if (Nearest.Of(name, tables.Concat(sequences)) is { } near)
        {
            return $"Did you mean \"{near}\"?";
        }

        // Also where it is less near: in another schema, or with a longer name.
        if (ofDuckDb is not null && tables.Any(table => ofDuckDb.Contains($"{table}\"", StringComparison.Ordinal)))
        {
            return ofDuckDb;
        }

        var files = Files(".").Concat(Files("data")).Take(MostFiles).ToArray();
        return (Nearest.Of(name, files.Select(Path.GetFileNameWithoutExtension)!) is { } stem
                ? files.First(file => Path.GetFileNameWithoutExtension(file) == stem)
                : Nearest.Of(name, files)) is { } found
            ? $"Did you mean the file '{found}'?"
            : null;
    }

    private static List<string> Tables(DuckDBConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal UNION SELECT view_name FROM duckdb_views() WHERE NOT internal";
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static IEnumerable<string> Files(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", new EnumerationOptions())
            .Where(file => Formats.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Select(file => Path.GetRelativePath(".", file))
        : [];

    [GeneratedRegex(@"Table with name (?:\\""|"")?(.+?)(?:\\""|"")? does not exist")]
    private static partial Regex Named();

    [GeneratedRegex(@"^[^\W\d]\w*$")]
    private static partial Regex Identifier();
}
