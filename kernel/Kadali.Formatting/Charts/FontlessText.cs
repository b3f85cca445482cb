using OxyPlot;

namespace Kadali.Formatting;

/// <summary>
/// How much room text takes in whatever font the reader has: that of a wide one, so that nothing runs into anything. What it is told to
/// draw goes into a picture that nobody asks for.
/// </summary>
internal sealed class FontlessText() : PdfRenderContext(1, 1, OxyColors.Undefined)
{
    private const double LetterWidth = 0.62;
    private const double LineHeight = 1.3;

    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        var lines = (text ?? "").Split('\n');
        return new(lines.Max(line => line.Length) * fontSize * LetterWidth, lines.Length * fontSize * LineHeight);
    }
}
