using System.Runtime.CompilerServices;
using Kadali.Cells;
using Kadali.Kernel.Submissions;

namespace Kadali.Kernel.Magics;

/// <summary>
/// The notebook by which a package sets itself up in a session (<c>interactive-extensions/dotnet/extension.dib</c>, as .NET Interactive
/// runs it). One that
/// speaks to .NET Interactive itself cannot run here; the package's assemblies are there all the same.
/// </summary>
public sealed class PackageExtension(Func<string, IReadOnlyList<Submission>> read, Func<SubmissionRunner> runner)
{
    public async IAsyncEnumerable<CellEvent> RunAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // <packages>/<id>/<version>/interactive-extensions/dotnet/extension.dib
        var id = path.Split(Path.DirectorySeparatorChar) is [.., var name, _, _, _, _] ? name : path;
        var cells = read(path);
        if (cells.Any(cell => cell.Code.Contains("Microsoft.DotNet.Interactive", StringComparison.Ordinal)))
        {
            yield return Note($"{id} brings an extension of .NET Interactive, which needs that kernel; its types can be used.");
            yield break;
        }

        foreach (var cell in cells)
        {
            await using var events = runner().RunNestedAsync(cell with { Source = Path.GetFileName(path) }, cancellationToken)
                .GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                string? failure = null;
                var more = false;
                try
                {
                    more = await events.MoveNextAsync();
                }
                catch (Exception exception) when (exception is CellFaultException or CellFailedException)
                {
                    failure = exception.Message;
                }

                if (failure is not null)
                {
                    yield return Note($"The extension of {id} did not set itself up: {failure}");
                    yield break;
                }

                if (!more)
                {
                    break;
                }

                yield return events.Current is CellEvent.Result result ? new CellEvent.Display(result.Content, result.DisplayId)
                    : events.Current;
            }
        }
    }

    private static CellEvent.Output Note(string text) => new(OutputStream.Error, text + "\n");
}
