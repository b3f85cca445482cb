using System.Reflection;
using Kadali.Cells;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// The C# state of a notebook: what its cells declared, and the thread on which they run. Cells run one at a time; questions of the editor
/// may be asked beside a running cell.
/// </summary>
public sealed class CSharpSession : IVariables, IDisposable
{
    private readonly SemaphoreSlim _compiling = new(1);
    private readonly CellThread _thread = new();
    private readonly CellThread _beside = new();
    private CellLoadContext _load = new();
    private readonly Lazy<CellCompiler> _compiler;

    /// <param name="ownAssemblies">Files of assemblies beside the framework that cells may name.</param>
    /// <param name="usings">Namespaces that every cell sees, and static classes.</param>
    public CSharpSession(IEnumerable<string> ownAssemblies, IEnumerable<string> usings)
    {
        _compiler = new(() => new(FrameworkReferences.Load(ownAssemblies), usings, (image, symbols) => _load.LoadCell(image, symbols)));
        StrayExceptions.Take();
    }

    internal Traceback Traceback { get; } = new();

    /// <summary>
    /// An exception out of the code of cells as its reader sees it: with the places in cells that led there, and no others.
    /// </summary>
    public CellFailedException Failure(Exception exception)
    {
        var (name, message) = Traceback.Describe(exception);
        return new(name, message, Traceback.Lines(exception), exception);
    }

