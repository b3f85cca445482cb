using System.Text;

namespace Kadali.Host.Terminal;

/// <summary>Draws the text that is being typed, with its colours and what hangs below it, over what it drew before.</summary>
/// <param name="columns">The width of the terminal now.</param>
/// <param name="isPlain">Without colours.</param>
internal sealed class EditorScreen(TextWriter terminal, Func<int> columns, bool isPlain)
{
    private int _cursorRow;

    /// <summary>Draws.</summary>
    /// <param name="prompt">Before the first line; the others get as many columns.</param>
    /// <param name="below">Lines under the text, cut to the width.</param>
    public void Draw(string prompt, string text, int cursor, IReadOnlyList<string> below)
    {
        var width = Math.Max(8, columns());
        var screen = new StringBuilder();
        if (_cursorRow > 0)
        {
            screen.Append($"\e[{_cursorRow}A");
        }

        screen.Append("\r\e[J");
        var spans = isPlain ? [] : InputHighlighter.Colour(text);
        var more = new string(' ', Math.Max(0, TextWidth.Of(prompt) - 2)) + "· ";
        var (row, cursorRow, cursorColumn) = (0, 0, 0);
        var start = 0;
        foreach (var line in text.Split('\n'))
        {
            var lead = start == 0 ? prompt : more;
            screen.Append(start == 0 ? "" : "\n\r").Append(isPlain ? "" : start == 0 ? Ansi.Cyan : Ansi.Dim)
                .Append(lead).Append(isPlain ? "" : Ansi.Off);
            Coloured(screen, text, start, start + line.Length, spans);
            var columnsUsed = TextWidth.Of(lead) + TextWidth.Of(line);
            if (columnsUsed % width == 0)
            {
                // A full row leaves the terminal's cursor hanging at its end: a blank takes it to the next one.
                screen.Append(" \r");
            }

            if (cursor >= start && cursor <= start + line.Length)
            {
                var before = TextWidth.Of(lead) + TextWidth.Of(line.AsSpan(0, cursor - start));
                (cursorRow, cursorColumn) = (row + (before / width), before % width);
            }

            row += columnsUsed / width;
            start += line.Length + 1;
            row++;
        }

        foreach (var line in below)
        {
            screen.Append("\n\r").Append(TextWidth.Of(Ansi.Strip(line)) < width ? line : TextWidth.Fit(Ansi.Strip(line), width - 1));
            row++;
        }

        if (row - 1 > cursorRow)
        {
            screen.Append($"\e[{row - 1 - cursorRow}A");
        }

        screen.Append('\r');
        if (cursorColumn > 0)
        {
            screen.Append($"\e[{cursorColumn}C");
        }

        _cursorRow = cursorRow;
        terminal.Write(screen.ToString());
    }

    /// <summary>Leaves the text as it stands; what comes next is written below.</summary>
    public void Leave(string prompt, string text)
    {
        Draw(prompt, text, text.Length, []);
        terminal.Write("\n");
        _cursorRow = 0;
    }

    /// <summary>Wipes the terminal.</summary>
    public void Clear()
    {
        terminal.Write("\e[H\e[2J");
        _cursorRow = 0;
    }

    private static void Coloured(StringBuilder screen, string text, int from, int to, IReadOnlyList<ColouredSpan> spans)
    {
        foreach (var span in spans)
        {
            var (start, end) = (Math.Max(span.Start, from), Math.Min(span.End, to));
            if (start < end)
            {
                screen.Append(text, from, start - from).Append(span.Colour).Append(text, start, end - start).Append(Ansi.Off);
                from = end;
            }
        }

        screen.Append(text, from, to - from);
    }
}
