using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// Functions and properties of a script are members of its instance. For later cells each name gets a static class that forwards to
/// them, written with the signature's own words, so that generics, defaults, <c>ref</c> and <c>this</c> parameters stay as they are: one
/// for each overload, so that a later cell can replace one of them.
/// </summary>
internal static class FunctionForwarders
{
    public static IEnumerable<Forwarders> Write(CompilationUnitSyntax root, string script)
    {
        var functions = root.Members.OfType<MethodDeclarationSyntax>()
            .Select(method => (Name: method.Identifier.ValueText, Source: Forward(method, script), Signature: Signature(method)));
        var properties = root.Members.OfType<PropertyDeclarationSyntax>()
            .Select(property => (
                Name: property.Identifier.ValueText, Source: Forward(property), Signature: $"{property.Type} {property.Identifier}"));
        foreach (var group in functions.Concat(properties).GroupBy(function => function.Name))
        {
            var each = group.Select((function, i) => (Class: $"{script}_{group.Key}_{i}", function.Source, function.Signature)).ToArray();
            yield return new(
                group.Key,
                string.Join('\n', each.Select(
                    it => $"public static class {it.Class} {{ public static {script} Self = null!;\n{it.Source} }}")),
                [.. each.Select(it => (it.Class, it.Signature))]);
        }
    }

    private static string Forward(MethodDeclarationSyntax method, string script)
    {
        var parameters = method.ParameterList.Parameters;
        var arguments = string.Join(", ", parameters.Select(parameter => Passing(parameter) + parameter.Identifier));
        var self = method.Modifiers.Any(SyntaxKind.StaticKeyword) ? script : "Self";
        var reference = method.ReturnType is RefTypeSyntax ? "ref " : "";
        var context = method.Modifiers.Any(SyntaxKind.UnsafeKeyword) ? "unsafe " : "";
        return $"public static {context}{method.ReturnType} {method.Identifier}{method.TypeParameterList}{method.ParameterList} "
            + $"{method.ConstraintClauses} => {reference}{self}.{method.Identifier}{TypeArguments(method)}({arguments});";
    }

    private static string Forward(PropertyDeclarationSyntax property)
    {
        var settable = property.AccessorList?.Accessors.Any(accessor => accessor.IsKind(SyntaxKind.SetAccessorDeclaration)) == true;
        var setter = settable ? $"set => Self.{property.Identifier} = value; " : "";
        return $"public static {property.Type} {property.Identifier} {{ get => Self.{property.Identifier}; {setter}}}";
    }

    private static string TypeArguments(MethodDeclarationSyntax method) =>
        method.TypeParameterList is { } list ? $"<{string.Join(", ", list.Parameters.Select(parameter => parameter.Identifier))}>" : "";

    private static string Passing(ParameterSyntax parameter) =>
        parameter.Modifiers.Any(SyntaxKind.RefKeyword) ? "ref "
        : parameter.Modifiers.Any(SyntaxKind.OutKeyword) ? "out "
        : parameter.Modifiers.Any(SyntaxKind.InKeyword) ? "in "
        : "";

    private static string Signature(MethodDeclarationSyntax method) =>
        $"{method.ReturnType} {method.Identifier}{method.TypeParameterList}{method.ParameterList}";
}

/// <summary>The forwarders of one name.</summary>
/// <param name="Source">All their classes.</param>
/// <param name="Each">The class of each overload, with its signature as it was written.</param>
internal sealed record Forwarders(string Name, string Source, IReadOnlyList<(string Class, string Signature)> Each);
