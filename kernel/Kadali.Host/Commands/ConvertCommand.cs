using System.CommandLine;
using Kadali.Cells;
using Kadali.Host.Terminal;
using Kadali.Kernel.Jupyter;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary><c>kadali convert</c>: from <c>.dib</c> to <c>.ipynb</c> and back.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var from = new Argument<string>("from") { Description = "The notebook to read." };
        var to = new Argument<string>("to")
        {
            Description = "The notebook to write; its name tells the format. A file of that name is replaced.",
        };
        var command = new Command(
            "convert", "Converts a notebook between .dib and .ipynb. All is kept but outputs, for which a .dib has no place.") { from, to };
        command.SetAction(parsed =>
        {
            try
            {
                var notebook = NotebookFile.Read(parsed.GetValue(from)!);
                NotebookFile.Write(notebook, parsed.GetValue(to)!);
                Console.WriteLine($"Wrote {parsed.GetValue(to)}: {notebook.Cells.Count} cells");
                return 0;
            }
            catch (CellFaultException exception)
            {
                Log.Writer.WriteLine(Ansi.ForErrors(string.Join("\n", CellErrors.Of(exception, Log.Failure).Traceback)));
                return 2;
            }
        });
        return command;
    }
}
