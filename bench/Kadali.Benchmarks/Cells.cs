using Kadali.Cells;
using Kadali.Host.Session;
using Kadali.Host.Terminal;

namespace Kadali.Benchmarks;

/// <summary>
/// A notebook without a front end: what is measured goes the whole way of a cell, through splitter, magic and formatters.
/// </summary>
internal sealed class CellRunner : IDisposable
{
    private readonly NotebookSession _session;
    private int _count;

    public CellRunner() =>
        _session = NotebookSession.Open(new TerminalInput(TextWriter.Null, null, TextReader.Null), new NoComms(), () => _count);

    /// <summary>Runs a cell to its end and gives the plain text of its value.</summary>
    public async Task<string> RunAsync(string code)
    {
        _count++;
        var text = "";
        await foreach (var said in _session.Runner.RunAsync(new(code), CancellationToken.None))
        {
            if (said is CellEvent.Result result)
            {
                text = result.Content.PlainText ?? "";
            }
        }

        return text;
    }

    /// <summary>Runs a cell whose value must hold a text: a bench must not measure a failure.</summary>
    public async Task ExpectAsync(string code, string expected)
    {
        var text = await RunAsync(code);
        if (!text.Contains(expected, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The cell\n{code}\ngave no '{expected}':\n{text}");
        }
    }

    public void Dispose() => _session.Dispose();
}
