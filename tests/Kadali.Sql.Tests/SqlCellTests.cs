using System.Diagnostics;
using Kadali.Cells;

namespace Kadali.Sql.Tests;

public sealed class SqlCellTests : IDisposable
{
    private readonly SqlNotebook _notebook = new();

    [Fact]
    public async Task A_named_result_is_a_typed_list_in_csharp()
    {
        await _notebook.SqlAsync("SELECT 1 AS dep_delay, 'ORD' AS dest UNION ALL SELECT NULL, 'LAX' ORDER BY dest DESC", "--name rows");

        Assert.Equal("ORD", await _notebook.Cells.ValueAsync("rows.First().Dest"));
        Assert.Equal("1", await _notebook.Cells.ValueAsync("rows.Sum(row => row.DepDelay ?? 0)"));
        Assert.Equal("RowsRow", await _notebook.Cells.ValueAsync("rows[0].GetType().Name"));
    }

    [Fact]
    public async Task A_named_result_is_shown_under_the_names_of_sql()
    {
        var shown = await _notebook.SqlAsync("SELECT 1 AS dep_delay, 2 AS \"a b\"", "--name rows");

        Assert.Equal(["dep_delay", "a b"], shown!.Split('\n')[0].Split('│').Select(name => name.Trim()));
    }

    [Theory]
    [InlineData("1.5::DECIMAL(10,2)", "decimal?", "1.50")]
    [InlineData("DATE '2026-01-02'", "DateOnly?", "2026-01-02")]
    [InlineData("TIMESTAMP '2026-01-02 03:04:05'", "DateTime?", "2026-01-02 03:04:05")]
    [InlineData("TIME '03:04:05'", "TimeOnly?", "03:04:05")]
    [InlineData("42::BIGINT", "long?", "42")]
    [InlineData("true", "bool?", "true")]
    [InlineData("'x'", "string", "x")]
    [InlineData("'ab'::BLOB", "byte[]", "6162")]
    [InlineData("170141183460469231731687303715884105727::HUGEINT", "BigInteger?", "170141183460469231731687303715884105727")]
    [InlineData("[1, 2]", "List<int?>", "[ 1, 2 ]")]
    public async Task A_column_has_its_csharp_type(string expression, string type, string text)
    {
        await _notebook.SqlAsync($"SELECT {expression} AS v", "--name t");

        Assert.True(_notebook.Cells.CSharp.TryGet("t", out var variable, out var rows));
        var property = variable.Type.GetGenericArguments()[0].GetProperty("V")!;
        Assert.Equal(type, Formatting.TypeNames.Of(property.PropertyType));
        Assert.Equal(text, Formatting.ValueText.Of(property.GetValue(((System.Collections.IList)rows!)[0])));
    }

    [Fact]
    public async Task Columns_with_odd_names_have_names_in_csharp()
    {
        await _notebook.SqlAsync(
            "SELECT 1 AS \"a b\", 2 AS \"A_B\", 3 AS \"1st\", 4 AS \"class\", 5 AS \"?\", 6 AS \"ToString\", 7 AS \"ä-ö\"", "--name odd");

        Assert.Equal("28", await _notebook.Cells.ValueAsync(
            "odd.Sum(o => o.AB + o.AB2 + o.Column1st + o.Class + o.Column + o.ToStringValue + o.ÄÖ)"));
    }

    [Fact]
    public async Task A_csharp_sequence_is_a_table_and_follows_its_changes()
    {
        await _notebook.Cells.EventsAsync(
            "record P(string Name, int? Age, DateOnly Day); "
                + "var people = new List<P> { new(\"Ada\", 36, new(2026, 1, 1)), new(\"Bob\", null, default) };");
        Assert.Equal("2", Last(await _notebook.SqlAsync("SELECT count(*) FROM people")));

        await _notebook.Cells.EventsAsync("people.Add(new(\"Eve\", 20, default));");

        Assert.Equal("56", Last(await _notebook.SqlAsync("SELECT sum(age) FROM people WHERE name <> 'Bob'")));
    }

