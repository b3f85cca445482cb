using OxyPlot;

namespace Kadali.Formatting;

/// <summary>How much room text takes in whatever font the reader has: that of a wide one, so that nothing runs into anything.</summary>
internal sealed class FontlessText : RenderContextBase
{
    private const double LetterWidth = 0.62;
    private const double LineHeight = 1.3;

    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        var lines = (text ?? "").Split('\n');
        return new(lines.Max(line => line.Length) * fontSize * LetterWidth, lines.Length * fontSize * LineHeight);
    }

    // It measures and never draws.
    public override int ClipCount => 0;

    public override void PushClip(OxyRect clippingRectangle) => throw new NotSupportedException();

    public override void PopClip() => throw new NotSupportedException();

    public override void DrawLine(
        IList<ScreenPoint> points, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode,
        double[] dashArray, LineJoin lineJoin) =>
        throw new NotSupportedException();

    public override void DrawPolygon(
        IList<ScreenPoint> points, OxyColor fill, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode,
        double[] dashArray, LineJoin lineJoin) =>
        throw new NotSupportedException();

    public override void DrawText(
        ScreenPoint p, string text, OxyColor fill, string fontFamily, double fontSize, double fontWeight, double rotation,
        HorizontalAlignment horizontalAlignment,
        VerticalAlignment verticalAlignment, OxySize? maxSize) => throw new NotSupportedException();
}
