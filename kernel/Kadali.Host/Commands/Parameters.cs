using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary>
/// Papermill's contract: a cell tagged <c>parameters</c> holds defaults; a cell tagged <c>injected-parameters</c> with the given values goes behind it, or to the
/// top where there is none.
/// </summary>
internal static class Parameters
{
    public static void Inject(NotebookDocument notebook, IReadOnlyDictionary<string, JsonNode?> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        var cells = notebook.Cells;
        var before = cells.ToList().FindIndex(cell => cell.Tags.Contains("injected-parameters"));
        if (before >= 0)
        {
            // A notebook that was run before: its injected cell gets the new values.
            cells[before].Source = Source(values);
            return;
        }

        var defaults = cells.ToList().FindIndex(cell => cell.Tags.Contains("parameters"));
        notebook.Insert(defaults + 1, "code", Source(values)).Metadata["tags"] = new JsonArray("injected-parameters");
    }

    /// <summary>Reads <c>name=value</c>; the value is a number, true, false, null or JSON where it reads as one, else text.</summary>
    public static (string Name, JsonNode? Value) Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || !text[..equals].All(letter => char.IsLetterOrDigit(letter) || letter == '_') || char.IsDigit(text[0]))
        {
            throw new CellFaultException(new("KDL131", $"'-p {text}' is no parameter.", "Write -p name=value; the name is a C# variable."));
        }

        try
        {
            return (text[..equals], JsonNode.Parse(text[(equals + 1)..]));
        }
        catch (System.Text.Json.JsonException)
        {
            return (text[..equals], JsonValue.Create(text[(equals + 1)..]));
        }
    }

    private static string Source(IReadOnlyDictionary<string, JsonNode?> values)
    {
        var source = new StringBuilder("// Parameters");
        foreach (var (name, value) in values)
        {
            source.Append("\nvar ").Append(name).Append(" = ").Append(Literal(value)).Append(';');
        }

        return source.ToString();
    }

    private static string Literal(JsonNode? value) => value switch
    {
        null => "(string?)null",
        JsonArray items => items.Count == 0 ? "Array.Empty<object>()" : $"new[] {{ {string.Join(", ", items.Select(Literal))} }}",
        JsonObject map => $"System.Text.Json.Nodes.JsonNode.Parse({Quote(map.ToJsonString())})!",
        JsonValue scalar when scalar.TryGetValue<bool>(out var flag) => flag ? "true" : "false",
        JsonValue scalar when scalar.TryGetValue<long>(out var number) => number is >= int.MinValue and <= int.MaxValue ? number.ToString(CultureInfo.InvariantCulture) : $"{number}L",
        JsonValue scalar when scalar.TryGetValue<double>(out var number) => number.ToString("R", CultureInfo.InvariantCulture) is var text && text.AsSpan().ContainsAny('.', 'E') ? text : text + "d",
        _ => Quote(value.ToString()),
    };

    private static string Quote(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);
}
