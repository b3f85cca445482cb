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
    public static readonly CSharpParseOptions Script = new(LanguageVersion.Latest, DocumentationMode.None, SourceCodeKind.Script);
    public static readonly CSharpParseOptions Regular = new(LanguageVersion.Latest, DocumentationMode.None);

    private CellSyntax(string text, SyntaxTree tree, IReadOnlyList<DisposedVariable> disposed)
    {
        Text = text;
        Disposed = disposed;
        Tree = tree;
        Root = (CompilationUnitSyntax)tree.GetRoot();
        Types = [.. Root.Members.Where(IsType)];
    }

    public string Text { get; }

    public SyntaxTree Tree { get; }

    public CompilationUnitSyntax Root { get; }

    public IReadOnlyList<MemberDeclarationSyntax> Types { get; }

    /// <summary>Variables to dispose of when the cell ends, in the order of their declaration.</summary>
    public IReadOnlyList<DisposedVariable> Disposed { get; }

    public IEnumerable<MethodDeclarationSyntax> Functions => Root.Members.OfType<MethodDeclarationSyntax>();

    public static CellSyntax Parse(string text, string path)
    {
        var (script, disposed) = ProgramStatements.AsScript(text);
        return new(script, CSharpSyntaxTree.ParseText(script, Script, path), disposed);
    }

    /// <summary>The same cell with everything from the declaration at a place on in a block, or null where it stands in one.</summary>
    public CellSyntax? WithRestAsBlock(int place)
    {
        if (Root.Members.FirstOrDefault(member => member.Span.Contains(place)) is not FieldDeclarationSyntax member)
        {
            return null;
        }

        var text = ProgramStatements.RestAsBlock(Text, member.SpanStart);
        return new(text, CSharpSyntaxTree.ParseText(text, Script, Tree.FilePath), Disposed);
    }

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

    public static bool IsType(MemberDeclarationSyntax member) =>
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
