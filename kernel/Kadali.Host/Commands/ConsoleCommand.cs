using System.CommandLine;
using System.Runtime.InteropServices;
using Kadali.Cells;
using Kadali.Host.Session;
using Kadali.Host.Terminal;
using Kadali.Kernel.Jupyter;
using Kadali.Kernel.Submissions;

namespace Kadali.Host.Commands;

/// <summary><c>kadali console</c>: cells on the terminal, one after the other.</summary>
internal static class ConsoleCommand
{
    public static Command Create()
    {
        var command = new Command(
            "console",
            "Reads cells from the terminal and runs them. Tab completes, F1 explains, up and Ctrl-R find earlier cells, "
            + "Ctrl-C interrupts a cell, Ctrl-D and 'exit' end. Where standard input is no terminal it runs what comes in there.");
        command.SetAction(async (_, _) =>
        {
            using var console = new ConsoleSession();
            return await console.RunAsync();
        });
        return command;
    }
}

/// <summary>One sitting at the console.</summary>
internal sealed class ConsoleSession : IDisposable
{
    private readonly bool _isPiped = Console.IsInputRedirected;
    private readonly RunView _view = RunView.Open(toErrors: false, quiet: false);
    private readonly History _history = new(History.DefaultPath(), Log.Failure);
    private readonly TerminalKeys _keys = new();
    private readonly TextReader _lines;
    private readonly NotebookSession _session;
    private readonly PosixSignalRegistration _interrupt;
    private CancellationTokenSource? _running;
    private int _count;

    public ConsoleSession()
    {
        _lines = _isPiped ? new StreamReader(Console.OpenStandardInput()) : TextReader.Null;
        _session = NotebookSession.Open(new TerminalInput(_view.Output, _isPiped ? null : _keys, _lines), new NoComms(), () => _count);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            // Between the cells of a pipe it ends the program, as it does with any other.
            context.Cancel = _running is not null;
            _running?.Cancel();
        });
    }

    /// <summary>Runs cells until there are no more; the exit code.</summary>
    public async Task<int> RunAsync()
    {
        var read = _isPiped ? ReadPipedAsync : Interactive();
        var good = true;
        while (await read() is { } code && code.Trim() is not ("exit" or "quit"))
        {
            if (code.Trim().Length > 0)
            {
                good = await RunCellAsync(code);
            }
        }

        return _isPiped && !good ? 1 : 0;
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _session.Dispose();
        _view.Dispose();
    }

    /// <summary>Whether a cell can run. The end of a cell in another language nobody can tell: an empty line ends it.</summary>
    internal static CellEnd End(EditorServices editor, string text)
    {
        var lines = text.Split('\n');
        var blank = lines.Reverse().TakeWhile(string.IsNullOrWhiteSpace).Count();
        var isOther = text.TrimStart().StartsWith("#!", StringComparison.Ordinal);
        var (status, indent) = editor.IsComplete(text);

        // Two empty lines end what no parser would call complete.
        return new(lines.Length > 1 && isOther ? blank > 0 : status != "incomplete" || blank > 1, indent ?? "");
    }

    private Func<Task<string?>> Interactive()
    {
        _view.Note($"Kadali {NotebookSession.Version}: C# and SQL. '#!lsmagic' lists what it knows; Ctrl-D ends.");
        var past = InputHistory.Of(_history);
        var screen = new EditorScreen(_view.Output, () => Console.WindowWidth, Ansi.IsUnwanted);
        var editor = new CellEditor(_keys, screen, past, _session.Editor, text => End(_session.Editor, text));
        return async () =>
        {
            // While a cell is typed Ctrl-C is a key that drops it; while one runs, it is the signal that interrupts.
            Console.TreatControlCAsInput = true;
            try
            {
                return await editor.ReadAsync($"[{_count + 1}]> ", CancellationToken.None);
            }
            finally
            {
                Console.TreatControlCAsInput = false;
            }
        };
    }

    private async Task<string?> ReadPipedAsync()
    {
        string? code = null;
        while (await _lines.ReadLineAsync() is { } line)
        {
            code = code is null ? line : code + "\n" + line;
            if (End(_session.Editor, code).IsComplete)
            {
                return code;
            }
        }

        return code;
    }

    private async Task<bool> RunCellAsync(string code)
    {
        _count++;
        using var interrupt = new CancellationTokenSource();
        _running = interrupt;
        _view.Begin($"[{_count}]");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        string? output = null;
        IReadOnlyList<string>? traceback = null;
        try
        {
            await foreach (var said in _session.Runner.RunAsync(new(code), interrupt.Token))
            {
                output = said is CellEvent.Result result ? result.Content.PlainText : output;
                _view.Say(said);
            }
        }
        catch (Exception exception)
        {
            // The cell's end: the reader sees why, and goes on.
            traceback = CellErrors.Of(exception, Log.Failure).Traceback;
        }
        finally
        {
            _running = null;
        }

        _view.End(clock.Elapsed);
        if (traceback is not null)
        {
            _view.Note(string.Join("\n", traceback));
        }

        _history.Add(_count, code, output);
        return traceback is null;
    }
}
