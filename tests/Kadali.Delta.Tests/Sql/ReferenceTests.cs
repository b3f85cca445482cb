namespace Kadali.Delta.Tests.Sql;

public sealed class ReferenceTests
{
    [Theory]
    [InlineData("SELECT 1", "")]
    [InlineData("SELECT * FROM t", "t")]
    [InlineData("FROM t SELECT a WHERE b", "t")]
    [InlineData("SELECT * FROM db.t AS x, `odd name` y JOIN \"other\" ON x.a = y.a, third WHERE a = 1", "db.t odd name other third")]
    [InlineData("SELECT * FROM a LEFT JOIN b USING (id) ORDER BY x, y", "a b")]
    [InlineData("WITH t AS (SELECT * FROM u), v(a, b) AS MATERIALIZED (SELECT * FROM t) SELECT * FROM t, v, w", "u w")]
    [InlineData("WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT * FROM r JOIN e ON true) FROM r", "e")]
    [InlineData("SELECT * FROM (SELECT * FROM inner_t) q WHERE x IN (SELECT y FROM z) AND EXISTS (FROM e)", "inner_t z e")]
    [InlineData("SELECT * FROM (a JOIN b ON true), (c)", "a b c")]
    [InlineData("SELECT extract(year FROM d), substring(s FROM 2), trim(BOTH 'x' FROM s), a IS DISTINCT FROM b FROM t", "t")]
    [InlineData("SELECT count(DISTINCT a), (SELECT max(x) FROM m) FROM t", "m t")]
    [InlineData("SELECT * FROM 'file.parquet' f, read_csv('x.csv'), range(10), unnest([1, 2]), t", "t")]
    [InlineData("SELECT * FROM delta.`/data/t` JOIN delta.\"/data/u\"", "delta.`/data/t` delta.`/data/u`")]
    [InlineData("SELECT * FROM delta_scan('/data/t')", "delta.`/data/t`")]
    [InlineData("SELECT * FROM a UNION ALL SELECT * FROM b INTERSECT SELECT * FROM c", "a b c")]
    [InlineData("SELECT 'FROM x', \"FROM y\" -- FROM z\n FROM t /* JOIN u */", "t")]
    [InlineData("SELECT $$ FROM x $$ FROM t", "t")]
    [InlineData("COPY (SELECT * FROM t) TO 'x.csv'", "t")]
    [InlineData("COPY t TO 'x.parquet' (FORMAT parquet)", "t")]
    [InlineData("COPY t FROM 'x.csv'", ">t")]
    [InlineData("CREATE OR REPLACE TEMP TABLE x AS SELECT * FROM t", "t")]
    [InlineData("CREATE VIEW v AS FROM db.t", "db.t")]
    [InlineData("INSERT INTO t SELECT * FROM s", ">t s")]
    [InlineData("INSERT OVERWRITE TABLE t TABLE s", ">t s")]
    [InlineData("INSERT INTO t (a, b) VALUES (1, (SELECT max(x) FROM m))", ">t m")]
    [InlineData("UPDATE t SET a = (SELECT max(x) FROM m) WHERE b IN (SELECT c FROM d)", ">t m d")]
    [InlineData("DELETE FROM t WHERE a IN (SELECT b FROM s)", ">t s")]
    [InlineData("DELETE FROM t USING s WHERE t.a = s.a", ">t s")]
    [InlineData("MERGE INTO t USING db.s AS s ON t.a = s.a WHEN MATCHED THEN DELETE", ">t db.s")]
    [InlineData("MERGE INTO t USING (SELECT * FROM s JOIN u USING (id)) q ON true WHEN NOT MATCHED THEN INSERT *", ">t s u")]
    [InlineData("EXPLAIN ANALYZE SELECT * FROM t", "t")]
    [InlineData("SUMMARIZE t", "t")]
    [InlineData("DESCRIBE SELECT * FROM t", "t")]
    [InlineData("PIVOT t ON a USING sum(b)", "t")]
    [InlineData("SELECT * FROM t TABLESAMPLE 10%", "t")]
    [InlineData("SELECT a, b AS c, row_number() OVER (PARTITION BY x ORDER BY y, z) FROM t QUALIFY true", "t")]
    [InlineData("SELECT * FROM t WHERE f(a, b) AND c = 'it''s'", "t")]
    public void The_tables_of_a_statement_are_found(string sql, string tables) => Assert.Equal(tables, string.Join(
        ' ', TableReferences.Find(sql).Select(reference => (reference.Use == TableUse.Target ? ">" : "") + reference.Table)));

