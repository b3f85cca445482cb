using System.Runtime.CompilerServices;
using Kadali.Cells;
using Kadali.Kernel.Submissions;

namespace Kadali.Kernel.Magics;

/// <summary><c>#load "file"</c>: runs a file of C# as if it stood there. Its own <c>#r</c> and <c>#load</c> lines are relative to
/// it.</summary>
public sealed class LoadMagic(Func<string, IReadOnlyList<Submission>> read, Func<SubmissionRunner> runner) : IMagic
{
    // The files that are being loaded: cells run one at a time.
    private readonly Stack<string> _loading = new();

    public MagicSyntax Syntax { get; } = new("load", "Runs a file of C# here.", null)
    {
        Sigil = "#",
        Options = [new("file", "A .csx or .cs file; paths are relative to the notebook's folder, or to the file that has the line.",
            "\"FILE\"") { Required = true, Implicit = true }],
        Examples = [("#load \"helpers.csx\"", "declares what it declares")],
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var text = cell.Arguments.Text("file")!;
        var place = cell.Line is { } line ? FaultPlace.Of(line, cell.Source) : null;
        var full = Path.GetFullPath(text, FileReference.Beside(cell.Source));
        if (_loading.Contains(full))
        {
            throw new CellFaultException(new(
                "KDL205", $"'{text}' loads itself: {string.Join(" → ", _loading.Reverse().Append(full).Select(Path.GetFileName))}.",
                "Leave one of the #load lines out.", place));
        }

        _loading.Push(full);
        try
        {
            foreach (var submission in Read(text, full, place))
            {
                await foreach (var said in runner()
                    .RunNestedAsync(submission with { Source = Path.GetRelativePath(Directory.GetCurrentDirectory(), full) },
                        cancellationToken))
                {
                    yield return said is CellEvent.Result result ? new CellEvent.Display(result.Content, result.DisplayId) : said;
                }
            }
        }
        finally
        {
            _loading.Pop();
        }
    }

    private IReadOnlyList<Submission> Read(string text, string full, FaultPlace? place) => File.Exists(full)
        ? read(full)
        : throw new CellFaultException(new("KDL202", $"There is no file '{text}'.",
            $"Paths are relative to '{FileReference.Beside(place?.Source)}'.", place));
}
