using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// Puts a look at <see cref="Cells.CellLoops"/> into each loop, lambda, local function and clause of a query and behind each label, on the
/// line where it stands, so that an interrupt ends them. (Roslyn's own instrumentation passes over the statements of a script, lambdas in
/// them, and labels.) A lambda that is an expression becomes a block with the same return type, so that the overload that was chosen stays
/// the only one to choose; what becomes an expression tree stays as it is.
/// </summary>
internal sealed class CellChecks
{
    private const string Check = "global::Kadali.Cells.CellLoops.Check();";
    private const string Checked = "global::Kadali.Cells.CellLoops.Checked(";

    private readonly List<(int At, int Order, string Text, int Replaced)> _insertions = [];
    private readonly SemanticModel? _model;
    private readonly CancellationToken _cancellationToken;

    private CellChecks(SemanticModel? model, CancellationToken cancellationToken)
    {
        _model = model;
        _cancellationToken = cancellationToken;
    }

    /// <summary>
    /// The text of the cell's types or of its script with the checks; <paramref name="written"/> is the compilation without them.
    /// </summary>
    public static string Insert(
        CellSyntax syntax, string text, bool ofTypes, Lazy<CSharpCompilation> written, CancellationToken cancellationToken)
    {
        // Only the compiler knows what a lambda becomes; it is asked only by cells that have one.
        var root = syntax.Root;
        SemanticModel? model = null;
        if (Members(root, ofTypes).SelectMany(member => member.DescendantNodes()).Any(IsOpen))
        {
            var tree = written.Value.SyntaxTrees[0];
            root = (CompilationUnitSyntax)tree.GetRoot(cancellationToken);
            model = written.Value.GetSemanticModel(tree);
        }

        var checks = new CellChecks(model, cancellationToken);
        foreach (var node in Members(root, ofTypes).SelectMany(member => member.DescendantNodes(node => !checks.IsTree(node))))
        {
            checks.Visit(node);
        }

        return checks.Apply(text, root.FullSpan.Length - text.Length);
    }

    private static IEnumerable<MemberDeclarationSyntax> Members(CompilationUnitSyntax root, bool ofTypes) =>
        root.Members.Where(member => CellSyntax.IsType(member) == ofTypes);

    private static bool IsOpen(SyntaxNode node) =>
        node is AnonymousFunctionExpressionSyntax { ExpressionBody: not null } or QueryExpressionSyntax or
            LocalFunctionStatementSyntax { ExpressionBody: not null };

    private void Visit(SyntaxNode node)
    {
        switch (node)
        {
            case LabeledStatementSyntax label:
                Start(label.ColonToken.Span.End, Check);
                break;
            case AnonymousFunctionExpressionSyntax { Block: { } block }:
                Start(block.OpenBraceToken.Span.End, Check);
                break;
            case AnonymousFunctionExpressionSyntax { ExpressionBody: { } body } lambda when !IsTree(lambda):
                InExpression(body, _model?.GetSymbolInfo(lambda, _cancellationToken).Symbol as IMethodSymbol);
                break;
            case LocalFunctionStatementSyntax { Body: { } block }:
                Start(block.OpenBraceToken.Span.End, Check);
                break;
            case LocalFunctionStatementSyntax { ExpressionBody: { } body } function:
                InExpression(
                    body.Expression, _model?.GetDeclaredSymbol(function, _cancellationToken) as IMethodSymbol, body.ArrowToken.Span);
                break;
            default:
                if (BodyOf(node) is { } repeated)
                {
                    InBody(repeated);
                }
                else if (ExpressionOf(node) is { } expression)
                {
                    InClause(node, expression);
                }

                break;
        }
    }

    private static StatementSyntax? BodyOf(SyntaxNode node) => node switch
    {
        WhileStatementSyntax loop => loop.Statement,
        DoStatementSyntax loop => loop.Statement,
        ForStatementSyntax loop => loop.Statement,
        CommonForEachStatementSyntax loop => loop.Statement,
        _ => null,
    };

