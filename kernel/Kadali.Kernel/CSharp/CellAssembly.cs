using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>A loaded assembly of the session that later cells may use: a cell's script, its types, or its functions.</summary>
internal sealed class CellAssembly(string name, byte[] image, Assembly assembly, IReadOnlyList<CellAssembly> uses)
{
    private readonly HashSet<string> _hidden = [];
    private PortableExecutableReference? _reference;

    public string Name => name;

    public Assembly Assembly => assembly;

    /// <summary>Other assemblies of the session that this one's metadata names.</summary>
    public IReadOnlyList<CellAssembly> Uses => uses;

    /// <summary>What the compiler reads; made when first needed, and again after a name was hidden.</summary>
    public MetadataReference Reference => _reference ??= Make();

    /// <summary>A later cell declared the name anew: this one is no longer found by it.</summary>
    public void Hide(string declared)
    {
        if (_hidden.Add(declared))
        {
            _reference = null;
        }
    }

    private PortableExecutableReference Make()
    {
        var visible = image;
        if (_hidden.Count > 0)
        {
            visible = (byte[])image.Clone();
            CellImage.Hide(visible, _hidden.Contains);
        }

        return AssemblyMetadata.CreateFromImage(visible).GetReference(display: name);
    }
}
