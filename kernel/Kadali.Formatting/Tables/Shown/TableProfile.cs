namespace Kadali.Formatting;

/// <summary>What the columns of a table hold, found in one pass over all its rows and in bounded memory.</summary>
public sealed record TableProfile(long Rows, IReadOnlyList<ColumnProfile> Columns)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <param name="width">How many columns are looked at.</param>
    /// <param name="progress">Told now and then how many rows have been read.</param>
    public static async Task<TableProfile> OfAsync(ITable table, int width, Action<long> progress, CancellationToken cancellationToken)
    {
        var columns = Enumerable.Range(0, width).Select(_ => new ColumnProfiler()).ToArray();
        var rows = 0L;
        var told = System.Diagnostics.Stopwatch.StartNew();
        await foreach (var page in table.PagesAsync(new(0, 0), cancellationToken))
        {
            foreach (var row in page)
            {
                for (var i = 0; i < columns.Length; i++)
                {
                    columns[i].Add(row[i]);
                }
            }

            rows += page.Count;
            if (told.Elapsed > Pause)
            {
                told.Restart();
                progress(rows);
            }
        }

        return new(rows, [.. columns.Select(column => column.Profile())]);
    }
}

/// <summary>What one column holds.</summary>
/// <param name="IsApproximate">Whether <paramref name="Distinct"/> is an estimate (within about two per cent), since there are
/// many.</param>
/// <param name="Min">The least value, as text; null where values have no order.</param>
/// <param name="Bars">How many values fall into each of some ranges of one width from <paramref name="Min"/> on; null for what is no number
/// or time.</param>
/// <param name="Top">The most frequent values, where there are few different ones.</param>
public sealed record ColumnProfile(
    long Nulls, long Distinct, bool IsApproximate, string? Min, string? Max, string? Mean, IReadOnlyList<long>? Bars,
    IReadOnlyList<(string Value, long Count)> Top);
