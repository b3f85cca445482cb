using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Kadali.Kernel.CSharp;

/// <summary>Where cells and what they reference are loaded. The program's own assemblies come first, so that types are shared with it.</summary>
internal sealed class CellLoadContext : AssemblyLoadContext
{
    private readonly ConcurrentDictionary<string, Assembly> _cells = new();
    private readonly ConcurrentQueue<Action<CancellationToken>> _tokens = new();
    private readonly ConcurrentDictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, string> _native = new(StringComparer.OrdinalIgnoreCase);

    public CellLoadContext()
        : base("cells")
    {
        Resolving += (_, name) => Find(name);

        // Assemblies of the program may be asked, by reflection, for types that cells declared.
        Default.Resolving += (_, name) => Find(name);
        ResolvingUnmanagedDll += (_, name) => FindNative(name);
    }

    public Assembly LoadCell(byte[] image, byte[] symbols)
    {
        var assembly = LoadFromStream(new MemoryStream(image), symbols.Length > 0 ? new MemoryStream(symbols) : null);
        _cells[assembly.GetName().Name!] = assembly;

        // Where Roslyn's instrumentation keeps the token that the assembly's methods and loops look at.
        if (assembly.GetType("<PrivateImplementationDetails>")?.GetField("ModuleCancellationToken", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) is { } field)
        {
            _tokens.Enqueue(token => field.SetValue(null, token));
        }

        return assembly;
    }

    /// <summary>From now on, everything that cells declared ends with this token.</summary>
    public void SetToken(CancellationToken token)
    {
        foreach (var set in _tokens)
        {
            set(token);
        }
    }

    /// <summary>Makes assembly files loadable by name.</summary>
    public void Offer(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            _files[Path.GetFileNameWithoutExtension(path)] = path;
        }
    }

    /// <summary>Makes native libraries loadable by name, with or without the platform's prefix and suffix.</summary>
    public void OfferNative(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            _native[Path.GetFileName(path)] = path;
        }
    }

    private Assembly? Find(AssemblyName name) =>
        _cells.TryGetValue(name.Name!, out var cell) ? cell
        : _files.TryGetValue(name.Name!, out var path) ? LoadFromAssemblyPath(path)
        : null;

    private nint FindNative(string name)
    {
        foreach (var candidate in (string[])[name, $"{name}.so", $"lib{name}.so", $"lib{name}", $"{name}.dll", $"{name}.dylib", $"lib{name}.dylib"])
        {
            if (_native.TryGetValue(candidate, out var path))
            {
                return NativeLibrary.Load(path);
            }
        }

        return 0;
    }
}
