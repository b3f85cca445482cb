using Kadali.Cells;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// What a place of C# asks for more than for any name in scope: members to override, attributes, the names of an enumeration.
/// </summary>
internal static class ExpectedNames
{
    private static readonly SymbolDisplayFormat Signature = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMemberOptions(
            SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeRef)
        .RemoveMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>Members of the bases that may stand behind <c>override</c>, each as the line to write; null elsewhere.</summary>
    public static IEnumerable<CompletionItem>? Overrides(SemanticModel model, SyntaxToken token, string prefix)
    {
        var isTyped = !token.IsKind(SyntaxKind.OverrideKeyword) && token.GetPreviousToken().IsKind(SyntaxKind.OverrideKeyword);
        if ((!isTyped && !token.IsKind(SyntaxKind.OverrideKeyword))
            || token.Parent?.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } declaration
            || model.GetDeclaredSymbol(declaration) is not { } type)
        {
            return null;
        }

        return Overridable(type)
            .Where(member => member.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && (!isTyped || ResultOf(member).ToDisplayString(Signature) == token.Text))
            .Select(member => new CompletionItem(Line(member, isTyped), member is IMethodSymbol ? "method" : "property"));
    }

    /// <summary>Attributes by the name under which they are written, in an attribute list; null elsewhere.</summary>
    public static IEnumerable<CompletionItem>? Attributes(SemanticModel model, SyntaxToken token, int position)
    {
        var isDotted = token.IsKind(SyntaxKind.DotToken) && token.Parent is QualifiedNameSyntax { Parent: AttributeSyntax };
        if (!isDotted && (token.Parent is not AttributeListSyntax
            || token.Kind() is not (SyntaxKind.OpenBracketToken or SyntaxKind.CommaToken)))
        {
            return null;
        }

        var container = isDotted ? model.GetSymbolInfo(((QualifiedNameSyntax)token.Parent!).Left).Symbol as INamespaceOrTypeSymbol : null;
        return model.LookupNamespacesAndTypes(position, container)
            .Where(symbol => symbol is INamespaceSymbol || (symbol is INamedTypeSymbol { IsAbstract: false } type && IsAttribute(type)))
            .Select(symbol => new CompletionItem(
                symbol.Name.EndsWith("Attribute", StringComparison.Ordinal) ? symbol.Name[..^"Attribute".Length] : symbol.Name,
                symbol is INamespaceSymbol ? "namespace" : "class"));
    }

    /// <summary>The names of the enumerations that may stand at the place.</summary>
    public static IEnumerable<CompletionItem> Enumerations(SemanticModel model, SyntaxToken token, int position) =>
        Types(model, token)
            .Select(type => type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
                ? nullable.TypeArguments[0] : type)
            .Where(type => type.TypeKind == TypeKind.Enum)
            .Distinct(SymbolEqualityComparer.Default)
            .OfType<ITypeSymbol>()
            .SelectMany(type => type.GetMembers().OfType<IFieldSymbol>().Where(field => field.IsConst), (type, field) =>
                new CompletionItem($"{type.ToMinimalDisplayString(model, position)}.{field.Name}", "enum"));

    /// <summary>The types that an expression behind the token may have.</summary>
    private static IEnumerable<ITypeSymbol> Types(SemanticModel model, SyntaxToken token) => (token.Parent switch
    {
        BinaryExpressionSyntax binary when binary.OperatorToken == token => [model.GetTypeInfo(binary.Left).Type],
        IsPatternExpressionSyntax test => [model.GetTypeInfo(test.Expression).Type],
        AssignmentExpressionSyntax assignment when assignment.OperatorToken == token => [model.GetTypeInfo(assignment.Left).Type],
        EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent: VariableDeclarationSyntax { Type.IsVar: false } variable } } =>
            [model.GetTypeInfo(variable.Type).Type],
        SwitchLabelSyntax { Parent.Parent: SwitchStatementSyntax choice } => [model.GetTypeInfo(choice.Expression).Type],
        ArgumentListSyntax list => Parameters(model, list, token.SpanStart, null),
        NameColonSyntax { Parent.Parent: ArgumentListSyntax list } name =>
            Parameters(model, list, token.SpanStart, name.Name.Identifier.ValueText),
        _ => Array.Empty<ITypeSymbol?>(),
    }).OfType<ITypeSymbol>();

    private static IEnumerable<ITypeSymbol?> Parameters(SemanticModel model, ArgumentListSyntax list, int at, string? name) =>
        ActiveParameter.Candidates(model, list).Select(method => ActiveParameter.Of(method, list, at + 1, name)?.Type);

    private static IEnumerable<ISymbol> Overridable(INamedTypeSymbol type)
    {
        var done = type.GetMembers().Select(Overridden).OfType<ISymbol>().ToHashSet(SymbolEqualityComparer.Default);
        for (var above = type.BaseType; above is not null; above = above.BaseType)
        {
            foreach (var member in above.GetMembers().Where(member => member is IPropertySymbol { IsIndexer: false }
                or IMethodSymbol { MethodKind: MethodKind.Ordinary, Name: not "Finalize" }))
            {
                if (Overridden(member) is { } hidden)
                {
                    done.Add(hidden);
                }

                if (!done.Contains(member) && !member.IsSealed && (member.IsVirtual || member.IsAbstract || member.IsOverride))
                {
                    yield return member;
                }
            }
        }
    }

    private static ISymbol? Overridden(ISymbol member) =>
        (member as IMethodSymbol)?.OverriddenMethod ?? (ISymbol?)(member as IPropertySymbol)?.OverriddenProperty;

    private static ITypeSymbol ResultOf(ISymbol member) =>
        member is IMethodSymbol method ? method.ReturnType : ((IPropertySymbol)member).Type;

    private static string Line(ISymbol member, bool isTyped)
    {
        var signature = member.ToDisplayString(Signature);
        var written = isTyped ? signature[(ResultOf(member).ToDisplayString(Signature).Length + 1)..] : signature;
        const string missing = "throw new System.NotImplementedException()";
        if (member is IMethodSymbol method)
        {
            var arguments = string.Join(", ", method.Parameters.Select(parameter => parameter.RefKind switch
            {
                RefKind.Ref => "ref ",
                RefKind.Out => "out ",
                RefKind.In => "in ",
                _ => "",
            } + parameter.Name));
            return $"{written} => {(member.IsAbstract ? missing : $"base.{member.Name}({arguments})")};";
        }

        var property = (IPropertySymbol)member;
        var name = written.Split(" {")[0];
        var getter = property.GetMethod is null ? "" : $"get => {(member.IsAbstract ? missing : $"base.{member.Name}")}; ";
        var setter = property.SetMethod is null ? ""
            : $"{(property.SetMethod.IsInitOnly ? "init" : "set")} => {(member.IsAbstract ? missing : $"base.{member.Name} = value")}; ";
        return $"{name} {{ {getter}{setter}}}";
    }

    private static bool IsAttribute(INamedTypeSymbol type)
    {
        for (var above = type.BaseType; above is not null; above = above.BaseType)
        {
            if (above is { Name: "Attribute", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } })
            {
                return true;
            }
        }

        return false;
    }
}
