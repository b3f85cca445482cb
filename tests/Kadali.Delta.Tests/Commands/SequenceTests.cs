using System.Globalization;

namespace Kadali.Delta.Tests.Commands;

/// <summary>
/// Random sequences of operations, on a table and on a list of rows beside it: each version has the rows of the list then.
/// </summary>
public sealed class SequenceTests
{
    // All of them with KADALI_DELTA_SEQUENCES=2000; a few are enough to see that something broke.
    private static readonly int Sequences =
        int.TryParse(Environment.GetEnvironmentVariable("KADALI_DELTA_SEQUENCES"), CultureInfo.InvariantCulture, out var wanted) ? wanted
            : 60;

    private const int Operations = 7;

    public static TheoryData<int> Parts => [.. Enumerable.Range(0, 4)];

    private sealed record Row(long Id, string? V, int P);

    [Theory]
    [MemberData(nameof(Parts))]
    public void Every_version_has_the_rows_that_a_list_had(int part)
    {
        for (var seed = part; seed < Sequences; seed += Parts.Count)
        {
            Run(seed);
        }
    }

    private static void Run(int seed)
    {
        var random = new Random(seed);
        using var table = new TestTable();
        var rows = Rows(random, 0, random.Next(1, 30));
        var told = new List<string>();
        table.Create(Query(rows), Definition(random, told));
        var versions = new List<Row[]> { rows };
        for (var i = 0; i < Operations; i++)
        {
            var (name, result, after) = Step(random, table, rows, versions, 1000 * (i + 1));
            told.Add(name);
            rows = after;
            if (result.Version is { } version)
            {
                Assert.True(version == versions.Count,
                    $"Seed {seed}: {string.Join("; ", told)} made version {version} in place of {versions.Count}.");
                versions.Add(rows);
            }
        }

        for (var version = 0; version < versions.Count; version++)
        {
            var (expected, actual) = (Text(versions[version]), table.Rows(version));
            Assert.True(
                expected.SequenceEqual(actual),
                $"Seed {seed}, version {version} of: {string.Join("; ", told)}\nexpected {string.Join(' ', expected)}\nactual   {string.Join(' ', actual)}");
        }
    }

    private static (string Name, DeltaResult Result, Row[] After) Step(Random random, TestTable table, Row[] rows, List<Row[]> versions,
        long next)
    {
        var bound = random.Next(0, 30);
        var some = Rows(random, next, random.Next(1, 10));
        switch (random.Next(9))
        {
            case 0:
                return ("append", table.Append(Query(some)), [.. rows, .. some]);
            case 1:
                return ($"delete id % 30 < {bound}", table.Delete($"id % 30 < {bound}"), [.. rows.Where(row => row.Id % 30 >= bound)]);
            case 2:
                return ("delete p = 1", table.Delete("p = 1"), [.. rows.Where(row => row.P != 1)]);
            case 3:
                return (
                    $"update id % 30 >= {bound}", table.Update($"t.id % 30 >= {bound}", ("v", "'u' || t.id"), ("p", "(t.p + 1) % 3")),
                    [.. rows.Select(row => row.Id % 30 >= bound ? row with { V = $"u{row.Id}", P = (row.P + 1) % 3 } : row)]);
            case 4:
                var source = rows.Where(row => row.Id % 3 == 0).Select(row =>
                    row with { V = row.Id % 2 == 0 ? null : "m" }).Concat(some).ToArray();
                return (
                    "merge",
                    table.Merge(
                        Query(source), "t.id = s.id", new MergeStep.Delete(true, "s.v IS NULL"),
                        new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "s.v" }),
                        new MergeStep.Insert(null, new Dictionary<string, string> { ["id"] = "s.id", ["v"] = "s.v", ["p"] = "s.p" })),
                    [
                        .. rows.Where(row => row.Id % 3 != 0 || row.Id % 2 != 0).Select(row =>
                            row.Id % 3 == 0 ? row with { V = "m" } : row), .. some,
                    ]);
            case 5:
                return (
                    "replace p = 2", table.Write(new(Query([.. some.Select(row => row with { P = 2 })]),
                        new WriteMode.ReplaceWhere("p = 2", "p = 2"))),
                    [.. rows.Where(row => row.P != 2), .. some.Select(row => row with { P = 2 })]);
            case 6:
                var optimized = new Optimizing(table.Session, table.Storage, table.Snapshot).Run(
                    random.Next(2) == 0 ? new() : new() { ZOrderBy = ["id", "v"] }, CancellationToken.None);
                return ("optimize", optimized, rows);
            case 7:
                var version = random.Next(versions.Count);
                var target = table.Session.Log(table.Storage).At(version, CancellationToken.None);
                return ($"restore {version}", Restoring.Run(table.Session, table.Storage, table.Snapshot, target, CancellationToken.None),
                    versions[version]);
            default:
                return ("overwrite", table.Write(new(Query(some), new WriteMode.Overwrite())), some);
        }
    }

    private static TableDefinition Definition(Random random, List<string> told)
    {
        var properties = new Dictionary<string,
        string> { ["delta.enableDeletionVectors"] = Flag(), ["delta.enableChangeDataFeed"] = Flag() };
        if (random.Next(3) == 0)
        {
            properties["delta.columnMapping.mode"] = random.Next(2) == 0 ? "name" : "id";
        }

        if (random.Next(3) == 0)
        {
            properties["delta.enableRowTracking"] = "true";
        }

        if (random.Next(2) == 0)
        {
            properties["delta.checkpointInterval"] = "3";
        }

        if (random.Next(3) == 0)
        {
            properties["delta.checkpointPolicy"] = "v2";
        }

        var definition = new TableDefinition(new([])) { Properties = properties, PartitionColumns = random.Next(2) == 0 ? ["p"] : [] };
        told.Add($"create ({string.Join(", ", properties.Select(pair => $"{pair.Key[6..]}={pair.Value}"))}; {string.Join(',', definition.PartitionColumns)})");
        return definition;

        string Flag() => random.Next(2) == 0 ? "true" : "false";
    }

    private static Row[] Rows(Random random, long first, int count) =>
        [.. Enumerable.Range(0, count).Select(i =>
            new Row(first + i, random.Next(4) == 0 ? null : $"v{random.Next(100)}", random.Next(3)))];

    private static string Query(Row[] rows) => rows.Length == 0
        ? "SELECT 0::BIGINT AS id, ''::VARCHAR AS v, 0::INTEGER AS p WHERE false"
        : "SELECT id::BIGINT AS id, v::VARCHAR AS v, p::INTEGER AS p FROM (VALUES "
            + string.Join(", ", rows.Select(row =>
                string.Create(CultureInfo.InvariantCulture, $"({row.Id}, {(row.V is null ? "NULL" : $"'{row.V}'")}, {row.P})")))
            + ") AS r(id, v, p)";

    private static string[] Text(Row[] rows) =>
        [.. rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Id}|{row.V ?? "-"}|{row.P}")).Order(
            StringComparer.Ordinal)];
}
