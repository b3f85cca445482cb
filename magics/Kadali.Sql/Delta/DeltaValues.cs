using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>What may stand for the options of <c>#!delta</c>: tables, their columns, properties.</summary>
internal sealed class DeltaValues(DuckDbEngine engine)
{
    public async Task<IReadOnlyList<CompletionItem>> OfAsync(
        MagicOption option, string line, string word, CancellationToken cancellationToken)
    {
        if (option.Name is "table" or "source")
        {
            return await engine.DeltaTablesAsync(DatabaseOf(word), cancellationToken);
        }

        if (option.Name == "from")
        {
            return [.. await engine.DeltaTablesAsync(DatabaseOf(word), cancellationToken), .. engine.Sequences()];
        }

        if (option.Name == "property")
        {
            return Properties(word);
        }

        // The columns that are written already stay before the next.
        var done = word[..(word.LastIndexOf(',') + 1)];
        return TableOn(line) is not { } table ? [] :
        [
            .. (await engine.DeltaColumnsAsync(table, cancellationToken)).Select(column => column with { Text = done + column.Text }),
        ];
    }

    private static string? DatabaseOf(string word) => word.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? word[..dot] : null;

    /// <summary>The table that the line names, as SQL has it; of <c>create</c> there is none yet.</summary>
    private static string? TableOn(string line)
    {
        if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, not "create", var text, ..] || text.StartsWith('-'))
        {
            return null;
        }

        try
        {
            return DeltaArguments.TryParse(text) is { } table ? SparkSql.Table(table) : null;
        }
        catch (DeltaException)
        {
            // It is not written to its end.
            return null;
        }
    }

    private static IReadOnlyList<CompletionItem> Properties(string word) =>
        word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
        ? [.. TablePropertyCheck.Values(word[..equals]).Select(value => new CompletionItem($"{word[..equals]}={value}", "value"))]
        : [.. TablePropertyCheck.Keys.Select(key => new CompletionItem(key, "property"))];
}
