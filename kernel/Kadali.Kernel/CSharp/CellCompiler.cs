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

    private readonly SessionNames _names = new();
    private readonly SessionUsings _usings;
    private readonly Dictionary<string, CellAssembly> _typeTexts = new(StringComparer.Ordinal);
    private readonly Func<byte[], byte[], Assembly> _load;
    private List<MetadataReference> _references;
    private CSharpCompilation? _last;
    private int _count;

    public CellCompiler(IReadOnlyList<MetadataReference> references, IEnumerable<string> usings, Func<byte[], byte[], Assembly> load)
    {
        _references = [.. references];
        _usings = new(usings);
        _load = load;
    }

    public SessionNames Names => _names;

    /// <summary>Adds references that every later cell sees; one of the same name is replaced.</summary>
    public void AddReferences(IReadOnlyCollection<PortableExecutableReference> references)
    {
        var names = references.Select(NameOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _references = [.. _references.Where(reference => !names.Contains(NameOf(reference))), .. references];
        _last = null;
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
            && syntax.WithRestAsBlock(span.Location.SourceSpan.Start - _usings.Prefix(syntax).Length) is { } inBlock)
        {
            // A span cannot be a field: what follows it in the cell becomes a block.
            return Compile(inBlock, path, cancellationToken);
        }
    }

    private CompiledCell Compile(CellSyntax syntax, string path, CancellationToken cancellationToken)
    {
        CellEmission.ThrowOnErrors(syntax.Tree.GetDiagnostics(cancellationToken).Where(diagnostic => diagnostic.Id != "CS7021"));
        var text = syntax.Text;
        var cell = ++_count;
        var scriptText = syntax.Types.Count > 0 && TryCompileTypes(syntax, path, cancellationToken) ? syntax.ScriptText() : text;
        IReadOnlyList<CellAssembly> uses = [];
        var (compilation, image, symbols, warnings) = CellEmission.EmitChecked(
            syntax, scriptText, ofTypes: false,
            source => Script(source, path, $"kadali-cell-{cell}", ScriptClass(cell), syntax, out uses), cancellationToken);
        if (image.Length == 0)
        {
            // Nothing is left to run: the compiler writes no assembly for a script that is empty.
            _usings.Remember(syntax.Root.Usings);
            return new(_ => Task.FromResult<object?>(null), warnings, _ => { }, []);
        }

        CellImage.Open(image, ScriptClass(cell));
        var assembly = new CellAssembly(compilation.AssemblyName!, image, _load(image, symbols), uses);
        var type = assembly.Assembly.GetType(ScriptClass(cell))!;
        var entry = compilation.GetEntryPoint(cancellationToken)!;
        var factory = type.GetMethod(entry.MetadataName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        _usings.Remember(syntax.Root.Usings);
        return new(
            factory.CreateDelegate<Func<object?[], Task<object?>>>(), warnings,
            instance => Remember(syntax, assembly, type, instance, path),
            [.. syntax.Disposed.Select(variable => (type.GetField(variable.Name)!, variable.IsAsync))]);
    }

    /// <summary>Compiles types for the session, outside of any cell.</summary>
    public Assembly DeclareTypes(string source, CancellationToken cancellationToken)
    {
        var syntax = CellSyntax.Parse(source, "");
        CellEmission.ThrowOnErrors(syntax.Tree.GetDiagnostics(cancellationToken).Where(diagnostic => diagnostic.Id != "CS7021"));
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
        var (assemblies, imports) = _names.For([.. syntax.Words(), .. _usings.Words, "*"]);
        uses = [.. assemblies];
        var prefix = _usings.Prefix(syntax);
        var tree = CSharpSyntaxTree.ParseText(SourceText.From(prefix + text, Encoding.UTF8), CellSyntax.Script, path);
        var compilation = CSharpCompilation.CreateScriptCompilation(
            assemblyName, tree, [.. _references, .. assemblies.Select(assembly => assembly.Reference)],
            Options.WithUsings(_usings.Names.Concat(imports).ToArray()).WithScriptClassName(scriptClass), returnType: typeof(object));

        // Symbols of the framework are shared between compilations as long as one of them is alive.
        _last = compilation;
        return compilation;
    }

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
            words.Remove(DeclaredTypes.NameOf(type));
        }

        var (assemblies, imports) = _names.For([.. words, .. _usings.Words, "*"]);
        var globals = new StringBuilder();
        foreach (var name in _usings.Names.Concat(imports))
        {
            globals.Append("global using ").Append(IsClass(name, imports) ? "static " : "").Append("global::").Append(name).Append(";\n");
        }

        foreach (var alias in _usings.Aliases(syntax).Concat(syntax.Root.Usings.Select(directive => directive.ToString())))
        {
            globals.Append(alias.StartsWith("global ", StringComparison.Ordinal) ? "" : "global ").Append(alias).Append('\n');
        }

        var assemblyName = $"kadali-types-{++_count}";
        var (compilation, image, symbols, _) = CellEmission.EmitChecked(syntax, text, ofTypes: true, Compilation, cancellationToken);
        CellImage.Open(image, null);
        var library = new CellAssembly(compilation.AssemblyName!, image, _load(image, symbols), [.. assemblies]);
        _typeTexts[key] = library;
        _usings.Remember(syntax.Root.Usings);
        DeclaredTypes.Declare(_names, syntax.Types, library);
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
        syntax.Types.Where(type => type is not BaseNamespaceDeclarationSyntax)
            .All(type => _names.Find(DeclaredTypes.NameOf(type))?.Owner == library);

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
            var (image, symbols, _) = CellEmission.Emit(compilation, CancellationToken.None);
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
        var used = imports.Where(import => assembly.Uses.Any(other => other.Assembly.GetType(import) is not null));
        foreach (var name in _usings.Names.Concat(used))
        {
            text.Append("using ").Append(IsClass(name, imports) ? "static " : "").Append("global::").Append(name).Append(";\n");
        }

        return text.Append("using static global::").Append(assembly.Assembly.GetTypes()[0].Name).Append(";\n").ToString();
    }

    private IReadOnlyList<CellAssembly> UsesOf(Assembly assembly)
    {
        var referenced = assembly.GetReferencedAssemblies().Select(name => name.Name).ToHashSet();
        return [.. _names.All.Select(declared => declared.Owner).Where(owner => referenced.Contains(owner.Name)).Distinct()];
    }
}
