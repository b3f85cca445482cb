using Kadali.Cells;
using Kadali.Host.Terminal;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary>Where a run writes its notebook.</summary>
internal sealed class RunTarget
{
    private readonly string? _path;
    private readonly bool _toConsole;

    private RunTarget(string? path, bool toConsole) => (_path, _toConsole) = (path, toConsole);

    /// <exception cref="CellFaultException">It is no place for an output; said before anything runs.</exception>
    public static RunTarget Of(RunOptions options)
    {
        if (options.Report is { } report)
        {
            CheckFolder(report, "--report");
        }

        if (options.Output is null or "-")
        {
            return new(null, options.Output == "-");
        }

        var path = Path.GetFullPath(options.Output);
        if (options.Notebook != "-" && path == Path.GetFullPath(options.Notebook))
        {
            throw Fault($"'--output {options.Output}' is the notebook itself, which a run does not change.",
                "Give the output another name.");
        }

        if (!Path.GetExtension(path).Equals(".ipynb", StringComparison.OrdinalIgnoreCase))
        {
            throw Fault($"'--output {options.Output}' cannot hold outputs: its name does not end in '.ipynb'.",
                "'kadali convert' makes a .dib of it.");
        }

        CheckFolder(options.Output, "--output");
        return new(path, toConsole: false);
    }

    /// <summary>Saves what there is so far.</summary>
    public void Save(NotebookDocument notebook)
    {
        if (_path is not null)
        {
            NotebookFile.Write(notebook, _path);
        }
    }

    /// <summary>Saves for the last time.</summary>
    public void Finish(NotebookDocument notebook)
    {
        Save(notebook);
        if (_toConsole)
        {
            using var output = RunView.Writer(Console.OpenStandardOutput());
            output.Write(notebook.ToText());
        }
    }

    private static void CheckFolder(string path, string option)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            throw Fault($"There is no folder '{folder}' for '{option} {path}'.", $"Make it with 'mkdir -p {folder}'.");
        }
    }

    private static CellFaultException Fault(string message, string hint) => new(new("KDL132", message, hint));
}
