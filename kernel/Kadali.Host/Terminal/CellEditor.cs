using Kadali.Cells;

namespace Kadali.Host.Terminal;

/// <summary>
/// Reads a cell from a terminal: several lines with colours, history (up, down, Ctrl-R), completion in a menu (Tab) and the usual keys.
/// Enter runs a cell that is complete and else begins a line.
/// </summary>
internal sealed class CellEditor(
    IKeys keys, EditorScreen screen, InputHistory history, ILanguageService language, Func<string, CellEnd> end)
{
    private const int Shown = 8;
    private const string Indent = "    ";
    private readonly EditBuffer _buffer = new();
    private string _prompt = "";
    private IReadOnlyList<string> _below = [];

    // What ended a menu is a key like any other.
    private ConsoleKeyInfo? _again;

    /// <summary>The next cell, or null where the reader leaves (Ctrl-D).</summary>
    public async Task<string?> ReadAsync(string prompt, CancellationToken cancellationToken)
    {
        _prompt = prompt;
        _buffer.Set("");
        history.Leave();
        while (true)
        {
            var key = _again ?? await ShowAsync(_below, cancellationToken);
            _again = null;
            switch (await HandleAsync(key, cancellationToken))
            {
                case Outcome.Run:
                    Leave();
                    var text = _buffer.Text.TrimEnd();
                    if (text.Length > 0)
                    {
                        history.Add(text);
                    }

                    return text;
                case Outcome.Quit:
                    Leave();
                    return null;
                case Outcome.Drop:
                    Leave();
                    return "";
                default:
                    break;
            }
        }
    }

    private enum Outcome
    {
        Edit,
        Run,
        Drop,
        Quit,
    }

    private void Draw() => screen.Draw(_prompt, _buffer.Text, _buffer.Cursor, _below);

    private void Leave() => screen.Leave(_prompt, _buffer.Text);

    private async Task<Outcome> HandleAsync(ConsoleKeyInfo key, CancellationToken cancellationToken)
    {
        var isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        var isAlt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.Enter when isAlt || keys.Available:
                // Keys that wait behind an Enter come from a paste, whose lines belong together.
                _buffer.Insert("\n");
                return Outcome.Edit;
            case ConsoleKey.Enter:
                return Enter();
            case ConsoleKey.C when isControl:
                return Outcome.Drop;
            case ConsoleKey.D when isControl && _buffer.Length == 0:
                return Outcome.Quit;
            case ConsoleKey.Tab:
                await CompleteAsync(cancellationToken);
                return Outcome.Edit;
            case ConsoleKey.F1:
                await InspectAsync(cancellationToken);
                return Outcome.Edit;
            case ConsoleKey.R when isControl:
                await SearchAsync(cancellationToken);
                return Outcome.Edit;
            case ConsoleKey.L when isControl:
                screen.Clear();
                return Outcome.Edit;
            default:
                Edit(key, isControl, isAlt);
                return Outcome.Edit;
        }
    }

    private Outcome Enter()
    {
        var atEnd = _buffer.Cursor == _buffer.Length || !_buffer.Text.Contains('\n', StringComparison.Ordinal);
        var found = end(_buffer.Text);
        if (_buffer.Text.Trim().Length == 0 || (atEnd && found.IsComplete))
        {
            return Outcome.Run;
        }

        _buffer.Insert("\n" + (_buffer.Cursor == _buffer.Length ? found.Indent : ""));
        return Outcome.Edit;
    }

    private void Edit(ConsoleKeyInfo key, bool isControl, bool isAlt)
    {
        Action? action = key.Key switch
        {
            ConsoleKey.LeftArrow when isControl || isAlt => _buffer.WordLeft,
            ConsoleKey.RightArrow when isControl || isAlt => _buffer.WordRight,
            ConsoleKey.LeftArrow => _buffer.Left,
            ConsoleKey.RightArrow => _buffer.Right,
            ConsoleKey.B when isControl => _buffer.Left,
            ConsoleKey.F when isControl => _buffer.Right,
            ConsoleKey.B when isAlt => _buffer.WordLeft,
            ConsoleKey.F when isAlt => _buffer.WordRight,
            ConsoleKey.Home => _buffer.LineStart,
            ConsoleKey.A when isControl => _buffer.LineStart,
            ConsoleKey.End => _buffer.LineEnd,
            ConsoleKey.E when isControl => _buffer.LineEnd,
            ConsoleKey.UpArrow => Up,
            ConsoleKey.P when isControl => Up,
            ConsoleKey.DownArrow => Down,
            ConsoleKey.N when isControl => Down,
            ConsoleKey.Backspace when isControl || isAlt => _buffer.CutWord,
            ConsoleKey.W when isControl => _buffer.CutWord,
            ConsoleKey.Backspace => _buffer.Backspace,
            ConsoleKey.H when isControl => _buffer.Backspace,
            ConsoleKey.Delete => _buffer.Delete,
            ConsoleKey.D when isControl => _buffer.Delete,
            ConsoleKey.K when isControl => _buffer.CutToLineEnd,
            ConsoleKey.U when isControl => _buffer.CutToLineStart,
            ConsoleKey.Y when isControl => _buffer.Paste,
            _ => null,
        };
        if (action is not null)
        {
            action();
        }
        else if (!char.IsControl(key.KeyChar) && !isAlt)
        {
            if (key.KeyChar == '}')
            {
                _buffer.Outdent(Indent);
            }

            _buffer.Insert(key.KeyChar.ToString());
        }
    }

    private void Up()
    {
        if (!_buffer.IsOnFirstLine)
        {
            _buffer.Up();
        }
        else if (history.Older(_buffer.Text) is { } older)
        {
            _buffer.Set(older);
        }
    }

    private void Down()
    {
        if (!_buffer.IsOnLastLine)
        {
            _buffer.Down();
        }
        else if (history.Newer() is { } newer)
        {
            _buffer.Set(newer);
        }
    }

    private async Task InspectAsync(CancellationToken cancellationToken)
    {
        if (await language.InspectAsync(_buffer.Text, _buffer.Cursor, 0, cancellationToken) is { } known)
        {
            _below = [.. known.PlainText.TrimEnd().Split('\n').Take(Shown).Select(line => $"{Ansi.Dim}{line}{Ansi.Off}")];
        }
    }

    private async Task SearchAsync(CancellationToken cancellationToken)
    {
        var (before, cursor) = (_buffer.Text, _buffer.Cursor);
        var (part, skip) = ("", 0);
        while (true)
        {
            var key = await ShowAsync([$"{Ansi.Dim}search: {part}{Ansi.Off}"], cancellationToken);
            var isControl = key.Modifiers.HasFlag(ConsoleModifiers.Control);
            if (key.Key == ConsoleKey.Escape || (isControl && key.Key is ConsoleKey.C or ConsoleKey.G))
            {
                _buffer.Set(before, cursor);
                break;
            }

            if (isControl && key.Key == ConsoleKey.R)
            {
                skip++;
            }
            else if (key.Key == ConsoleKey.Backspace)
            {
                (part, skip) = (part.Length > 0 ? part[..^1] : "", 0);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                (part, skip) = (part + key.KeyChar, 0);
            }
            else
            {
                break;
            }

            _buffer.Set(history.Search(part, skip) ?? history.Search(part, 0) ?? before);
        }
    }

    private async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var lineStart = _buffer.Text.LastIndexOf('\n', Math.Max(0, _buffer.Cursor - 1), _buffer.Cursor) + 1;
        if (_buffer.Text.AsSpan(lineStart, _buffer.Cursor - lineStart).IsWhiteSpace())
        {
            _buffer.Insert(Indent);
            return;
        }

        var found = await language.CompleteAsync(_buffer.Text, _buffer.Cursor, cancellationToken);
        if (found.Items.Count == 0)
        {
            return;
        }

        var common = found.Items.Select(item => item.Text).Aggregate(Common);
        if (found.Items.Count == 1 || common.Length > _buffer.Cursor - found.Start)
        {
            _buffer.Replace(found.Start, found.End, common);
        }

        if (found.Items.Count > 1)
        {
            _again = await new CompletionMenu(_buffer, ShowAsync).ChooseAsync(found.Start, found.Items, cancellationToken);
        }
    }

    /// <summary>Draws with lines below the text, and reads the next key.</summary>
    private async ValueTask<ConsoleKeyInfo> ShowAsync(IReadOnlyList<string> below, CancellationToken cancellationToken)
    {
        _below = below;
        Draw();
        _below = [];
        return await keys.ReadAsync(cancellationToken);
    }

    private static string Common(string left, string right)
    {
        var length = 0;
        while (length < Math.Min(left.Length, right.Length) && left[length] == right[length])
        {
            length++;
        }

        return left[..length];
    }
}

/// <summary>Whether a text can run as it is, and else how far its next line is indented.</summary>
internal readonly record struct CellEnd(bool IsComplete, string Indent);
