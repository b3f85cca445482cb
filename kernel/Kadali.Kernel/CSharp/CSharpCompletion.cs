using Kadali.Cells;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>What may stand at a place of C#.</summary>
internal static class CSharpCompletion
{
    private static readonly string[] Keywords =
    [
        "abstract", "as", "async", "await", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const",
        "continue", "decimal", "default", "delegate", "do", "double", "else", "enum", "event", "false", "finally", "float", "for",
        "foreach", "from", "get", "if", "in", "int", "interface", "internal", "is", "let", "lock", "long", "nameof", "namespace", "new",
        "null", "object", "orderby", "out", "override", "params", "private", "protected", "public", "readonly", "record", "ref", "required",
        "return", "sbyte", "sealed", "select", "set", "short", "sizeof", "static", "string", "struct", "switch", "this", "throw", "true",
        "try", "typeof", "uint", "ulong", "using", "var", "virtual", "void", "when", "where", "while", "with", "yield",
    ];

    public static CompletionList Complete(CellCompiler compiler, string text, int position, CancellationToken cancellationToken)
    {
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
        {
            start--;
        }

        var prefix = text[start..position];
        var compilation = compiler.Draft(text, out var tree);
        var offset = tree.Length - text.Length;
        var token = tree.GetRoot(cancellationToken).FindToken(Math.Max(0, offset + start - 1));
        if (IsInText(tree, offset + position, cancellationToken))
        {
            return CompletionList.Empty(position);
        }

        var model = compilation.GetSemanticModel(tree, ignoreAccessibility: false);
        if (ExpectedNames.Overrides(model, token, prefix) is { } overrides)
        {
            return new(start, position, [.. overrides]);
        }

        if (ExpectedNames.Attributes(model, token, offset + start) is { } attributes)
        {
            return new(start, position, [.. attributes
                .Where(item => item.Text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .OrderBy(item => item.Text, StringComparer.OrdinalIgnoreCase)]);
        }

        var expected = ExpectedNames.Enumerations(model, token, offset + start)
            .Where(item => item.Text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                || item.Text[(item.Text.LastIndexOf('.') + 1)..].StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        var symbols = Candidates(model, token, offset + start, out var isMember, cancellationToken)
            .Where(symbol => symbol.CanBeReferencedByName && symbol.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
                && !symbol.Name.StartsWith("KadaliCell", StringComparison.Ordinal)
                && !symbol.Name.StartsWith("KadaliValue", StringComparison.Ordinal)
                && symbol.Name != "KadaliDraft" && !IsHidden(symbol));
        var items = symbols
            .GroupBy(symbol => symbol.Name, StringComparer.Ordinal)
            .Select(group => new CompletionItem(group.Key, Kind(group.First()), Describe([.. group])))
            .ToDictionary(item => item.Text, StringComparer.Ordinal);
        if (!isMember)
        {
            foreach (var declared in compiler.Names.All
                .Where(declared => declared.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                items.TryAdd(declared.Name, new(
                    declared.Name, Kind(declared.Kind), declared.Field is { } field ? Plain(field.FieldType) : declared.Description));
            }

            foreach (var keyword in Keywords.Where(keyword => prefix.Length > 0 && keyword.StartsWith(prefix, StringComparison.Ordinal)))
            {
                items.TryAdd(keyword, new(keyword, "keyword"));
            }
        }

        return new(start, position, [.. expected, .. items.Values
            .OrderByDescending(item => item.Text.StartsWith(prefix, StringComparison.Ordinal))
            .ThenBy(item => item.Text, StringComparer.OrdinalIgnoreCase)]);
    }

    private static IEnumerable<ISymbol> Candidates(
        SemanticModel model, SyntaxToken token, int position, out bool isMember, CancellationToken cancellationToken)
    {
        isMember = true;
        if (token.IsKind(SyntaxKind.DotToken))
        {
            switch (token.Parent)
            {
                case MemberAccessExpressionSyntax access:
                    return Members(model, access.Expression, position, cancellationToken);
                case QualifiedNameSyntax name:
                    return Members(model, name.Left, position, cancellationToken);
                case MemberBindingExpressionSyntax binding
                        when binding.FirstAncestorOrSelf<ConditionalAccessExpressionSyntax>() is { } conditional:
                    return Members(model, conditional.Expression, position, cancellationToken);
                case RangeExpressionSyntax or null:
                    return [];
            }
        }

        // new Flight { De…   and   with { De…
        if (token.Parent is InitializerExpressionSyntax { Parent: BaseObjectCreationExpressionSyntax creation }
            && token.Kind() is SyntaxKind.OpenBraceToken or SyntaxKind.CommaToken)
        {
            return Settable(model.GetTypeInfo(creation, cancellationToken).Type);
        }

        if (token.Parent is InitializerExpressionSyntax { Parent: WithExpressionSyntax with }
            && token.Kind() is SyntaxKind.OpenBraceToken or SyntaxKind.CommaToken)
        {
            return Settable(model.GetTypeInfo(with.Expression, cancellationToken).Type);
        }

        isMember = false;
        var scope = model.LookupSymbols(position);
        return token.Parent?.FirstAncestorOrSelf<ArgumentListSyntax>() is { Parent: { } call }
            ? scope.Concat(model.GetSymbolInfo(call, cancellationToken) is var info
                ? (info.Symbol is { } one ? [one] : info.CandidateSymbols).OfType<IMethodSymbol>().SelectMany(method => method.Parameters)
                : [])
            : scope;
    }

    private static IEnumerable<ISymbol> Members(
        SemanticModel model, ExpressionSyntax expression, int position, CancellationToken cancellationToken)
    {
        var symbol = model.GetSymbolInfo(expression, cancellationToken).Symbol;
        if (symbol is INamespaceSymbol space)
        {
            return space.GetMembers();
        }

        if (symbol is ITypeSymbol type)
        {
            return model.LookupSymbols(position, type).Where(member => member.IsStatic || member is ITypeSymbol);
        }

        var value = model.GetTypeInfo(expression, cancellationToken).Type;
        if (value is null or IErrorTypeSymbol)
        {
            return [];
        }

        if (value.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T && expression.Parent is ConditionalAccessExpressionSyntax)
        {
            value = ((INamedTypeSymbol)value).TypeArguments[0];
        }

        return model.LookupSymbols(position, value, includeReducedExtensionMethods: true)
            .Where(member => !member.IsStatic && member is not ITypeSymbol);
    }

    private static IEnumerable<ISymbol> Settable(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            foreach (var member in type.GetMembers().Where(member => member.DeclaredAccessibility == Accessibility.Public && member
                is IPropertySymbol { IsReadOnly: false, IsStatic: false, IsIndexer: false }
                    or IFieldSymbol { IsReadOnly: false, IsStatic: false }))
            {
                yield return member;
            }
        }
    }

    private static bool IsInText(SyntaxTree tree, int position, CancellationToken cancellationToken)
    {
        var root = tree.GetRoot(cancellationToken);
        var trivia = root.FindTrivia(Math.Max(0, position - 1));
        if (trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia)
        {
            return true;
        }

        var token = root.FindToken(Math.Max(0, position - 1));
        return token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.InterpolatedStringTextToken
                or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
            && position > token.SpanStart;
    }

    private static bool IsHidden(ISymbol symbol) =>
        symbol.GetAttributes().Any(attribute =>
            attribute.AttributeClass?.Name == "EditorBrowsableAttribute" && attribute.ConstructorArguments is [{ Value: 1 }]);

    private static string Describe(IReadOnlyList<ISymbol> symbols)
    {
        var first = symbols[0];
        var text = first switch
        {
            IMethodSymbol or IPropertySymbol => first.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            IFieldSymbol field => field.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            ILocalSymbol local => local.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            IParameterSymbol parameter => parameter.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            _ => "",
        };
        return symbols.Count > 1 ? $"{text} (+ {symbols.Count - 1})" : text;
    }

    private static string Plain(Type type) => type.IsGenericType
        ? $"{CellImage.WithoutArity(type.Name)}<{string.Join(", ", type.GetGenericArguments().Select(Plain))}>"
        : type.Name;

    private static string Kind(DeclaredKind kind) => kind switch
    {
        DeclaredKind.Variable => "local",
        DeclaredKind.Function => "method",
        _ => "class",
    };

    private static string Kind(ISymbol symbol) => symbol switch
    {
        IMethodSymbol => "method",
        IPropertySymbol => "property",
        IFieldSymbol => "field",
        ILocalSymbol => "local",
        IParameterSymbol => "parameter",
        IEventSymbol => "event",
        INamespaceSymbol => "namespace",
        ITypeSymbol { TypeKind: TypeKind.Interface } => "interface",
        ITypeSymbol { TypeKind: TypeKind.Struct } => "struct",
        ITypeSymbol { TypeKind: TypeKind.Enum } => "enum",
        ITypeSymbol { TypeKind: TypeKind.Delegate } => "delegate",
        _ => "class",
    };
}
