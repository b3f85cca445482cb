using System.CommandLine;
using Kadali.Cells;
using Kadali.Kernel.Jupyter;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary><c>kadali convert</c>: from <c>.dib</c> to <c>.ipynb</c> and back.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var from = new Argument<string>("from") { Description = "The notebook to read." };
        var to = new Argument<string>("to") { Description = "The notebook to write; its name tells the format." };
        var command = new Command("convert", "Converts a notebook between .dib and .ipynb.") { from, to };
        command.SetAction(parsed =>
        {
            try
            {
                NotebookFile.Write(NotebookFile.Read(parsed.GetValue(from)!), parsed.GetValue(to)!);
                return 0;
            }
            catch (CellFaultException exception)
            {
                Console.Error.WriteLine(string.Join("\n", CellErrors.Of(exception, Log.Failure).Traceback));
                return 2;
            }
        });
        return command;
    }
}
