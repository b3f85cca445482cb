using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Notebooks;
using Microsoft.CodeAnalysis.CSharp;

namespace Kadali.Host.Commands;

/// <summary>
/// Papermill's contract: a cell tagged <c>parameters</c> holds defaults; a cell tagged <c>injected-parameters</c> with the given values
/// goes behind it, or to the top where there is none. Values have the type of their default where that can be seen.
/// </summary>
internal sealed class Parameters
{
    private const string DefaultsTag = "parameters";
    private const string InjectedTag = "injected-parameters";
    private readonly List<Parameter> _given = [];

    /// <param name="typed"><c>name=value</c>: the value is a number, true, false, null or JSON where it reads as one, else text.</param>
    /// <param name="raw"><c>name=value</c>: the value is text.</param>
    /// <exception cref="CellFaultException">One of them is no parameter.</exception>
    public Parameters(IReadOnlyList<string> typed, IReadOnlyList<string> raw)
    {
        foreach (var (text, isRaw) in typed.Select(text => (text, false)).Concat(raw.Select(text => (text, true))))
        {
            var parameter = Parse(text, isRaw);
            _given.RemoveAll(other => other.Name == parameter.Name);
            _given.Add(parameter);
        }
    }

    /// <summary>What was given, by name.</summary>
    public JsonObject Values => new([.. _given.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value?.DeepClone()))]);

    /// <summary>Puts the values into a notebook; what its reader should be warned of.</summary>
    public IReadOnlyList<string> Inject(NotebookDocument notebook)
    {
        if (_given.Count == 0)
        {
            return [];
        }

        var cells = notebook.Cells.ToList();
        var defaults = cells.FindIndex(cell => cell.Tags.Contains(DefaultsTag));
        var injected = cells.FindIndex(cell => cell.Tags.Contains(InjectedTag));
        var selector = defaults < 0 ? null : Selector(cells[defaults].Source);
        var language = defaults < 0 ? notebook.DefaultLanguage : selector?[2..] ?? cells[defaults].Language ?? notebook.DefaultLanguage;
        IParameterLanguage writer = language == "python"
            ? new PythonParameters()
            : new CSharpParameters(defaults < 0 ? "" : cells[defaults].Source);
        var source = (selector is null ? "" : selector + "\n") + writer.Source(_given);
        if (injected >= 0)
        {
            // A notebook that was run before: its injected cell gets the new values.
            cells[injected].Source = source;
        }
        else
        {
            var cell = notebook.Insert(defaults + 1, "code", source);
            if (defaults >= 0 && cells[defaults].Language is { } named)
            {
                cell.SetLanguage(named);
            }

            cell.Metadata.Put("tags", new JsonArray(InjectedTag));
        }

        return defaults < 0
            ? ["The notebook has no cell tagged 'parameters': the values stand at its top."]
            :
            [
                .. _given.Where(parameter => writer.Defaults.Count > 0 && !writer.Defaults.Contains(parameter.Name))
                    .Select(parameter => Unknown(parameter, writer)),
                .. _given.Where(parameter => writer.IsNumber(parameter.Name) && parameter.Value?.GetValueKind() == JsonValueKind.String)
                    .Select(parameter => $"'{parameter.Name}' is a number in the notebook and gets the text '{parameter.Text}'."),
            ];
    }

    private static string Unknown(Parameter parameter, IParameterLanguage writer) =>
        $"The cell tagged 'parameters' has no '{parameter.Name}'."
        + (Nearest.Of(parameter.Name, writer.Defaults) is { } nearest ? $" Did you mean '{nearest}'?" : "");

    private static string? Selector(string source)
    {
        var line = source.AsSpan().TrimStart();
        var end = line.IndexOf('\n');
        line = (end < 0 ? line : line[..end]).TrimEnd();
        return line.StartsWith("#!", StringComparison.Ordinal) && !line.Contains(' ') ? line.ToString() : null;
    }

    private static Parameter Parse(string text, bool isRaw)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        if (equals < 0 || !SyntaxFacts.IsValidIdentifier(name))
        {
            throw new CellFaultException(new("KDL131", $"'-p {text}' is no parameter.", "Write -p name=value; the name is a C# variable."));
        }

        var value = text[(equals + 1)..];
        return new(name, value, isRaw ? JsonValue.Create(value) : Value(value));
    }

    private static JsonNode? Value(string text)
    {
        // Papermill's users write these as Python does.
        switch (text)
        {
            case "True":
                return true;
            case "False":
                return false;
            case "None":
                return null;
            default:
                break;
        }

        try
        {
            return JsonNode.Parse(text, null, new() { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

/// <param name="Text">The value as it was written.</param>
/// <param name="Value">What it reads as.</param>
internal sealed record Parameter(string Name, string Text, JsonNode? Value);

/// <summary>Writes parameters in the language of the cell that holds their defaults.</summary>
internal interface IParameterLanguage
{
    /// <summary>The names that the cell of defaults declares; empty where nothing can be told.</summary>
    IReadOnlyCollection<string> Defaults { get; }

    /// <summary>Whether the default of a name can be seen to be a number.</summary>
    bool IsNumber(string name);

    string Source(IEnumerable<Parameter> parameters);
}
