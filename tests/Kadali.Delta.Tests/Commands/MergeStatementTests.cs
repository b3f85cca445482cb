namespace Kadali.Delta.Tests.Commands;

/// <summary>MERGE as a statement: what its clauses may name, and what stars stand for.</summary>
public sealed class MergeStatementTests : IDisposable
{
    private readonly Statements _cell = new();

    public void Dispose() => _cell.Dispose();

    [Theory]
    [InlineData("WHEN NOT MATCHED BY SOURCE THEN UPDATE SET id = s.k", "s.k")]
    [InlineData("WHEN NOT MATCHED BY SOURCE THEN UPDATE SET id = coalesce(u.id, k)", "k)")]
    [InlineData("WHEN NOT MATCHED BY SOURCE AND s.k > 1 THEN DELETE", "s.k > 1 THEN DELETE")]
    [InlineData("WHEN NOT MATCHED THEN INSERT (id) VALUES (u.id)", "u.id)")]
    [InlineData("WHEN NOT MATCHED THEN INSERT VALUES (id, 1)", "id, 1)")]
    [InlineData("WHEN NOT MATCHED AND u.id IS NULL THEN INSERT (id) VALUES (s.k)", "u.id IS NULL THEN INSERT (id) VALUES (s.k)")]
    public void A_clause_cannot_name_the_side_that_has_no_row(string clause, string at)
    {
        _cell.Run("CREATE TABLE u (id INT, v INT) USING DELTA", "INSERT INTO u VALUES (1, 10)");

        var refused = _cell.Refused($"MERGE INTO u USING (SELECT 5 AS k) s ON u.id = s.k {clause}");

        Assert.Contains(clause.Contains("BY SOURCE", StringComparison.Ordinal) ? "of the source" : "of the table", refused.Error.Message,
            StringComparison.Ordinal);
        Assert.Equal(at, refused.At);
        Assert.Equal(["1|10"], _cell.Query("SELECT * FROM u"));
    }

    [Theory]
    [InlineData("WHEN MATCHED THEN UPDATE SET v = 1 WHEN MATCHED AND u.v > 5 THEN DELETE", "WHEN MATCHED")]
    [InlineData("WHEN NOT MATCHED THEN INSERT (id) VALUES (1) WHEN NOT MATCHED THEN INSERT (id) VALUES (2)", "WHEN NOT MATCHED")]
    public void A_clause_that_would_never_be_asked_is_refused(string clauses, string says)
    {
        _cell.Run("CREATE TABLE u (id INT, v INT) USING DELTA", "INSERT INTO u VALUES (1, 10)");

        var refused = _cell.Refused($"MERGE INTO u USING (SELECT 1 AS k) s ON u.id = s.k {clauses}");

        Assert.Contains($"another {says} stands behind it", refused.Error.Message, StringComparison.Ordinal);
        Assert.Equal(["1|10"], _cell.Query("SELECT * FROM u"));
    }

    [Fact]
    public void A_clause_can_name_all_of_its_own_side()
    {
        _cell.Run(
            "CREATE TABLE u (id INT, l ARRAY<INT>) USING DELTA", "INSERT INTO u VALUES (1, [1, 2])",
            "MERGE INTO u USING (SELECT 5 AS k, {'x': 7} AS id) s ON u.id = s.k WHEN NOT MATCHED AND k = 5 THEN INSERT (id) VALUES (s.id.x) "
                + "WHEN NOT MATCHED BY SOURCE AND u.id = 1 THEN UPDATE SET l = list_transform(l, k -> k + 1)");

        Assert.Equal(["1|[2, 3]", "7|-"], _cell.Query("SELECT * FROM u"));
    }

    [Theory]
    [InlineData("WHEN MATCHED THEN UPDATE SET *")]
    [InlineData("WHEN NOT MATCHED THEN INSERT *")]
    public void A_star_takes_every_column_unless_the_schema_evolves(string clause)
    {
        _cell.Run("CREATE TABLE u (id INT, v INT, w INT) USING DELTA", "INSERT INTO u VALUES (1, 10, 100)");
        var merge = $"INTO u USING (SELECT unnest([1, 2]) AS id, 11 AS w) s ON u.id = s.id {clause}";

        var refused = _cell.Refused($"MERGE {merge}");
        _cell.Run($"MERGE WITH SCHEMA EVOLUTION {merge}");

        Assert.Contains("no 'v'", refused.Error.Message, StringComparison.Ordinal);
        Assert.StartsWith("(SELECT unnest", refused.At, StringComparison.Ordinal);
        Assert.Equal(
            clause.Contains("UPDATE", StringComparison.Ordinal) ? ["1|10|11"] : ["1|10|100", "2|-|11"], _cell.Query("SELECT * FROM u"));
    }

    [Fact]
    public void The_name_of_the_table_goes_before_that_of_a_column()
    {
        _cell.Run(
            "CREATE TABLE t (t INT, v INT, s STRUCT<x: INT, v: INT>) USING DELTA", "INSERT INTO t VALUES (1, 10, {'x': 5, 'v': 6})",
            "UPDATE t SET t.v = t.v + 1, t.t = 2", "UPDATE t s SET s.v = s.v + 1, s.x = 7",
            "MERGE INTO t USING (SELECT 2 AS id) AS q ON t.t = q.id WHEN MATCHED THEN UPDATE SET t.v = t.v + q.id");

        Assert.Equal(["2|14|{'x': 7, 'v': 6}"], _cell.Query("SELECT * FROM t"));
    }

    [Fact]
    public void A_column_may_be_called_like_the_source()
    {
        _cell.Run(
            "CREATE TABLE a (id INT, s STRUCT<x: INT>) USING DELTA", "INSERT INTO a VALUES (1, {'x': 5})",
            "MERGE INTO a USING (SELECT unnest([1, 2]) AS id) AS s ON a.id = s.id WHEN MATCHED THEN UPDATE SET a.s.x = a.s.x + 1 "
                + "WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)");

        Assert.Equal(["1|{'x': 6}", "2|-"], _cell.Query("SELECT * FROM a"));
    }

    [Fact]
    public void JSON_becomes_the_variant_that_it_says()
    {
        _cell.Run(
            "CREATE TABLE t (id INT, v VARIANT) USING DELTA", "INSERT INTO t VALUES (1, '[1]'::JSON::VARIANT), (2, NULL), (3, NULL)",
            "UPDATE t SET v = '[2]'::JSON::VARIANT WHERE id = 2",
            "MERGE INTO t USING (SELECT 3 AS id) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = CAST(CAST('[3]' AS JSON) AS VARIANT)");

        Assert.Equal(["[1]", "[2]", "[3]"], _cell.Query("SELECT CAST(v::INT[] AS VARCHAR) FROM t"));
        Assert.Equal(["[1]", "[2]", "[3]"], _cell.Query("SELECT v::JSON FROM t"));
    }
}
