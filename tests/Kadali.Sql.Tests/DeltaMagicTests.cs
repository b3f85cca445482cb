using Kadali.Cells;

namespace Kadali.Sql.Tests;

public sealed class DeltaMagicTests : WarehouseTests
{
    [Fact]
    public async Task A_table_is_made_of_a_query_and_gets_rows_of_a_csharp_list()
    {
        await Run("var late = new[] { new { name = \"cy\", id = 3 } };");
        await Run("""
            #!delta create people --partition-by id --property delta.appendOnly=true
            SELECT 1 AS id, 'ann' AS name UNION ALL SELECT 2, 'bob'
            """);
        await Run("#!delta append people --from late");

        Assert.Contains("3 │ cy", await Run("#!delta read people --where \"id > 1\" --columns id,name"), StringComparison.Ordinal);
        Assert.Matches(@"delta\.appendOnly +│ true", await Run("#!delta detail people"));
        Assert.Contains("delta.appendOnly = true", await Run("#!delta history people"), StringComparison.Ordinal);
        Assert.True(Directory.Exists($"{_warehouse}/people/id=3"));
    }

    [Fact]
    public async Task History_is_a_timeline_with_the_latest_first()
    {
        await Three();

        var lines = (await Run("#!delta history people")).Split('\n');

        Assert.StartsWith("v2", lines[0].Trim(), StringComparison.Ordinal);
        Assert.Contains("1 inserted, 1 updated, 1 deleted", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("v0", lines[2].Trim(), StringComparison.Ordinal);
        Assert.Single((await Run("#!delta history people --limit 1")).Split('\n'));
    }

    [Fact]
    public async Task A_diff_shows_rows_added_changed_and_removed()
    {
        await Three();

        var diff = await Run("#!delta diff people --from 1 --key id");

        Assert.Contains("version 1 → 2: 1 added, 1 changed, 1 removed", diff, StringComparison.Ordinal);
        Assert.Contains("bob → BOB", diff, StringComparison.Ordinal);
        Assert.DoesNotContain("__delta", diff, StringComparison.Ordinal);
        Assert.Contains("2 added, 2 removed", await Run("#!delta diff people"), StringComparison.Ordinal);
        Assert.Contains("the same rows", await Run("#!delta diff people --from 2 --to 2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_only_changed_show_what_changed_in_them()
    {
        await Run("#!delta create t\nSELECT range AS id, 1 AS same, range AS other FROM range(3)");
        await Run("#!delta\nUPDATE t SET other = 7 WHERE id = 1");

        var diff = await Run("#!delta diff t --key id");

        Assert.Contains("1 → 7", diff, StringComparison.Ordinal);
        Assert.DoesNotContain("same", diff, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_optimize_moves_is_no_difference()
    {
        await Three();
        await Run("#!delta\nINSERT INTO people VALUES (9, 'zoe')");
        await Run("#!delta optimize people");

        Assert.Contains("version 3 → 4: the same rows", await Run("#!delta diff people --key id"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_goes_back_is_cloned_checked_and_cleaned()
    {
        await Three();

        var dry = await Run("#!delta restore people --version 1 --dry-run");

        Assert.Contains("RESTORE TABLE `people` TO VERSION AS OF 1", dry, StringComparison.Ordinal);
        await Run("#!delta restore people --version 1");
        await Run("#!delta clone people copy --shallow");
        Assert.Contains("bob", await Run("#!delta read copy"), StringComparison.Ordinal);
        Assert.Contains("whole", await Run("#!delta fsck people"), StringComparison.Ordinal);
        Assert.Contains("No file", await Run("#!delta vacuum people --dry-run"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_parquet_files_becomes_a_table()
    {
        await _notebook.SqlAsync(
            $"COPY (SELECT range AS id, range % 2 AS part FROM range(10)) TO '{_warehouse}/raw' (FORMAT parquet, PARTITION_BY (part))");

        await Run($"#!delta convert {_warehouse}/raw --partition-by \"part BIGINT\"");

        Assert.Contains("5", await Run($"#!delta\nSELECT count(*) FROM delta.`{_warehouse}/raw` WHERE part = 1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_shown_version_by_version()
    {
        await Run("#!delta create t --schema \"x INT\" --property delta.enableChangeDataFeed=true");
        await Run("#!delta\nINSERT INTO t VALUES (1), (2);\nDELETE FROM t WHERE x = 1");

        Assert.Contains("delete", await Run("#!delta changes t --from 1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!delta histry people", "KDL103", "history", "histry")]
    [InlineData("#!delta history peple", "KDL502", "people", "peple")]
    [InlineData("#!delta read people --version x", "KDL105", "--version", "x")]
    [InlineData("#!delta restore people --version 99", "KDL502", "99", "99")]
    [InlineData("#!delta read people --version 99", "KDL502", "99", "99")]
    [InlineData("#!delta diff people --from 1 --to 99", "KDL502", "99", "99")]
    [InlineData("#!delta read people --where \"oops = 1\"", "KDL303", "oops", "#!delta read people --where \"oops = 1\"")]
    [InlineData("#!delta diff people --key nome", "KDL509", "name", "nome")]
    [InlineData("#!delta create x", "KDL104", "--schema", "#!delta create x")]
    [InlineData("#!delta append people\nSELECT oops", "KDL303", "oops", "oops")]
    [InlineData("#!delta append people --from \"a b\"", "KDL105", "a b", "\"a b\"")]
    [InlineData("#!delta restore people", "KDL104", "--version", "#!delta restore people")]
    [InlineData("#!delta vacuum people --retain-hours 0", "KDL509", "168", "#!delta vacuum people --retain-hours 0")]
    public async Task A_mistake_is_a_fault_with_a_place(string code, string fault, string says, string marks)
    {
        await Three();

        var found = await _notebook.Cells.FaultAsync(code);

        Assert.Equal(fault, found.Code);
        Assert.Contains(says, found.Message + found.Hint, StringComparison.Ordinal);
        Assert.StartsWith(marks, found.Place!.Line[found.Place.Position.Column..], StringComparison.Ordinal);
        Assert.True(found.Place.Length is 0 || found.Place.Length == marks.Length, $"{found.Place.Length} letters");
    }

    [Theory]
    [InlineData("#!delta optimize peo|", "people")]
    [InlineData("#!delta |", "optimize")]
    [InlineData("#!delta optimize |", "people sales --zorder-by")]
    [InlineData("#!delta history sales.|", "sales.orders")]
    [InlineData("#!delta optimize people --zorder-by na|", "name")]
    [InlineData("#!delta diff people --key id,|", "id,id id,name")]
    [InlineData("#!delta read people --where |", "id name")]
    [InlineData("#!delta read people --co|", "--columns")]
    [InlineData("#!delta read --limit 3 peo|", "people")]
    [InlineData("#!delta optimize {W}/people --zorder-by na|", "name")]
    [InlineData("#!delta append people --from la|", "late")]
    [InlineData("#!delta clone peo|", "people")]
    [InlineData("#!delta create x --property delta.enableCh|", "delta.enableChangeDataFeed")]
    [InlineData("#!delta create x --property delta.enableChangeDataFeed=|",
        "delta.enableChangeDataFeed=true delta.enableChangeDataFeed=false")]
    public async Task The_line_is_completed_with_what_is_there(string code, string expected)
    {
        await Three();
        await Run("var late = new[] { new { id = 3 } };");
        await Run("#!delta\nCREATE DATABASE sales; CREATE TABLE sales.orders (x INT) USING DELTA");
        code = code.Replace("{W}", _warehouse, StringComparison.Ordinal);
        var position = code.IndexOf('|', StringComparison.Ordinal);

        var found = await _notebook.Cells.Editor.CompleteAsync(code.Remove(position, 1), position, TestContext.Current.CancellationToken);

        Assert.Superset(expected.Split(' ').ToHashSet(), found.Items.Select(item => item.Text).ToHashSet());
    }

    [Fact]
    public async Task Behind_the_table_no_other_is_offered()
    {
        await Three();
        const string Line = "#!delta optimize people ";

        var found = await _notebook.Cells.Editor.CompleteAsync(Line, Line.Length, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(found.Items, item => item.Text == "people");
    }

    /// <summary>Three versions: made, filled, merged into.</summary>
    private async Task Three()
    {
        await Run("#!delta create people --schema \"id INT, name STRING\"");
        await Run("""
            #!delta
            INSERT INTO people VALUES (1, 'ann'), (2, 'bob');
            MERGE INTO people p USING (SELECT 2 AS id, 'BOB' AS name UNION ALL SELECT 3, 'cy') s ON p.id = s.id
            WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE THEN DELETE
            """);
    }

    /// <summary>All that a cell shows, as text.</summary>
    private async Task<string> Run(string code) => string.Join('\n', (await _notebook.Cells.EventsAsync(code)).Select(said => said switch
    {
        CellEvent.Result result => result.Content.PlainText,
        CellEvent.Display display => display.Content.PlainText,
        _ => null,
    }).OfType<string>());
}
