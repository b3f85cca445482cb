namespace Kadali.Delta.Tests.Sql;

/// <summary>Text as it is while somebody writes it: half done, misspelled, cut off.</summary>
public sealed class MutationTests
{
    private const string Letters = "()[]{}<>'\"`,.;:@$*+-=/\\ \n123aSELECT'";

    [Fact]
    public void Broken_statements_are_refused_in_words()
    {
        for (var seed = 0; seed < 6000; seed++)
        {
            var sql = Mutated(SparkSql.Print(new CommandGenerator(seed).Next()), seed);

            _ = StatementKind.Of(sql);
            Tries(sql, () => DeltaSqlParser.Parse(sql, escapes: seed % 2 == 0));
            Tries(sql, () => RewrittenSql.Of(sql, TableReferences.Find(sql), _ => "(q)"));
            _ = Backticks.ToDoubleQuotes(sql);
            _ = ParameterSql.Of(sql).ToOriginal(sql.Length / 2);
        }
    }

    [Fact]
    public void Broken_expressions_are_refused_in_words()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "expressions.txt"))
            .Select(line => line.Split(" ⇒ ")[0]).ToArray();
        for (var seed = 0; seed < 20_000; seed++)
        {
            var expression = Mutated(lines[seed % lines.Length], seed);

            Tries(expression, () => SparkExpression.ToDuckDb(expression));
            Tries(expression, () => SparkExpression.ColumnReferences(expression, spark: false));
        }
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("NOT ", "1 +", "")]
    [InlineData("- ", "1 +", "")]
    [InlineData("f(", "1", ")")]
    [InlineData("1 + ", "1", "")]
    [InlineData("CASE WHEN ", "1", " THEN 1 END")]
    public void What_is_nested_without_end_ends_no_process(string open, string core, string close)
    {
        var expression = Repeated(open) + core + Repeated(close);

        Assert.Throws<DeltaException>(() => SparkExpression.ToDuckDb(expression));
    }

    [Fact]
    public void Types_and_queries_that_are_nested_without_end_end_no_process()
    {
        Assert.Throws<DeltaException>(() => DeltaSqlParser.Parse($"CREATE TABLE t (a {Repeated("ARRAY<")}INT) USING DELTA"));
        Assert.Throws<DeltaException>(() => TableReferences.Find("SELECT * FROM " + Repeated("(")));
    }

    private static string Repeated(string text) => string.Concat(Enumerable.Repeat(text, 200_000));

    private static void Tries(string text, Action action)
    {
        try
        {
            action();
        }
        catch (DeltaException)
        {
            // In words.
        }
        catch (Exception exception)
        {
            throw new Xunit.Sdk.XunitException($"{exception.GetType().Name}: {exception.Message}\n{text}\n{exception.StackTrace}");
        }
    }

    private static string Mutated(string text, int seed)
    {
        var random = new Random(seed);
        for (var i = random.Next(1, 4); i > 0 && text.Length > 0; i--)
        {
            var at = random.Next(text.Length);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)),
                1 => text.Insert(at, Letters[random.Next(Letters.Length)].ToString()),
                2 => text[..at],
                _ => text[..at] + Letters[random.Next(Letters.Length)] + text[(at + 1)..],
            };
        }

        return text;
    }
}
