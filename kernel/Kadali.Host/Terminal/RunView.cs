using System.Text;
using Kadali.Cells;
using Kadali.Host.Commands;
using Kadali.Notebooks;

namespace Kadali.Host.Terminal;

/// <summary>
/// A run as its reader sees it: in a terminal with colours, a line that says what runs, and displays that change in place; in a log plain
/// lines, each display in its last state.
/// </summary>
internal sealed class RunView : IDisposable
{
    private const int LongestTitle = 90;
    private const int LongestSource = 30;
    private static readonly TimeSpan WorthSaying = TimeSpan.FromSeconds(1);
    private readonly TextWriter _output;
    private readonly LiveLine _live;
    private readonly bool _isPlain;
    private readonly bool _isQuiet;
    private readonly Dictionary<string, string> _updated = [];
    private string? _lastDisplay;

    /// <param name="output">Takes all; the view does not close it.</param>
    /// <param name="isPlain">No colours and nothing that moves.</param>
    /// <param name="isQuiet">No outputs.</param>
    public RunView(TextWriter output, bool isPlain, bool isQuiet)
    {
        _live = new(output, isPlain);
        _output = _live;
        (_isPlain, _isQuiet) = (isPlain, isQuiet);
    }

    /// <summary>Takes prompts of cells that ask.</summary>
    public TextWriter Output => _output;

    /// <summary>A view on the program's own output.</summary>
    public static RunView Open(bool toErrors, bool quiet)
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = Encoding.UTF8;
        }

        var stream = toErrors ? Console.OpenStandardError() : Console.OpenStandardOutput();
        return new(Writer(stream), Ansi.IsUnwanted || (toErrors ? Console.IsErrorRedirected : Console.IsOutputRedirected), quiet);
    }

    /// <summary>A writer that shows half a surrogate pair, which texts of cells may have, as U+FFFD.</summary>
    public static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true };

    public void Warn(string text) => Line($"{Ansi.Yellow}{text}{Ansi.Off}");

    public void Markdown(string source)
    {
        if (!_isQuiet)
        {
            Line("");
            Line(TerminalMarkdown.Render(source, _isPlain ? int.MaxValue : LiveLine.Width));
        }
    }

    /// <summary>A cell starts.</summary>
    public void Begin(int number, int total, string source)
    {
        var title = source.Split('\n').FirstOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "";
        var lead = $"── [{number}/{total}] ";
        var room = (_isPlain ? LongestTitle : Math.Min(LongestTitle, LiveLine.Width)) - TextWidth.Of(lead);
        Line($"{Ansi.Dim}{lead}{TextWidth.Fit(title, Math.Max(1, room))}{Ansi.Off}");
        Begin($"[{number}/{total}]");
    }

    /// <summary>A cell starts whose text the reader has before them.</summary>
    public void Begin(string name) => _live.Start(name);

    /// <summary>Says something that no cell said.</summary>
    public void Note(string text) => Line(text);

    public void Say(CellEvent said)
    {
        if (_isQuiet)
        {
            return;
        }

        switch (said)
        {
            case CellEvent.Output text:
                _lastDisplay = null;
                _output.Write(Plain(text.Text));
                break;
            case CellEvent.Display { IsProgress: true } when _isPlain:
                break;
            case CellEvent.Display display:
                Show(display.Content, display.DisplayId);
                break;
            case CellEvent.Result result:
                Show(result.Content, result.DisplayId);
                break;
            case CellEvent.Update update:
                Update(update);
                break;
            default:
                break;
        }
    }

    /// <summary>The cell ended, well or badly.</summary>
    public void End(TimeSpan elapsed)
    {
        _live.Stop();
        foreach (var text in _updated.Values.Where(text => text.Length > 0))
        {
            Line(Fitted(text));
        }

        _updated.Clear();
        if (elapsed >= WorthSaying)
        {
            Line($"{Ansi.Dim}   {elapsed.TotalSeconds:F1} s{Ansi.Off}");
        }
    }

    /// <summary>The cell that failed, with its lines and why.</summary>
    public void Fail(int number, int total, NotebookCell cell, CellFailure failure)
    {
        var lines = cell.Source.TrimEnd().ReplaceLineEndings("\n").Split('\n');
        Line($"{Ansi.Red}✗ cell {number} of {total} failed{(cell.Id is { } id ? $" (id {id})" : "")}:{Ansi.Off}");
        for (var index = 0; index < Math.Min(lines.Length, LongestSource); index++)
        {
            Line($"{Ansi.Dim}{index + 1,4} │{Ansi.Off} {lines[index]}");
        }

        if (lines.Length > LongestSource)
        {
            Line($"{Ansi.Dim}     │ … {lines.Length - LongestSource} more lines{Ansi.Off}");
        }

        Line(string.Join("\n", failure.Traceback));
    }

    /// <summary>The last line: how the run ended.</summary>
    public void Finish(string name, int ran, int total, CellFailure? failure)
    {
        _live.Stop();
        var how = failure is null ? "" : $", stopped by {failure.Name}";
        var mark = failure is null ? $"{Ansi.Green}✓" : $"{Ansi.Red}✗";
        Line($"{mark}{Ansi.Off} {name}: {ran} of {total} cells in {_live.Elapsed.TotalSeconds:F1} s{how}");
    }

    public void Dispose() => _live.Stop();

    private void Show(MimeBundle content, string? id)
    {
        // A picture alone says nothing here.
        if (content.PlainText is { Length: > 0 } text)
        {
            Line(Fitted(text));
            _lastDisplay = id;
        }
    }

    private void Update(CellEvent.Update update)
    {
        var text = update.Content.PlainText;
        if (update.DisplayId == _lastDisplay && _live.TryReplaceLastLine(Plain(text)))
        {
            _updated.Remove(update.DisplayId);
            return;
        }

        // Further up, or in a log: what it came to stands below the cell.
        _updated[update.DisplayId] = text;
    }

    // A log has no width: whoever reads it has a window that scrolls.
    private string Fitted(string text) => _isPlain ? text : TerminalTable.Fit(text, LiveLine.Width);

    private void Line(string text)
    {
        _lastDisplay = null;
        _live.EnsureLineStart();
        _output.Write(Plain(text) + "\n");
    }

    private string Plain(string text) => _isPlain ? Ansi.Strip(text) : text;
}
