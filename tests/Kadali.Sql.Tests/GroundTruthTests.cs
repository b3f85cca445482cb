using System.Globalization;
using System.Text.Json;

namespace Kadali.Sql.Tests;

/// <summary>The answers that DuckDB and pandas gave independently for the flights, beside their data.</summary>
public sealed class GroundTruthTests : IDisposable
{
    private readonly SqlNotebook _notebook = new();

    public static TheoryData<string> Queries()
    {
        using var truth = Truth();
        return [.. truth.RootElement.GetProperty("answers").EnumerateObject().Select(answer => answer.Name)];
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task A_query_gives_the_known_answer(string name)
    {
        using var truth = Truth();
        var answer = truth.RootElement.GetProperty("answers").GetProperty(name);
        foreach (var (view, file) in ((string, string)[])[("f", "flights"), ("p", "planes"), ("w", "weather")])
        {
            await _notebook.SqlAsync($"CREATE VIEW {view} AS SELECT * FROM '{SqlNotebook.Flights}/{file}.parquet'");
        }

        await _notebook.SqlAsync(answer.GetProperty("sql").GetString()!);

        Assert.True(_notebook.Cells.CSharp.TryGet("_sql", out _, out var value));
        var rows = await ((Kadali.Tables.RecordBatchTable)value!).ReadAsync(new(0, 1000), TestContext.Current.CancellationToken);
        var expected = answer.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().ToArray()).ToArray();
        Assert.Equal(expected.Length, rows.Count);
        foreach (var (row, wanted) in rows.Zip(expected))
        {
            foreach (var (cell, want) in row.Zip(wanted))
            {
                if (want.ValueKind == JsonValueKind.Number)
                {
                    var number = cell is System.Numerics.BigInteger big
                        ? (double)big
                        : Convert.ToDouble(cell, CultureInfo.InvariantCulture);
                    Assert.Equal(want.GetDouble(), number, Math.Abs(want.GetDouble()) * 1e-9);
                }
                else
                {
                    Assert.Equal(want.GetString(), cell);
                }
            }
        }
    }

    public void Dispose() => _notebook.Dispose();

    private static JsonDocument Truth() => JsonDocument.Parse(File.ReadAllText(Path.Combine(SqlNotebook.Flights, "ground-truth.json")));
}
