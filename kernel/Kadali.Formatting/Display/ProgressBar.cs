using System.Diagnostics;
using System.Net;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>A bar that moves in place, at most ten times a second.</summary>
public sealed class ProgressBar : IProgress<double>, IDisposable
{
    private const int Width = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly string _title;
    private readonly double _total;
    private readonly string _id = Guid.NewGuid().ToString("N");
    private long _shown;
    private double _value;

    internal ProgressBar(string title, double total)
    {
        (_title, _total) = (title, total);
        DisplaySink.Show(new CellEvent.Display(Content(), _id));
        _shown = Stopwatch.GetTimestamp();
    }

    /// <summary>How far it is, from 0 to the total.</summary>
    public void Report(double value)
    {
        _value = value;
        if (Stopwatch.GetElapsedTime(_shown) >= Pause || value >= _total)
        {
            _shown = Stopwatch.GetTimestamp();
            DisplaySink.Show(new CellEvent.Update(Content(), _id));
        }
    }

    public void Dispose() => DisplaySink.Show(new CellEvent.Update(Content(), _id));

    private MimeBundle Content()
    {
        var part = Math.Clamp(_total > 0 ? _value / _total : 0, 0, 1);
        var full = (int)Math.Round(part * Width);
        var value = part.ToString("F3", System.Globalization.CultureInfo.InvariantCulture);
        return MimeBundle.Of(
            MimeBundle.Html,
            $"<label>{WebUtility.HtmlEncode(_title)} <progress max=\"1\" value=\"{value}\"></progress> {part:P0}</label>",
            $"{_title} {new string('█', full)}{new string('░', Width - full)} {part:P0}".Trim());
    }
}