    /// <summary>Pays the one-time costs of the compiler before the first cell asks for it.</summary>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var cell = await CompileAsync("1+1", "warm-up", cancellationToken);
        await cell.Run(new object?[2]);
    }

    /// <summary>Compiles a cell and runs it. Gives its value, and whether it has one.</summary>
    /// <exception cref="CompilationFailedException">The cell has errors; nothing ran.</exception>
    internal async Task<object?> RunAsync(
        string text, string path, Action<IReadOnlyList<Diagnostic>> warn, CancellationToken cancellationToken)
    {
        Traceback.Remember(path, text);
        var cell = await CompileAsync(text, path, cancellationToken);
        Traceback.Remember(cell.Run.Method.Module.Assembly, path);
        warn(cell.Warnings);
        var state = new object?[2];
        try
        {
            return await RunAsync(_thread, () => cell.Run(state), cancellationToken);
        }
        finally
        {
            if (cell.Disposed.Count > 0)
            {
                _load.Resume();
                await _thread.RunAsync(cell.DisposeAsync, cancellationToken);
            }

            // Also after an error or an interrupt: what was assigned until then is there, as in any notebook.
            if (state[1] is { } instance)
            {
                await LockedAsync(_ => { cell.Declare(instance); return true; }, CancellationToken.None);
            }
        }
    }

    public async Task RunAsync(Action code, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(_beside, Run, cancellationToken);
        }
        catch (CellAbandonedException)
        {
            throw CellAbandonedException.ToFailure();
        }

        Task<object?> Run()
        {
            // Nothing comes back to this thread: what it waits for, where it calls something asynchronous, must not want to.
            SynchronizationContext.SetSynchronizationContext(null);
            code();
            return Task.FromResult<object?>(null);
        }
    }

    /// <summary>Asks something of the compiler while nobody else does.</summary>
    internal async Task<T> LockedAsync<T>(Func<CellCompiler, T> ask, CancellationToken cancellationToken)
    {
        await _compiling.WaitAsync(cancellationToken);
        try
        {
            return ask(_compiler.Value);
        }
        finally
        {
            _compiling.Release();
        }
    }

    /// <summary>Runs code of cells until its end, an interrupt, or the end of the memory.</summary>
    private async Task<object?> RunAsync(CellThread thread, Func<Task<object?>> code, CancellationToken cancellationToken)
    {
        _load.Resume();
        CellLoops.Interrupt(false);
        var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        MemoryWatch.Set(() => ThreadPool.UnsafeQueueUserWorkItem(static ends => ends.Cancel(), ends, preferLocal: false));
        await using var interrupt = ends.Token.Register(() =>
        {
            CellLoops.Interrupt(true);
            _load.Interrupt();
        });
        try
        {
            return await thread.RunAsync(code, ends.Token);
        }
        catch (Exception exception) when (ends.IsCancellationRequested && !cancellationToken.IsCancellationRequested
            && exception is OperationCanceledException or CellAbandonedException)
        {
            throw new OutOfMemoryException(null, exception);
        }
        finally
        {
            MemoryWatch.Set(null);
        }
    }

    /// <summary>Adds the assembly files of packages for the cells that follow: files that never change.</summary>
    public async Task AddReferencesAsync(IReadOnlyList<string> compile, IEnumerable<string> runtime, IEnumerable<string> native,
        CancellationToken cancellationToken)
    {
        // All are read before any is offered, so that a damaged one leaves the session as it was.
        var references = compile.Where(path => !CellLoadContext.IsShared(Path.GetFileNameWithoutExtension(path)))
            .Select(FrameworkReferences.Reference).ToArray();
        await AddReferencesAsync(references, cancellationToken);
        _load.Offer(runtime);
        _load.OfferNative(native);
    }

    /// <summary>
    /// Adds an assembly file of the reader's, which may change: it is read, and not held. Where cells use one of that name that was built
    /// before, those
    /// that follow use this one, and what holds values or types of the old one is forgotten.
    /// </summary>
    /// <returns>The names that were forgotten.</returns>
    internal async Task<IReadOnlyList<string>> AddFileAsync(string path, CancellationToken cancellationToken)
    {
        var image = await File.ReadAllBytesAsync(path, cancellationToken);
        var metadata = AssemblyMetadata.CreateFromImage(image);
        var reference = metadata.GetReference(new XmlDocumentation(path), filePath: path);
        IReadOnlyList<string> forgotten = [];
        if (_load.Loaded(Path.GetFileNameWithoutExtension(path)) is { } loaded
            && loaded.ManifestModule.ModuleVersionId != metadata.GetModules()[0].GetModuleVersionId())
        {
            _load = _load.Renew();
            forgotten = await LockedAsync(compiler => compiler.Names.Forget(declared => Uses(declared, loaded)), cancellationToken);
        }

        await AddReferencesAsync([reference], cancellationToken);
        _load.Offer(new FileAssemblies(path));
        return forgotten;
    }

    /// <summary>Whether the session has loaded the file.</summary>
    public bool IsLoaded(string path) => _load.IsLoaded(path);

    private Task AddReferencesAsync(IReadOnlyList<PortableExecutableReference> references, CancellationToken cancellationToken) =>
        LockedAsync(
        compiler =>
        {
            compiler.AddReferences(references);
            return true;
        },
        cancellationToken);

    /// <summary>Loads an assembly file into the session's context.</summary>
    public Assembly Load(string path) => _load.LoadFromAssemblyPath(path);

    public IReadOnlyList<VariableInfo> List() => [.. Names().Variables.Select(declared =>
        new VariableInfo(declared.Name, declared.Field!.FieldType))];

    public bool TryGet(string name, out VariableInfo variable, out object? value)
    {
        if (Names().Find(name)?.Field is { } field)
        {
            variable = new(name, field.FieldType);
            value = field.GetValue(null);
            return true;
        }

        variable = new(name, typeof(object));
        value = null;
        return false;
    }

    public async Task SetAsync(string name, object? value, Type type, CancellationToken cancellationToken)
    {
        var field = await LockedAsync(
            compiler => compiler.Names.Find(name)?.Field is { } known && known.FieldType == type && !known.IsLiteral ? known
                : compiler.DeclareVariable(name, type),
            cancellationToken);
        field.SetValue(null, value);
    }

    public Task<Assembly> DeclareTypesAsync(string source, CancellationToken cancellationToken) =>
        LockedAsync(compiler => compiler.DeclareTypes(source, cancellationToken), cancellationToken);

    public void Dispose()
    {
        _thread.Dispose();
        _beside.Dispose();
        _compiling.Dispose();
    }

    private static bool Uses(Declared declared, Assembly assembly) => declared.Field is { } field
        ? Uses(field.FieldType, assembly)
        : Holders(declared).Any(holder => holder.Assembly.GetReferencedAssemblies().Any(name => name.Name == assembly.GetName().Name));

    // A function is called through an assembly of its own; the first that this one uses has its body.
    private static IEnumerable<CellAssembly> Holders(Declared declared) =>
        declared.Kind == DeclaredKind.Function ? [declared.Owner, .. declared.Owner.Uses.Take(1)] : [declared.Owner];

    private static bool Uses(Type type, Assembly assembly) =>
        type.Assembly == assembly || type.GetGenericArguments().Any(argument => Uses(argument, assembly))
            || (type.GetElementType() is { } element && Uses(element, assembly));

    private Task<CompiledCell> CompileAsync(string text, string path, CancellationToken cancellationToken) =>
        LockedAsync(compiler => compiler.Compile(text, path, cancellationToken), cancellationToken);

    private SessionNames Names() => _compiler.Value.Names;
}
