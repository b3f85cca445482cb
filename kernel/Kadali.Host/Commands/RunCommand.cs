using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Kadali.Cells;
using Kadali.Host.Terminal;
using Kadali.Kernel.Jupyter;

namespace Kadali.Host.Commands;

/// <summary><c>kadali run</c>: runs a notebook from top to bottom, as papermill does, and shows it on the terminal.</summary>
internal static class RunCommand
{
    /// <summary>The command line or the notebook is wrong; nothing ran.</summary>
    private const int NotStarted = 2;

    public static Command Create()
    {
        var notebook = new Argument<string>("notebook")
        {
            Description = "The notebook: an .ipynb or a .dib file, or '-' for one on standard input.",
        };
        var parameters = new Option<string[]>("--parameter", "-p")
        {
            Description = "A C# variable, set behind the cell tagged 'parameters'. The value is a number, true, false, null or JSON "
                + "where it reads as one.",
            HelpName = "NAME=VALUE",
        };
        var raw = new Option<string[]>("--raw-parameter", "-r")
        {
            Description = "The same, but the value is text whatever it reads as.", HelpName = "NAME=VALUE",
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Where to write the notebook with its outputs (an .ipynb), or '-' for standard output; saved after each cell.",
            HelpName = "FILE",
        };
        var report = new Option<string?>("--report")
        {
            Description = "Where to write what ran, how long, and how it ended, as JSON.", HelpName = "FILE",
        };
        var timeout = new Option<double?>("--timeout")
        {
            Description = "How long a cell may take.", HelpName = "SECONDS", CustomParser = Seconds,
        };
        var folder = new Option<string?>("--cwd")
        {
            Description = "The working directory; the notebook's own folder by default.", HelpName = "FOLDER",
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show no outputs, only which cells ran and how they ended." };
        var command = new Command(
            "run", "Runs a notebook from top to bottom; stops at the first error with exit code 1. The notebook itself is never changed.")
        {
            notebook, parameters, raw, output, report, timeout, folder, quiet,
        };
        command.SetAction((parsed, _) => RunAsync(
            new(
                parsed.GetValue(notebook)!, parsed.GetValue(parameters) ?? [], parsed.GetValue(raw) ?? [],
                parsed.GetValue(output), parsed.GetValue(report),
                parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan,
                parsed.GetValue(folder)),
            parsed.GetValue(quiet)));
        return command;
    }

    private static double? Seconds(ArgumentResult given)
    {
        if (double.TryParse(given.Tokens[0].Value, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and <= int.MaxValue / 1000.0)
        {
            return seconds;
        }

        given.AddError("--timeout takes a number of seconds above 0.");
        return null;
    }

    private static async Task<int> RunAsync(RunOptions options, bool quiet)
    {
        using var interrupts = new Interrupts();
        try
        {
            using var view = RunView.Open(toErrors: options.Output == "-", quiet);
            return await new NotebookRun(options, view, TimeProvider.System).RunAsync(interrupts);
        }
        catch (CellFaultException exception)
        {
            Log.Writer.WriteLine(Ansi.ForErrors(string.Join("\n", CellErrors.Of(exception, Log.Failure).Traceback)));
            return NotStarted;
        }
    }
}

/// <summary>What the command line asks for.</summary>
/// <param name="Notebook">A path, or <c>-</c>.</param>
/// <param name="Parameters"><c>name=value</c>, typed by what the value reads as.</param>
/// <param name="RawParameters"><c>name=value</c>, text.</param>
/// <param name="Output">A path, <c>-</c>, or null for none.</param>
/// <param name="Timeout">Of each cell.</param>
internal sealed record RunOptions(
    string Notebook, IReadOnlyList<string> Parameters, IReadOnlyList<string> RawParameters, string? Output,
    string? Report, TimeSpan Timeout, string? Folder);
