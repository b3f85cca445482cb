using System.Globalization;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Acceptance;

/// <summary>The 22 queries of TPC-H over Delta tables give the answers that are stored beside the data.</summary>
public sealed class TpchTests : IDisposable
{
    private static readonly string[] Tables = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"];
    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;

    public TpchTests()
    {
        _connection.Open();
        _session = new(_connection);
    }

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void All_queries_give_the_stored_answers()
    {
        Assert.SkipWhen(AcceptanceTables.Shared("tpch") is null, "The TPC-H tables are not beside the repository (../shared/data/tpch).");
        var data = AcceptanceTables.Shared("tpch")!;
        var answers = JsonNode.Parse(File.ReadAllText(Path.Combine(data, "answers.json")))!;
        var warehouse = new Warehouse(_folder.Path);
        var executor = new DeltaExecutor(_session, new DeltaTables(warehouse));
        foreach (var table in Tables)
        {
            executor.Execute(
                DeltaSqlParser.Parse($"CREATE TABLE {table} USING DELTA AS SELECT * FROM read_parquet('{Path.Combine(data, table + ".parquet")}')"),
                CancellationToken.None);
        }

        foreach (var file in Directory.GetFiles(Path.Combine(data, "queries"), "*.sql").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            using var bound = new QueryBinder(_session, new DeltaTables(warehouse)).Bind(File.ReadAllText(file).TrimEnd().TrimEnd(';'),
                null, CancellationToken.None);
            var rows = _session.DuckDb.Query(
                bound.Sql, reader => Enumerable.Range(0, reader.FieldCount).Select(i =>
                    reader.IsDBNull(i) ? null : reader.GetValue(i)).ToArray(), CancellationToken.None);

            Check(name, Answer(answers, name), rows);
        }
    }

    private static JsonArray Answer(JsonNode answers, string name) => answers["answers"]![name]!["rows"]!.AsArray();

    private static void Check(string name, JsonArray expected, List<object?[]> rows)
    {
        Assert.True(expected.Count == rows.Count, $"{name} gives {rows.Count} rows in place of {expected.Count}.");
        for (var i = 0; i < rows.Count; i++)
        {
            for (var c = 0; c < rows[i].Length; c++)
            {
                var want = expected[i]![c];
                Assert.True(Same(want, rows[i][c]), $"{name}, row {i}, column {c}: {rows[i][c]} in place of {want?.ToJsonString()}.");
            }
        }
    }

    private static bool Same(JsonNode? expected, object? actual) => (expected, actual) switch
    {
        (null, null) => true,
        ({ } want, IFormattable got) when decimal.TryParse(want.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture,
            out var number)
            && decimal.TryParse(got.ToString(null, CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture,
                out var other) =>
            Math.Abs(number - other) <= Math.Abs(number) * 0.000001m,
        ({ } want, DateOnly day) => want.ToString() == day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ({ } want, DateTime time) => want.ToString()[..10] == time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ({ } want, { } got) => want.ToString() == got.ToString(),
        _ => false,
    };
}
