using System.Globalization;
using System.Numerics;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>Points of one colour.</summary>
internal sealed record ChartSeries(string Name, IReadOnlyList<(object? X, double Y)> Points)
{
    private const int Bins = 20;

    /// <summary>The series that columns of a table make; rows without a height are left out.</summary>
    /// <exception cref="CellFaultException">A column does not exist, or holds no numbers where there must be some.</exception>
    public static IReadOnlyList<ChartSeries> Of(ChartOptions options, IReadOnlyList<TableColumn> columns, IReadOnlyList<object?[]> rows)
    {
        var x = Index(columns, options.X);
        if (options.Kind == "histogram")
        {
            return [Histogram(columns[x].Name, rows.Where(row => row[x] is not null).Select(row => Number(row[x], options.X)))];
        }

        if (options.Y.Count == 0)
        {
            throw new CellFaultException(new(
                "KDL320", $"A {options.Kind} chart needs '--y COLUMN'.", $"The result has: {Names(columns)}."));
        }

        var color = options.Color is null ? (int?)null : Index(columns, options.Color);
        return
        [
            .. options.Y.SelectMany(name =>
            {
                var y = Index(columns, name);
                var known = rows.Where(row => row[y] is not null);
                return color is not { } by
                    ? [new ChartSeries(columns[y].Name, [.. known.Select(row => (row[x], Number(row[y], name)))])]
                    : known.GroupBy(row => ValueText.Of(row[by])).Select(group => new ChartSeries(
                        options.Y.Count == 1 ? group.Key : $"{columns[y].Name} {group.Key}",
                        [.. group.Select(row => (row[x], Number(row[y], name)))]));
            }),
        ];
    }

    /// <summary>How many numbers fall into each of about twenty ranges with round ends; a point is the beginning of its range.</summary>
    public static ChartSeries Histogram(string name, IEnumerable<double> numbers)
    {
        var values = numbers.Where(double.IsFinite).ToArray();
        if (values.Length == 0)
        {
            return new(name, []);
        }

        var width = Round((values.Max() - values.Min()) / Bins);
        var low = Math.Floor(values.Min() / width);
        var counts = new int[(int)(Math.Floor(values.Max() / width) - low) + 1];
        foreach (var value in values)
        {
            counts[(int)(Math.Floor(value / width) - low)]++;
        }

        return new(name, [.. counts.Select((count, i) => ((object?)(double)((decimal)(low + i) * (decimal)width), (double)count))]);
    }

    /// <summary>A number for the axis, whatever numeric type it has.</summary>
    public static double Number(object? value, string column) => value switch
    {
        bool flag => flag ? 1 : 0,
        IConvertible number and not string and not DateTime and not char => number.ToDouble(CultureInfo.InvariantCulture),
        BigInteger big => (double)big,
        Int128 big => (double)big,
        UInt128 big => (double)big,
        TimeSpan span => span.TotalSeconds,
        _ => throw new CellFaultException(new("KDL320", $"The column '{column}' holds '{ValueText.Of(value, 60)}', which is no number.")),
    };

    private static int Index(IReadOnlyList<TableColumn> columns, string name)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (string.Equals(columns[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        var near = Nearest.Of(name, columns.Select(column => column.Name));
        throw new CellFaultException(new("KDL320", $"The result has no column '{name}' to chart.",
            near is null ? $"It has: {Names(columns)}." : $"Did you mean '{near}'?"));
    }

    private static string Names(IReadOnlyList<TableColumn> columns) => string.Join(", ", columns.Select(column => column.Name));

    /// <summary>The next of 1, 2 and 5 times a power of ten.</summary>
    private static double Round(double width)
    {
        if (width <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(width)));
        return power * (width / power is var digits && digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10);
    }
}
