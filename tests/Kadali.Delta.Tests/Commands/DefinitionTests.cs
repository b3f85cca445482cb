namespace Kadali.Delta.Tests.Commands;

/// <summary>Expressions in definitions of columns: what cannot be computed later is refused when it is defined.</summary>
public sealed class DefinitionTests : IDisposable
{
    private readonly Statements _cell = new();

    public void Dispose() => _cell.Dispose();

    [Theory]
    [InlineData("a INT DEFAULT 1 CHECK (a > 0)", "CHECK (a > 0)")]
    [InlineData("a INT DEFAULT 1 + 1 banana", "banana")]
    [InlineData("b INT, a INT DEFAULT b + 1", "b + 1")]
    [InlineData("a INT DEFAULT (SELECT 1)", "(SELECT 1)")]
    [InlineData("a INT DEFAULT 'abc'", "'abc'")]
    [InlineData("a DOUBLE DEFAULT 1 + rand()", "rand()")]
    [InlineData("a INT, g INT GENERATED ALWAYS AS (nocol + 1)", "nocol + 1")]
    [InlineData("a DOUBLE, g DOUBLE GENERATED ALWAYS AS (a + rand())", "rand()")]
    [InlineData("a INT, g DATE GENERATED ALWAYS AS (current_date)", "current_date")]
    [InlineData("a INT, g INT GENERATED ALWAYS AS (a + g)", "g)")]
    [InlineData("a INT, g INT GENERATED ALWAYS AS (a), h INT GENERATED ALWAYS AS (a + g)", "g)")]
    [InlineData("a INT, g STRING GENERATED ALWAYS AS (a + 1)", "a + 1")]
    [InlineData("a INT, g BIGINT GENERATED ALWAYS AS (a * 2)", "a * 2")]
    [InlineData("a INT, g INT GENERATED ALWAYS AS ((SELECT 1))", "(SELECT 1)")]
    [InlineData("a INT, g INT GENERATED ALWAYS AS (nofunction(a))", "nofunction(a)")]
    [InlineData("a INT, CONSTRAINT c CHECK (nocol > 0)", "nocol > 0")]
    public void What_cannot_be_computed_is_not_defined(string columns, string at)
    {
        var refused = _cell.Refused($"CREATE TABLE t ({columns}) USING DELTA");

        Assert.StartsWith(at, refused.At, StringComparison.Ordinal);
        Assert.Equal(DeltaErrorKind.NotFound, _cell.Refused("DELETE FROM t").Error.Kind);
    }

    [Fact]
    public void What_can_be_computed_is_defined()
    {
        _cell.Run(
            """
            CREATE TABLE t (id INT, d TIMESTAMP DEFAULT current_timestamp(), n DECIMAL(10, 2) DEFAULT 1.5, l ARRAY<INT> DEFAULT array(1, 2),
              s STRUCT<x: INT>, word STRING DEFAULT concat('a', "b"), day DATE DEFAULT DATE '2026-01-02', none INT DEFAULT NULL,
              y INT GENERATED ALWAYS AS (year(d)), on DATE GENERATED ALWAYS AS (CAST(d AS DATE)), x INT GENERATED ALWAYS AS (s.x),
              len INT GENERATED ALWAYS AS (length(word)), month TIMESTAMP GENERATED ALWAYS AS (date_trunc('MONTH', d)),
              text STRING GENERATED ALWAYS AS (upper(substring(word, 1, 1))), half DOUBLE GENERATED ALWAYS AS (id / 2),
              big BOOLEAN GENERATED ALWAYS AS (id > 10), two DECIMAL(11, 2) GENERATED ALWAYS AS (n + n)) USING DELTA
            """,
            "INSERT INTO t (id, s) VALUES (1, {'x': 5})", "ALTER TABLE t ALTER COLUMN word SET DEFAULT 'c'",
            "ALTER TABLE t ALTER COLUMN n DROP DEFAULT");

        Assert.Equal(["1.50|[1, 2]|ab|2026-01-02|-|5|2|A|0.5|false|3.00"],
            _cell.Query("SELECT n, l, word, day, none, x, len, text, half, big, two FROM t"));
    }

    [Theory]
    [InlineData("ALTER COLUMN a SET DEFAULT 'abc'", "'abc'")]
    [InlineData("ALTER COLUMN a SET DEFAULT b", "b")]
    [InlineData("ALTER COLUMN a SET DEFAULT 1 2", "2")]
    public void What_cannot_be_computed_is_not_altered(string change, string at)
    {
        _cell.Run("CREATE TABLE t (a INT, b INT) USING DELTA");

        Assert.Equal(at, _cell.Refused($"ALTER TABLE t {change}").At);
    }
}
