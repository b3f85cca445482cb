using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Kernel.Submissions;
using Microsoft.CodeAnalysis.CSharp;

namespace Kadali.Kernel.Magics;

/// <summary><c>#!value</c>: keeps text under a name, from the cell, a file or an address.</summary>
public sealed class ValueMagic : IMagic, IValueSharing
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public MagicSyntax Syntax { get; } = new(
        "value", "Keeps text under a name; '@value:NAME' gives it to other magics.", "the text to keep")
    {
        Options =
        [
            new("name", "The name to keep it under.", "NAME") { Required = true, Implicit = true },
            new("from-file", "Take the text of a file.", "FILE"),
            new("from-url", "Take the text behind an address.", "URL"),
            new("from-value", "Take a value.", "VALUE"),
            new("mime-type", "Show it as this MIME type.", "TYPE"),
        ],
        Examples =
        [
            ("#!value --name cities\nParis\nRome", "keeps two lines"),
            ("#!value --name page --from-file page.html", "keeps a file's text")
        ],
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sources = ((string[])["from-file", "from-url", "from-value"]).Where(cell.Arguments.Has).ToArray();
        var hasBody = cell.Body.Trim().Length > 0;
        if (sources.Length + (hasBody ? 1 : 0) != 1)
        {
            throw new CellFaultException(new(
                "KDL115", sources.Length == 0 && !hasBody ? "'#!value' has nothing to keep." : "'#!value' was given more than one text.",
                "Write the text below the line, or give one of --from-file, --from-url, --from-value."));
        }

        var value = cell.Arguments switch
        {
            _ when cell.Arguments.Text("from-file") is { } path => await ReadFileAsync(path, cancellationToken),
            _ when cell.Arguments.Text("from-url") is { } url => await ReadUrlAsync(url, cancellationToken),
            _ when cell.Arguments.Has("from-value") => cell.Arguments.Value("from-value"),
            _ => cell.Body,
        };
        _values[cell.Arguments.Text("name")!] = value;
        if (cell.Arguments.Text("mime-type") is { } mime)
        {
            yield return new CellEvent.Display(MimeBundle.Of(mime, value?.ToString() ?? "", value?.ToString() ?? ""));
        }
    }

    public Task<IReadOnlyList<SharedValueInfo>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SharedValueInfo>>(
            [.. _values.Select(pair => new SharedValueInfo(pair.Key, pair.Value?.GetType().Name ?? "null"))]);

    public Task<object?> GetAsync(string name, CancellationToken cancellationToken) => _values.TryGetValue(name, out var value)
        ? Task.FromResult(value)
        : throw new CellFaultException(new(
            "KDL112", $"There is no value '{name}'.", Nearest.Of(name, _values.Keys) is { } near ? $"Did you mean '{near}'?" : null));

    public Task SetAsync(string name, object? value, CancellationToken cancellationToken)
    {
        _values[name] = value;
        return Task.CompletedTask;
    }

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CellFaultException(new("KDL116", $"The file '{path}' cannot be read: {exception.Message}"), exception);
        }
    }

    private static async Task<string> ReadUrlAsync(string url, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CellFaultException(new("KDL116", $"'{url}' is no http or https address."));
        }

        using var client = new HttpClient();
        try
        {
            return await client.GetStringAsync(address, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new CellFaultException(new("KDL116", $"'{url}' cannot be read: {exception.Message}"), exception);
        }
    }
}

/// <summary><c>#!set</c> and <c>#!share</c>: variables from one language to another.</summary>
public sealed class ShareMagic : IMagic
{
    private readonly IMagicRegistry _magics;
    private readonly IVariables _variables;
    private readonly bool _set;

    private ShareMagic(IMagicRegistry magics, IVariables variables, bool set)
    {
        (_magics, _variables, _set) = (magics, variables, set);
        Syntax = set
            ? new("set", "Declares a variable in the cell's language.", null)
            {
                Options =
                [
                    new("name", "The variable to declare.", "NAME") { Required = true, Implicit = true },
                    new("value", "Its value: text, or '@LANGUAGE:VARIABLE', '@input:…', '@password:…'.", "VALUE")
                    {
                        Required = true, Implicit = true
                    },
                    new("byref", "Share the object itself (C# to C#; the default there).", null),
                    new("mime-type", "Take the value in this form, as text.", "TYPE"),
                ],
                Examples =
                [
                    ("#!set --name limit --value 10", "a text"),
                    ("#!set --name rows --value @python:frame", "a table from Python")
                ],
            }
            : new("share", "Takes a variable from another language into the cell's.", null)
            {
                Options =
                [
                    new("name", "The variable to take.", "NAME") { Required = true, Implicit = true, Takes = OptionValue.Variable },
                    new("from", "The language or kernel that has it.", "LANGUAGE") { Required = true, Takes = OptionValue.Language },
                    new("as", "What to call it here.", "NAME"),
                    new("mime-type", "Take the value in this form, as text.", "TYPE"),
                ],
                Examples =
                [
                    ("#!python\n#!share flights --from csharp", "gives Python the C# variable"),
                    ("#!share frame --from python --as rows", "and back")
                ],
            };
    }

