using System.Runtime.CompilerServices;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Kernel.Submissions;

/// <summary>Runs submissions: splits them, looks up values, and hands each part to its magic.</summary>
public sealed class SubmissionRunner(IMagicRegistry magics, IVariables variables, IInput input, string defaultLanguage) : ISubmissions
{
    private readonly ArgumentResolver _resolver = new(magics, variables, input);

    /// <summary>Takes what cells say after they ended.</summary>
    public Action<CellEvent> Late { get; set; } = _ => { };

    /// <summary>Whether a text is complete, as far as its language can tell.</summary>
    public string DefaultLanguage => defaultLanguage;

    public async IAsyncEnumerable<CellEvent> RunAsync(Submission submission, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parts = new Splitter(magics, defaultLanguage).Split(submission);
        TableAssets.Begin(submission.CellId ?? submission.Code);
        using var output = new CellOutput(submission.Late ?? Late);
        var running = Task.Run(() => RunPartsAsync(parts, output, cancellationToken), CancellationToken.None);
        await foreach (var said in output.ReadAsync(CancellationToken.None))
        {
            yield return said;
        }

        await running;
    }

    /// <summary>Runs one part of another submission in the midst of the running one; used by magics that run cells.</summary>
    internal async IAsyncEnumerable<CellEvent> RunNestedAsync(
        Submission submission, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var part in new Splitter(magics, defaultLanguage).Split(submission))
        {
            await foreach (var said in RunPartAsync(part, cancellationToken))
            {
                yield return said;
            }
        }
    }

    private async Task RunPartsAsync(IReadOnlyList<Part> parts, CellOutput output, CancellationToken cancellationToken)
    {
        ConsoleRedirection.Enter(output);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var timed = false;
        CellEvent.Result? result = null;
        _resolver.Begin();
        try
        {
            foreach (var part in parts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                timed |= part.Magic is Magics.TimeMagic && !part.Arguments.Help;

                // One result a submission, that of its last part: an earlier one is shown before what follows it says anything.
                ShowResult();
                await foreach (var said in RunPartAsync(part, cancellationToken))
                {
                    if (said is CellEvent.Result next)
                    {
                        ShowResult();
                        result = next;
                    }
                    else
                    {
                        output.Emit(said);
                    }
                }
            }

            if (timed)
            {
                output.Emit(new CellEvent.Display(MimeBundle.Text($"Wall time: {clock.Elapsed.TotalMilliseconds:F4}ms")));
            }

            if (result is not null)
            {
                output.Emit(result);
            }

            output.Complete(null);
        }
        catch (Exception exception)
        {
            // The end of the cell's own line of work: its reader gets the exception with the last output.
            _resolver.ForgetTaken();
            ShowResult();
            output.Complete(exception is OperationCanceledException ? new OperationCanceledException(cancellationToken) : exception);
        }

        void ShowResult()
        {
            if (result is not null)
            {
                output.Emit(new CellEvent.Display(result.Content, result.DisplayId));
                result = null;
            }
        }
    }

    private async IAsyncEnumerable<CellEvent> RunPartAsync(Part part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (part.Arguments.Help)
        {
            yield return new CellEvent.Display(MagicHelp.Of(part.Magic.Syntax, part.Arguments.Subcommand));
            yield break;
        }

        var arguments = await _resolver.ResolveAsync(part, cancellationToken);
        var cell = new Cell(part.Magic.Syntax.Name, arguments, part.Body, part.BodyStart, part.Line) 
        {
            Around = part.Around, Source = part.Source, Lines = part.Lines,
        };
        await foreach (var said in part.Magic.RunAsync(cell, cancellationToken))
        {
            yield return said;
        }
    }
}

/// <summary>What <c>Display</c> and its like say goes to the cell that says it.</summary>
public sealed class CellDisplaySink : DisplaySink
{
    public override void Emit(CellEvent cellEvent) => ConsoleRedirection.Output?.Emit(cellEvent);
}
