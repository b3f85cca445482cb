using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>A bar with the time beside a statement that takes long: it moves in place, and goes when the statement ends.</summary>
internal sealed class QueryProgress(ISqlEngine engine)
{
    private const int Width = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly string _id = Guid.NewGuid().ToString("N");

    /// <summary>What is to be shown until the work ends. The work's own outcome is left to whoever awaits it.</summary>
    public async IAsyncEnumerable<CellEvent> WatchAsync(
        Task work, string title, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAny(work, Task.Delay(Patience, cancellationToken));
        if (work.IsCompleted || cancellationToken.IsCancellationRequested)
        {
            yield break;
        }

        yield return new CellEvent.Display(Content(title, clock.Elapsed), _id) { IsProgress = true };
        while (!work.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAny(work, Task.Delay(Pause, cancellationToken));
            if (!work.IsCompleted)
            {
                yield return new CellEvent.Update(Content(title, clock.Elapsed), _id);
            }
        }

        yield return new CellEvent.Update(MimeBundle.Of(MimeBundle.Html, "", ""), _id);
    }

    private MimeBundle Content(string title, TimeSpan elapsed)
    {
        var time = elapsed.TotalSeconds < 60 ? $"{elapsed.TotalSeconds:F1} s" : $"{(int)elapsed.TotalMinutes} min {elapsed.Seconds} s";
        if (engine.Progress is not { } part)
        {
            return MimeBundle.Of(
                MimeBundle.Html, $"<label>{WebUtility.HtmlEncode(title)} <progress></progress> {time}</label>", $"{title} {time}");
        }

        var full = (int)Math.Round(Math.Clamp(part, 0, 1) * Width);
        return MimeBundle.Of(
            MimeBundle.Html,
            $"<label>{WebUtility.HtmlEncode(title)} "
                + $"<progress max=\"100\" value=\"{(int)(part * 100)}\"></progress> {(int)(part * 100)} % · {time}</label>",
            $"{title} {new string('█', full)}{new string('░', Width - full)} {(int)(part * 100)} % · {time}");
    }
}
