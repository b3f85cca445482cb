using System.Reflection;
using System.Text;
using Kadali.Cells;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// Compiles cells, each against what the cells before it declared, and keeps what later ones can name. Not safe for several threads.
/// </summary>
internal sealed class CellCompiler
{
    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, concurrentBuild: false,
        nullableContextOptions: NullableContextOptions.Annotations, xmlReferenceResolver: null, sourceReferenceResolver: null,
        metadataReferenceResolver: null);

    // Recursion without end becomes an exception that a cell can survive, and a loop without end looks at the cell's token: the runtime can
    // neither abort nor suspend for its collector a thread in a loop that has no instruction but its jump.
    private static readonly EmitOptions Emit = new(
        debugInformationFormat: DebugInformationFormat.PortablePdb,
        instrumentationKinds: [InstrumentationKind.StackOverflowProbing, InstrumentationKind.ModuleCancellation]);

    private readonly SessionNames _names = new();
    private readonly List<string> _usings;
    private readonly List<string> _aliases = [];
    private readonly Dictionary<string, CellAssembly> _typeTexts = new(StringComparer.Ordinal);
    private readonly Func<byte[], byte[], Assembly> _load;
    private List<MetadataReference> _references;
    private CSharpCompilation? _last;
    private int _count;

    public CellCompiler(IReadOnlyList<MetadataReference> references, IEnumerable<string> usings, Func<byte[], byte[], Assembly> load)
    {
        _references = [.. references];
        _usings = [.. usings];
        _load = load;
    }

    public SessionNames Names => _names;

    /// <summary>Namespaces and static classes that every cell sees.</summary>
    public IReadOnlyList<string> Usings => _usings;

    /// <summary>Adds references that every later cell sees; one of the same name is replaced.</summary>
    public void AddReferences(IReadOnlyCollection<PortableExecutableReference> references)
    {
        var names = references.Select(NameOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _references = [.. _references.Where(reference => !names.Contains(NameOf(reference))), .. references];
        _last = null;
    }

    /// <summary>Adds a namespace that every later cell sees.</summary>
    public void AddUsing(string name)
    {
        if (!_usings.Contains(name))
        {
            _usings.Add(name);
        }
    }

    /// <summary>Compiles and loads a cell.</summary>
    /// <exception cref="CompilationFailedException">The cell has errors.</exception>
    public CompiledCell Compile(string text, string path, CancellationToken cancellationToken)
    {
        var syntax = CellSyntax.Parse(text, path);
        try
        {
            return Compile(syntax, path, cancellationToken);
        }
        catch (CompilationFailedException failure) when (failure.Diagnostics.FirstOrDefault(error => error.Id == "CS8345") is { } span
            && syntax.WithRestAsBlock(span.Location.SourceSpan.Start - Prefix(syntax).Length) is not null)
        {
            // A span cannot be a field: what follows it in the cell becomes a block.
            return Compile(syntax.WithRestAsBlock(span.Location.SourceSpan.Start - Prefix(syntax).Length)!, path, cancellationToken);
        }
    }

    private CompiledCell Compile(CellSyntax syntax, string path, CancellationToken cancellationToken)
    {
        ThrowOnErrors(syntax.Tree.GetDiagnostics(cancellationToken).Where(diagnostic => diagnostic.Id != "CS7021"));
        var text = syntax.Text;
        var cell = ++_count;
        var scriptText = syntax.Types.Count > 0 && TryCompileTypes(syntax, path, cancellationToken) ? syntax.ScriptText() : text;
        IReadOnlyList<CellAssembly> uses = [];
        var (compilation, image, symbols, warnings) = EmitChecked(
            syntax, scriptText, ofTypes: false,
            source => Script(source, path, $"kadali-cell-{cell}", ScriptClass(cell), syntax, out uses), cancellationToken);
        if (image.Length == 0)
        {
            // Nothing is left to run: the compiler writes no assembly for a script that is empty.
            RememberUsings(syntax.Root.Usings);
            return new(_ => Task.FromResult<object?>(null), warnings, _ => { }, []);
        }

        CellImage.Open(image, ScriptClass(cell));
        var assembly = new CellAssembly(compilation.AssemblyName!, image, _load(image, symbols), uses);
        var type = assembly.Assembly.GetType(ScriptClass(cell))!;
        var entry = compilation.GetEntryPoint(cancellationToken)!;
        var factory = type.GetMethod(entry.MetadataName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        RememberUsings(syntax.Root.Usings);
        return new(
            factory.CreateDelegate<Func<object?[], Task<object?>>>(), warnings,
            instance => Remember(syntax, assembly, type, instance, path),
            [.. syntax.Disposed.Select(variable => (type.GetField(variable.Name)!, variable.IsAsync))]);
    }

    /// <summary>Compiles types for the session, outside of any cell.</summary>
    public Assembly DeclareTypes(string source, CancellationToken cancellationToken)
    {
        var syntax = CellSyntax.Parse(source, "");
        ThrowOnErrors(syntax.Tree.GetDiagnostics(cancellationToken).Where(diagnostic => diagnostic.Id != "CS7021"));
        return Types(syntax, "", cancellationToken).Assembly;
    }

    /// <summary>Declares a variable of a type that is known by reflection only.</summary>
    public FieldInfo DeclareVariable(string name, Type type)
    {
        // The type may have no name in C# (an anonymous one), so the class is emitted, not compiled.
        var cell = ++_count;
        var builder = new System.Reflection.Emit.PersistedAssemblyBuilder(new($"kadali-value-{cell}"), typeof(object).Assembly);
        var holder = builder.DefineDynamicModule("main").DefineType(
            $"KadaliValue{cell}", TypeAttributes.Public | TypeAttributes.Class | TypeAttributes.Abstract | TypeAttributes.Sealed);
        holder.DefineField(name, type, FieldAttributes.Public | FieldAttributes.Static);
        holder.CreateType();
        using var stream = new MemoryStream();
        builder.Save(stream);
        var image = stream.ToArray();
        var loaded = _load(image, []);
        var assembly = new CellAssembly($"kadali-value-{cell}", image, loaded, UsesOf(loaded));
        var field = loaded.GetType($"KadaliValue{cell}")!.GetField(name)!;
        _names.Declare(name, DeclaredKind.Variable, assembly, field.DeclaringType!.Name, field);
        return field;
    }

    /// <summary>A compilation of unfinished text, for the editor's questions.</summary>
    public CSharpCompilation Draft(string text, out SyntaxTree tree)
    {
        var syntax = CellSyntax.Parse(text, "");
        var compilation = Script(syntax.Text, "", "kadali-draft", "KadaliDraft", syntax, out _);
        tree = compilation.SyntaxTrees[0];
        return compilation;
    }

    private static string NameOf(MetadataReference reference) => Path.GetFileNameWithoutExtension(reference.Display ?? "");

    private static string ScriptClass(int cell) => $"KadaliCell{cell}";

    private CSharpCompilation Script(
        string text, string path, string assemblyName, string scriptClass, CellSyntax syntax, out IReadOnlyList<CellAssembly> uses)
    {
        var (assemblies, imports) = _names.For([.. syntax.Words(), .. Words(_aliases), .. Words(_usings), "*"]);
        uses = [.. assemblies];
        var prefix = Prefix(syntax);
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(prefix + text, Encoding.UTF8), CellSyntax.Script, path);
        var compilation = CSharpCompilation.CreateScriptCompilation(
            assemblyName, tree, [.. _references, .. assemblies.Select(assembly => assembly.Reference)],
            Options.WithUsings(_usings.Concat(imports).ToArray()).WithScriptClassName(scriptClass), returnType: typeof(object));

        // Symbols of the framework are shared between compilations as long as one of them is alive.
        _last = compilation;
        return compilation;
    }

    /// <summary>Aliases of earlier cells, but for those that the cell declares anew.</summary>
    private string[] Aliases(CellSyntax syntax)
    {
        var own = syntax.Root.Usings.Where(directive => directive.Alias is not null)
            .Select(directive => $"using {directive.Alias!.Name} =").ToArray();
        return [.. _aliases.Where(alias => !own.Any(name => alias.StartsWith(name, StringComparison.Ordinal)))];
    }

    private string Prefix(CellSyntax syntax) =>
        Aliases(syntax) is { Length: > 0 } aliases ? string.Concat(aliases.Select(alias => alias + " ")) + "\n#line 1\n" : "";

    private bool TryCompileTypes(CellSyntax syntax, string path, CancellationToken cancellationToken)
    {
        try
        {
            Types(syntax, path, cancellationToken);
            return true;
        }
        catch (CompilationFailedException failure) when (failure.Diagnostics.All(diagnostic => diagnostic.Id is "CS0103" or "CS0246"))
        {
            // A type that uses a constant or static function of its own cell: inside the script it can.
            return false;
        }
    }

    private CellAssembly Types(CellSyntax syntax, string path, CancellationToken cancellationToken)
    {
        var text = syntax.TypesText();
        var usings = string.Concat(syntax.Root.Usings.Select(directive => directive.ToString() + "\n"));
        var key = usings + string.Join("\n", syntax.Types.Select(type => type.ToString()));
        if (_typeTexts.TryGetValue(key, out var same) && IsCurrent(syntax, same))
        {
            // The same declaration again, as when a cell is run twice, keeps the type: values of it stay usable.
            return same;
        }

        var words = syntax.Words();
        foreach (var type in syntax.Types)
        {
            words.Remove(NameOf(type));
        }

        var (assemblies, imports) = _names.For([.. words, .. Words(_aliases), .. Words(_usings), "*"]);
        var globals = new StringBuilder();
        foreach (var name in _usings.Concat(imports))
        {
            globals.Append("global using ").Append(IsClass(name, imports) ? "static " : "").Append("global::").Append(name).Append(";\n");
        }

        foreach (var alias in Aliases(syntax).Concat(syntax.Root.Usings.Select(directive => directive.ToString())))
        {
            globals.Append(alias.StartsWith("global ", StringComparison.Ordinal) ? "" : "global ").Append(alias).Append('\n');
        }

        var assemblyName = $"kadali-types-{++_count}";
        var (compilation, image, symbols, _) = EmitChecked(syntax, text, ofTypes: true, Compilation, cancellationToken);
        CellImage.Open(image, null);
        var library = new CellAssembly(compilation.AssemblyName!, image, _load(image, symbols), [.. assemblies]);
        _typeTexts[key] = library;
        RememberUsings(syntax.Root.Usings);
        DeclareTypeNames(syntax.Types, library);
        return library;

        CSharpCompilation Compilation(string source) => CSharpCompilation.Create(
            assemblyName,
            [
                CSharpSyntaxTree.ParseText(SourceText.From(source, Encoding.UTF8), CellSyntax.Regular, path),
                CSharpSyntaxTree.ParseText(SourceText.From(globals.ToString(), Encoding.UTF8), CellSyntax.Regular),
            ],
            [.. _references, .. assemblies.Select(assembly => assembly.Reference)],
            Options);
    }

    private bool IsClass(string name, IReadOnlyCollection<string> imports) => imports.Contains(name) || name == "Kadali.Formatting.Kernel";

    private bool IsCurrent(CellSyntax syntax, CellAssembly library) =>
        syntax.Types.Where(type => type is not BaseNamespaceDeclarationSyntax).All(type => _names.Find(NameOf(type))?.Owner == library);

    private void DeclareTypeNames(IEnumerable<MemberDeclarationSyntax> members, CellAssembly library)
    {
        foreach (var member in members)
        {
            if (member is BaseNamespaceDeclarationSyntax space)
            {
                foreach (var part in space.Name.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)))
                {
                    _names.NeedFor(part.ValueText, library);
                }

                foreach (var inner in space.DescendantNodes().OfType<MemberDeclarationSyntax>().Where(inner => NameOf(inner).Length > 0))
                {
                    _names.NeedFor(NameOf(inner), library);
                }
            }
            else
            {
                _names.Declare(NameOf(member), DeclaredKind.Type, library, null);
            }

            foreach (var method in member.DescendantNodes().OfType<MethodDeclarationSyntax>())
            {
                var extends = method.ParameterList.Parameters is [var first, ..] && first.Modifiers.Any(SyntaxKind.ThisKeyword);
                if (extends || method.Parent is ExtensionBlockDeclarationSyntax)
                {
                    var name = method.Identifier.ValueText;
                    _names.NeedFor(
                        name is "GetEnumerator" or "GetAsyncEnumerator" or "GetAwaiter" or "Deconstruct" or "Add" ? "*" : name, library);
                }
            }

            foreach (var property in member.DescendantNodes().OfType<PropertyDeclarationSyntax>()
                .Where(it => it.Parent is ExtensionBlockDeclarationSyntax))
            {
                _names.NeedFor(property.Identifier.ValueText, library);
            }
        }
    }

    private void Remember(CellSyntax syntax, CellAssembly assembly, Type script, object instance, string path)
    {
        foreach (var field in script.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
        {
            if (!field.Name.Contains('<', StringComparison.Ordinal))
            {
                _names.Declare(field.Name, DeclaredKind.Variable, assembly, script.Name, field);
            }
        }

        foreach (var nested in script.GetNestedTypes().Where(nested => !nested.Name.Contains('<', StringComparison.Ordinal)))
        {
            _names.Declare(CellImage.WithoutArity(nested.Name), DeclaredKind.Type, assembly, script.Name);
        }

        foreach (var group in FunctionForwarders.Write(syntax.Root, script.Name))
        {
            var compilation = CSharpCompilation.Create(
                $"kadali-function-{++_count}",
                [CSharpSyntaxTree.ParseText(SourceText.From(Globals(syntax, assembly) + group.Source, Encoding.UTF8), CellSyntax.Regular)],
                [.. _references, assembly.Reference, .. assembly.Uses.Select(used => used.Reference)],
                Options);
            var (image, symbols, _) = EmitOrThrow(compilation, CancellationToken.None);
            var loaded = _load(image, symbols);
            var owner = new CellAssembly(compilation.AssemblyName!, image, loaded, [assembly, .. assembly.Uses]);
            _names.DeclareFunctions(
                group.Name,
                [.. group.Each.Select(function =>
                {
                    var holder = loaded.GetType(function.Class)!;
                    holder.GetField("Self")!.SetValue(null, instance);
                    return new Overload(owner, function.Class, function.Signature, holder.GetMethod(group.Name));
                })]);
        }
    }

    private string Globals(CellSyntax syntax, CellAssembly assembly)
    {
        var (_, imports) = _names.For([.. syntax.Words()]);
        var text = new StringBuilder();
        foreach (var name in _usings.Concat(imports.Where(import => assembly.Uses.Any(used => used.Assembly.GetType(import) is not null))))
        {
            text.Append("using ").Append(IsClass(name, imports) ? "static " : "").Append("global::").Append(name).Append(";\n");
        }

        return text.Append("using static global::").Append(assembly.Assembly.GetTypes()[0].Name).Append(";\n").ToString();
    }

    private void RememberUsings(IEnumerable<UsingDirectiveSyntax> directives)
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
                AddUsing(directive.NamespaceOrType.ToString().Replace("global::", "", StringComparison.Ordinal));
            }
        }
    }

    private static IEnumerable<string> Words(IEnumerable<string> directives) =>
        directives.SelectMany(directive => directive.Split([' ', '.', '=', ';', '<', '>', ','], StringSplitOptions.RemoveEmptyEntries));

    private IReadOnlyList<CellAssembly> UsesOf(Assembly assembly)
    {
        var referenced = assembly.GetReferencedAssemblies().Select(name => name.Name).ToHashSet();
        return [.. _names.All.Select(declared => declared.Owner).Where(owner => referenced.Contains(owner.Name)).Distinct()];
    }

    private static string NameOf(MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
        DelegateDeclarationSyntax type => type.Identifier.ValueText,
        _ => "",
    };

    /// <summary>Emits a text with checks put into it; what there is to say is said of the text as it was written.</summary>
    private static (CSharpCompilation Compilation, byte[] Image, byte[] Symbols, IReadOnlyList<Diagnostic> Warnings) EmitChecked(
        CellSyntax syntax, string text, bool ofTypes, Func<string, CSharpCompilation> compile, CancellationToken cancellationToken)
    {
        var written = new Lazy<CSharpCompilation>(() => compile(text));
        var withChecks = CellChecks.Insert(syntax, text, ofTypes, written, cancellationToken);
        if (withChecks != text)
        {
            var compilation = compile(withChecks);
            try
            {
                var (image, symbols, warnings) = EmitOrThrow(compilation, cancellationToken);
                return (compilation, image, symbols, warnings.Count == 0
                    ? warnings
                    : [.. written.Value.GetDiagnostics(cancellationToken).Where(UsefulWarnings.IsUseful)]);
            }
            catch (CompilationFailedException)
            {
                // The errors of the text as it was written; should only the checks be at fault, the cell runs without them.
                ThrowOnErrors(written.Value.GetDiagnostics(cancellationToken));
            }
        }

        var emitted = EmitOrThrow(written.Value, cancellationToken);
        return (written.Value, emitted.Image, emitted.Symbols, emitted.Warnings);
    }

    private static (byte[] Image, byte[] Symbols, IReadOnlyList<Diagnostic> Warnings) EmitOrThrow(
        CSharpCompilation compilation, CancellationToken cancellationToken)
    {
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var result = compilation.Emit(image, symbols, options: Emit, cancellationToken: cancellationToken);
        if (!result.Success)
        {
            ThrowOnErrors(result.Diagnostics);
        }

        return (image.ToArray(), symbols.ToArray(), [.. result.Diagnostics.Where(UsefulWarnings.IsUseful)]);
    }

    private static void ThrowOnErrors(IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToArray();
        if (errors.Length > 0)
        {
            throw new CompilationFailedException(errors);
        }
    }
}

