using System.Diagnostics;

namespace Kadali.Databases.Tests;

public sealed class PostgresTests(PostgresServer server)
    : ServerTests(server, "#!connect postgres --kernel-name pg", server.Url, PostgresServer.Password), IClassFixture<PostgresServer>
{
    [Theory]
    [InlineData("1.50::numeric(10,2)", "Decimal", "1.50")]
    [InlineData("9007199254740993::bigint", "Int64", "9007199254740993")]
    [InlineData("'2024-02-29 12:00+02'::timestamptz", "DateTimeOffset", "02/29/2024 10:00:00 +00:00")]
    [InlineData("'2024-02-29 12:00'::timestamp", "DateTime", "02/29/2024 12:00:00")]
    [InlineData("'2024-02-29'::date", "DateOnly", "02/29/2024")]
    [InlineData("'1 day 2 hours'::interval", "TimeSpan", "1.02:00:00")]
    [InlineData("'00000000-0000-0000-0000-000000000001'::uuid", "Guid", "00000000-0000-0000-0000-000000000001")]
    [InlineData("'{\"a\": 1}'::jsonb", "String", "{\"a\": 1}")]
    [InlineData("int4range(1, 5)", "String", "[1,5)")]
    [InlineData("'a'::mood", "String", "a")]
    [InlineData("true", "Boolean", "True")]
    public async Task A_type_of_PostgreSQL_is_a_type_of_CSharp(string expression, string type, string text)
    {
        await Notebook.Cells.EventsAsync("#!sql-pg\nDROP TYPE IF EXISTS mood; CREATE TYPE mood AS ENUM ('a', 'b')");
        await Notebook.Cells.EventsAsync($"#!sql-pg --name r\nSELECT {expression} AS v UNION ALL SELECT NULL");

        Assert.Equal($"{type} {text}", await Notebook.TypedAsync("r"));
    }

    [Fact]
    public async Task Arrays_and_bytes_come_through_with_their_nulls()
    {
        await Notebook.Cells.EventsAsync("#!sql-pg --name r\nSELECT ARRAY[1, NULL, 3] AS a, ARRAY['x', 'y'] AS t, '\\x00ff'::bytea AS b");

        Assert.Equal("3 y 255", await Notebook.Cells.ValueAsync("var f = r.First(); $\"{f.A.Count()} {f.T.Last()} {f.B[1]}\""));
    }

    [Fact]
    public async Task A_variable_is_bound_and_never_spliced()
    {
        await Notebook.Cells.EventsAsync("var name = \"x'; DROP TABLE t; --\"; var ids = new List<int> { 1, 2 };");

        Assert.StartsWith("x'; DROP TABLE t; --", await Notebook.RowAsync("#!sql-pg\nSELECT :name::text AS v"), StringComparison.Ordinal);
        Assert.StartsWith("2", await Notebook.RowAsync("#!sql-pg\nSELECT count(*) AS n FROM generate_series(1, 5) i WHERE i = ANY(:ids)"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_points_at_its_place_behind_variables_and_wide_letters()
    {
        await Notebook.Cells.EventsAsync("var name = \"x\";");

        var fault = await Notebook.Cells.FaultAsync("#!sql-pg\nSELECT '😀', :name::text,\n  missing FROM (SELECT 1 AS one) s");

        Assert.Equal("KDL303", fault.Code);
        Assert.Equal((2, 2), (fault.Place!.Position.Line, fault.Place.Position.Column));
    }

    [Fact]
    public async Task An_interrupt_cancels_on_the_server_within_a_second()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Notebook.Cells.EventsAsync("#!sql-pg\nSELECT pg_sleep(60)", interrupt.Token));

        Assert.InRange(clock.ElapsedMilliseconds, 0, 3000);
        var sleeping = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
        Assert.StartsWith("0", await Notebook.RowAsync($"#!sql-pg\n{sleeping}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_of_ten_million_rows_shows_its_first_page_without_being_read()
    {
        var clock = Stopwatch.StartNew();
        await Notebook.Cells.EventsAsync(
            "#!sql-pg\nSELECT a.i, repeat('x', 100) AS s FROM generate_series(1, 10000) a(i) CROSS JOIN generate_series(1, 1000) b");
        Assert.InRange(clock.ElapsedMilliseconds, 0, 10_000);
    }

    [Fact]
    public async Task A_dropped_connection_is_told_and_the_next_cell_connects_anew()
    {
        var fault = await Notebook.Cells.FaultAsync("#!sql-pg\nSELECT pg_terminate_backend(pg_backend_pid())");

        var next = await Notebook.Cells.TextAsync("#!sql-pg\nSELECT 1 AS one");

        Assert.Equal("KDL305", fault.Code);
        Assert.Contains("was lost", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_a_fault_that_does_not_repeat_it()
    {
        Notebook.Cells.Input.Next.Enqueue("wr0ng");

        var fault = await Notebook.Cells.FaultAsync($"#!connect postgres --kernel-name no \"{server.Url}\" --password @password");

        Assert.Equal("KDL305", fault.Code);
        Assert.DoesNotContain("wr0ng", fault.Message + fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_is_a_tree() =>
        Assert.Contains("Function Scan", await Notebook.Cells.ValueAsync("#!sql-pg --explain\nSELECT * FROM generate_series(1, 5)"),
            StringComparison.Ordinal);
}
