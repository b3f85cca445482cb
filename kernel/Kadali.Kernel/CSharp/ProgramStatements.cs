using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// What stands at the top level of a program but not of a script. <c>using var x = …</c> becomes a variable that is disposed of when the
/// cell ends; a <c>ref</c> variable or a span, which no field can hold, makes the rest of its cell a block. Every other place keeps its
/// line and column.
/// </summary>
internal static class ProgramStatements
{
    /// <summary>The text as a script, and the variables to dispose of at its end, in the order of their declaration.</summary>
    public static (string Text, IReadOnlyList<DisposedVariable> Disposed) AsScript(string text)
    {
        if (!text.Contains("using", StringComparison.Ordinal) && !text.Contains("ref", StringComparison.Ordinal))
        {
            return (text, []);
        }

        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text, CellSyntax.Regular).GetRoot();
        var declarations = root.Members.OfType<GlobalStatementSyntax>()
            .Select(global => global.Statement)
            .OfType<LocalDeclarationStatementSyntax>().ToArray();
        var disposed = new List<DisposedVariable>();
        var letters = text.ToCharArray();
        foreach (var declaration in declarations.Where(declaration => declaration.UsingKeyword.IsKind(SyntaxKind.UsingKeyword)))
        {
            letters.AsSpan(declaration.UsingKeyword.SpanStart, declaration.UsingKeyword.Span.Length).Fill(' ');
            letters.AsSpan(declaration.AwaitKeyword.SpanStart, declaration.AwaitKeyword.Span.Length).Fill(' ');
            var isAsync = declaration.AwaitKeyword.IsKind(SyntaxKind.AwaitKeyword);
            disposed.AddRange(declaration.Declaration.Variables.Select(
                variable => new DisposedVariable(variable.Identifier.ValueText, isAsync)));
        }

        var script = disposed.Count > 0 ? new string(letters) : text;
        var reference = declarations.FirstOrDefault(declaration => declaration.Declaration.Type is RefTypeSyntax);
        return (reference is null ? script : RestAsBlock(script, reference.SpanStart), disposed);
    }

    /// <summary>The text with everything from a place on in a block; its last expression is returned.</summary>
    public static string RestAsBlock(string text, int from)
    {
        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text, CellSyntax.Regular).GetRoot();
        var last = root.Members.OfType<GlobalStatementSyntax>().LastOrDefault()?.Statement;
        return last is ExpressionStatementSyntax { SemicolonToken.IsMissing: true } value && value.SpanStart >= from
            ? $"{text[..from]}{{{text[from..value.SpanStart]}"
                + $"return {text[value.SpanStart..value.Expression.Span.End]};{text[value.Expression.Span.End..]}\n}}"
            : $"{text[..from]}{{{text[from..]}\n}}";
    }
}

/// <summary>A variable declared with <c>using</c>, or with <c>await using</c>.</summary>
internal sealed record DisposedVariable(string Name, bool IsAsync);
