using System.Text;

namespace Kadali.Jupyter;

/// <summary>The end of what a process writes; the rest is read, so that it never waits for us, and dropped.</summary>
internal sealed class TextTail
{
    private const int Kept = 4000;
    private readonly StringBuilder _text = new();

    /// <summary>The last lines, or null where there are none.</summary>
    public string? Text
    {
        get
        {
            lock (_text)
            {
                var lines = _text.ToString().Trim().Split('\n');
                return lines is [""] ? null : string.Join('\n', lines.TakeLast(12));
            }
        }
    }

    public async Task ReadAsync(TextReader reader)
    {
        var buffer = new char[4096];
        try
        {
            while (await reader.ReadAsync(buffer) is > 0 and var count)
            {
                lock (_text)
                {
                    _text.Append(buffer, 0, count);
                    if (_text.Length > 2 * Kept)
                    {
                        _text.Remove(0, _text.Length - Kept);
                    }
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The process was put away while we read.
        }
    }
}
