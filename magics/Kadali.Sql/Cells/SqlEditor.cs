using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>Help while a SQL cell is written: C# variables after a colon, and what the engine knows.</summary>
internal sealed class SqlEditor(ISqlEngine engine, IVariables variables)
{
    public async ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken)
    {
        var start = WordStart(text, position);
        if (IsParameter(text, start))
        {
            var prefix = text[start..position];
            return new(start, position, [.. variables.List()
                .Where(variable => variable.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .Select(variable => new CompletionItem(variable.Name, "local", TypeNames.Of(variable.Type)))]);
        }

        return engine is ILanguageService language
            ? await language.CompleteAsync(text, position, cancellationToken)
            : CompletionList.Empty(position);
    }

    public async ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken)
    {
        var start = WordStart(text, position);
        if (IsParameter(text, start))
        {
            var end = start;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            return variables.TryGet(text[start..end], out var variable, out var value)
                ? MimeBundle.Text($"{TypeNames.Of(variable.Type)} {variable.Name} = {ValueText.Of(value)}")
                : null;
        }

        return engine is ILanguageService language ? await language.InspectAsync(text, position, detail, cancellationToken) : null;
    }

    private static bool IsParameter(string text, int start) => start > 0 && text[start - 1] == ':' && (start < 2 || text[start - 2] != ':');

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
