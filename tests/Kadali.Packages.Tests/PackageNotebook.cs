using Kadali.Cells;
using Kadali.Kernel.Magics;
using Kadali.Kernel.Tests;
using Kadali.Notebooks;

namespace Kadali.Packages.Tests;

/// <summary>A session with packages, put together as the program does it.</summary>
internal sealed class PackageNotebook : IDisposable
{
    public PackageNotebook()
    {
        var packages = new Lazy<IPackages>(() => new PackageSession());
        Cells.Magics.Add(new LoadMagic(NotebookFile.Submissions, () => Cells.Runner));
        Cells.Magics.Add(new ReferenceMagic(Cells.CSharp, packages,
            new PackageExtension(NotebookFile.Submissions, () => Cells.Runner).RunAsync));
        Cells.Magics.Add(new SourceMagic(packages));
    }

    public Notebook Cells { get; } = new();

    public void Dispose() => Cells.Dispose();
}
