using System.Reflection;
using System.Runtime.Loader;

namespace Kadali.Kernel.CSharp;

/// <summary>An assembly file that a cell references, and what is found beside it: by its <c>.deps.json</c> where there is one, else by
/// name.</summary>
internal sealed class FileAssemblies(string path)
{
    private static readonly string Framework = System.IO.Path.GetDirectoryName(typeof(object).Assembly.Location)!;
    private readonly AssemblyDependencyResolver _dependencies = new(path);

    public string Path => path;

    /// <summary>The file of an assembly, or null; what the framework has is the framework's.</summary>
    public string? Find(AssemblyName name) =>
        string.Equals(name.Name, System.IO.Path.GetFileNameWithoutExtension(path), StringComparison.OrdinalIgnoreCase) ? path
        : File.Exists(System.IO.Path.Combine(Framework, name.Name + ".dll")) ? null
        : _dependencies.ResolveAssemblyToPath(name) ?? Beside(name);

    /// <summary>The file of a native library, or null.</summary>
    public string? FindNative(string name) => _dependencies.ResolveUnmanagedDllToPath(name);

    // A .deps.json may tell less than lies there.
    private string? Beside(AssemblyName name) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, name.CultureName ?? "", name.Name + ".dll") is var file
            && File.Exists(file) ? file : null;
}
