using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// What cells compile against. Files are mapped, not read: of the framework's 160 assemblies a cell touches a few pages, and those are
/// shared with every other process.
/// </summary>
internal static unsafe class FrameworkReferences
{
    // Views stay mapped as long as the process: metadata that a compilation holds points into them. So each file is mapped once, whatever
    // number of sessions there is: a process may have some 65,000 mappings.
    private static readonly ConcurrentDictionary<string, (PortableExecutableReference Reference, MemoryMappedViewAccessor View)> Mapped =
        new(StringComparer.Ordinal);

    /// <summary>The shared framework, and those of our own assemblies that cells may name.</summary>
    public static IReadOnlyList<MetadataReference> Load(params IEnumerable<string> own)
    {
        var platform = (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator);
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return [.. platform
            .Where(path => path.StartsWith(framework, StringComparison.Ordinal) && IsForCells(Path.GetFileName(path)))
            .Concat(own)
            .Select(Reference)];
    }

    /// <summary>A reference to a file that never changes and stays mapped.</summary>
    public static PortableExecutableReference Reference(string path) => Mapped.GetOrAdd(path, Map).Reference;

    private static (PortableExecutableReference Reference, MemoryMappedViewAccessor View) Map(string path)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        var headers = new PEHeaders(new UnmanagedMemoryStream(start, (long)view.SafeMemoryMappedViewHandle.ByteLength));
        var metadata = ModuleMetadata.CreateFromMetadata((nint)(start + headers.MetadataStartOffset), headers.MetadataSize);
        return (AssemblyMetadata.Create(metadata).GetReference(new XmlDocumentation(path), filePath: path), view);
    }

    private static bool IsForCells(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("System.Private.", StringComparison.Ordinal)
            ? true
            : name is "System.Private.CoreLib.dll" or "System.Private.Uri.dll" or "System.Private.Xml.dll" or "System.Private.Xml.Linq.dll"
                or "System.Private.DataContractSerialization.dll" or "netstandard.dll" or "mscorlib.dll" or "System.dll"
                or "Microsoft.CSharp.dll" or "Microsoft.Win32.Primitives.dll" or "Microsoft.Win32.Registry.dll";
}
