using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// Where cells and what they reference are loaded. A package's assembly comes before one of the same name that the program holds for
/// itself, so
/// that cells get the version that they asked for; what the program and cells hand to each other is the program's. A context holds one
/// assembly
/// of a name, for good: when a file of the reader's was built anew, later cells get a context of their own, which shares all but such
/// files.
/// </summary>
internal sealed class CellLoadContext : AssemblyLoadContext
{
    private readonly Contents _all;
    private CancellationTokenSource _interrupt = new();

    public CellLoadContext()
        : base("cells")
    {
        _all = new(this);

        // Assemblies of the program may be asked, by reflection, for types that cells declared.
        Default.Resolving += (_, name) => _all.Newest.Find(name);
    }

    private CellLoadContext(Contents all)
        : base("cells") => _all = all;

    /// <summary>The context of later cells, in which the reader's files are read again.</summary>
    public CellLoadContext Renew() => _all.Newest = new(_all);

    /// <summary>Whether an assembly of that name is the program's for cells too, since its types go from one to the other.</summary>
    public static bool IsShared(string name) =>
        (name.StartsWith("Kadali.", StringComparison.OrdinalIgnoreCase) || name is "Apache.Arrow" or "Apache.Arrow.Scalars")
        && File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll"));

    public Assembly LoadCell(byte[] image, byte[] symbols)
    {
        var assembly = LoadFromStream(new MemoryStream(image), symbols.Length > 0 ? new MemoryStream(symbols) : null);
        _all.Cells[assembly.GetName().Name!] = assembly;

        // Where Roslyn's instrumentation keeps the token that methods and loops look at; in a script a number follows the name.
        if ((assembly.GetType("<PrivateImplementationDetails>") ?? assembly.GetType("<PrivateImplementationDetails>1"))
            ?.GetField("ModuleCancellationToken", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) is { } field)
        {
            _all.Tokens.Enqueue(field);
            field.SetValue(null, _interrupt.Token);
        }

        return assembly;
    }

    /// <summary>Ends everything that cells declared, on whatever thread it runs.</summary>
    public void Interrupt() => _interrupt.Cancel();

    /// <summary>Lets what cells declared run again after an interrupt. Costs nothing where there was none.</summary>
    public void Resume()
    {
        if (_interrupt.IsCancellationRequested)
        {
            _interrupt = new();
            foreach (var field in _all.Tokens)
            {
                field.SetValue(null, _interrupt.Token);
            }
        }
    }

    /// <summary>Makes assembly files that never change loadable by name; a satellite's folder is named for its culture.</summary>
    public void Offer(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            var name = Path.GetFileNameWithoutExtension(path);
            _all.Files[name.EndsWith(".resources", StringComparison.OrdinalIgnoreCase)
                ? Key(name, Path.GetFileName(Path.GetDirectoryName(path))) : name] = path;
        }
    }

    /// <summary>Makes an assembly file of the reader's loadable, with what lies beside it.</summary>
    public void Offer(FileAssemblies files) => _all.Folders[files.Path] = files;

    /// <summary>Makes native libraries loadable by name, with or without the platform's prefix and suffix.</summary>
    public void OfferNative(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            _all.Native[Path.GetFileName(path)] = path;
        }
    }

    /// <summary>The assembly of that name in this context, or null.</summary>
    public Assembly? Loaded(string name) => Assemblies.FirstOrDefault(assembly =>
        string.Equals(assembly.GetName().Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the file is loaded.</summary>
    public bool IsLoaded(string path) => _all.First.Assemblies.Any(assembly => !assembly.IsDynamic && assembly.Location == path);

    protected override Assembly? Load(AssemblyName assemblyName) => Find(assemblyName);

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        foreach (var candidate in (string[])
            [unmanagedDllName, $"{unmanagedDllName}.so", $"lib{unmanagedDllName}.so", $"lib{unmanagedDllName}", $"{unmanagedDllName}.dll",
                $"{unmanagedDllName}.dylib", $"lib{unmanagedDllName}.dylib"])
        {
            if (_all.Native.TryGetValue(candidate, out var path))
            {
                return NativeLibrary.Load(path);
            }
        }

        return _all.Folders.Values.Select(files => files.FindNative(unmanagedDllName)).OfType<string>().FirstOrDefault() is { } beside
            ? NativeLibrary.Load(beside) : 0;
    }

    private Assembly? Find(AssemblyName name)
    {
        if (_all.Cells.TryGetValue(name.Name!, out var cell))
        {
            return cell;
        }

        if (IsShared(name.Name!))
        {
            return null;
        }

        if (_all.Files.TryGetValue(Key(name.Name!, name.CultureName), out var path))
        {
            return _all.First.LoadFromAssemblyPath(path);
        }

        // The file may be built anew while it is in use, or sit on a share: it is read, and then no longer held.
        return _all.Folders.Values.Select(files => files.Find(name)).OfType<string>().FirstOrDefault() is { } file
            ? LoadFromStream(new MemoryStream(File.ReadAllBytes(file)), Symbols(file))
            : null;
    }

    private static MemoryStream? Symbols(string file) =>
        Path.ChangeExtension(file, ".pdb") is var path && File.Exists(path) ? new(File.ReadAllBytes(path)) : null;

    private static string Key(string name, string? culture) => string.IsNullOrEmpty(culture) ? name : $"{culture}/{name}";

    /// <summary>What the contexts of a session share.</summary>
    private sealed class Contents(CellLoadContext first)
    {
        public CellLoadContext First { get; } = first;

        public CellLoadContext Newest { get; set; } = first;

        public ConcurrentDictionary<string, Assembly> Cells { get; } = new();

        public ConcurrentQueue<FieldInfo> Tokens { get; } = new();

        /// <summary>Assemblies that never change.</summary>
        public ConcurrentDictionary<string, string> Files { get; } = new(StringComparer.OrdinalIgnoreCase);

        public ConcurrentDictionary<string, string> Native { get; } = new(StringComparer.OrdinalIgnoreCase);

        /// <summary>The reader's files.</summary>
        public ConcurrentDictionary<string, FileAssemblies> Folders { get; } = new(StringComparer.Ordinal);
    }
}
