using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Host.Session;
using Kadali.Kernel.Jupyter;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary><c>kadali run</c>: runs a notebook from top to bottom, as papermill does, and shows it on the terminal.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var notebook = new Argument<string>("notebook") { Description = "The notebook: an .ipynb or a .dib file." };
        var parameters = new Option<string[]>("--parameter", "-p") { Description = "name=value: sets a variable behind the cell tagged 'parameters'.", AllowMultipleArgumentsPerToken = false };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write the notebook with its outputs; it is saved after each cell." };
        var report = new Option<string?>("--report") { Description = "Where to write what ran, how long, and how it ended, as JSON." };
        var timeout = new Option<double?>("--timeout") { Description = "Seconds that a cell may take." };
        var folder = new Option<string?>("--cwd") { Description = "The working directory; the notebook's own folder by default." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show no outputs, only how cells ended." };
        var command = new Command("run", "Runs a notebook from top to bottom; stops at the first error with exit code 1.") { notebook, parameters, output, report, timeout, folder, quiet };
        command.SetAction((parsed, cancellationToken) => new NotebookRun(
            parsed.GetValue(notebook)!, parsed.GetValue(parameters) ?? [], parsed.GetValue(output), parsed.GetValue(report),
            parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan, parsed.GetValue(folder), parsed.GetValue(quiet))
            .RunAsync(cancellationToken));
        return command;
    }
}

