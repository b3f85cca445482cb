using System.Text.Json;
using System.Text.RegularExpressions;
using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>
/// Reads a magic's line against its syntax: <c>#!name [subcommand] [--option value]…</c>. A value is a word, <c>"quoted"</c> (a JSON string
/// where it has only JSON's escapes, else taken as it is, so that Windows paths work), <c>"""raw"""</c>, a JSON object or array, or an
/// <c>@</c> expression that is looked up when the line runs.
/// </summary>
internal static partial class ArgumentReader
{
    /// <summary>
    /// Where a body begins on the magic's own line (<c>#!sql SELECT 1</c>): at the first word that is neither an option nor an option's
    /// value, for magics that take a body and no plain words. Null where there is none.
    /// </summary>
    /// <exception cref="CellFaultException">An option stands behind it.</exception>
    public static int? BodyStart(MagicSyntax syntax, string line, int lineNumber, int start)
    {
        if (syntax.Body is null || syntax.Subcommands.Count > 0 || syntax.Options.Any(option => option.Implicit))
        {
            return null;
        }

        var isValue = false;
        for (var i = start; i < line.Length;)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
            }
            else if (!isValue && !IsOption(line, i))
            {
                return LateOption(syntax, line, i) is { } late
                    ? throw new CellFaultException(new(
                        "KDL105", $"'{late.Value}' stands behind the text of the cell.",
                        $"Write it before the text: '{syntax.Written} {late.Value} …'.",
                        new(new(lineNumber, late.Index), line, late.Length)))
                    : i;
            }
            else
            {
                var word = ReadWord(line, lineNumber, ref i);
                isValue = !isValue && syntax.Options.FirstOrDefault(option => option.Name == word.Text[2..]) is { IsFlag: false };
            }
        }

        return null;
    }

    /// <param name="syntax">What the line may hold.</param>
    /// <param name="line">The whole line, for places in faults.</param>
    /// <param name="lineNumber">Its number.</param>
    /// <param name="start">Where its words begin.</param>
    /// <param name="end">Where they end.</param>
    public static RawArguments Read(MagicSyntax syntax, string line, int lineNumber, int start, int end)
    {
        var words = Words(line, lineNumber, start, end);
        if (words.Any(word => !word.Quoted && word.Text == "--help"))
        {
            return new(words.FirstOrDefault(word => syntax.Subcommands.Any(sub => sub.Name == word.Text))?.Text, [], Help: true);
        }

        var options = syntax.Options;
        string? subcommand = null;
        var index = 0;
        if (syntax.Subcommands.Count > 0 && words.Count > 0
            && words[0] is { Quoted: false } first && !first.Text.StartsWith("--", StringComparison.Ordinal))
        {
            var chosen = syntax.Subcommands.FirstOrDefault(sub => sub.Name == first.Text || sub.Aliases.Contains(first.Text));
            if (chosen is null)
            {
                var near = Nearest.Of(first.Text, syntax.Subcommands.Select(sub => sub.Name));
                throw Fault(
                    "KDL103", $"'{syntax.Written}' has no subcommand '{first.Text}'.",
                    near is null
                        ? $"It has: {string.Join(", ", syntax.Subcommands.Select(sub => sub.Name))}."
                        : $"Did you mean '{near}'?",
                    first);
            }

            subcommand = chosen.Name;
            options = [.. chosen.Options, .. options];
            index = 1;
        }

        var given = new List<(MagicOption Option, Word Word)>();
        while (index < words.Count)
        {
            var word = words[index++];
            if (!word.Quoted && word.Text.StartsWith("--", StringComparison.Ordinal) && word.Text.Length > 2)
            {
                var (name, attached) = word.Text.Split('=', 2) is [var left, var right] ? (left[2..], right) : (word.Text[2..], null);
                var option = options.FirstOrDefault(candidate => candidate.Name == name) ?? throw Unknown(syntax, options, word, name);
                if (option.IsFlag)
                {
                    if (attached is not null)
                    {
                        throw Fault("KDL105", $"'--{name}' takes no value.", $"Write '--{name}' alone.", word);
                    }

                    given.Add((option, word));
                }
                else if (attached is not null)
                {
                    given.Add((option, word with { Text = attached }));
                }
                else if (index < words.Count && (words[index].Quoted || !words[index].Text.StartsWith("--", StringComparison.Ordinal)))
                {
                    given.Add((option, words[index++]));
                }
                else
                {
                    throw Fault("KDL104", $"'--{name}' needs a value.", $"Write '--{name} {option.ValueName}'.", word);
                }
            }
            else if (options.FirstOrDefault(
                option => option.Implicit && (option.Repeatable || given.All(it => it.Option != option))) is { } next)
            {
                given.Add((next, word));
            }
            else
            {
                throw Fault(
                    "KDL105", $"'{syntax.Written}' does not know what to do with '{word.Text}'.",
                    $"'{syntax.Written} --help' shows what it takes.", word);
            }
        }

        foreach (var (option, word) in given)
        {
            if (!option.Repeatable && given.Count(it => it.Option == option) > 1)
            {
                throw Fault("KDL105", $"'--{option.Name}' stands twice.", "Give it once.", word);
            }

            if (option.Choices.Count > 0 && !word.IsExpression && !option.Choices.Contains(word.Text))
            {
                var near = Nearest.Of(word.Text, option.Choices);
                throw Fault(
                    "KDL105", $"'--{option.Name}' cannot be '{word.Text}'.",
                    near is null ? $"It can be: {string.Join(", ", option.Choices)}." : $"Did you mean '{near}'?", word);
            }
        }

        var missing = options.FirstOrDefault(option => option.Required && given.All(it => it.Option != option));
        return missing is null
            ? new(subcommand, given)
            : throw new CellFaultException(new(
                "KDL104", $"'{syntax.Written}{(subcommand is null ? "" : " " + subcommand)}' needs '--{missing.Name} {missing.ValueName}'.",
                missing.Summary, new(new(lineNumber, 0), line, line.Length)));

        CellFaultException Fault(string code, string message, string? hint, Word word) =>
            new(new(code, message, hint, new(new(lineNumber, word.Start), line, word.Length)));

        CellFaultException Unknown(MagicSyntax magic, IReadOnlyList<MagicOption> known, Word word, string name)
        {
            var near = Nearest.Of(name, known.Select(option => option.Name));
            return Fault(
                "KDL103", $"'{magic.Written}' has no option '--{name}'.",
                near is null ? $"'{magic.Written} --help' shows its options." : $"Did you mean '--{near}'?", word);
        }
    }

    private static bool IsOption(string line, int at) =>
        line.AsSpan(at).StartsWith("--") && at + 2 < line.Length && !char.IsWhiteSpace(line[at + 2]);

    private static Match? LateOption(MagicSyntax syntax, string line, int start) => OptionWord().Matches(line, start)
        .FirstOrDefault(match => match.Value == "--help" || syntax.Options.Any(option => option.Name == match.Value[2..]));

    private static List<Word> Words(string line, int lineNumber, int start, int end)
    {
        var words = new List<Word>();
        for (var i = start; i < end;)
        {
            if (char.IsWhiteSpace(line[i]))
            {
                i++;
            }
            else
            {
                words.Add(ReadWord(line, lineNumber, ref i));
            }
        }

        return words;
    }

    private static Word ReadWord(string line, int lineNumber, ref int at)
    {
        var from = at;
        if (line.AsSpan(from).StartsWith("\"\"\""))
        {
            var end = line.IndexOf("\"\"\"", from + 3, StringComparison.Ordinal);
            at = end < 0 ? throw Unclosed("\"\"\"") : end + 3;
            return new(line[(from + 3)..end], true, from, at - from);
        }

        if (line[from] == '"')
        {
            at = EndOfString(from);
            return new(Unquote(line[from..at]), true, from, at - from);
        }

        if (line[from] is '{' or '[')
        {
            at = EndOfJson(from);
            return new(line[from..at], true, from, at - from);
        }

        while (at < line.Length && !char.IsWhiteSpace(line[at]))
        {
            // @input:"Prompt text" and @input:{…} go on behind the colon.
            at = line[at] == '"' ? EndOfString(at) : line[at] == '{' && line[from] == '@' ? EndOfJson(at) : at + 1;
        }

        return new(line[from..at], false, from, at - from);

        int EndOfString(int at)
        {
            var end = at + 1;
            while (end < line.Length && line[end] != '"')
            {
                end += line[end] == '\\' && end + 1 < line.Length && line[end + 1] is '"' or '\\' ? 2 : 1;
            }

            return end < line.Length ? end + 1 : throw Unclosed("\"");
        }

        int EndOfJson(int at)
        {
            for (var end = at + 1; end <= line.Length; end++)
            {
                if (line[end - 1] is '}' or ']' && IsJson(line[at..end]))
                {
                    return end;
                }
            }

            throw new CellFaultException(new(
                "KDL106", "The JSON value does not end on this line, or is not JSON.",
                null, new(new(lineNumber, at), line, line.Length - at)));
        }

        CellFaultException Unclosed(string quote) =>
            new(new("KDL106", $"A {quote} is not closed on this line.", null, new(new(lineNumber, from), line, line.Length - from)));
    }

    [GeneratedRegex(@"(?<=\s)--[\w-]+(?=\s|=|$)")]
    private static partial Regex OptionWord();

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Unquote(string quoted)
    {
        try
        {
            return JsonSerializer.Deserialize(quoted, ArgumentJson.Default.String) ?? "";
        }
        catch (JsonException)
        {
            return quoted[1..^1];
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class ArgumentJson : System.Text.Json.Serialization.JsonSerializerContext;

/// <summary>One word of a magic's line.</summary>
/// <param name="Quoted">It was quoted or JSON: neither an option nor an expression.</param>
internal sealed record Word(string Text, bool Quoted, int Start, int Length)
{
    public bool IsExpression => !Quoted && Text.Length > 1 && Text[0] == '@';
}

/// <summary>The values of a magic's line as they were written.</summary>
internal sealed record RawArguments(string? Subcommand, IReadOnlyList<(MagicOption Option, Word Word)> Given, bool Help = false)
{
    public static RawArguments None { get; } = new(null, []);
}
