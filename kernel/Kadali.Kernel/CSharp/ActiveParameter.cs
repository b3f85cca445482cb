using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>The parameter for which an argument is being written.</summary>
internal static class ActiveParameter
{
    /// <summary>The methods that a call may mean.</summary>
    public static IEnumerable<IMethodSymbol> Candidates(SemanticModel model, ArgumentListSyntax list)
    {
        if (list.Parent is InvocationExpressionSyntax invocation
            && model.GetMemberGroup(invocation.Expression) is { Length: > 0 } group)
        {
            // A type's name is no receiver of extension methods, which the group holds all the same.
            var isOfType = invocation.Expression is MemberAccessExpressionSyntax { Expression: { } receiver }
                && model.GetSymbolInfo(receiver).Symbol is ITypeSymbol;
            return group.OfType<IMethodSymbol>().Where(method => !isOfType || method.MethodKind != MethodKind.ReducedExtension);
        }

        if (list.Parent is BaseObjectCreationExpressionSyntax creation && model.GetTypeInfo(creation).Type is INamedTypeSymbol type)
        {
            return type.InstanceConstructors.Where(constructor => constructor.DeclaredAccessibility == Accessibility.Public);
        }

        var info = model.GetSymbolInfo(list.Parent!);
        return (info.Symbol is { } one ? [one] : info.CandidateSymbols).OfType<IMethodSymbol>();
    }

    /// <summary>The method's parameter at a place of the list; null where it has none there.</summary>
    /// <param name="name">The name that stands before the argument, or null.</param>
    public static IParameterSymbol? Of(IMethodSymbol method, ArgumentListSyntax list, int position, string? name = null)
    {
        var index = list.Arguments.GetSeparators().Count(comma => comma.Span.End <= position);
        name ??= index < list.Arguments.Count ? list.Arguments[index].NameColon?.Name.Identifier.ValueText : null;
        return name is not null ? method.Parameters.FirstOrDefault(parameter => parameter.Name == name)
            : index < method.Parameters.Length ? method.Parameters[index]
            : method.Parameters is [.., { IsParams: true } rest] ? rest
            : null;
    }
}
