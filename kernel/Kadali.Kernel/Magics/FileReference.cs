using System.Reflection;
using Kadali.Cells;
using Kadali.Kernel.CSharp;

namespace Kadali.Kernel.Magics;

/// <summary><c>#r</c> of something that is no package: a file, or an assembly of the framework by its name.</summary>
internal sealed class FileReference(CSharpSession session)
{
    private static readonly string Framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    /// <returns>What the reader should know, or null.</returns>
    public async Task<string?> AddAsync(string text, Cell cell, CancellationToken cancellationToken)
    {
        var place = cell.Line is { } line ? FaultPlace.Of(line, cell.Source) : null;
        var path = Path.GetFullPath(text, Beside(cell.Source));
        if (!File.Exists(path))
        {
            // System.Xml.Linq, also with its version and key, or as a file name.
            var name = text.Split(',')[0].Trim();
            var own = Path.Combine(Framework, name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? name : name + ".dll");
            if (name == Path.GetFileName(name) && File.Exists(own))
            {
                await session.AddReferencesAsync([own], [], [], cancellationToken);
                return null;
            }

            throw new CellFaultException(new("KDL202", $"There is no file '{text}'.", $"Paths are relative to '{Beside(cell.Source)}'.",
                place));
        }

        if (Path.GetExtension(path) is ".csproj" or ".fsproj" or ".vbproj")
        {
            throw new CellFaultException(new(
                "KDL203", $"'{text}' is a project, which has to be built first.",
                $"Run 'dotnet build {text}', and reference the .dll that it names.", place));
        }

        try
        {
            AssemblyName.GetAssemblyName(path);
            return await session.AddFileAsync(path, cancellationToken) is { Count: > 0 } forgotten
                ? $"{Path.GetFileName(path)} was built anew. What was made of the old one is gone: {string.Join(", ", forgotten)}."
                : null;
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException)
        {
            throw new CellFaultException(new(
                "KDL202", $"'{text}' is no .NET assembly.",
                Path.GetExtension(path) is ".csx" or ".cs" ? $"Files of C# are run with #load \"{text}\"." : null, place), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CellFaultException(new("KDL202", $"'{text}' cannot be read: {exception.Message}", null, place), exception);
        }
    }

    /// <summary>The folder to which a path in a cell or in a loaded file is relative.</summary>
    public static string Beside(string? source) =>
        source is null ? Directory.GetCurrentDirectory() : Path.GetDirectoryName(Path.GetFullPath(source))!;
}
