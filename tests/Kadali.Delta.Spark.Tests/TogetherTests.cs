using System.Diagnostics;
using System.Globalization;

namespace Kadali.Delta.Spark.Tests;

/// <summary>Both write at the same time.</summary>
public sealed class TogetherTests(SparkServer server)
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("'delta.checkpointInterval' = '5'")]
    [InlineData("'delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true'")]
    public async Task Appends_of_both_are_all_there(string properties)
    {
        using var both = new Both(server);
        await both.RunAsync(
            $"CREATE TABLE {{t}} (writer STRING, n INT) USING DELTA TBLPROPERTIES ({properties})",
            "spark: INSERT INTO {t} VALUES ('spark', -1)");
        var clock = Stopwatch.StartNew();

        var spark = Task.Run(async () =>
        {
            var n = 0;
            for (; clock.Elapsed < Duration; n++)
            {
                await both.SparkAsync($"INSERT INTO {{t}} VALUES ('spark', {n})");
            }

            return n;
        });
        var kadali = 0;
        for (; clock.Elapsed < Duration; kadali++)
        {
            both.Kadali($"INSERT INTO {{t}} VALUES ('kadali', {kadali})");
            await Task.Yield();
        }

        var appended = await spark;
        Assert.True(appended > 0 && kadali > 0);
        Assert.Equal(appended + kadali + 1, both.Snapshot().Version);
        string[] expected =
        [
            string.Create(CultureInfo.InvariantCulture, $"'kadali'|{kadali}|{kadali}|{kadali - 1}"),
            string.Create(CultureInfo.InvariantCulture, $"'spark'|{appended + 1}|{appended + 1}|{appended - 1}"),
        ];
        await both.SeeAsync(
            "SELECT writer, count(*) AS rows, count(DISTINCT n) AS distinct_rows, max(n) AS last FROM {t} GROUP BY writer", expected);
        Assert.Equal(
            Enumerable.Range(0, appended + kadali + 2).Select(version => version.ToString(CultureInfo.InvariantCulture)),
            (await both.SparkAsync("DESCRIBE HISTORY {t}", "version"))[1..].OrderBy(version =>
                int.Parse(version, CultureInfo.InvariantCulture)));
        if (properties.Contains("RowTracking", StringComparison.Ordinal))
        {
            await both.SameRowIdsAsync("concat(writer, n) AS who");
        }
    }
}
