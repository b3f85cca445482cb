using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>Something that is shown and can be changed in place, wherever it is shown.</summary>
public sealed class DisplayedValue
{
    private readonly string[] _mimeTypes;

    internal DisplayedValue(object? value, params string[] mimeTypes)
    {
        _mimeTypes = mimeTypes;
        DisplaySink.Show(new CellEvent.Display(Formatter.Format(value, mimeTypes), Id));
    }

    internal DisplayedValue(MimeBundle content)
    {
        _mimeTypes = [];
        DisplaySink.Show(new CellEvent.Display(content, Id));
    }

    /// <summary>The id under which front ends know it.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Shows another value in its place.</summary>
    public void Update(object? value) => DisplaySink.Show(new CellEvent.Update(Formatter.Format(value, _mimeTypes), Id));
}