/// <summary>One run of a notebook.</summary>
internal sealed class NotebookRun(
    string path, IReadOnlyList<string> parameters, string? output, string? report, TimeSpan timeout, string? folder, bool quiet)
{
    private readonly TextWriter _terminal = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
    private readonly bool _plain = Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
    private readonly NotebookOutputs _outputs = new();
    private int _count;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await RunNotebookAsync(cancellationToken);
        }
        catch (CellFaultException exception)
        {
            Write(string.Join("\n", CellErrors.Of(exception, Log.Failure).Traceback));
            return 2;
        }
    }

    private async Task<int> RunNotebookAsync(CancellationToken cancellationToken)
    {
        var notebook = NotebookFile.Read(path);
        Parameters.Inject(notebook, parameters.Select(Parameters.Parse).ToDictionary(parameter => parameter.Name, parameter => parameter.Value));
        var target = output is null ? null : Path.GetFullPath(output);
        var reportTo = report is null ? null : Path.GetFullPath(report);
        Directory.SetCurrentDirectory(folder ?? Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var session = NotebookSession.Open(new TerminalInput(_terminal), new NoComms(), () => _count);
        var codes = notebook.Cells.Where(cell => cell.Type == "code" && cell.Source.Trim().Length > 0).ToArray();
        foreach (var cell in notebook.Cells.Where(cell => cell.Type == "code"))
        {
            cell.Json["execution_count"] = null;
            cell.Outputs.Clear();
        }

        var started = DateTimeOffset.Now;
        var clock = Stopwatch.StartNew();
        var cells = new JsonArray();
        ErrorContentOf? failure = null;
        foreach (var cell in notebook.Cells)
        {
            if (cell.Type == "markdown")
            {
                ShowMarkdown(cell.Source);
            }
            else if (codes.Any(code => code.Json == cell.Json))
            {
                failure = await RunCellAsync(session, notebook, cell, codes.Length, cells, cancellationToken);
                if (target is not null)
                {
                    _outputs.Flush();
                    NotebookFile.Write(notebook, target);
                }

                if (failure is not null)
                {
                    break;
                }
            }
        }

        var status = failure is null ? "ok" : failure.Name;
        Write($"{(failure is null ? Colour("32", "✓") : Colour("31", "✗"))} {Path.GetFileName(path)}: {_count} of {codes.Length} cells in {clock.Elapsed.TotalSeconds:F1} s{(failure is null ? "" : $", stopped by {failure.Name}")}");
        if (reportTo is not null)
        {
            await File.WriteAllTextAsync(
                reportTo,
                new JsonObject
                {
                    ["notebook"] = path, ["status"] = failure is null ? "ok" : "error", ["started"] = started.ToString("O"),
                    ["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 3), ["cells"] = cells,
                }.ToJsonString(new() { WriteIndented = true }) + "\n",
                CancellationToken.None);
        }

        return failure is null ? 0 : failure.Name == "Interrupted" && cancellationToken.IsCancellationRequested ? 130 : 1;
    }

    private sealed record ErrorContentOf(string Name, string Value, IReadOnlyList<string> Traceback);

    private async Task<ErrorContentOf?> RunCellAsync(
        NotebookSession session, NotebookDocument notebook, NotebookCell cell, int total, JsonArray cells, CancellationToken cancellationToken)
    {
        _count++;
        var title = cell.Source.Split('\n').FirstOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "";
        Write(Colour("2", $"── [{_count}/{total}] {(title.Length > 90 ? title[..89] + "…" : title)}"));
        cell.Json["execution_count"] = _count;
        _outputs.Begin(cell, _count);
        var started = DateTimeOffset.Now;
        var clock = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        ErrorContentOf? failure = null;
        try
        {
            await foreach (var said in session.Runner.RunAsync(new(cell.Source, cell.Language ?? notebook.DefaultLanguage), limit.Token))
            {
                _outputs.Add(said);
                Show(said);
            }
        }
        catch (Exception exception)
        {
            // The cell's end: whatever it was is written into the notebook and stops the run.
            var error = CellErrors.Of(exception, Log.Failure);
            failure = exception is OperationCanceledException && !cancellationToken.IsCancellationRequested
                ? new("Timeout", $"The cell took longer than {timeout.TotalSeconds:0.#} s (--timeout).", [$"Timeout: The cell took longer than {timeout.TotalSeconds:0.#} s (--timeout)."])
                : new(error.Ename, error.Evalue, error.Traceback);
            _outputs.Error(failure.Name, failure.Value, failure.Traceback);
            Write(Colour("31", "✗ the cell that failed:"));
            foreach (var line in cell.Source.TrimEnd().Split('\n'))
            {
                Write("  " + line);
            }

            Write(string.Join("\n", failure.Traceback));
        }

        cell.Metadata["papermill"] = new JsonObject
        {
            ["duration"] = Math.Round(clock.Elapsed.TotalSeconds, 6), ["end_time"] = DateTimeOffset.Now.ToString("O"), ["exception"] = failure is not null,
            ["start_time"] = started.ToString("O"), ["status"] = failure is null ? "completed" : "failed",
        };
        cells.Add((JsonNode)new JsonObject
        {
            ["number"] = _count, ["source"] = title, ["status"] = failure is null ? "ok" : "error", ["seconds"] = Math.Round(clock.Elapsed.TotalSeconds, 3),
            ["error"] = failure is null ? null : $"{failure.Name}: {failure.Value}",
        });
        return failure;
    }

    private void Show(CellEvent said)
    {
        if (quiet)
        {
            return;
        }

        switch (said)
        {
            case CellEvent.Output text:
                _terminal.Write(_plain ? WithoutColour(text.Text) : text.Text);
                break;
            case CellEvent.Display display:
                Write(display.Content.PlainText);
                break;
            case CellEvent.Result result:
                Write(result.Content.PlainText);
                break;
            default:
                break;
        }
    }

    private void ShowMarkdown(string source)
    {
        if (quiet)
        {
            return;
        }

        Write("");
        foreach (var line in source.TrimEnd().Split('\n'))
        {
            Write(line.StartsWith('#') ? Colour("1", line.TrimStart('#').Trim()) : line);
        }
    }

    private void Write(string text) => _terminal.WriteLine(_plain ? WithoutColour(text) : text);

    private string Colour(string code, string text) => _plain ? text : $"\e[{code}m{text}\e[0m";

    private static string WithoutColour(string text) => text.Contains('\e', StringComparison.Ordinal)
        ? System.Text.RegularExpressions.Regex.Replace(text, "\e\\[[0-9;]*m", "")
        : text;
}
