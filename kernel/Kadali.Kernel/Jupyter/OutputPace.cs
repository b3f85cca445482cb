using System.Diagnostics;
using Kadali.Cells;

namespace Kadali.Kernel.Jupyter;

/// <summary>
/// Holds a cell back that prints faster than any front end reads: what is not yet read waits in this process, and must not grow without
/// bound. The first megabytes go out as they come, so that a cell which prints a great deal and ends is not held back at all.
/// </summary>
internal sealed class OutputPace
{
    private const long Ahead = 16 << 20;
    private const long PerSecond = 8 << 20;
    private long _sent;
    private long _at = Stopwatch.GetTimestamp();

    /// <summary>Completes when the cell may say more, or was interrupted.</summary>
    public async ValueTask WaitAsync(CellEvent said, CancellationToken interrupt)
    {
        _sent = Math.Max(0, _sent - (long)(Stopwatch.GetElapsedTime(_at).TotalSeconds * PerSecond)) + Length(said);
        _at = Stopwatch.GetTimestamp();
        if (_sent > Ahead)
        {
            await Task.Delay(TimeSpan.FromSeconds((double)(_sent - Ahead) / PerSecond), interrupt)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static long Length(CellEvent said) => said switch
    {
        CellEvent.Output output => output.Text.Length,
        CellEvent.Display display => display.Content.Data.Values.Sum(content => (content as string)?.Length ?? 0),
        CellEvent.Update update => update.Content.Data.Values.Sum(content => (content as string)?.Length ?? 0),
        _ => 0,
    };
}
