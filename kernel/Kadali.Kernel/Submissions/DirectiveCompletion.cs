using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>What may stand on a magic's line: its name, subcommands, options, and for some the names of variables and languages.</summary>
internal sealed class DirectiveCompletion(IMagicRegistry magics, IVariables variables)
{
    // A kernel that runs a cell answers when that has ended.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static string NameOf(string line) => line.TrimStart('#', '!').Split(' ', 2)[0];

    /// <param name="line">The line.</param>
    /// <param name="lineStart">Where it begins in the reader's text.</param>
    /// <param name="position">A place of the text that is on the line.</param>
    /// <param name="around">The language of the text in which the line stands.</param>
    /// <param name="cancellationToken">Ends the wait for another kernel's answer.</param>
    public async ValueTask<CompletionList> CompleteAsync(
        string line, int lineStart, int position, IMagic? around, CancellationToken cancellationToken)
    {
        var typed = line[..(position - lineStart)];
        var wordStart = typed.LastIndexOf(' ') + 1;
        var word = typed[wordStart..];
        var items = wordStart == 0 ? Magics()
            : magics.Find(NameOf(line)) is not { } found ? []
            : word.StartsWith('@') ? await ExpressionsAsync(word, around, cancellationToken)
            : await WordsAsync(found, line, typed[..wordStart], word, cancellationToken);
        return new(
            lineStart + wordStart, position,
            [.. items.Where(item => item.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase))]);
    }

    private IEnumerable<CompletionItem> Magics() => magics.All
        .SelectMany(
            magic => (string[])[magic.Syntax.Name, .. magic.Syntax.Aliases],
            (magic, name) => new CompletionItem("#!" + name, "magic", magic.Syntax.Summary))
        .OrderBy(item => item.Text, StringComparer.Ordinal);

    private async Task<IEnumerable<CompletionItem>> WordsAsync(
        IMagic magic, string line, string before, string word, CancellationToken cancellationToken)
    {
        var syntax = magic.Syntax;
        var words = before.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var subcommand = syntax.Subcommands.FirstOrDefault(sub => words.Length > 1 && sub.Name == words[1]);
        IReadOnlyList<MagicOption> options = [.. subcommand?.Options ?? [], .. syntax.Options];
        if (options.FirstOrDefault(option => !option.IsFlag && words[^1] == "--" + option.Name) is { } valued)
        {
            return await ValuesAsync(magic, valued, line, word, cancellationToken);
        }

        // Words without an option are those that may stand without its name, in their order.
        var given = words.Skip(subcommand is null ? 1 : 2).Where((text, i) => !text.StartsWith("--", StringComparison.Ordinal)
            && !options.Any(option => !option.IsFlag && words[i + (subcommand is null ? 0 : 1)] == "--" + option.Name)).Count();
        var first = options.Where(option => option.Implicit).ElementAtOrDefault(given) is { } implied
            ? await ValuesAsync(magic, implied, line, word, cancellationToken) : [];
        return
        [
            .. first,
            .. subcommand is null ? syntax.Subcommands.Select(sub => new CompletionItem(sub.Name, "value", sub.Summary)) : [],
            .. options.Select(option => new CompletionItem("--" + option.Name, "option", option.Summary)),
            new("--help", "option", "Shows what it takes."),
        ];
    }

    private async Task<IEnumerable<CompletionItem>> ValuesAsync(
        IMagic magic, MagicOption option, string line, string word, CancellationToken cancellationToken) =>
        option.Takes switch
        {
            OptionValue.Own when magic is IOptionValues own => await OwnAsync(own.ValuesAsync(option, line, word, cancellationToken)),
            OptionValue.Language => Languages().Select(name => new CompletionItem(name, "value")),
            OptionValue.Variable => await VariablesAsync(LanguageOn(line) ?? "csharp", cancellationToken),
            _ => option.Choices.Select(choice => new CompletionItem(choice, "value")),
        };

    private static async Task<IEnumerable<CompletionItem>> OwnAsync(ValueTask<IReadOnlyList<CompletionItem>> asked)
    {
        try
        {
            return await asked.AsTask().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    /// <summary>After <c>@</c>: languages and questions; after <c>@language:</c> its variables.</summary>
    private async Task<IEnumerable<CompletionItem>> ExpressionsAsync(string word, IMagic? around, CancellationToken cancellationToken)
    {
        if (word.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
        {
            var language = word[1..colon];
            return (await VariablesAsync(language, cancellationToken)).Select(item => item with { Text = $"@{language}:{item.Text}" });
        }

        return
        [
            .. Languages().Select(name => new CompletionItem($"@{name}:", "value", "A variable of that language.")),
            new("@input", "value", "Asks for the value."),
            new("@password", "value", "Asks for the value and does not show it."),
            .. (await VariablesAsync(around?.Syntax.Name ?? "csharp", cancellationToken))
                .Select(item => item with { Text = "@" + item.Text }),
        ];
    }

    private IEnumerable<string> Languages() =>
        ["csharp", .. magics.All.Where(magic => magic is IValueSharing).Select(magic => magic.Syntax.Name)];

    private async Task<IEnumerable<CompletionItem>> VariablesAsync(string language, CancellationToken cancellationToken)
    {
        var magic = magics.Find(language);
        if (magic is not IValueSharing sharing)
        {
            return magic?.Syntax.Name == "csharp"
                ? variables.List().Select(variable => new CompletionItem(
                    variable.Name, "local", Formatting.TypeNames.Of(variable.Type)))
                : [];
        }

        try
        {
            return (await sharing.ListAsync(CancellationToken.None).WaitAsync(Patience, cancellationToken))
                .Select(value => new CompletionItem(value.Name, "local", value.TypeName));
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    private static string? LanguageOn(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var from = Array.IndexOf(words, "--from");
        return from >= 0 && from + 1 < words.Length ? words[from + 1] : null;
    }
}
