using System.Text;

namespace Kadali.Formatting;

/// <summary>A chart drawn with letters: bars of blocks, or points of Braille dots between two axes.</summary>
internal static class ChartText
{
    private const int MostBars = 30;
    private const int BarWidth = 40;
    private const int Columns = 60;
    private const int Rows = 12;

    public static string Of(Chart chart)
    {
        var drawn = chart.Series.SelectMany(series => series.Points).Where(point => double.IsFinite(point.Y)).ToArray();
        if (drawn.Length == 0)
        {
            return "(nothing to chart)";
        }

        var text = new StringBuilder();
        if (chart.Title.Length > 0)
        {
            text.Append(chart.Title).Append('\n');
        }

        if (chart.Kind is "line" or "area" or "scatter" && drawn.Length > 1)
        {
            Dots(text, chart, drawn);
        }
        else
        {
            Bars(text, chart);
        }

        return text.ToString().TrimEnd();
    }

    private static void Bars(StringBuilder text, Chart chart)
    {
        var bars = chart.Series
            .SelectMany(series => series.Points.Select(
                point => (Label: ValueText.Of(point.X, BarWidth).ReplaceLineEndings(" "), series.Name, point.Y)))
            .GroupBy(bar => bar.Label).SelectMany(bars => bars)
            .Select(bar => (Label: chart.Series.Count > 1 ? $"{bar.Label} {bar.Name}" : bar.Label, bar.Y)).ToArray();
        var shown = bars.Take(MostBars).ToArray();
        var pad = shown.Max(bar => bar.Label.Length);
        var top = shown.Max(bar => Math.Abs(bar.Y));
        foreach (var (label, value) in shown)
        {
            var eighths = top > 0 && double.IsFinite(value) ? (int)Math.Round(Math.Abs(value) / top * BarWidth * 8) : 0;
            text.Append(label.PadRight(pad)).Append(" │").Append('█', eighths / 8)
                .Append(eighths % 8 > 0 ? "▏▎▍▌▋▊▉"[(eighths % 8) - 1].ToString() : "")
                .Append(' ').Append(ValueText.Of(Math.Round(value, 4))).Append('\n');
        }

        if (bars.Length > MostBars)
        {
            text.Append($"… {bars.Length - MostBars:N0} more\n");
        }
    }

    private static void Dots(StringBuilder text, Chart chart, (object? X, double Y)[] drawn)
    {
        var place = drawn.Select(point => point.X).Distinct().Index().ToDictionary(pair => pair.Item ?? "", pair => (double)pair.Index);
        double Across(object? x) => x switch
        {
            DateTime time => time.Ticks,
            DateTimeOffset time => time.UtcTicks,
            DateOnly day => day.DayNumber,
            IConvertible and not string and not char => ChartSeries.Number(x, ""),
            _ => place[x ?? ""],
        };
        double Up(double y) => chart.IsLogarithmic ? Math.Log10(Math.Max(y, double.Epsilon)) : y;

        var lines = chart.Series.Select(series => series.Points
            .Where(point => double.IsFinite(point.Y) && (!chart.IsLogarithmic || point.Y > 0))
            .Select(point => (point.X, X0: Across(point.X), point.Y, Y0: Up(point.Y))).ToArray()).ToArray();
        var points = lines.SelectMany(line => line).ToArray();
        if (points.Length == 0)
        {
            return;
        }

        var (left, right) = (points.MinBy(point => point.X0), points.MaxBy(point => point.X0));
        var (low, high) = (points.MinBy(point => point.Y), points.MaxBy(point => point.Y));
        var cells = new int[Rows, Columns];
        foreach (var line in lines)
        {
            (int X, int Y)? before = null;
            foreach (var point in line)
            {
                var here = (X: Share(point.X0, left.X0, right.X0, (Columns * 2) - 1),
                    Y: (Rows * 4) - 1 - Share(point.Y0, low.Y0, high.Y0, (Rows * 4) - 1));
                Stroke(cells, chart.Kind == "scatter" ? here : before ?? here, here);
                before = here;
            }
        }

        string[] ends = [AxisNumber.Of(high.Y), AxisNumber.Of(low.Y)];
        var pad = ends.Max(end => end.Length);
        for (var row = 0; row < Rows; row++)
        {
            text.Append((row == 0 ? ends[0] : row == Rows - 1 ? ends[1] : "").PadLeft(pad)).Append(" │");
            for (var column = 0; column < Columns; column++)
            {
                text.Append(cells[row, column] == 0 ? ' ' : (char)(0x2800 + cells[row, column]));
            }

            while (text[^1] == ' ')
            {
                text.Length--;
            }

            text.Append('\n');
        }

        var (first, last) = (End(left.X), End(right.X));
        text.Append(' ', pad).Append(" └").Append('─', Columns).Append('\n').Append(' ', pad + 2).Append(first)
            .Append(' ', Math.Max(1, Columns - first.Length - last.Length)).Append(last);
        if (chart.Series.Count > 1)
        {
            text.Append('\n').Append(' ', pad + 2).Append(string.Join(", ", chart.Series.Select(series => series.Name)));
        }
    }

    private static string End(object? x) =>
        x is double or float or decimal ? AxisNumber.Of(ChartSeries.Number(x, "")) : ValueText.Of(x, 30);

    /// <summary>Dots from one place to another.</summary>
    private static void Stroke(int[,] cells, (int X, int Y) from, (int X, int Y) to)
    {
        var steps = Math.Max(1, Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)));
        for (var step = 0; step <= steps; step++)
        {
            var (x, y) = (from.X + ((to.X - from.X) * step / steps), from.Y + ((to.Y - from.Y) * step / steps));
            cells[y / 4, x / 2] |= Dot(x % 2, y % 4);
        }
    }

    private static int Share(double value, double low, double high, int most) =>
        high > low ? (int)Math.Round((value - low) / (high - low) * most) : most / 2;

    /// <summary>Braille numbers its dots down the left, down the right, and then the two at the bottom.</summary>
    private static int Dot(int column, int row) => row == 3 ? 0x40 << column : 1 << (row + (3 * column));
}
