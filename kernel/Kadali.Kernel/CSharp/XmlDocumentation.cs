using System.Globalization;
using System.Xml;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// The XML documentation of an assembly, found when first asked for: beside the file, or for the shared framework in the reference pack
/// of an SDK on the machine. Where there is none, there is no documentation.
/// </summary>
internal sealed class XmlDocumentation(string assemblyPath) : DocumentationProvider
{
    private static readonly Lazy<string?> ReferencePack = new(FindReferencePack);

    private Dictionary<string, string>? _byId;

    public override bool Equals(object? obj) => obj is XmlDocumentation other && other.Path == Path;

    public override int GetHashCode() => Path.GetHashCode(StringComparison.Ordinal);

    protected override string? GetDocumentationForSymbol(
        string documentationMemberID, CultureInfo preferredCulture, CancellationToken cancellationToken) =>
        (_byId ??= Read()).GetValueOrDefault(documentationMemberID);

    private string Path => assemblyPath;

    private Dictionary<string, string> Read()
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Candidates())
        {
            if (!File.Exists(path))
            {
                continue;
            }

            using var reader = XmlReader.Create(path);
            while (reader.ReadToFollowing("member"))
            {
                if (reader.GetAttribute("name") is { } id)
                {
                    members[id] = $"<member>{reader.ReadInnerXml()}</member>";
                }
            }

            break;
        }

        return members;
    }

    private IEnumerable<string> Candidates()
    {
        yield return System.IO.Path.ChangeExtension(assemblyPath, ".xml");
        if (ReferencePack.Value is { } pack)
        {
            // The runtime keeps most types in System.Private.CoreLib; their documentation is filed under System.Runtime.
            var name = System.IO.Path.GetFileNameWithoutExtension(assemblyPath);
            yield return System.IO.Path.Combine(pack, (name == "System.Private.CoreLib" ? "System.Runtime" : name) + ".xml");
        }
    }

    private static string? FindReferencePack()
    {
        // <root>/shared/Microsoft.NETCore.App/10.0.x/ is the runtime; <root>/packs/Microsoft.NETCore.App.Ref/10.0.y/ref/net10.0/ has the
        // documentation. A program that carries its runtime has no packs beside it; the machine's SDK has.
        var runtime = System.IO.Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string?[] roots = [System.IO.Path.Combine(runtime, "..", "..", ".."), Environment.GetEnvironmentVariable("DOTNET_ROOT")];
        return roots.OfType<string>()
            .Select(root => System.IO.Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref"))
            .Where(Directory.Exists)
            .SelectMany(packs => Directory.EnumerateDirectories(packs).Order(StringComparer.Ordinal).Reverse())
            .Select(version => System.IO.Path.Combine(version, "ref", $"net{Environment.Version.Major}.0"))
            .FirstOrDefault(Directory.Exists);
    }
}
