using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Host.Commands;

/// <summary>
/// Parameters as C# variables. Where the default says that it is a <c>double</c>, a date or a text, the value is one too: <c>-p rate=1</c>
/// stays a <c>double</c>, and later cells compile.
/// </summary>
internal sealed class CSharpParameters : IParameterLanguage
{
    /// <summary>Types that read themselves from text.</summary>
    private static readonly HashSet<string> Parsed = new(StringComparer.Ordinal)
    {
        "DateOnly", "TimeOnly", "DateTime", "DateTimeOffset", "TimeSpan", "Guid", "Version", "BigInteger",
    };

    private readonly Dictionary<string, string?> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);
    private readonly HashSet<string> _numbers = new(StringComparer.Ordinal);

    /// <param name="defaults">The cell tagged <c>parameters</c>, or nothing.</param>
    public CSharpParameters(string defaults)
    {
        var tree = CSharpSyntaxTree.ParseText(defaults, new CSharpParseOptions(LanguageVersion.Latest, kind: SourceCodeKind.Script));
        foreach (var declaration in tree.GetRoot().DescendantNodes().OfType<VariableDeclarationSyntax>())
        {
            foreach (var variable in declaration.Variables)
            {
                var name = variable.Identifier.ValueText;
                if (IsNumber(variable.Initializer?.Value))
                {
                    _numbers.Add(name);
                }

                if (declaration.Type.IsVar)
                {
                    _types[name] = TypeOf(variable.Initializer?.Value);
                }
                else
                {
                    _types[name] = declaration.Type.ToString();
                    _declared.Add(name);
                }
            }
        }
    }

    public IReadOnlyCollection<string> Defaults => _types.Keys;

    public bool IsNumber(string name) => _numbers.Contains(name);

    public string Source(IEnumerable<Parameter> parameters)
    {
        var source = new StringBuilder("// Parameters");
        foreach (var parameter in parameters)
        {
            var type = _types.GetValueOrDefault(parameter.Name);
            var name = SyntaxFacts.GetKeywordKind(parameter.Name) == SyntaxKind.None ? parameter.Name : "@" + parameter.Name;
            source.Append('\n').Append(_declared.Contains(parameter.Name) ? type : "var").Append(' ').Append(name).Append(" = ")
                .Append(Literal(parameter, type, _declared.Contains(parameter.Name))).Append(';');
        }

        return source.ToString();
    }

    private static bool IsNumber(ExpressionSyntax? expression) =>
        (expression is PrefixUnaryExpressionSyntax minus ? minus.Operand : expression)?.IsKind(SyntaxKind.NumericLiteralExpression) == true;

    /// <summary>The type that an expression shows without being bound, or null.</summary>
    private static string? TypeOf(ExpressionSyntax? expression) => expression switch
    {
        PrefixUnaryExpressionSyntax { OperatorToken.RawKind: (int)SyntaxKind.MinusToken } minus => TypeOf(minus.Operand),
        LiteralExpressionSyntax literal => literal.Token.Value switch
        {
            double => "double",
            float => "float",
            decimal => "decimal",
            long => "long",
            string => "string",
            _ => null,
        },
        InterpolatedStringExpressionSyntax => "string",
        ObjectCreationExpressionSyntax created => created.Type.ToString(),
        CastExpressionSyntax cast => cast.Type.ToString(),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax called } => called.Expression.ToString().Split('.')[^1],
        MemberAccessExpressionSyntax member => member.Expression.ToString().Split('.')[^1],
        _ => null,
    };

    private static string Literal(Parameter parameter, string? type, bool isDeclared)
    {
        var plain = type?.TrimEnd('?').Split('.')[^1];
        if (parameter.Value is null)
        {
            return isDeclared ? "null" : plain is null ? "(string?)null" : $"({type!.TrimEnd('?')}?)null";
        }

        if (plain is "string" && parameter.Value is JsonValue)
        {
            return Quote(parameter.Value.GetValueKind() == JsonValueKind.String ? (string)parameter.Value! : parameter.Text);
        }

        if (parameter.Value.GetValueKind() == JsonValueKind.String && plain is not null && Parsed.Contains(plain))
        {
            return plain is "Version"
                ? $"Version.Parse({Quote((string)parameter.Value!)})"
                : $"{type!.TrimEnd('?')}.Parse({Quote((string)parameter.Value!)}, System.Globalization.CultureInfo.InvariantCulture)";
        }

        var suffix = plain switch { "double" => "d", "float" => "f", "decimal" => "m", "long" => "L", _ => "" };
        return suffix.Length > 0 && parameter.Value.GetValueKind() == JsonValueKind.Number && !isDeclared
            ? Number(parameter.Text, suffix)
            : suffix is "f" or "m" && parameter.Value.GetValueKind() == JsonValueKind.Number ? Number(parameter.Text, suffix)
            : Literal(parameter.Value);
    }

    private static string Number(string text, string suffix) =>
        suffix == "d" && text.AsSpan().ContainsAny('.', 'e', 'E') ? text
        : suffix == "d" ? text + ".0"
        : suffix == "L" && text.AsSpan().ContainsAny('.', 'e', 'E') ? text
        : text + suffix;

    private static string Literal(JsonNode? value) => value switch
    {
        null => "null",
        JsonArray { Count: 0 } => "Array.Empty<object>()",
        JsonArray items => $"new{ElementType(items)}[] {{ {string.Join(", ", items.Select(Literal))} }}",
        JsonObject map => $"System.Text.Json.Nodes.JsonNode.Parse({Quote(map.ToJsonString())})!",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => Number(value.ToJsonString()),
            _ => Quote((string)value!),
        },
    };

    // Arrays that C# can find a type for need none; the others hold anything.
    private static string ElementType(JsonArray items)
    {
        var kinds = items.Select(item => item?.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => 'b',
            JsonValueKind.Number => 'n',
            JsonValueKind.String => 's',
            _ => 'o',
        }).Distinct().ToArray();
        return kinds is ['b' or 'n' or 's'] ? "" : " object?";
    }

    private static string Number(string text)
    {
        if (text.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            var number = double.Parse(text, CultureInfo.InvariantCulture);
            return double.IsFinite(number) ? text : number > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity";
        }

        var whole = BigInteger.Parse(text, CultureInfo.InvariantCulture);
        return whole >= int.MinValue && whole <= int.MaxValue ? text
            : whole >= long.MinValue && whole <= long.MaxValue ? text + "L"
            : $"System.Numerics.BigInteger.Parse({Quote(text)})";
    }

    private static string Quote(string text) => SymbolDisplay.FormatLiteral(text, quote: true);
}
