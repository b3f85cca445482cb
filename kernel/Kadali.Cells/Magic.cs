namespace Kadali.Cells;

/// <summary>
/// Something that runs cells: a language or a command. It takes a <see cref="Cell"/> and gives <see cref="CellEvent"/>s; it never names a
/// front end, so that a test or a console can run it too.
/// </summary>
public interface IMagic
{
    /// <summary>How it is called and what it takes; <c>--help</c>, completion and error messages are made from it.</summary>
    MagicSyntax Syntax { get; }

    /// <summary>
    /// Runs one cell. Ends by returning, by <see cref="CellFaultException"/> (the reader's mistake), or by
    /// <see cref="OperationCanceledException"/> when <paramref name="cancellationToken"/> fires (the reader's interrupt), which must
    /// happen within a second.
    /// </summary>
    IAsyncEnumerable<CellEvent> RunAsync(Cell cell, CancellationToken cancellationToken);
}

/// <summary>A magic whose bodies the editor can help with.</summary>
public interface ILanguageService
{
    /// <summary>
    /// What may stand at <paramref name="position"/> of <paramref name="text"/> (UTF-16 offset). May run while a cell runs.
    /// </summary>
    ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken);

    /// <summary>What is known about the thing at <paramref name="position"/>, or null. Signature help inside an argument list.</summary>
    ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken);
}

/// <summary>A magic that knows values of its options that are there already: tables, columns, keys.</summary>
public interface IOptionValues
{
    /// <summary>What may stand for an option that takes <see cref="OptionValue.Own"/>. May run while a cell runs.</summary>
    /// <param name="line">The magic's line, as far as it is written.</param>
    /// <param name="word">What is written of the value; items begin with it, or are left out.</param>
    ValueTask<IReadOnlyList<CompletionItem>> ValuesAsync(
        MagicOption option, string line, string word, CancellationToken cancellationToken);
}

/// <summary>What can be put in place of the text from <paramref name="Start"/> to <paramref name="End"/> (UTF-16 offsets).</summary>
public sealed record CompletionList(int Start, int End, IReadOnlyList<CompletionItem> Items)
{
    public static CompletionList Empty(int position) => new(position, position, []);
}

/// <param name="Text">The text to insert; no snippet syntax.</param>
/// <param name="Kind">The kind as Jupyter's front ends name it: <c>method property field class struct interface enum namespace keyword
/// local parameter event delegate table column function magic option value path</c>.</param>
/// <param name="Signature">A short description or signature, or null.</param>
public sealed record CompletionItem(string Text, string Kind, string? Signature = null);

/// <summary>How a magic is called.</summary>
/// <param name="Name">Without <c>#!</c>.</param>
/// <param name="Summary">One sentence for <c>#!lsmagic</c> and the head of <c>--help</c>.</param>
/// <param name="Body">What the body is, or null where the magic takes none (what follows its line then belongs to the cell's
/// language).</param>
public sealed record MagicSyntax(string Name, string Summary, string? Body)
{
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>What stands before the name: <c>#!</c>, or <c>#</c> for the directives of C#.</summary>
    public string Sigil { get; init; } = "#!";

    /// <summary>The name as it stands in a cell.</summary>
    public string Written => Sigil + Name;

    /// <summary>Options in the order in which help shows them. For a magic with subcommands: those that all share.</summary>
    public IReadOnlyList<MagicOption> Options { get; init; } = [];

    /// <summary>First words, such as <c>history</c> of <c>#!delta history</c>; a subcommand's name is its first word alone.</summary>
    public IReadOnlyList<MagicSyntax> Subcommands { get; init; } = [];

    /// <summary>Examples for <c>--help</c>: what to type and what it does.</summary>
    public IReadOnlyList<(string Text, string Explanation)> Examples { get; init; } = [];

    /// <summary>More for <c>--help</c>, in paragraphs, or null.</summary>
    public string? Remarks { get; init; }
}

/// <summary>One option of a magic.</summary>
/// <param name="Name">Without <c>--</c>.</param>
/// <param name="Summary">What it does.</param>
/// <param name="ValueName">How help calls its value (<c>NAME</c>), or null for a flag.</param>
public sealed record MagicOption(string Name, string Summary, string? ValueName = "VALUE")
{
    public bool IsFlag => ValueName is null;

    public bool Required { get; init; }

    /// <summary>May be given without its name, in the order of the options that are implicit.</summary>
    public bool Implicit { get; init; }

    /// <summary>May be given more than once.</summary>
    public bool Repeatable { get; init; }

    /// <summary>The values that are allowed, for help, checking and completion; empty for any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What a value names, for completion.</summary>
    public OptionValue Takes { get; init; }
}

/// <summary>What the value of an option names.</summary>
public enum OptionValue
{
    /// <summary>Nothing that is there already.</summary>
    Text,

    /// <summary>A variable, of the language of <c>--from</c> where the line has one, else of C#.</summary>
    Variable,

    /// <summary>A language that has variables.</summary>
    Language,

    /// <summary>Something that the magic itself knows, which is an <see cref="IOptionValues"/> then.</summary>
    Own,
}

/// <summary>The values of a magic's line, by option name. A value is what <c>@csharp:x</c> gave, or the text that was written.</summary>
public sealed class MagicArguments(
    string? subcommand, IReadOnlyDictionary<string, IReadOnlyList<object?>> values, IReadOnlyDictionary<string, FaultPlace>? places = null)
{
    public static MagicArguments None { get; } = new(null, new Dictionary<string, IReadOnlyList<object?>>());

    /// <summary>The subcommand that was given, or null.</summary>
    public string? Subcommand => subcommand;

    /// <summary>Whether the option (or flag) stands on the line.</summary>
    public bool Has(string option) => values.ContainsKey(option);

    /// <summary>The last value of the option, or null where it does not stand on the line.</summary>
    public object? Value(string option) => values.TryGetValue(option, out var all) && all.Count > 0 ? all[^1] : null;

    /// <summary>The last value of the option as text, or null.</summary>
    public string? Text(string option) => Value(option)?.ToString();

    /// <summary>Where the option's last value stands in the reader's cell, for a fault; null where it was not written there.</summary>
    public FaultPlace? Place(string option) => places?.GetValueOrDefault(option);

    /// <summary>All values of the option, in order.</summary>
    public IReadOnlyList<object?> Values(string option) => values.TryGetValue(option, out var all) ? all : [];
}
