using Kadali.Cells;

namespace Kadali.Databases.Tests;

/// <summary>Databases that are files.</summary>
public sealed class FileDatabaseTests : IDisposable
{
    private readonly DatabaseNotebook _notebook = new();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("duckdb")]
    public async Task A_file_is_made_filled_and_read_again_by_another_connection(string kind)
    {
        await ConnectAsync(kind, "one");
        await _notebook.Cells.EventsAsync("#!sql-one\nCREATE TABLE t (id INTEGER, name TEXT); INSERT INTO t VALUES (1, 'Ada'), (2, NULL)");
        await _notebook.Cells.EventsAsync("var wanted = 1;");

        await _notebook.Cells.EventsAsync("#!sql-one --name found\nSELECT name FROM t WHERE id = :wanted");
        Assert.Equal("Ada", await _notebook.Cells.ValueAsync("found.First().Name"));
        Assert.Equal("1", await _notebook.RowAsync("#!sql\nSELECT count(*) AS n FROM found"));
    }

    [Fact]
    public async Task Values_of_SQLite_keep_the_types_that_their_columns_declare()
    {
        await ConnectAsync("sqlite", "s");
        await _notebook.Cells.EventsAsync(
            "#!sql-s\nCREATE TABLE t (i INTEGER, r REAL, t TEXT, b BLOB, f BOOLEAN, n NUMERIC); "
                + "INSERT INTO t VALUES (9007199254740993, 1, 'x', x'00ff', 1, 5)");
        await _notebook.Cells.EventsAsync("#!sql-s --name row\nSELECT *, 1 + 1 AS two, 'a' || 'b' AS ab FROM t");

        Assert.Equal("Int64 Double String Byte[] Boolean Int64 Int64 String", await _notebook.Cells.ValueAsync(
            "string.Join(\" \", row.First().GetType().GetProperties()"
                + ".Select(p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType).Name))"));
        Assert.Equal("9007199254740993", await _notebook.Cells.ValueAsync("row.First().I"));
    }

    [Fact]
    public async Task A_mistake_in_SQLite_points_at_its_place_in_the_cell()
    {
        await ConnectAsync("sqlite", "s");

        var fault = await _notebook.Cells.FaultAsync("#!sql-s\nSELECT 1;\nSELECT nme FROM sqlite_master");

        Assert.Equal("KDL303", fault.Code);
        Assert.Equal((2, 7), (fault.Place!.Position.Line, fault.Place.Position.Column));
    }

    [Fact]
    public async Task An_interrupt_ends_a_statement_of_SQLite_and_the_connection_stays()
    {
        await ConnectAsync("sqlite", "s");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _notebook.Cells.EventsAsync(
            "#!sql-s\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n", interrupt.Token));

        Assert.Equal("1", await _notebook.RowAsync("#!sql-s\nSELECT 1 AS one"));
    }

    [Fact]
    public async Task The_first_page_of_a_result_without_end_comes_at_once()
    {
        await ConnectAsync("sqlite", "s");

        Assert.NotNull(await _notebook.Cells.ValueAsync(
            "#!sql-s --limit 50\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"));
    }

    [Fact]
    public async Task Completion_knows_tables_and_columns()
    {
        await ConnectAsync("sqlite", "s");
        await _notebook.Cells.EventsAsync("#!sql-s\nCREATE TABLE customers (surname TEXT)");
        const string text = "#!sql-s\nSELECT sur FROM customers";

        var found = await _notebook.Cells.Editor.CompleteAsync(
            text, text.IndexOf(" FROM", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Equal(["surname"], found.Items.Select(item => item.Text));
    }

    [Fact]
    public async Task A_plan_is_shown_and_nothing_runs()
    {
        await ConnectAsync("sqlite", "s");
        await _notebook.Cells.EventsAsync("#!sql-s\nCREATE TABLE t (i INTEGER)");

        Assert.Contains("SCAN t", await _notebook.Cells.ValueAsync("#!sql-s --explain\nSELECT * FROM t"), StringComparison.Ordinal);
    }

    public void Dispose() => _notebook.Dispose();

    [Fact]
    public async Task A_duckdb_file_that_cannot_be_opened_is_refused_when_it_is_connected()
    {
        var folder = Path.Combine(_notebook.Folder, "nowhere");
        var text = Path.Combine(_notebook.Folder, "text.duckdb");
        await File.WriteAllTextAsync(text, new string('x', 8192), TestContext.Current.CancellationToken);

        var missing = await _notebook.Cells.FaultAsync($"#!connect duckdb --kernel-name a \"{folder}/a.duckdb\"");
        var damaged = await _notebook.Cells.FaultAsync($"#!connect duckdb --kernel-name a \"{text}\"");

        Assert.Equal(("KDL305", $"There is no folder '{folder}' for the database 'a.duckdb'."), (missing.Code, missing.Message));
        Assert.Equal(33, missing.Place!.Position.Column);
        Assert.Equal("KDL305", damaged.Code);
        Assert.Contains("text.duckdb", damaged.Message, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<CellEvent>> ConnectAsync(string kind, string name) =>
        _notebook.Cells.EventsAsync($"#!connect {kind} --kernel-name {name} \"{Path.Combine(_notebook.Folder, kind + ".db")}\"");
}