    [Theory]
    [InlineData("SELECT * FROM t VERSION AS OF 3 WHERE a", "Version { Number = 3 }", "t VERSION AS OF 3")]
    [InlineData("SELECT * FROM t FOR VERSION AS OF 3 x", "Version { Number = 3 }", "t FOR VERSION AS OF 3")]
    [InlineData("SELECT * FROM db.t@v3", "Version { Number = 3 }", "db.t@v3")]
    [InlineData("SELECT * FROM t AT (VERSION => 3)", "Version { Number = 3 }", "t AT (VERSION => 3)")]
    [InlineData("SELECT * FROM t TIMESTAMP AS OF '2024-01-01' AS x", "Timestamp { Expression = '2024-01-01' }",
        "t TIMESTAMP AS OF '2024-01-01'")]
    [InlineData("SELECT * FROM t TIMESTAMP AS OF now() - INTERVAL 1 DAY WHERE a", "Timestamp { Expression = now() - INTERVAL 1 DAY }",
        "t TIMESTAMP AS OF now() - INTERVAL 1 DAY")]
    [InlineData("SELECT * FROM delta.`/x@v3`", "Version { Number = 3 }", "delta.`/x@v3`")]
    public void A_version_belongs_to_the_table(string sql, string version, string text)
    {
        var reference = Assert.Single(TableReferences.Find(sql));

        Assert.Equal(version, reference.Table.AsOf?.ToString());
        Assert.Equal(text, sql[reference.Start..reference.End]);
    }

    [Fact]
    public void Changes_have_their_range()
    {
        var found = TableReferences.Find(
            "SELECT * FROM table_changes('db.t', 1, 2 + 3) c JOIN table_changes_by_path('/x', '2024-01-01')");

        Assert.Equal(["db.t", "delta.`/x`"], found.Select(reference => reference.Table.ToString()));
        Assert.All(found, reference => Assert.Equal(TableUse.Changes, reference.Use));
        Assert.Equal(["1", "2 + 3"], found[0].Range.Select(part => part.Text));
        Assert.Equal([true, false], found.Select(reference => reference.HasAlias));
    }

    [Theory]
    [InlineData("SELECT `a b` FROM t JOIN db.u AS v ON t.x = v.x WHERE oops",
        "SELECT \"a b\" FROM (Q) AS \"t\" JOIN (Q) AS v ON t.x = v.x WHERE oops")]
    [InlineData("FROM delta.`/x` WHERE oops", "FROM (Q) WHERE oops")]
    [InlineData("SUMMARIZE t; oops", "SUMMARIZE (Q); oops")]
    [InlineData("PIVOT t ON oops USING sum(b)", "PIVOT (Q) ON oops USING sum(b)")]
    [InlineData("COPY t TO 'oops'", "COPY (Q) TO 'oops'")]
    [InlineData("SELECT oops FROM t VERSION AS OF 3 LIMIT 1", "SELECT oops FROM (Q) AS \"t\" LIMIT 1")]
    public void Tables_are_replaced_and_places_are_found_again(string sql, string expected)
    {
        var rewritten = RewrittenSql.Of(sql, TableReferences.Find(sql), _ => "(Q)");

        Assert.Equal(expected, rewritten.Text);
        Assert.Equal(
            sql.IndexOf("oops", StringComparison.Ordinal), rewritten.ToOriginal(expected.IndexOf("oops", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_place_in_a_replaced_table_is_the_tables()
    {
        const string Sql = "SELECT * FROM some_table WHERE x";

        var rewritten = RewrittenSql.Of(Sql, TableReferences.Find(Sql), _ => "(SELECT 1 AS a, 2 AS b)");

        Assert.Equal(14, rewritten.ToOriginal(rewritten.Text.IndexOf("2 AS b", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_statement_without_delta_is_left_to_DuckDB()
    {
        const string Sql = "SELECT carrier, count(*) AS n, avg(dep_delay) FROM flights f JOIN planes p ON f.tailnum = p.tailnum "
            + "WHERE dep_delay > 10 AND carrier IN ('AA', 'UA') GROUP BY ALL HAVING count(*) > 100 ORDER BY n DESC LIMIT 10";

        Assert.Equal(StatementOwner.DuckDb, StatementKind.Of(Sql).Owner);
        Assert.Equal(["flights", "planes"], TableReferences.Find(Sql).Select(reference => reference.Table.ToString()));
    }
}
