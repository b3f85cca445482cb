using Kadali.Delta.Tests.Commands;

namespace Kadali.Delta.Tests.Scan;

/// <summary>What is asked of a column of strings is said to the scan too, and changes no row of any answer.</summary>
public sealed class DictionaryFilterTests : IDisposable
{
    private readonly TestTable _table = new();

    private readonly List<BoundQuery> _bound = [];

    public void Dispose()
    {
        _bound.ForEach(bound => bound.Dispose());
        _table.Dispose();
    }

    [Theory]
    [InlineData("SELECT i FROM {t} WHERE kind IN ('it''s', 'b', 'ü, ] \\')", true)]
    [InlineData("SELECT count(*), sum(i) FROM {t} WHERE (kind = 'b' OR kind = 'c') AND i > 3", true)]
    [InlineData("SELECT i FROM {t} WHERE kind IN ('b', 'c') AND other IN ('x1', 'x2') AND part IN ('p1', 'p2')", true)]
    [InlineData("SELECT a.i, b.i FROM {t} a LEFT JOIN (SELECT 3 AS i, 'b' AS k) b ON a.kind = b.k AND a.kind IN ('b', 'c')", false)]
    [InlineData("SELECT a.i, b.i FROM {t} a JOIN {t} b ON a.i = b.i + 1 WHERE a.kind IN ('b', 'c')", false)]
    [InlineData("SELECT i FROM {t} WHERE kind IN ('b', 'c') UNION ALL SELECT i FROM {t} WHERE kind IN ('c', 'd')", false)]
    [InlineData("WITH w AS (SELECT * FROM {t} WHERE kind IN ('b', 'c')) SELECT x.i FROM w x, w y WHERE x.i = y.i", null)]
    [InlineData("SELECT i FROM {t} WHERE kind NOT IN ('b', 'c')", false)]
    [InlineData("SELECT i FROM {t} WHERE kind IN ('b', NULL)", false)]
    [InlineData("SELECT i FROM {t} WHERE kind IN ('b', 'c') OR i = 4", false)]
    [InlineData("SELECT i FROM {t} WHERE kind IN ('b', 'c') OR other = 'x1'", false)]
    [InlineData("SELECT i FROM {t} WHERE upper(kind) IN ('B', 'C')", false)]
    [InlineData("SELECT i FROM {t} WHERE kind = 'b'", false)]
    [InlineData("SELECT i FROM {t} WHERE part IN ('p1', 'p3')", false)]
    [InlineData("SELECT i FROM {t} WHERE kind IN ('0', '1', '2', '3', '4', '5', '6', '7', 'b')", false)]
    [InlineData("SELECT i, kind IN ('b', 'c') AS k FROM {t}", false)]
    public void Rows_are_those_of_the_query_alone(string query, bool? filters)
    {
        Fill();
        _table.Session.DuckDb.Execute($"CREATE TABLE copied AS {Bound("SELECT * FROM {t}")}", default);

        var sql = Bound(query);
        var rows = Rows(sql);

        Assert.Equal(Rows(query.Replace("{t}", "copied", StringComparison.Ordinal)), rows);
        Assert.NotEmpty(rows);
        Assert.Equal(filters ?? sql.Contains("list_contains", StringComparison.Ordinal),
            sql.Contains("list_contains", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_without_a_value_and_deleted_rows_stay_out_of_changes()
    {
        Fill();
        var before = _table.Rows().Length;

        var updated = _table.Update("kind IN ('b', 'it''s') AND i < 40", ("other", "'changed'"));
        var deleted = _table.Delete("kind IN ('b', 'c')");

        var rows = _table.Rows();
        Assert.Equal(before - deleted.Metrics["numDeletedRows"], rows.Length);
        Assert.DoesNotContain(rows, row => row.Contains("|b|", StringComparison.Ordinal) || row.Contains("|c|", StringComparison.Ordinal));
        Assert.Equal(
            rows.Count(row => row.Contains("|changed|", StringComparison.Ordinal)),
            rows.Count(row => row.Contains("|it's|", StringComparison.Ordinal) && int.Parse(row[..row.IndexOf('|')]) < 40));
        Assert.True(updated.Metrics["numUpdatedRows"] > rows.Count(row => row.Contains("|changed|", StringComparison.Ordinal)));
    }

    private void Fill()
    {
        const string Columns = """
            CAST(range AS INTEGER) AS i, CASE WHEN range % 7 > 0 THEN ['b', 'it''s', 'c', 'd', 'ü, ] \', 'B'][range % 7] END AS kind,
            'x' || range % 3 AS other, 'p' || range % 4 AS part
            """;
        _table.Create(
            $"SELECT {Columns} FROM range(0)",
            new(new([new("i", DeltaType.Integer), new("kind", DeltaType.String), new("other", DeltaType.String),
                new("part", DeltaType.String)]))
            {
                PartitionColumns = ["part"],
                Properties = new Dictionary<string, string>
                {
                    ["delta.columnMapping.mode"] = "name", ["delta.enableDeletionVectors"] = "true",
                },
            });
        for (var i = 0; i < 5; i++)
        {
            _table.Append($"SELECT {Columns} FROM range({20 * i}, {20 * (i + 1)})");
        }

        _table.Delete("i % 11 = 5");
    }

    private string Bound(string query)
    {
        _bound.Add(new QueryBinder(_table.Session, new PathTables()).Bind(
            query.Replace("{t}", $"delta.`{_table.Storage.Root}`", StringComparison.Ordinal), null, default));
        return _bound[^1].Sql;
    }

    private string[] Rows(string sql) =>
        [
            .. _table.Session.DuckDb.Query(
                sql, reader => string.Join('|',
                    Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "-" : reader.GetValue(i))), default)
                .Order(StringComparer.Ordinal),
        ];
}
