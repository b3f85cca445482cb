using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>The names by which later cells reach the types of one.</summary>
internal static class DeclaredTypes
{
    /// <summary>Declares types, and the words that need them without naming them: namespaces, extension methods and properties.</summary>
    public static void Declare(
        SessionNames names, IEnumerable<MemberDeclarationSyntax> members, CellAssembly library)
    {
        foreach (var member in members)
        {
            if (member is BaseNamespaceDeclarationSyntax space)
            {
                foreach (var part in space.Name.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)))
                {
                    names.NeedFor(part.ValueText, library);
                }

                foreach (var inner in space.DescendantNodes().OfType<MemberDeclarationSyntax>().Where(inner => NameOf(inner).Length > 0))
                {
                    names.NeedFor(NameOf(inner), library);
                }
            }
            else
            {
                names.Declare(NameOf(member), DeclaredKind.Type, library, null);
            }

            foreach (var method in member.DescendantNodes().OfType<MethodDeclarationSyntax>())
            {
                var extends = method.ParameterList.Parameters is [var first, ..] && first.Modifiers.Any(SyntaxKind.ThisKeyword);
                if (extends || method.Parent is ExtensionBlockDeclarationSyntax)
                {
                    var name = method.Identifier.ValueText;
                    names.NeedFor(
                        name is "GetEnumerator" or "GetAsyncEnumerator" or "GetAwaiter" or "Deconstruct" or "Add" ? "*" : name, library);
                }
            }

            foreach (var property in member.DescendantNodes().OfType<PropertyDeclarationSyntax>()
                .Where(it => it.Parent is ExtensionBlockDeclarationSyntax))
            {
                names.NeedFor(property.Identifier.ValueText, library);
            }
        }
    }

    /// <summary>The name of a type; empty for what is none.</summary>
    public static string NameOf(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
        DelegateDeclarationSyntax type => type.Identifier.ValueText,
        _ => "",
    };
}
