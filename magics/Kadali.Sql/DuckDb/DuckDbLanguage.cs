using System.Data;
using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>
/// Completion and hover for DuckDB's SQL, asked on a connection beside the one that runs statements. DuckDB's own completion knows its
/// grammar, files and the names of its catalogue; kinds, columns behind a table's name and signatures are ours.
/// </summary>
internal sealed class DuckDbLanguage(
    DuckDbSession session, IVariables variables, TemporaryTables temporary, Lazy<DeltaNames> delta)
{
    private const int Most = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken)
    {
        var start = WordStart(text, position);
        var prefix = text[start..position];
        if (start > 0 && text[start - 1] == '.' && SqlNames.TableBefore(text, start - 1) is { } table)
        {
            var columns = await ColumnsAsync(table, cancellationToken);
            return new(start, position, [.. columns.Select(column => new CompletionItem(column.Name, "column", column.Type))
                .Concat(delta.Value.ItemsOf(table))
                .Where(item => item.Text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))]);
        }

        var found = await AskAsync(connection => Suggestions(connection, text[..position]), cancellationToken) ?? new(start, []);
        var from = found.Items.Count == 0 ? start : Math.Min(found.From, position);
        var typed = text[from..position];
        var own = SqlNames.IsInsideQuotes(text, position) ? [] : await OwnAsync(text, prefix, cancellationToken);
        return new(from, position, [.. own.Where(_ => typed == prefix)
            .Concat(found.Items.Where(item => item.Text.StartsWith(typed.TrimStart(), StringComparison.OrdinalIgnoreCase)))
            .DistinctBy(item => item.Text.ToUpperInvariant())
            .Take(Most)]);
    }

    public async ValueTask<MimeBundle?> InspectAsync(string text, int position, CancellationToken cancellationToken)
    {
        var start = WordStart(text, position);
        var end = start;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        var word = text[start..end];
        if (word.Length == 0)
        {
            return null;
        }

        if (await AskAsync(connection => FunctionHelp(connection, word), cancellationToken) is { } help)
        {
            return MimeBundle.Text(help);
        }

        var table = SqlNames.Tables(text)
            .FirstOrDefault(known => string.Equals(known.Alias, word, StringComparison.OrdinalIgnoreCase))?.Source ?? word;
        var columns = await ColumnsAsync(table, cancellationToken);
        return columns.Count == 0
            ? null
            : MimeBundle.Text(word + "\n" + string.Join('\n', columns.Select(column => $"  {column.Name} {column.Type}")));
    }

    private sealed record Named(string Name, string Type);

    private sealed record Found(int From, List<CompletionItem> Items);

    /// <summary>C# sequences, columns of the tables that the statement names, and functions.</summary>
    private async Task<IReadOnlyList<CompletionItem>> OwnAsync(string text, string prefix, CancellationToken cancellationToken)
    {
        if (prefix.Length == 0)
        {
            return [];
        }

        var items = Sequences().ToList();
        items.AddRange(temporary.Columns.Select(column => column.Table).Distinct().Select(table => new CompletionItem(table, "table")));
        items.AddRange(delta.Value.Items());
        foreach (var table in SqlNames.Tables(text))
        {
            items.AddRange((await ColumnsAsync(table.Source, cancellationToken))
                .Select(column => new CompletionItem(column.Name, "column", column.Type)));
        }

        items.AddRange(await AskAsync(connection => Functions(connection, prefix), cancellationToken) ?? []);
        return [.. items.Where(item => item.Text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>The columns of a table, a file or a C# sequence.</summary>
    private async Task<IReadOnlyList<Named>> ColumnsAsync(string table, CancellationToken cancellationToken)
    {
        var variable = variables.List().FirstOrDefault(known => string.Equals(known.Name, table, StringComparison.OrdinalIgnoreCase));
        if (variable is not null && variables.TryGet(variable.Name, out _, out var value))
        {
            if (value is ITable known)
            {
                return [.. known.Columns.Select(column => new Named(column.Name, column.Type))];
            }

            if (value is DataTable data)
            {
                return [.. data.Columns.Cast<DataColumn>().Select(column => new Named(column.ColumnName, TypeNames.Of(column.DataType)))];
            }

            if (Tables.SequenceBatches.ElementOf(variable.Type) is { } element)
            {
                return [.. Tables.SequenceBatches.MembersOf(element).Select(member => new Named(member.Name, TypeNames.Of(member.Type)))];
            }
        }

        var name = table.Split('.')[^1].Trim('"');
        var own = temporary.Columns.Where(column => string.Equals(column.Table, name, StringComparison.OrdinalIgnoreCase)).ToArray();
        return own.Length > 0
            ? [.. own.Select(column => new Named(column.Name, column.Type))]
            : await AskAsync(connection => Describe(connection, table), cancellationToken) is { Count: > 0 } described ? described
            : await AskAsync(connection => OfDelta(connection, table), cancellationToken) ?? [];
    }

    /// <summary>The C# sequences that can be tables.</summary>
    public IEnumerable<CompletionItem> Sequences() => variables.List()
        .Where(variable => SequenceTables.CanBeTable(variable.Type))
        .Select(variable => new CompletionItem(variable.Name, "table", TypeNames.Of(variable.Type)));

    /// <summary>The columns of a Delta table; none where there is none of that name.</summary>
    public async Task<IReadOnlyList<CompletionItem>> DeltaColumnsAsync(string table, CancellationToken cancellationToken) =>
        [.. (await AskAsync(connection => OfDelta(connection, table), cancellationToken) ?? [])
            .Select(column => new CompletionItem(column.Name, "column", column.Type))];

    private List<Named> OfDelta(DuckDBConnection connection, string table) =>
        [.. delta.Value.Columns(connection, table).Select(column => new Named(column.Name, column.Type))];

    private static Found Suggestions(DuckDBConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT s.suggestion, s.suggestion_start, k.keyword_name IS NOT NULL, t.table_name IS NOT NULL
            FROM sql_auto_complete($text) s
            LEFT JOIN (SELECT upper(keyword_name) AS keyword_name FROM duckdb_keywords()) k ON k.keyword_name = rtrim(s.suggestion)
            LEFT JOIN (SELECT DISTINCT table_name FROM information_schema.tables) t ON t.table_name = rtrim(s.suggestion)
            """;
        command.Parameters.Add(new DuckDBParameter("text", text));
        var items = new List<CompletionItem>();
        var from = text.Length;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var suggestion = reader.GetString(0).TrimEnd();
            from = reader.GetInt32(1);
            var kind = reader.GetBoolean(2) ? "keyword"
                : reader.GetBoolean(3) ? "table"
                : suggestion.Contains('/', StringComparison.Ordinal) || suggestion.Contains('\'', StringComparison.Ordinal) ? "path"
                : "column";
            items.Add(new(suggestion, kind));
        }

        return new(from, items);
    }

    private static List<CompletionItem> Functions(DuckDBConnection connection, string prefix)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT function_name,
                min(function_name || '(' || array_to_string(parameters, ', ') || ')' || coalesce(' → ' || return_type, ''))
            FROM duckdb_functions()
            WHERE starts_with(function_name, lower($prefix))
                AND function_type IN ('scalar', 'aggregate', 'table', 'macro', 'table_macro')
            GROUP BY ALL ORDER BY 1 LIMIT 60
            """;
        command.Parameters.Add(new DuckDBParameter("prefix", prefix));
        using var reader = command.ExecuteReader();
        var items = new List<CompletionItem>();
        while (reader.Read())
        {
            items.Add(new(reader.GetString(0), "function", reader.IsDBNull(1) ? null : reader.GetString(1)));
        }

        return items;
    }

    private static string? FunctionHelp(DuckDBConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT DISTINCT function_name || '(' || array_to_string(parameters, ', ') || ')' || coalesce(' → ' || return_type, ''),
                coalesce(description, '')
            FROM duckdb_functions() WHERE function_name = lower($name) ORDER BY 1 LIMIT 12
            """;
        command.Parameters.Add(new DuckDBParameter("name", name));
        using var reader = command.ExecuteReader();
        var (lines, about) = (new List<string>(), "");
        while (reader.Read())
        {
            lines.Add(reader.GetString(0));
            about = about.Length > 0 ? about : reader.GetString(1);
        }

        return lines.Count == 0 ? null : string.Join('\n', lines) + (about.Length > 0 ? "\n\n" + about : "");
    }

    private static List<Named> Describe(DuckDBConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        var isFile = table.StartsWith('\'');
        command.CommandText = "DESCRIBE SELECT * FROM "
            + (isFile ? table : string.Join('.', table.Split('.').Select(part => SequenceTables.Quote(part.Trim('"')))));
        try
        {
            using var reader = command.ExecuteReader();
            var columns = new List<Named>();
            while (reader.Read())
            {
                columns.Add(new(reader.GetString(0), reader.GetString(1)));
            }

            return columns;
        }
        catch (DuckDBException)
        {
            // The text is not finished: it names nothing yet.
            return [];
        }
    }

    /// <summary>Asks beside whatever runs; null where DuckDB does not answer soon.</summary>
    private async Task<T?> AskAsync<T>(Func<DuckDBConnection, T> ask, CancellationToken cancellationToken)
        where T : class?
    {
        try
        {
            return await Task.Run(() => session.Ask(ask), cancellationToken).WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return default;
        }
    }

    private static int WordStart(string text, int position)
    {
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
        {
            start--;
        }

        return start;
    }
}
