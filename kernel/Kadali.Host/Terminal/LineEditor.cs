using System.Text;
using Kadali.Cells;
using Kadali.Kernel.Jupyter;
using Kadali.Protocol;

namespace Kadali.Host.Terminal;

/// <summary>
/// Reads a line from the terminal with editing, history (up and down) and completion (Tab). Where input is no terminal it reads plain lines.
/// </summary>
internal sealed class LineEditor(TextWriter terminal, History history) : IDisposable
{
    private readonly TextReader _piped = Console.IsInputRedirected ? new StreamReader(Console.OpenStandardInput()) : TextReader.Null;

    /// <summary>What may stand at a place of a text.</summary>
    public Func<string, int, ValueTask<CompletionList>>? Complete { get; set; }

    /// <summary>The next line, or null at the end.</summary>
    /// <param name="above">The lines of the cell so far, for completion.</param>
    public async Task<string?> ReadAsync(string prompt, string above)
    {
        if (Console.IsInputRedirected)
        {
            return await _piped.ReadLineAsync();
        }

        var line = new StringBuilder();
        var cursor = 0;
        var past = history.Find(new("tail", N: 200)).History.Select(entry => (string?)entry?[2] ?? "").Where(text => !text.Contains('\n', StringComparison.Ordinal)).Distinct().ToArray();
        var at = past.Length;
        Draw();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    terminal.WriteLine();
                    return line.ToString();
                case ConsoleKey.D when key.Modifiers.HasFlag(ConsoleModifiers.Control) && line.Length == 0:
                    terminal.WriteLine();
                    return null;
                case ConsoleKey.Backspace when cursor > 0:
                    line.Remove(--cursor, 1);
                    break;
                case ConsoleKey.Delete when cursor < line.Length:
                    line.Remove(cursor, 1);
                    break;
                case ConsoleKey.LeftArrow:
                    cursor = Math.Max(0, cursor - 1);
                    break;
                case ConsoleKey.RightArrow:
                    cursor = Math.Min(line.Length, cursor + 1);
                    break;
                case ConsoleKey.Home:
                    cursor = 0;
                    break;
                case ConsoleKey.End:
                    cursor = line.Length;
                    break;
                case ConsoleKey.UpArrow or ConsoleKey.DownArrow:
                    at = Math.Clamp(at + (key.Key == ConsoleKey.UpArrow ? -1 : 1), 0, past.Length);
                    line.Clear().Append(at < past.Length ? past[at] : "");
                    cursor = line.Length;
                    break;
                case ConsoleKey.Tab:
                    cursor = await CompleteAsync(line, cursor, above);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        line.Insert(cursor++, key.KeyChar);
                    }

                    break;
            }

            Draw();
        }

        void Draw() => terminal.Write($"\r\e[K\e[36m{prompt}\e[0m{line}\e[{prompt.Length + cursor + 1}G");
    }

    public void Dispose() => _piped.Dispose();

    private async Task<int> CompleteAsync(StringBuilder line, int cursor, string above)
    {
        const int shown = 60;
        if (Complete is null)
        {
            return cursor;
        }

        var lead = above.Length == 0 ? "" : above + "\n";
        var found = await Complete(lead + line, lead.Length + cursor);
        if (found.Items.Count == 0)
        {
            return cursor;
        }

        var common = found.Items.Select(item => item.Text).Aggregate((left, right) => new string([.. left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Select(pair => pair.First)]));
        var start = found.Start - lead.Length;
        if (found.Items.Count > 1)
        {
            terminal.Write($"\n\e[2m{string.Join("  ", found.Items.Take(shown).Select(item => item.Text))}{(found.Items.Count > shown ? " …" : "")}\e[0m\n");
        }

        if (common.Length > cursor - start)
        {
            line.Remove(start, cursor - start).Insert(start, common);
            return start + common.Length;
        }

        return cursor;
    }
}