    [Theory]
    [InlineData("SELECT 1;\nSELEC 2", "KDL301", 2, 0)]
    [InlineData("SELECT nope\nFROM range(3) t(n)", "KDL303", 1, 7)]
    [InlineData("SELECT *\nFROM nowhere", "KDL302", 2, 5)]
    [InlineData("SELECT 'é', nope FROM range(3) t(n)", "KDL303", 1, 12)]
    [InlineData("SELECT :nope", "KDL311", 1, 7)]
    public async Task An_error_points_at_its_place_in_the_cell(string sql, string code, int line, int column)
    {
        var fault = await _notebook.Cells.FaultAsync($"#!sql\n{sql}");

        Assert.Equal((code, new TextPosition(line, column)), (fault.Code, fault.Place!.Position));
    }

    [Theory]
    [InlineData("#!sql SELECT 41 + 1 AS n", "42")]
    [InlineData("#!sql SELECT n * 2\nFROM (SELECT 21 AS n)", "42")]
    [InlineData("#!sql --limit 2 SELECT max(range) FROM range(43)", "42")]
    [InlineData("#!sql --record \"Answer\" SELECT 42 AS \"a b\"", "42")]
    [InlineData("#!sql -- the answer\nSELECT 42", "42")]
    public async Task A_query_may_stand_on_the_magic_s_line(string code, string value) =>
        Assert.Equal(value, Last(await _notebook.Cells.ValueAsync(code)));

    [Theory]
    [InlineData("#!sql --limit -1\nSELECT 1", 14, 2)]
    [InlineData("#!sql --limit 3 --name \"1x\"\nSELECT 1", 23, 4)]
    [InlineData("#!sql --chart bar\nSELECT 1", 14, 3)]
    public async Task A_value_of_an_option_is_pointed_at(string code, int column, int length)
    {
        var place = (await _notebook.Cells.FaultAsync(code)).Place!;

        Assert.Equal((new TextPosition(0, column), length), (place.Position, place.Length));
    }

    [Theory]
    [InlineData("flihgts", "Did you mean \"flights\"?")]
    [InlineData("aircraft_modls", "Did you mean \"aircraft_models\"?")]
    [InlineData("kept_fr_later", "Did you mean \"kept_for_later\"?")]
    [InlineData("gone_wth_session", "Did you mean \"gone_with_session\"?")]
    [InlineData("sqlite_mastr", null)]
    [InlineData("orders", null)]
    [InlineData("\"my table\"", null)]
    public async Task A_misspelled_table_is_guessed_among_the_reader_s(string name, string? hint)
    {
        await _notebook.Cells.EventsAsync(
            "var aircraft_models = new[] { 1 }; var flights = new System.Data.DataTable(); var sqlite_masterX = 1;");
        await _notebook.SqlAsync("CREATE TABLE kept_for_later (n INT); CREATE TEMP TABLE gone_with_session (n INT)");

        var fault = await _notebook.Cells.FaultAsync($"#!sql\nSELECT * FROM {name}");

        Assert.Equal(("KDL302", hint), (fault.Code, fault.Hint));
    }

    [Fact]
    public async Task A_misspelled_table_may_be_a_file()
    {
        var file = new FileInfo("measured_departures.csv");
        await File.WriteAllTextAsync(file.FullName, "n\n1\n", TestContext.Current.CancellationToken);
        try
        {
            var fault = await _notebook.Cells.FaultAsync("#!sql\nSELECT * FROM measured_departure");

            Assert.Equal("Did you mean the file 'measured_departures.csv'?", fault.Hint);
        }
        finally
        {
            file.Delete();
        }
    }

