using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadali.Host.Commands;

/// <summary>Parameters as Python variables, for a cell of defaults that is Python.</summary>
internal sealed class PythonParameters : IParameterLanguage
{
    public IReadOnlyCollection<string> Defaults => [];

    public bool IsNumber(string name) => false;

    public string Source(IEnumerable<Parameter> parameters) =>
        "# Parameters" + string.Concat(parameters.Select(parameter => $"\n{parameter.Name} = {Literal(parameter.Value)}"));

    // JSON's numbers are Python's too; its three words are not.
    private static string Literal(JsonNode? value) => value switch
    {
        null => "None",
        JsonArray items => $"[{string.Join(", ", items.Select(Literal))}]",
        JsonObject map => $"{{{string.Join(", ", map.Select(pair => $"{Literal(JsonValue.Create(pair.Key))}: {Literal(pair.Value)}"))}}}",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True => "True",
            JsonValueKind.False => "False",
            JsonValueKind.String => Quote((string)value!),
            _ => value.ToJsonString(),
        },
    };

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' or '\\' => quoted.Append('\\').Append(letter),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}"),
                _ => quoted.Append(letter),
            };
        }

        return quoted.Append('"').ToString();
    }
}
