using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kadali.Cells;
using Kadali.Kernel.CSharp;

namespace Kadali.Kernel.Magics;

/// <summary><c>#r "nuget:Id,version"</c>, <c>#r "file.dll"</c> and <c>#r "System.Name"</c>: what C# cells can name from then on.</summary>
/// <param name="packages">Made when the first package is asked for: a session without packages loads nothing of them.</param>
/// <param name="extension">Runs a notebook by which a package sets itself up.</param>
public sealed class ReferenceMagic(CSharpSession session, Lazy<IPackages> packages, Func<string, CancellationToken,
    IAsyncEnumerable<CellEvent>> extension)
    : IMagic, ILanguageService
{
    private const string NuGet = "nuget:";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private readonly ReferenceCompletion _completion = new(packages);

    public MagicSyntax Syntax { get; } = new("r", "Makes a package (\"nuget:Id,version\") or an assembly file available to C# cells.", null)
    {
        Sigil = "#",
        Options = [new("reference", "\"nuget:Id\", \"nuget:Id,version\" or a file.", "\"REFERENCE\"") { Required = true, Implicit = true }],
        Examples =
        [
            ("#r \"nuget:Humanizer.Core\"", "the newest stable version"),
            ("#r \"nuget:Humanizer.Core,2.14.1\"", "that version; also 2.*, [2.0,3.0), *-* (the newest, pre-releases included)"),
            ("#r \"bin/My.dll\"", "a file, with what lies beside it; paths are relative to the notebook's folder"),
        ],
        Remarks = "Packages are found as 'dotnet restore' finds them: by the NuGet.Config of the notebook's folder, of those above it,\n"
            + "of the user and of the machine, and in the packages folder first. All packages of a cell are resolved together,\n"
            + "before the rest of the cell runs.\n"
            + "#i \"nuget:SOURCE\" adds a source for the session.",
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var texts = cell.Arguments.Values("reference").Select(value => value?.ToString()?.Trim() ?? "").ToArray();
        if (texts is [var text] && !text.StartsWith(NuGet, StringComparison.OrdinalIgnoreCase))
        {
            if (await new FileReference(session).AddAsync(text, cell, cancellationToken) is { } note)
            {
                yield return new CellEvent.Output(OutputStream.Error, note + "\n");
            }

            yield break;
        }

        PackageRequest[] requests = [.. texts.Select((written, i) =>
            Request(written[NuGet.Length..], FaultPlace.Of(cell.Lines[i], cell.Source)))];
        await foreach (var said in AddAsync(requests, cancellationToken))
        {
            yield return said;
        }
    }

    public ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_completion.Complete(text, position));

    public ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken) =>
        ValueTask.FromResult<MimeBundle?>(null);

    private async IAsyncEnumerable<CellEvent> AddAsync(IReadOnlyList<PackageRequest> requests,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        var waitsFor = "NuGet";
        var names = string.Join(", ", requests.Select(request => request.Version is null ? request.Id : $"{request.Id} {request.Version}"));
        var displayId = Guid.NewGuid().ToString("N");
        var shown = false;
        var adding = Task.Run(AddAsync, CancellationToken.None);
        while (await Task.WhenAny(adding, Task.Delay(Patience, CancellationToken.None)) != adding)
        {
            yield return Say($"Adding {names}: waiting for {Volatile.Read(ref waitsFor)} ({waited.Elapsed.TotalSeconds:0} s)");
        }

        if (!adding.IsCompletedSuccessfully && shown)
        {
            yield return Say($"{names}: not added");
        }

        var files = await adding;
        foreach (var note in files.Notes)
        {
            yield return new CellEvent.Output(OutputStream.Error, note + "\n");
        }

        if (files.Added.Count > 0)
        {
            yield return Say(Summary(files.Added, requests));
        }

        foreach (var script in files.Scripts)
        {
            await foreach (var said in extension(script, cancellationToken))
            {
                yield return said;
            }
        }

        CellEvent Say(string line)
        {
            CellEvent said = shown ? new CellEvent.Update(MimeBundle.Text(line), displayId)
                : new CellEvent.Display(MimeBundle.Text(line), displayId);
            shown = true;
            return said;
        }

        async Task<PackageFiles> AddAsync()
        {
            var found = await packages.Value.AddAsync(requests, session.IsLoaded, line => Volatile.Write(ref waitsFor, line),
                cancellationToken);
            await session.AddReferencesAsync(found.Compile, found.Runtime, found.Native, cancellationToken);
            return found;
        }
    }

    private static PackageRequest Request(string text, FaultPlace place) =>
        text.Split(',', 2, StringSplitOptions.TrimEntries) is [var id, { Length: > 0 } version]
        ? new(id, version, place)
        : new(text.Trim(' ', ','), null, place);

    private static string Summary(IReadOnlyList<string> added, IReadOnlyList<PackageRequest> requests)
    {
        const int shown = 8;
        var asked = added.Where(package => requests.Any(request =>
            package.StartsWith(request.Id + " ", StringComparison.OrdinalIgnoreCase))).ToArray();
        var along = added.Except(asked).ToArray();
        return $"Added {string.Join(", ", asked)}"
            + (along.Length == 0 ? ""
                : $" with {string.Join(", ", along.Take(shown))}{(along.Length > shown ? $" and {along.Length - shown} more" : "")}");
    }
}

/// <summary><c>#i "nuget:SOURCE"</c>: one more source of packages.</summary>
public sealed class SourceMagic(Lazy<IPackages> packages) : IMagic
{
    public MagicSyntax Syntax { get; } = new("i", "Adds a source of packages (\"nuget:\" and an address or a folder) for this session.",
        null)
    {
        Sigil = "#",
        Options = [new("source", "\"nuget:\" and an address or a folder.", "\"SOURCE\"") { Required = true, Implicit = true }],
        Examples = [("#i \"nuget:https://packages.example.org/v3/index.json\"", "a feed"),
            ("#i \"nuget:../packages\"", "a folder of .nupkg files")],
        Remarks = "A source that wants a user name stands in NuGet.Config, where its password can be kept.",
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var text = cell.Arguments.Text("source")!.Trim();
        packages.Value.AddSource(
            text.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase) ? text["nuget:".Length..].Trim() : text,
            cell.Line is { } line ? FaultPlace.Of(line, cell.Source) : null);
        yield break;
    }
}