    [Theory]
    [InlineData("SELECT * FROM 'https://example.org/x.parquet?key=1'", "KDL305", "GetByteArrayAsync(\"https://example.org/x.parquet\")")]
    [InlineData("SELECT * FROM read_csv('s3://bucket/x.csv')", "KDL305", "client of that store")]
    [InlineData("SELECT * FROM read_xlsx('a.xlsx')", "KDL309", "NuGet package")]
    [InlineData("SELECT ST_Point(1, 2)", "KDL309", "NuGet package")]
    [InlineData("SELECT * FROM sqlite_scan('a.db', 't')", "KDL309", "#!connect")]
    [InlineData("ATTACH 'a.db' (TYPE sqlite)", "KDL309", "#!connect")]
    public async Task What_takes_an_extension_says_what_to_do_instead(string sql, string code, string advice)
    {
        var fault = await _notebook.Cells.FaultAsync($"#!sql\n{sql}");

        Assert.Equal(code, fault.Code);
        Assert.Contains(advice, fault.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("INSTALL", fault.Message + fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_on_the_magic_s_line_points_at_its_place()
    {
        var fault = await _notebook.Cells.FaultAsync("#!sql --limit 3 SELECT nope FROM range(3) t(n)");

        Assert.Equal(new TextPosition(0, 23), fault.Place!.Position);
        Assert.Equal("#!sql --limit 3 SELECT nope FROM range(3) t(n)", fault.Place.Line);
    }

    [Theory]
    [InlineData("#!sql SELECT 1 --limit 3", "KDL105")]
    [InlineData("#!sql --chart bar --x nope --y n\nSELECT 1 AS n, 2 AS m", "KDL320")]
    [InlineData("#!sql --limit many\nSELECT 1", "KDL105")]
    [InlineData("#!sql --name 1x\nSELECT 1", "KDL105")]
    [InlineData("#!sql --chart donut --x a\nSELECT 1", "KDL105")]
    [InlineData("#!sql\n-- nothing", "KDL310")]
    [InlineData("#!sql\nSELECT * FROM 'no/such/file.parquet'", "KDL305")]
    public async Task Bad_input_is_named(string code, string fault) => Assert.Equal(fault, (await _notebook.Cells.FaultAsync(code)).Code);

    [Fact]
    public async Task A_running_query_is_interrupted_and_the_session_stays_usable()
    {
        await _notebook.SqlAsync("CREATE TABLE kept AS SELECT 1 AS n");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _notebook.Cells.EventsAsync("#!sql\nSELECT count(*) FROM range(10000000000) a, range(1000000) b", interrupt.Token));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        Assert.Equal("1", Last(await _notebook.SqlAsync("SELECT n FROM kept")));
    }

    [Fact]
    public async Task A_large_result_shows_its_first_page_and_says_that_there_is_more()
    {
        var shown = await _notebook.SqlAsync("SELECT * FROM range(10000000)");

        Assert.EndsWith("… more rows", shown, StringComparison.Ordinal);
        Assert.Equal("300000", await _notebook.Cells.ValueAsync("_sql.Skip(300_000).Select(row => ((dynamic)row).range).First()"));
    }

    [Fact]
    public async Task A_result_outlives_the_next_statement()
    {
        await _notebook.SqlAsync("SELECT * FROM range(5000)");
        await _notebook.Cells.EventsAsync("var earlier = _sql;");
        await _notebook.SqlAsync("SELECT 1");

        Assert.Equal("5000", await _notebook.Cells.ValueAsync("earlier.Count()"));
    }

    [Fact]
    public async Task A_chart_is_a_picture_and_text()
    {
        var events = await _notebook.Cells.EventsAsync(
            "#!sql --chart bar --x k --y n\nSELECT 'a' AS k, 1 AS n UNION ALL SELECT 'b', 2 ORDER BY k");

        var chart = Assert.Single(events.OfType<CellEvent.Result>()).Content;
        Assert.Contains("<svg", (string)chart.Data[MimeBundle.Svg], StringComparison.Ordinal);
        Assert.Contains("b │", chart.PlainText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_loaded_from_a_network()
    {
        var fault = await _notebook.Cells.FaultAsync("#!sql\nSELECT * FROM delta_scan('x')");

        Assert.DoesNotContain("http", fault.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("SELECT * FROM peo|", "people")]
    [InlineData("SEL|", "SELECT")]
    [InlineData("SELECT :lim|", "limit")]
    public async Task Completion_offers_tables_keywords_and_variables(string text, string expected)
    {
        await _notebook.Cells.EventsAsync("var people = new List<string>(); var limit = 3;");
        var code = (text.Length % 2 == 0 ? "#!sql\n" : "#!sql ") + text;
        var position = code.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Cells.Editor.CompleteAsync(code.Remove(position, 1), position, TestContext.Current.CancellationToken);

        Assert.Contains(found.Items, item => string.Equals(item.Text, expected, StringComparison.OrdinalIgnoreCase));
    }

    public void Dispose() => _notebook.Dispose();

    /// <summary>The value in the last line of a table of one row.</summary>
    private static string Last(string? table) => table!.Split('\n')[^1].Trim();
}