    public MagicSyntax Syntax { get; }

    public static IEnumerable<IMagic> Both(IMagicRegistry magics, IVariables variables) =>
        [new ShareMagic(magics, variables, true), new ShareMagic(magics, variables, false)];

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = cell.Arguments.Text("name")!;
        var value = _set ? cell.Arguments.Value("value") : await FromAsync(cell.Arguments.Text("from")!, name, cancellationToken);
        var target = _set ? name : cell.Arguments.Text("as") ?? name;
        if (cell.Arguments.Text("mime-type") is { } mime)
        {
            await _variables.RunAsync(
                () => value = Formatter.Format(value).Data.TryGetValue(mime, out var form) ? form.ToString() : value?.ToString(),
                cancellationToken);
        }

        if (_magics.Find(cell.Around) is IValueSharing sharing)
        {
            await sharing.SetAsync(target, value, cancellationToken);
        }
        else if (TextMagics.All.Any(magic => magic.Syntax.Name == cell.Around))
        {
            throw new CellFaultException(new(
                "KDL117", $"'#!{cell.Around}' has no variables to which '{target}' could be given.",
                "From C#, HTML($\"…{value}…\") shows a value."));
        }
        else if (!SyntaxFacts.IsValidIdentifier(target) || SyntaxFacts.GetKeywordKind(target) != SyntaxKind.None)
        {
            throw new CellFaultException(new(
                "KDL105", $"'{target}' cannot be the name of a variable in C#.",
                "Letters, digits and _, beginning with a letter, and no keyword."));
        }
        else
        {
            await _variables.SetAsync(target, value, VisibleType(value), cancellationToken);
        }

        yield break;
    }

    /// <summary>The type under which C# cells see a value: its own where it is public, else the nearest public one above it.</summary>
    internal static Type VisibleType(object? value)
    {
        var type = value?.GetType() ?? typeof(object);
        if (type.IsVisible || type.Assembly.GetName().Name?.StartsWith("kadali-", StringComparison.Ordinal) == true)
        {
            return type;
        }

        return type.GetInterfaces().FirstOrDefault(face =>
                face.IsVisible && face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            ?? type.GetInterfaces().FirstOrDefault(face =>
                face.IsVisible && face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            ?? Enumerable.Repeat(type.BaseType, 1).FirstOrDefault(parent => parent?.IsVisible == true && parent != typeof(object))
            ?? typeof(object);
    }

    private async Task<object?> FromAsync(string language, string name, CancellationToken cancellationToken)
    {
        var magic = _magics.Find(language) ?? throw new CellFaultException(new(
            "KDL112", $"There is no language '{language}'.",
            Nearest.Of(language, _magics.All.Select(known => known.Syntax.Name)) is { } near ? $"Did you mean '{near}'?" : null));
        if (magic is IValueSharing sharing)
        {
            return await sharing.GetAsync(name, cancellationToken);
        }

        return _variables.TryGet(name, out _, out var value)
            ? value
            : throw new CellFaultException(new(
                "KDL112", $"There is no variable '{name}' in {language}.",
                Nearest.Of(name, _variables.List().Select(variable => variable.Name)) is { } close ? $"Did you mean '{close}'?" : null));
    }
}

/// <summary><c>#!who</c> and <c>#!whos</c>: the variables of the cell's language.</summary>
public sealed class WhoMagic : IMagic
{
    private readonly IMagicRegistry _magics;
    private readonly IVariables _variables;
    private readonly bool _long;

    private WhoMagic(IMagicRegistry magics, IVariables variables, bool asTable)
    {
        (_magics, _variables, _long) = (magics, variables, asTable);
        Syntax = asTable
            ? new("whos", "Shows the variables of the cell's language with type and value.", null)
            : new("who", "Lists the variables of the cell's language.", null);
    }

    public MagicSyntax Syntax { get; }

    public static IEnumerable<IMagic> Both(IMagicRegistry magics, IVariables variables) =>
        [new WhoMagic(magics, variables, false), new WhoMagic(magics, variables, true)];

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<Row> rows = _magics.Find(cell.Around) is IValueSharing sharing
            ? [.. (await sharing.ListAsync(cancellationToken)).Select(shared => new Row(
                shared.Name, shared.TypeName, shared.Summary ?? ""))]
            : [.. _variables.List().Select(variable => new Row(
                variable.Name, TypeNames.Of(variable.Type),
                _long && _variables.TryGet(variable.Name, out _, out var value) ? Summary(value) : ""))];
        yield return new CellEvent.Display(_long
            ? Formatter.Format(rows)
            : MimeBundle.Text(string.Join("\n", rows.Select(row => row.Variable))));
    }

    private static string Summary(object? value)
    {
        const int length = 80;
        var text = value?.ToString() ?? "null";
        return TextCut.Clip(text.ReplaceLineEndings(" "), length + 1);
    }

    /// <summary>One variable in the table that <c>#!whos</c> shows.</summary>
    public sealed record Row(string Variable, string Type, string Value);
}
