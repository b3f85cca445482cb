using System.Diagnostics;
using System.Text;

namespace Kadali.Host.Terminal;

/// <summary>
/// A writer to a terminal that keeps a line with the time below what is written while something runs. In a log it only writes.
/// </summary>
internal sealed class LiveLine : TextWriter
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);
    private const int UsualWidth = 80;
    private const string Frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private readonly TextWriter _terminal;
    private readonly bool _isPlain;
    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Timer? _timer;
    private string? _title;
    private TimeSpan _started;
    private int _frame;
    private bool _isShown;
    private bool _atLineStart = true;
    private string _lastLine = "";

    /// <param name="terminal">Not closed by this.</param>
    /// <param name="isPlain">It is a log.</param>
    public LiveLine(TextWriter terminal, bool isPlain)
    {
        (_terminal, _isPlain) = (terminal, isPlain);
        _timer = isPlain ? null : new(_ => Tick());
    }

    public override Encoding Encoding => _terminal.Encoding;

    /// <summary>Since this was made.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The columns of the terminal, which may change.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return Console.WindowWidth is > 0 and var width ? width : UsualWidth;
            }
            catch (IOException)
            {
                return UsualWidth;
            }
        }
    }

    /// <summary>Something runs: from the next second on the line says how long.</summary>
    public void Start(string title)
    {
        lock (_lock)
        {
            (_title, _started) = (title, _clock.Elapsed);
            _timer?.Change(First, Every);
        }
    }

    public void Stop()
    {
        lock (_lock)
        {
            Erase();
            _title = null;
            _timer?.Change(Timeout.Infinite, Timeout.Infinite);
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }

        lock (_lock)
        {
            Erase();
            _terminal.Write(value);
            _atLineStart = value.EndsWith('\n');
            var lines = value.TrimEnd('\n').Split('\n');
            _lastLine = lines.Length == 1 && !_atLineStart ? _lastLine + value : lines[^1];
        }
    }

    /// <summary>Goes to a new line where something stands on this one.</summary>
    public void EnsureLineStart()
    {
        if (!_atLineStart)
        {
            Write("\n");
        }
    }

    /// <summary>Writes over the last line; false in a log, and where either text is more than a line of this terminal.</summary>
    public bool TryReplaceLastLine(string text)
    {
        lock (_lock)
        {
            if (_isPlain || !_atLineStart || text.Contains('\n', StringComparison.Ordinal)
                || Math.Max(TextWidth.Of(text), TextWidth.Of(_lastLine)) >= Width)
            {
                return false;
            }

            Erase();
            _terminal.Write($"\e[1A\r\e[K{text}\n");
            _lastLine = text;
            return true;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    private void Tick()
    {
        lock (_lock)
        {
            // What stands half on a line is the cell's own.
            if (_title is null || !_atLineStart)
            {
                return;
            }

            _frame = (_frame + 1) % Frames.Length;
            var elapsed = _clock.Elapsed - _started;
            var text = $"{_title} {elapsed.TotalSeconds:F0} s, Ctrl-C interrupts";
            _terminal.Write($"\r\e[K{Ansi.Cyan}{Frames[_frame]}{Ansi.Off} {Ansi.Dim}{text}{Ansi.Off}");
            _isShown = true;
        }
    }

    private void Erase()
    {
        if (_isShown)
        {
            _terminal.Write("\r\e[K");
            _isShown = false;
        }
    }
}
