using System.Text;
using Kadali.Cells;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>What stands at a place of C#: its signature and what its documentation says.</summary>
internal static class CSharpInspection
{
    private static readonly SymbolDisplayFormat Signature = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMemberOptions(
            SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType
            | SymbolDisplayMemberOptions.IncludeContainingType);

    public static MimeBundle? Inspect(CellCompiler compiler, string text, int position, CancellationToken cancellationToken)
    {
        var compilation = compiler.Draft(text, out var tree);
        var offset = tree.Length - text.Length;
        var root = tree.GetRoot(cancellationToken);
        var model = compilation.GetSemanticModel(tree);
        var at = Math.Clamp(offset + position, 0, tree.Length);
        foreach (var place in (int[])[Math.Clamp(at, 0, Math.Max(0, tree.Length - 1)), Math.Max(0, at - 1)])
        {
            var token = root.FindToken(place);
            if (token.IsKind(SyntaxKind.IdentifierToken) || token.Parent is PredefinedTypeSyntax)
            {
                var found = SymbolsOf(model, token.Parent!, cancellationToken);
                if (found.Count > 0)
                {
                    return Bundle(found, cancellationToken);
                }
            }
        }

        // Inside the parentheses of a call: its signatures.
        var list = root.FindToken(Math.Max(0, at - 1)).Parent?.FirstAncestorOrSelf<ArgumentListSyntax>();
        if (list is null || ActiveParameter.Candidates(model, list).ToArray() is not { Length: > 0 } calls)
        {
            return null;
        }

        // Those come first that have a parameter at this place.
        var active = calls.ToDictionary(
            call => (ISymbol)call, call => ActiveParameter.Of(call, list, at), SymbolEqualityComparer.Default);
        return Bundle([.. calls.OrderBy(call => active[call] is null)], cancellationToken, active);
    }

    private static IReadOnlyList<ISymbol> SymbolsOf(SemanticModel model, SyntaxNode node, CancellationToken cancellationToken)
    {
        if (node is InvocationExpressionSyntax invocation)
        {
            node = invocation.Expression;
        }

        var group = model.GetMemberGroup(node, cancellationToken);
        if (group.Length > 0)
        {
            return group;
        }

        var info = model.GetSymbolInfo(node, cancellationToken);
        return info.Symbol is { } symbol ? [symbol]
            : info.CandidateSymbols.Length > 0 ? info.CandidateSymbols
            : model.GetDeclaredSymbol(node, cancellationToken) is { } declared ? [declared]
            : [];
    }

    private static MimeBundle Bundle(
        IReadOnlyList<ISymbol> symbols, CancellationToken cancellationToken, IReadOnlyDictionary<ISymbol, IParameterSymbol?>? active = null)
    {
        const int shown = 12;
        var plain = new StringBuilder();
        var markdown = new StringBuilder("```csharp\n");
        foreach (var symbol in symbols.Take(shown))
        {
            // The class that holds a cell's variables is no business of its author.
            var ofCell = symbol.ContainingType?.Name.StartsWith("KadaliCell", StringComparison.Ordinal) == true;
            var signature = Marked(
                symbol.ToDisplayParts(ofCell ? Signature.RemoveMemberOptions(SymbolDisplayMemberOptions.IncludeContainingType) : Signature),
                active?.GetValueOrDefault(symbol));
            plain.AppendLine(signature);
            markdown.Append(signature).Append('\n');
        }

        if (symbols.Count > shown)
        {
            plain.AppendLine($"… {symbols.Count - shown} more overloads");
            markdown.Append($"// {symbols.Count - shown} more overloads\n");
        }

        markdown.Append("```\n");
        var documentation = symbols.Select(symbol => SymbolDocumentation.Of(symbol, cancellationToken))
            .FirstOrDefault(text => text.Length > 0) ?? "";
        if (documentation.Length > 0)
        {
            plain.AppendLine().Append(documentation);
            markdown.Append('\n').Append(documentation).Append('\n');
        }

        return new(new Dictionary<string, object>
        {
            [MimeBundle.Plain] = plain.ToString().TrimEnd(),
            [MimeBundle.Markdown] = markdown.ToString()
        });
    }

    /// <summary>The signature with »the active parameter« in it.</summary>
    private static string Marked(IReadOnlyList<SymbolDisplayPart> parts, IParameterSymbol? active)
    {
        var name = active is null ? -1 : parts.Count - 1;
        while (name >= 0 && !(parts[name].Kind == SymbolDisplayPartKind.ParameterName && parts[name].ToString() == active!.Name))
        {
            name--;
        }

        // Back to the comma or parenthesis before it, past those of its type.
        var (first, depth) = (name, 0);
        while (first > 0 && (depth > 0 || parts[first - 1].ToString() is not ("," or "(")))
        {
            first--;
            depth += parts[first].ToString() switch
            {
                ">" or ")" => 1,
                "<" or "(" => -1,
                _ => 0,
            };
        }

        while (first < name && parts[first].Kind == SymbolDisplayPartKind.Space)
        {
            first++;
        }

        return string.Concat(parts.Select((part, i) =>
            (i == first && name >= 0 ? "»" : "") + part + (i == name && name >= 0 ? "«" : "")));
    }
}
