using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kadali.Cells;
using Kadali.Formatting;
using Microsoft.CodeAnalysis;

namespace Kadali.Kernel.CSharp;

/// <summary>C# cells.</summary>
public sealed class CSharpMagic(CSharpSession session, Func<int> executionCount) : IMagic, ILanguageService
{
    private readonly CSharpLanguage _language = new(session);

    public MagicSyntax Syntax { get; } = new(
        "csharp", "C# (the default): statements, await, types; the last expression is the result.", "C# code")
    {
        Aliases = ["c#", "C#", "cs"],
        Examples = [("#!csharp\nEnumerable.Range(1, 3).Sum()", "shows 6")],
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(cell.Body))
        {
            yield break;
        }

        // Blank lines and columns before the body keep the compiler's places those of the reader's cell.
        var text = cell.BodyStart == TextPosition.Zero
            ? cell.Body
            : new string('\n', cell.BodyStart.Line) + new string(' ', cell.BodyStart.Column) + cell.Body;
        IReadOnlyList<Diagnostic> warnings = [];
        object? value;
        try
        {
            value = await session.RunAsync(text, cell.Source ?? $"cell {executionCount()}", found => warnings = found, cancellationToken);
        }
        catch (CompilationFailedException failure)
        {
            throw new CellFaultException(CSharpFaults.Of(failure.Diagnostics, text, cell.Source, session));
        }
        catch (CellAbandonedException)
        {
            throw CellAbandonedException.ToFailure();
        }
        catch (Exception exception)
            when (exception is not (OperationCanceledException or CellFaultException or CellFailedException)
                || !cancellationToken.IsCancellationRequested && exception is OperationCanceledException)
        {
            throw session.Failure(exception);
        }

        foreach (var warning in warnings)
        {
            yield return new CellEvent.Output(OutputStream.Error, CSharpFaults.Warning(warning) + "\n");
        }

        if (value is not null)
        {
            yield return new CellEvent.Result(await ShowAsync(value, cancellationToken));
        }
    }

    /// <summary>
    /// The value as it is shown. Its own members run for that, where an interrupt ends them, and what they throw is the cell's error.
    /// </summary>
    private async Task<MimeBundle> ShowAsync(object value, CancellationToken cancellationToken)
    {
        try
        {
            var shown = MimeBundle.Text("");
            await session.RunAsync(() => shown = Formatter.Format(value), cancellationToken);
            return shown;
        }
        catch (Exception exception)
            when (exception is not (CellFaultException or CellFailedException or OperationCanceledException)
                || !cancellationToken.IsCancellationRequested && exception is OperationCanceledException)
        {
            var (name, message) = Traceback.Describe(exception);
            throw new CellFailedException(
                name, $"The value of type {value.GetType().Name} cannot be shown: {message}",
                session.Traceback.Lines(exception), exception);
        }
    }

    public ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken) =>
        _language.CompleteAsync(text, position, cancellationToken);

    public ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken) =>
        _language.InspectAsync(text, position, cancellationToken);
}
