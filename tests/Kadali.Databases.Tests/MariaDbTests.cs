namespace Kadali.Databases.Tests;

public sealed class MariaDbTests(MariaDbServer server)
    : ServerTests(server, "#!connect mariadb --kernel-name my", server.Url, MariaDbServer.Password), IClassFixture<MariaDbServer>
{
    [Theory]
    [InlineData("CAST(18446744073709551615 AS UNSIGNED)", "UInt64 18446744073709551615")]
    [InlineData("b'101'", "UInt64 5", "BIT(3)")]
    [InlineData("1.50", "Decimal 1.50", "DECIMAL(10,2)")]
    [InlineData("'2024-02-29 12:00:00'", "DateTime 02/29/2024 12:00:00", "DATETIME")]
    [InlineData("'ü😀'", "String ü😀", "VARCHAR(10) CHARACTER SET utf8mb4")]
    [InlineData("'-01:30:00'", "TimeSpan -01:30:00", "TIME")]
    public async Task A_type_of_MariaDB_is_a_type_of_CSharp(string expression, string expected, string type = "BIGINT UNSIGNED")
    {
        await Notebook.Cells.EventsAsync(
            $"#!sql-my\nDROP TABLE IF EXISTS v; CREATE TABLE v (v {type}); INSERT INTO v VALUES ({expression}), (NULL)");
        await Notebook.Cells.EventsAsync("#!sql-my --name r\nSELECT v FROM v");

        Assert.Equal(expected, await Notebook.TypedAsync("r"));
    }

    [Fact]
    public async Task A_zero_date_is_no_date()
    {
        await Notebook.Cells.EventsAsync(
            "#!sql-my\nSET sql_mode = ''; CREATE OR REPLACE TABLE z (d DATE); INSERT INTO z VALUES ('0000-00-00'), ('2024-01-01')");
        await Notebook.Cells.EventsAsync("#!sql-my --name r\nSELECT d FROM z");

        Assert.Equal("1", await Notebook.Cells.ValueAsync("r.Count(x => x.D is null)"));
    }

    [Fact]
    public async Task Variables_are_bound_mistakes_have_a_place_and_an_interrupt_ends_a_statement()
    {
        await Notebook.Cells.EventsAsync("var name = \"a'b\";");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        Assert.StartsWith("a'b", await Notebook.RowAsync("#!sql-my\nSELECT :name AS v"), StringComparison.Ordinal);
        var fault = await Notebook.Cells.FaultAsync("#!sql-my\nSELECT 1\nFRM x");
        Assert.Equal(("KDL301", 2), (fault.Code, fault.Place!.Position.Line));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Notebook.Cells.EventsAsync("#!sql-my\nSELECT sleep(60), 1 FROM seq_1_to_100", interrupt.Token));
        Assert.StartsWith("1", await Notebook.RowAsync("#!sql-my\nSELECT 1 AS one"), StringComparison.Ordinal);
    }
}
