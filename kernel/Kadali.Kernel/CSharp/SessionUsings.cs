using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>The using directives of cells, which hold in later ones, too.</summary>
internal sealed class SessionUsings(IEnumerable<string> names)
{
    private readonly List<string> _names = [.. names];
    private readonly List<string> _aliases = [];

    /// <summary>Namespaces, and classes whose members need no prefix.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The words in all of them, each of which may name something of an earlier cell.</summary>
    public IEnumerable<string> Words => _names.Concat(_aliases).SelectMany(
        directive => directive.Split([' ', '.', '=', ';', '<', '>', ','], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Adds a namespace that every later cell sees.</summary>
    public void Add(string name)
    {
        if (!_names.Contains(name))
        {
            _names.Add(name);
        }
    }

    /// <summary>Keeps the directives of a cell.</summary>
    public void Remember(IEnumerable<UsingDirectiveSyntax> directives)
    {
        foreach (var directive in directives)
        {
            if (directive.Alias is not null || !directive.UnsafeKeyword.IsKind(SyntaxKind.None))
            {
                var text = directive.WithGlobalKeyword(default).NormalizeWhitespace().ToString();
                _aliases.RemoveAll(alias => alias.StartsWith($"using {directive.Alias?.Name} =", StringComparison.Ordinal));
                _aliases.Add(text);
            }
            else if (!directive.StaticKeyword.IsKind(SyntaxKind.None))
            {
                var text = directive.WithGlobalKeyword(default).NormalizeWhitespace().ToString();
                if (!_aliases.Contains(text))
                {
                    _aliases.Add(text);
                }
            }
            else
            {
                Add(directive.NamespaceOrType.ToString().Replace("global::", "", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>Aliases of earlier cells, but for those that the cell declares anew.</summary>
    public string[] Aliases(CellSyntax syntax)
    {
        var own = syntax.Root.Usings.Where(directive => directive.Alias is not null)
            .Select(directive => $"using {directive.Alias!.Name} =").ToArray();
        return [.. _aliases.Where(alias => !own.Any(name => alias.StartsWith(name, StringComparison.Ordinal)))];
    }

    /// <summary>What stands before a script's text: aliases are no option of the compiler's.</summary>
    public string Prefix(CellSyntax syntax) =>
        Aliases(syntax) is { Length: > 0 } aliases ? string.Concat(aliases.Select(alias => alias + " ")) + "\n#line 1\n" : "";
}
