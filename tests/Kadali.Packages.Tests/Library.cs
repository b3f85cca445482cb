using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kadali.Packages.Tests;

/// <summary>Makes small assemblies.</summary>
internal static class Library
{
    private static readonly MetadataReference[] Framework =
        [.. Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "System*.dll").Where(IsManaged)
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>An assembly of that name, version and text.</summary>
    public static byte[] Build(string name, string source, string version = "1.0.0.0", string? culture = null,
        params IEnumerable<byte[]> references)
    {
        var attributes = $"[assembly: System.Reflection.AssemblyVersion(\"{version}\"), System.Reflection.AssemblyCulture(\"{culture}\")]";
        var compilation = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(attributes + source)],
                [.. Framework, .. references.Select(image => MetadataReference.CreateFromImage(image))],
            new(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return image.ToArray();
    }

    /// <summary>An assembly with one class that says a text.</summary>
    public static byte[] Saying(string name, string text, string version = "1.0.0.0") =>
        Build(name, $"public static class {name.Replace('.', '_')} {{ public static string Say() => \"{text}\"; }}", version);

    private static bool IsManaged(string path)
    {
        using var pe = new System.Reflection.PortableExecutable.PEReader(File.OpenRead(path));
        return pe.HasMetadata;
    }
}
