using System.CommandLine;
using Kadali.Cells;
using Kadali.Host.Session;
using Kadali.Host.Terminal;
using Kadali.Kernel.Jupyter;

namespace Kadali.Host.Commands;

/// <summary><c>kadali console</c>: cells on the terminal, one after the other.</summary>
internal static class ConsoleCommand
{
    public static Command Create()
    {
        var command = new Command("console", "Reads cells from the terminal and runs them. Ctrl-C interrupts a cell, Ctrl-D ends.");
        command.SetAction((_, _) => RunAsync());
        return command;
    }

    private static async Task<int> RunAsync()
    {
        var terminal = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var history = new History(History.DefaultPath(), Log.Failure);
        var count = 0;
        CancellationTokenSource? running = null;
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            running?.Cancel();
        };
        using var lines = new LineEditor(terminal, history);
        using var session = NotebookSession.Open(new TerminalInput(terminal), new NoComms(), () => count);
        lines.Complete = (text, position) => session.Editor.CompleteAsync(text, position, CancellationToken.None);
        if (!Console.IsInputRedirected)
        {
            terminal.WriteLine($"Kadali {NotebookSession.Version}: C# and SQL. '#!lsmagic' lists what it knows; Ctrl-D ends.");
        }

        while (true)
        {
            if (await ReadCellAsync(lines, session, count + 1) is not { } code)
            {
                return 0;
            }

            if (code.Trim().Length == 0)
            {
                continue;
            }

            count++;
            using var interrupt = new CancellationTokenSource();
            running = interrupt;
            string? output = null;
            try
            {
                await foreach (var said in session.Runner.RunAsync(new(code), interrupt.Token))
                {
                    output = said is CellEvent.Result result ? result.Content.PlainText : output;
                    Show(terminal, said);
                }
            }
            catch (Exception exception)
            {
                // The cell's end: the reader sees why, and goes on.
                terminal.WriteLine(string.Join("\n", CellErrors.Of(exception, Log.Failure).Traceback));
            }
            finally
            {
                running = null;
            }

            history.Add(count, code, output);
        }
    }

    private static async Task<string?> ReadCellAsync(LineEditor lines, NotebookSession session, int number)
    {
        var code = "";
        while (true)
        {
            var line = await lines.ReadAsync(code.Length == 0 ? $"[{number}]> " : new string(' ', $"[{number}]".Length) + "· ", code);
            if (line is null)
            {
                return code.Length > 0 ? code : null;
            }

            code = code.Length == 0 ? line : code + "\n" + line;

            // An empty line ends a cell of another language, whose end nobody else can tell.
            if (line.Length == 0 || (session.Editor.IsComplete(code).Status != "incomplete" && !code.StartsWith("#!", StringComparison.Ordinal)))
            {
                return code;
            }

            if (code.StartsWith("#!", StringComparison.Ordinal) && !code.Contains('\n', StringComparison.Ordinal) && session.Editor.IsComplete(code).Status == "complete")
            {
                return code;
            }
        }
    }

    private static void Show(TextWriter terminal, CellEvent said)
    {
        switch (said)
        {
            case CellEvent.Output text:
                terminal.Write(text.Text);
                break;
            case CellEvent.Display display:
                terminal.WriteLine(display.Content.PlainText);
                break;
            case CellEvent.Update update:
                terminal.WriteLine(update.Content.PlainText);
                break;
            case CellEvent.Result result:
                terminal.WriteLine(result.Content.PlainText);
                break;
            default:
                break;
        }
    }
}
