using System.Text.Json;
using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>Looks up <c>@</c> values when a magic's line runs: <c>@csharp:x</c>, <c>@x</c>, <c>@input:"…"</c>, <c>@password</c>.</summary>
internal sealed class ArgumentResolver(IMagicRegistry magics, IVariables variables, IInput input)
{
    // Kept while the kernel runs, and nowhere else: an answer may be a secret.
    private readonly Dictionary<string, object> _saved = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Forgets the answers that the failed submission took: one of them may be what was wrong.</summary>
    public void ForgetTaken()
    {
        foreach (var name in _taken)
        {
            _saved.Remove(name);
        }

        _taken.Clear();
    }

    /// <summary>A submission begins.</summary>
    public void Begin() => _taken.Clear();

    public async Task<MagicArguments> ResolveAsync(Part part, CancellationToken cancellationToken)
    {
        if (part.Arguments.Given.Count == 0)
        {
            return part.Arguments.Subcommand is null
                ? MagicArguments.None
                : new(part.Arguments.Subcommand, new Dictionary<string, IReadOnlyList<object?>>());
        }

        var values = new Dictionary<string, IReadOnlyList<object?>>();
        foreach (var group in part.Arguments.Given.GroupBy(given => given.Option.Name))
        {
            var all = new List<object?>();
            foreach (var (option, word) in group)
            {
                all.Add(option.IsFlag ? "true"
                    : word.IsExpression ? await EvaluateAsync(word, option, part, cancellationToken)
                    : word.Text);
            }

            values[group.Key] = all;
        }

        var places = part.Line is { } line
            ? part.Arguments.Given.GroupBy(given => given.Option.Name).ToDictionary(
                group => group.Key, group => Place(line, group.Last().Word))
            : null;
        return new(part.Arguments.Subcommand, values, places);
    }

    private async Task<object?> EvaluateAsync(Word word, MagicOption option, Part part, CancellationToken cancellationToken)
    {
        var (kind, rest) = word.Text[1..].Split(':', 2) is [var left, var right] ? (left, right) : (word.Text[1..], null);
        if (kind is "input" or "password")
        {
            var (prompt, saveAs) = Question(rest);
            if (saveAs is not null)
            {
                _taken.Add(saveAs);
                if (_saved.TryGetValue(saveAs, out var saved))
                {
                    return saved;
                }
            }

            var text = await input.AskAsync(prompt ?? $"Please enter a value for --{option.Name}", kind == "password", cancellationToken);
            object answer = kind == "password" ? new Formatting.PasswordString(text) : text;
            if (saveAs is not null)
            {
                _saved[saveAs] = answer;
            }

            return answer;
        }

        var language = rest is null ? part.Around : kind;
        var name = rest ?? kind;
        return await ValueOfAsync(language, name, word, part, cancellationToken);
    }

    private async Task<object?> ValueOfAsync(string language, string name, Word word, Part part, CancellationToken cancellationToken)
    {
        var place = part.Line is { } line ? Place(line, word) : null;
        var magic = magics.Find(language)
            ?? throw new CellFaultException(new(
                "KDL112", $"There is no language '{language}' to take '{name}' from.", "'#!lsmagic' lists them.", place));
        if (magic is IValueSharing sharing)
        {
            return await sharing.GetAsync(name, cancellationToken);
        }

        if (variables.TryGet(name, out _, out var value))
        {
            return value;
        }

        var near = Nearest.Of(name, variables.List().Select(variable => variable.Name));
        throw new CellFaultException(new(
            "KDL112", $"There is no variable '{name}' in {language}.",
            near is null ? "Is the cell that declares it not run yet?" : $"Did you mean '{near}'?", place));
    }

    private static FaultPlace Place(TextLine line, Word word) => new(new(line.Number, word.Start), line.Text, word.Length);

    private static (string? Prompt, string? SaveAs) Question(string? rest)
    {
        if (rest is null or "")
        {
            return (null, null);
        }

        if (rest.StartsWith('{'))
        {
            using var document = JsonDocument.Parse(rest);
            return (Text("prompt"), Text("saveAs"));

            string? Text(string name) =>
                document.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
                    ? value.GetString() : null;
        }

        return (rest.Trim('"'), null);
    }
}
