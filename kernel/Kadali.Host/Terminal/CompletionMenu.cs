using Kadali.Cells;

namespace Kadali.Host.Terminal;

/// <summary>A list of what may stand at the cursor, below the text. Tab and the arrows choose, letters narrow it, Escape leaves things as
/// they were.</summary>
/// <param name="show">Shows lines below the text and reads the next key.</param>
internal sealed class CompletionMenu(EditBuffer buffer, Func<IReadOnlyList<string>, CancellationToken, ValueTask<ConsoleKeyInfo>> show)
{
    private const int Shown = 8;
    private const int Widest = 40;

    /// <summary>Lets the reader choose; the key that ended it and means something else, or null.</summary>
    /// <param name="start">Where the text to replace begins; it ends at the cursor.</param>
    public async Task<ConsoleKeyInfo?> ChooseAsync(int start, IReadOnlyList<CompletionItem> items, CancellationToken cancellationToken)
    {
        var chosen = -1;
        var typed = buffer.Text[start..buffer.Cursor];
        while (items.Count > 0)
        {
            var key = await show(Lines(items, chosen), cancellationToken);
            if (Step(key) is var step and not 0)
            {
                chosen = chosen < 0 && step < 0 ? items.Count - 1 : (chosen + step + items.Count) % items.Count;
                buffer.Replace(start, buffer.Cursor, items[chosen].Text);
            }
            else if (key.Key == ConsoleKey.Escape)
            {
                buffer.Replace(start, buffer.Cursor, typed);
                return null;
            }
            else if (chosen >= 0 || !(char.IsLetterOrDigit(key.KeyChar) || key.KeyChar == '_'))
            {
                return key.Key == ConsoleKey.Enter && chosen >= 0 ? null : key;
            }
            else
            {
                buffer.Insert(key.KeyChar.ToString());
                typed = buffer.Text[start..buffer.Cursor];
                items = [.. items.Where(item => item.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))];
            }
        }

        return null;
    }

    private static int Step(ConsoleKeyInfo key) => key.Key switch
    {
        ConsoleKey.Tab when key.Modifiers.HasFlag(ConsoleModifiers.Shift) => -1,
        ConsoleKey.Tab or ConsoleKey.DownArrow => 1,
        ConsoleKey.UpArrow => -1,
        _ => 0,
    };

    private static List<string> Lines(IReadOnlyList<CompletionItem> items, int chosen)
    {
        var first = Math.Clamp(chosen - (Shown / 2), 0, Math.Max(0, items.Count - Shown));
        var shown = items.Skip(first).Take(Shown).ToArray();
        var width = Math.Min(Widest, shown.Max(item => item.Text.Length));
        var lines = shown.Select((item, index) =>
        {
            var name = $"{(first + index == chosen ? "\e[7m" : "")} {item.Text.PadRight(width)} {Ansi.Off}";
            return $"{name}{Ansi.Dim}{item.Kind,-10} {item.Signature?.ReplaceLineEndings(" ")}{Ansi.Off}";
        }).ToList();
        if (items.Count > Shown)
        {
            lines.Add($"{Ansi.Dim} {items.Count - Shown} more{Ansi.Off}");
        }

        return lines;
    }
}
