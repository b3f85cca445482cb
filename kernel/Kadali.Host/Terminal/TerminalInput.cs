using System.Text;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Host.Terminal;

/// <summary>Asks on the terminal. Where there is none it takes the next line of standard input; at its end a cell that asks fails instead
/// of waiting for ever.</summary>
/// <param name="output">Takes prompts, and what is typed.</param>
/// <param name="keys">The terminal's keys, or null where standard input is none.</param>
/// <param name="lines">Standard input where it is no terminal.</param>
internal sealed class TerminalInput(TextWriter output, IKeys? keys, TextReader lines) : IInput
{
    public static TerminalInput Open(TextWriter output) =>
        Console.IsInputRedirected
            ? new(output, null, new StreamReader(Console.OpenStandardInput()))
            : new(output, new TerminalKeys(), TextReader.Null);

    public async Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken)
    {
        output.Write(prompt.Length > 0 && !prompt.EndsWith(' ') ? prompt + " " : prompt);
        var answer = keys is null
            ? await lines.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken)
            : await TypedAsync(keys, password, cancellationToken);
        return answer ?? throw new CellFaultException(new(
            "KDL113", "The cell asks for input, but there is nobody to answer.",
            "Give the value as a parameter: 'kadali run NOTEBOOK -p name=value'."));
    }

    private async Task<string?> TypedAsync(IKeys typed, bool password, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (await typed.ReadAsync(cancellationToken) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && text.Length > 0)
            {
                text.Length--;
                output.Write(password ? "" : "\b \b");
            }
            else if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } && text.Length == 0)
            {
                output.Write("\n");
                return null;
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
                output.Write(password ? "" : key.KeyChar.ToString());
            }
        }

        output.Write("\n");
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
