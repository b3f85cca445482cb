using System.Runtime.CompilerServices;
using Kadali.Cells;
using Kadali.Kernel.CSharp;

namespace Kadali.Kernel.Magics;

/// <summary>Finds the assemblies of packages; the program plugs in its resolver.</summary>
public interface IPackages
{
    /// <summary>Resolves one more package for the session; says on the way what it does.</summary>
    Task<PackageFiles> AddAsync(string id, string? version, Action<string> progress, CancellationToken cancellationToken);

    /// <summary>Adds a source of packages for this session.</summary>
    void AddSource(string source);
}

/// <summary>What a package brings with its dependencies.</summary>
/// <param name="Summary">The packages and versions that were added, in one line each; empty where all were there.</param>
public sealed record PackageFiles(
    IReadOnlyList<string> Compile, IReadOnlyList<string> Runtime, IReadOnlyList<string> Native, IReadOnlyList<string> Summary);

/// <summary><c>#r "nuget:Id,version"</c>, <c>#r "path.dll"</c> and <c>#i "nuget:source"</c>.</summary>
public sealed class ReferenceMagic : IMagic
{
    private readonly CSharpSession _session;
    private readonly IPackages _packages;
    private readonly bool _source;

    private ReferenceMagic(CSharpSession session, IPackages packages, bool source)
    {
        (_session, _packages, _source) = (session, packages, source);
        Syntax = source
            ? new("i", "#i \"nuget:SOURCE\": adds a source of packages (an address or a folder) for this session.", null)
            {
                Options = [new("source", "\"nuget:SOURCE\".", "SOURCE") { Required = true, Implicit = true }],
            }
            : new("r", "#r \"nuget:Id,version\" or #r \"file.dll\": makes a package or an assembly available to C# cells.", null)
            {
                Options = [new("reference", "\"nuget:Id\", \"nuget:Id,version\" or a file.", "REFERENCE") { Required = true, Implicit = true }],
                Examples = [("#r \"nuget:Humanizer.Core,2.14.1\"", "that version"), ("#r \"nuget:Humanizer.Core,*-*\"", "the newest, pre-releases included"), ("#r \"bin/My.dll\"", "a file")],
            };
    }

    public MagicSyntax Syntax { get; }

    public static IEnumerable<IMagic> Both(CSharpSession session, IPackages packages) =>
        [new ReferenceMagic(session, packages, false), new ReferenceMagic(session, packages, true)];

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var text = cell.Arguments.Text(_source ? "source" : "reference")!.Trim();
        var isPackage = text.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase);
        if (_source)
        {
            _packages.AddSource(isPackage ? text["nuget:".Length..].Trim() : text);
            yield break;
        }

        if (!isPackage)
        {
            await AddFileAsync(text, cell, cancellationToken);
            yield break;
        }

        var (id, version) = text["nuget:".Length..].Split(',', 2, StringSplitOptions.TrimEntries) is [var left, var right] ? (left, right) : (text["nuget:".Length..].Trim(), null);
        var displayId = Guid.NewGuid().ToString("N");
        var shown = false;
        var progress = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var adding = AddAsync();
        await foreach (var line in progress.Reader.ReadAllAsync(CancellationToken.None))
        {
            yield return shown ? new CellEvent.Update(MimeBundle.Text(line), displayId) : new CellEvent.Display(MimeBundle.Text(line), displayId);
            shown = true;
        }

        var files = await adding;
        await _session.AddReferencesAsync(files.Compile, files.Runtime, files.Native, cancellationToken);
        if (files.Summary.Count > 0)
        {
            var summary = MimeBundle.Text("Added " + string.Join(", ", files.Summary));
            yield return shown ? new CellEvent.Update(summary, displayId) : new CellEvent.Display(summary, displayId);
        }

        async Task<PackageFiles> AddAsync()
        {
            try
            {
                return await _packages.AddAsync(id, version, line => progress.Writer.TryWrite(line), cancellationToken);
            }
            finally
            {
                progress.Writer.Complete();
            }
        }
    }

    private async Task AddFileAsync(string path, Cell cell, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        var place = cell.Line is { } line ? new FaultPlace(new(line.Number, 0), line.Text, line.Text.Length) : null;
        if (!File.Exists(full))
        {
            throw new CellFaultException(new("KDL202", $"There is no file '{path}'.", $"Paths are relative to '{Directory.GetCurrentDirectory()}'.", place));
        }

        try
        {
            System.Reflection.AssemblyName.GetAssemblyName(full);
        }
        catch (BadImageFormatException exception)
        {
            throw new CellFaultException(new("KDL202", $"'{path}' is no .NET assembly.", null, place), exception);
        }

        await _session.AddReferencesAsync([full], [full, .. Directory.EnumerateFiles(Path.GetDirectoryName(full)!, "*.dll")], [], cancellationToken);
    }
}