/// <summary>A cell that compiled and is loaded.</summary>
/// <param name="Run">Starts it; takes an array of two, and puts the script's instance into its second place.</param>
/// <param name="Declare">Lets later cells name what the cell declared; takes the script's instance.</param>
/// <param name="Disposed">Its variables that are disposed of when it ends, in the order of their declaration.</param>
internal sealed record CompiledCell(
    Func<object?[], Task<object?>> Run, IReadOnlyList<Diagnostic> Warnings, Action<object> Declare,
    IReadOnlyList<(FieldInfo Field, bool IsAsync)> Disposed)
{
    /// <summary>Disposes of what the cell took with <c>using</c>, the last first.</summary>
    public async Task<object?> DisposeAsync()
    {
        foreach (var (field, isAsync) in Disposed.Reverse())
        {
            switch (field.GetValue(null))
            {
                case IAsyncDisposable later when isAsync:
                    await later.DisposeAsync();
                    break;
                case IDisposable now:
                    now.Dispose();
                    break;
                default:
                    break;
            }
        }

        return null;
    }
}

/// <summary>The compiler refused a cell.</summary>
internal sealed class CompilationFailedException(IReadOnlyList<Diagnostic> diagnostics) : Exception(diagnostics[0].GetMessage())
{
    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;
}

/// <summary>
/// Of the compiler's warnings those that tell the author of a cell something: not about style, not about a program's public face.
/// </summary>
internal static class UsefulWarnings
{
    public static bool IsUseful(Diagnostic diagnostic) =>
        diagnostic.Severity == DiagnosticSeverity.Warning && diagnostic.Id is
            "CS0162" // unreachable code
            or "CS0184" or "CS0183" // always false, always true
            or "CS0219" // assigned, never used
            or "CS0252" or "CS0253" // comparison by reference
            or "CS0472" // comparison with null is always the same
            or "CS0612" or "CS0618" // obsolete
            or "CS0628" or "CS0652" // comparison out of range
            or "CS0675" or "CS0728" or "CS1717" or "CS1718" // assignment to itself, comparison with itself
            or "CS1030" // written by the author: #warning
            or "CS4014" // not awaited
            or "CS8073" or "CS8509" or "CS8524" or "CS8846"; // switch that is not exhaustive
}
