using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// A cell's text cut in two: types and namespaces, which become an ordinary assembly (so that extension methods, namespaces and file-wide
/// rules work as in a program), and statements with their functions, which become a script. Each part is the whole text with the
/// other part blanked out, so that every place keeps its line and column.
/// </summary>
internal sealed class CellSyntax
{
    public static readonly CSharpParseOptions Script = new(LanguageVersion.Preview, DocumentationMode.None, SourceCodeKind.Script);
    public static readonly CSharpParseOptions Regular = new(LanguageVersion.Preview, DocumentationMode.None);

    private CellSyntax(string text, SyntaxTree tree)
    {
        Text = text;
        Tree = tree;
        Root = (CompilationUnitSyntax)tree.GetRoot();
        Types = [.. Root.Members.Where(IsType)];
    }

    public string Text { get; }

    public SyntaxTree Tree { get; }

    public CompilationUnitSyntax Root { get; }

    public IReadOnlyList<MemberDeclarationSyntax> Types { get; }

    public IEnumerable<MethodDeclarationSyntax> Functions => Root.Members.OfType<MethodDeclarationSyntax>();

    public static CellSyntax Parse(string text, string path) => new(text, CSharpSyntaxTree.ParseText(text, Script, path));

    /// <summary>Every identifier in the text.</summary>
    public HashSet<string> Words()
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var token in Root.DescendantTokens(descendIntoTrivia: false))
        {
            if (token.IsKind(SyntaxKind.IdentifierToken))
            {
                words.Add(token.ValueText);
            }
        }

        return words;
    }

    /// <summary>The text with everything but types blanked out.</summary>
    public string TypesText() => Keep(Types);

    /// <summary>The text with types and using directives blanked out.</summary>
    public string ScriptText() => Blank(Types);

    private static bool IsType(MemberDeclarationSyntax member) =>
        member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax or BaseNamespaceDeclarationSyntax;

    private string Keep(IReadOnlyList<MemberDeclarationSyntax> kept)
    {
        var text = Blanked(Text.AsSpan());
        foreach (var node in kept)
        {
            Text.AsSpan(node.Span.Start, node.Span.Length).CopyTo(text.AsSpan(node.Span.Start));
        }

        return new(text);
    }

    private string Blank(IReadOnlyList<MemberDeclarationSyntax> blanked)
    {
        if (blanked.Count == 0)
        {
            return Text;
        }

        var text = Text.ToCharArray();
        foreach (var node in blanked)
        {
            Blanked(Text.AsSpan(node.Span.Start, node.Span.Length)).CopyTo(text, node.Span.Start);
        }

        return new(text);
    }

    private static char[] Blanked(ReadOnlySpan<char> text)
    {
        var blank = new char[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            blank[i] = text[i] is '\n' or '\r' ? text[i] : ' ';
        }

        return blank;
    }
}
