using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Sql;

public sealed partial class ExpressionTests : IDisposable
{
    private static readonly DeltaType.Struct Schema = new(
    [
        new("a", DeltaType.Integer), new("s", DeltaType.String), new("under", DeltaType.String), new("n", DeltaType.Integer),
        new("n2", DeltaType.String), new("d", DeltaType.Double), new("dec", new DeltaType.Decimal(10, 2)), new("ts", DeltaType.Timestamp),
        new("day", DeltaType.Date), new("arr", new DeltaType.Array(DeltaType.Integer, true)),
        new("m", new DeltaType.Map(DeltaType.String, DeltaType.Integer, true)),
        new("st", new DeltaType.Struct([new("x", DeltaType.Integer)])),
        new("bin", DeltaType.Binary), new("bool", DeltaType.Boolean), new("odd name", DeltaType.Integer),
    ]);

    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DuckDb _duck;

    public ExpressionTests()
    {
        _connection.Open();
        _duck = new(_connection);
        _duck.Execute(
            """
            SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC';
            CREATE TABLE t AS SELECT 7 AS a, 'hello' AS s, 'a_b' AS under, NULL::INT AS n, NULL::VARCHAR AS n2, 2.7::DOUBLE AS d,
                12.75::DECIMAL(10, 2) AS "dec", TIMESTAMPTZ '2024-03-15 13:45:30.25' AS ts, DATE '2024-03-15' AS day, [1, 2, 3] AS arr,
                MAP {'k': 1} AS m, {'x': 5} AS st, 'bin'::BLOB AS bin, true AS bool, 41 AS "odd name";
            """,
            TestContext.Current.CancellationToken);
    }

    /// <summary>What Spark 4.2 says of each expression stands beside it, as JSON in UTC.</summary>
    public static TheoryData<string, string> Spark => new(Lines().Select(line => line.Split(" ⇒ ")).Select(pair => (pair[0], pair[1])));

    [Theory]
    [MemberData(nameof(Spark))]
    public void An_expression_gives_what_spark_gives(string expression, string expected) =>
        Assert.Equal(Plain(expected), Plain(Value(SparkExpression.ToDuckDb(expression, Schema))));

    [Theory]
    [InlineData("1 / (a - 7)")]
    [InlineData("a % n + 5 % (a - 7)")]
    public void A_division_by_zero_fails_as_in_spark(string expression) =>
        Assert.Throws<DuckDBException>(() => Value(SparkExpression.ToDuckDb(expression, Schema)));

    [Theory]
    [InlineData("\"odd name\" + 1", "{\"v\":42}")]
    [InlineData("s = \"hello\"", "{\"v\":true}")]
    [InlineData(@"'C:\temp'", @"{""v"":""C:\\temp""}")]
    [InlineData("[1, 2] || [3]", "{\"v\":[1,2,3]}")]
    [InlineData("{'p': 1, q: 2}", "{\"v\":{\"p\":1,\"q\":2}}")]
    [InlineData("MAP {'p': 1}['p']", "{\"v\":1}")]
    [InlineData("list_transform(arr, lambda x: x + 1)", "{\"v\":[2,3,4]}")]
    [InlineData("arr[1:2]", "{\"v\":[1,2]}")]
    [InlineData("struct_pack(x := 1)", "{\"v\":{\"x\":1}}")]
    [InlineData("date_diff('month', DATE '2024-01-01', day)", "{\"v\":2}")]
    [InlineData("(SELECT max(a) FROM t)", "{\"v\":7}")]
    [InlineData("EXISTS (SELECT 1 FROM t WHERE a = 7)", "{\"v\":true}")]
    [InlineData("a IN (SELECT `a` FROM t)", "{\"v\":true}")]
    [InlineData("ts AT TIME ZONE 'UTC' = TIMESTAMP_NTZ '2024-03-15 13:45:30.25'", "{\"v\":true}")]
    [InlineData("regexp_replace(s, 'l', 'L', 'g')", "{\"v\":\"heLLo\"}")]
    [InlineData("CAST('12:30' AS TIME)::VARCHAR", "{\"v\":\"12:30:00\"}")]
    [InlineData("s SIMILAR TO 'h.*'", "{\"v\":true}")]
    [InlineData("t.st.x", "{\"v\":5}")]
    public void What_duckdb_spells_its_own_way_is_right_in_cells(string expression, string expected) =>
        Assert.Equal(expected, Value(SparkExpression.ToDuckDb(new SqlPart(expression), Schema)));

    [Theory]
    [InlineData("a +", 3, "but the statement ends")]
    [InlineData("a IS 1", 5, "Expected NULL")]
    [InlineData("f(a b)", 4, "found 'b'")]
    [InlineData("CASE WHEN a THEN 1", 18, "END")]
    [InlineData("'open", 0, "not closed")]
    [InlineData("CAST(a, INT)", 6, "AS")]
    [InlineData("a ) b", 2, "found ')'")]
    [InlineData("s LIKE ALL ()", 12, "Expected a pattern")]
    public void A_mistake_is_named_with_its_place(string expression, int offset, string message)
    {
        var exception = Assert.Throws<DeltaException>(() => SparkExpression.ToDuckDb(new SqlPart(expression, 100), Schema));

        Assert.Equal(100 + offset, exception.Offset);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xxhash64(a)", "xxhash64")]
    [InlineData("date_format(ts, 'QQQ')", "QQQ")]
    public void What_duckdb_cannot_compute_is_refused_by_name(string expression, string name)
    {
        var exception = Assert.Throws<DeltaException>(() => SparkExpression.ToDuckDb(expression, Schema));

        Assert.Equal(DeltaErrorKind.Unsupported, exception.Kind);
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_columns_of_an_expression_are_found()
    {
        var found = SparkExpression.ColumnReferences(
            "`odd name` + s.x.y > A AND exists(arr, e -> e = a) AND f(CAST(day AS STRING), current_date)");

        Assert.Equal(["odd name", "s.x.y", "A", "arr", "day"], found.Select(path => path.ToString()));
    }

    public void Dispose() => _connection.Dispose();

    private string Value(string sql) => _duck.Query(
        $"SELECT CAST(to_json({{'v': ({sql})}}) AS VARCHAR) FROM t", reader => reader.GetString(0),
        TestContext.Current.CancellationToken)[0];

    /// <summary>
    /// One form of JSON: Spark leaves nulls out and writes three digits behind a second; DuckDB writes 2.0 for a decimal 2.
    /// </summary>
    private static string Plain(string json)
    {
        json = json.Replace("{\"v\":null}", "{}", StringComparison.Ordinal);
        json = Time().Replace(json, match => $"{match.Groups[1]}T{match.Groups[2]}.{match.Groups[3].Value.PadRight(3, '0')[..3]}");
        return Whole().Replace(json, "$1");
    }

    [GeneratedRegex(@"(\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00)?(?="")")]
    private static partial Regex Time();

    [GeneratedRegex(@"(?<=[:\[,])(-?\d+)\.0(?=[,\]}])")]
    private static partial Regex Whole();

    private static IEnumerable<string> Lines() => File.ReadLines(
        Path.Combine(AppContext.BaseDirectory, "expressions.txt")).Where(line => line.Length > 0);
}
