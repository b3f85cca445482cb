using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// What an exception says to the reader: type, message, and the places in the reader's own cells that led there. Frames of ours and of
/// the compiler's machinery are left out.
/// </summary>
internal sealed partial class Traceback
{
    private const int KeptCells = 200;
    private readonly ConcurrentDictionary<string, string> _texts = new();
    private readonly ConcurrentQueue<string> _order = new();
    private readonly ConcurrentDictionary<string, string> _paths = new();

    /// <summary>Keeps the text of a cell, so that places in it can be shown with their line.</summary>
    public void Remember(string path, string text)
    {
        if (_texts.TryAdd(path, text))
        {
            _order.Enqueue(path);
            while (_order.Count > KeptCells && _order.TryDequeue(out var oldest))
            {
                _texts.TryRemove(oldest, out _);
            }
        }
        else
        {
            _texts[path] = text;
        }
    }

    /// <summary>Keeps which cell an assembly was made from.</summary>
    public void Remember(Assembly assembly, string path)
    {
        if (assembly.GetName().Name is { } name)
        {
            _paths[name] = path;
        }
    }

    public IReadOnlyList<string> Lines(Exception exception)
    {
        var lines = new List<string>();
        Add(lines, exception, "");
        return lines;
    }

    /// <summary>The name and message under which an exception is reported.</summary>
    public static (string Name, string Message) Describe(Exception exception) => (TypeName(exception.GetType()), exception switch
    {
        InsufficientExecutionStackException =>
            "The recursion is too deep: the stack is used up. Look for a function that calls itself without end.",
        OutOfMemoryException when !exception.Message.Contains("dimensions", StringComparison.Ordinal) =>
            "The objects of this session need more memory than "
            + $"the {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 20):N0} MiB that they may use. "
            + "Let go of what is no longer needed (x = null), or work on fewer rows at a time.",
        _ => exception.Message,
    });

    private void Add(List<string> lines, Exception exception, string lead)
    {
        var (name, message) = Describe(exception);
        lines.Add($"{lead}\e[31m{name}\e[0m: {message}");
        var frames = new StackTrace(exception, true).GetFrames();
        var repeated = 0;
        string? last = null;
        foreach (var frame in frames)
        {
            if ((Place(frame) ?? (last is null && exception is IndexOutOfRangeException ? Indexing(frame) : null)) is not { } place)
            {
                continue;
            }

            if (place == last)
            {
                repeated++;
                continue;
            }

            AddRepeated();
            lines.Add(place);
            last = place;
        }

        AddRepeated();
        var inner = exception is AggregateException many
            ? many.InnerExceptions
            : (IEnumerable<Exception>)(exception.InnerException is { } one ? [one] : []);
        foreach (var cause in inner)
        {
            Add(lines, cause, "caused by ");
        }

        void AddRepeated()
        {
            if (repeated > 0)
            {
                lines.Add($"   … {repeated:N0} more of the same");
                repeated = 0;
            }
        }
    }

    private string? Place(StackFrame frame)
    {
        if (frame.GetFileName() is not { Length: > 0 } path || frame.GetMethod() is not { } method
            || method.DeclaringType?.Assembly.GetName().Name?.StartsWith("kadali-", StringComparison.Ordinal) != true)
        {
            return null;
        }

        var number = frame.GetFileLineNumber();
        var source = _texts.TryGetValue(path, out var text) ? text.Split('\n').ElementAtOrDefault(number - 1)?.Trim() : null;
        var function = Function(method);
        return $"   at \e[32m{path}\e[0m, line {number}{(function is null ? "" : $", in {function}")}"
            + $"{(source is null ? "" : $": {source}")}";
    }

    /// <summary>
    /// Where an index may have been out of range. All accesses of a function share the instruction that throws, so that the runtime knows
    /// the function and no line; the text says which lines have one.
    /// </summary>
    private string? Indexing(StackFrame frame)
    {
        if (frame.GetMethod() is not { } method || method.DeclaringType?.Assembly.GetName().Name is not { } assembly
            || !_paths.TryGetValue(assembly, out var path) || !_texts.TryGetValue(path, out var text))
        {
            return null;
        }

        var function = Function(method);
        var tree = CSharpSyntaxTree.ParseText(text, CellSyntax.Script);
        var numbers = tree.GetRoot().DescendantNodes().OfType<ElementAccessExpressionSyntax>()
            .Where(access => Around(access) == function)
            .Select(access => tree.GetLineSpan(access.Span).StartLinePosition.Line + 1).Distinct().ToArray();
        var place = $"   at \e[32m{path}\e[0m, line {string.Join(" or ", numbers)}{(function is null ? "" : $", in {function}")}";
        return numbers switch
        {
            [] => null,
            [var only] => $"{place}: {text.Split('\n')[only - 1].Trim()}",
            _ => place,
        };
    }

    private static string? Around(SyntaxNode node) => node.Ancestors().Select(above => above switch
    {
        LocalFunctionStatementSyntax local => local.Identifier.Text,
        MethodDeclarationSyntax declared => declared.Identifier.Text,
        AnonymousFunctionExpressionSyntax => "a lambda",
        _ => null,
    }).FirstOrDefault(name => name is not null);

    /// <summary>The name of the function as its author wrote it, or null for the statements of a cell.</summary>
    private static string? Function(MethodBase method)
    {
        // State machines are types called <Name>d__1, local functions <Outer>g__Name|0_1, lambdas <Outer>b__0.
        var name = method.Name == "MoveNext" ? method.DeclaringType!.Name : method.Name;
        var local = LocalFunction().Match(name);
        if (local.Success)
        {
            return local.Groups[1].Value;
        }

        var outer = Outer().Match(name);
        var plain = outer.Success ? outer.Groups[1].Value : name;
        if (plain is "<Initialize>" or "Initialize" or "<Factory>" or "")
        {
            return name.Contains("b__", StringComparison.Ordinal) ? "a lambda" : null;
        }

        var type = method.DeclaringType;
        while (type is not null && type.Name.Contains('<', StringComparison.Ordinal))
        {
            type = type.DeclaringType;
        }

        var owner = type is null || type.Name.StartsWith("KadaliCell", StringComparison.Ordinal) ? "" : type.Name + ".";
        return owner + (plain is ".ctor" ? "the constructor" : plain);
    }

    private static string TypeName(Type type) =>
        type.FullName?.StartsWith("System.", StringComparison.Ordinal) == true ? type.FullName : type.Name;

    [GeneratedRegex(@"g__([^|]+)\|")]
    private static partial Regex LocalFunction();

    [GeneratedRegex(@"^<(<?[^<>]*>?)>")]
    private static partial Regex Outer();
}