    private static ExpressionSyntax? ExpressionOf(SyntaxNode node) => node switch
    {
        WhereClauseSyntax clause => clause.Condition,
        LetClauseSyntax clause => clause.Expression,
        FromClauseSyntax { Parent: QueryBodySyntax } clause => clause.Expression,
        OrderingSyntax clause => clause.Expression,
        SelectClauseSyntax clause => clause.Expression,
        GroupClauseSyntax clause => clause.ByExpression,
        _ => null,
    };

    private void InBody(StatementSyntax body)
    {
        if (body is BlockSyntax block)
        {
            Start(block.OpenBraceToken.Span.End, Check);
        }
        else if (!body.IsMissing)
        {
            Start(body.SpanStart, "{" + Check);
            End(body.Span.End, "}");
        }
    }

    private void InExpression(ExpressionSyntax body, IMethodSymbol? function, TextSpan arrow = default)
    {
        if (function is null || body.IsMissing)
        {
            return;
        }

        if (!arrow.IsEmpty)
        {
            _insertions.Add((arrow.Start, 0, "", arrow.Length));
        }

        var isVoid = function.ReturnsVoid || (function.IsAsync && function.ReturnType is INamedTypeSymbol { Arity: 0 });
        Start(body.SpanStart, "{" + Check + (isVoid || body is ThrowExpressionSyntax ? "" : "return "));
        End(body.Span.End, ";}");
    }

    private void InClause(SyntaxNode clause, ExpressionSyntax expression)
    {
        if (_model is not null && Operation(clause) is not null && !IsTree(clause)
            && _model.GetTypeInfo(expression, _cancellationToken).Type is { TypeKind: not TypeKind.Error and not TypeKind.Dynamic })
        {
            Start(expression.SpanStart, Checked);
            End(expression.Span.End, ")");
        }
    }

    /// <summary>Whether the node is, or is in, what becomes an expression tree.</summary>
    private bool IsTree(SyntaxNode node) => node switch
    {
        AnonymousFunctionExpressionSyntax => _model?.GetTypeInfo(node, _cancellationToken).ConvertedType is { } type && IsTree(type),
        QueryClauseSyntax or OrderingSyntax or SelectOrGroupClauseSyntax => Operation(node) is { } method
            && method.Parameters.Any(parameter => IsTree(parameter.Type)),
        _ => false,
    };

    private static bool IsTree(ITypeSymbol type) =>
        type.ContainingNamespace is { Name: "Expressions", ContainingNamespace.Name: "Linq" };

    /// <summary>The method that a clause of a query calls, or null where it calls none.</summary>
    private IMethodSymbol? Operation(SyntaxNode clause) => clause switch
    {
        QueryClauseSyntax query => _model?.GetQueryClauseInfo(query, _cancellationToken).OperationInfo.Symbol,
        OrderingSyntax ordering => _model?.GetSymbolInfo(ordering, _cancellationToken).Symbol,
        SelectOrGroupClauseSyntax end => _model?.GetSymbolInfo(end, _cancellationToken).Symbol,
        _ => null,
    } as IMethodSymbol;

    private void Start(int at, string text) => _insertions.Add((at, _insertions.Count + 1, text, 0));

    // Of what ends at one place the inner comes first, and before what starts there.
    private void End(int at, string text) => _insertions.Add((at, -_insertions.Count - 1, text, 0));

    private string Apply(string text, int offset)
    {
        if (_insertions.Count == 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length + (_insertions.Count * Check.Length));
        var from = 0;
        foreach (var (at, _, inserted, replaced) in _insertions.OrderBy(insertion => insertion.At).ThenBy(insertion => insertion.Order))
        {
            result.Append(text, from, at - offset - from).Append(inserted);
            from = at - offset + replaced;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }
}
