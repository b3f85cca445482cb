using System.Text;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Host.Terminal;

/// <summary>Asks on the terminal. Where there is none, a cell that asks fails instead of waiting for ever.</summary>
internal sealed class TerminalInput(TextWriter terminal) : IInput
{
    private readonly TextReader _input = new StreamReader(Console.OpenStandardInput());

    public async Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken)
    {
        terminal.Write(prompt.Length > 0 && !prompt.EndsWith(' ') ? prompt + " " : prompt);
        if (password && !Console.IsInputRedirected)
        {
            return await Task.Run(ReadHidden, cancellationToken).WaitAsync(cancellationToken);
        }

        return await _input.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) ?? throw new CellFaultException(new(
            "KDL113", "The cell asks for input, but there is nobody to answer.", "Give the value as a parameter: -p name=value."));
    }

    private string ReadHidden()
    {
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else
            {
                text.Append(key.KeyChar);
            }
        }

        terminal.WriteLine();
        return text.ToString();
    }
}

/// <summary>A front end without channels.</summary>
internal sealed class NoComms : IComms
{
    public void Serve(string target, Func<IComm, JsonNode?, CancellationToken, Task> opened)
    {
        // A terminal opens none.
    }
}
