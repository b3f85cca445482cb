namespace Kadali.Sql.Tests;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("select :a", "a")]
    [InlineData("select :a + :b, :a", "a b")]
    [InlineData("select x::int", "")]
    [InlineData("select ':a', \":b\"", "")]
    [InlineData("select 1 -- :a\n + :b", "b")]
    [InlineData("select 1 /* :a */ + :b", "b")]
    [InlineData("select $$ :a $$ || $t$ :b $t$", "")]
    [InlineData("select {'k': 1, 'l':2}", "")]
    [InlineData("select list[1:n]", "")]
    [InlineData("select e'it\\'s :a'", "")]
    [InlineData("select * from t where a=:a and b in (:b,:c)", "a b c")]
    [InlineData("select 'it''s :a' || :b", "b")]
    [InlineData("select :a::varchar", "a")]
    public void Parameters_are_found_where_they_are_and_nowhere_else(string sql, string names) =>
        Assert.Equal(names, string.Join(' ', SqlText.Split(sql).SelectMany(statement => statement.Parameters)));

    [Theory]
    [InlineData("select 1; select 2", 2)]
    [InlineData("select ';' ; -- end;\n", 1)]
    [InlineData(" ; ;", 0)]
    [InlineData("-- nothing", 0)]
    [InlineData("select $$;$$; select 2 /* ; */", 2)]
    public void Statements_are_parted(string sql, int count) => Assert.Equal(count, SqlText.Split(sql).Count);

    [Fact]
    public void No_place_moves()
    {
        const string sql = "select 1;\n select :a";

        var second = SqlText.Split(sql)[1];

        Assert.Equal("\n select $a", second.Sql);
        Assert.Equal(9, second.Start);
    }
}
