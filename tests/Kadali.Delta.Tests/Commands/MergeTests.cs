namespace Kadali.Delta.Tests.Commands;

/// <summary>MERGE: which rows it changes, takes and refuses, and what it leaves alone.</summary>
public sealed class MergeTests : IDisposable
{
    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    private void Duck(string sql) => _table.Session.DuckDb.Execute(sql, CancellationToken.None);

    private static TableDefinition With(params (string Key, string Value)[] properties) =>
        new(new([])) { Properties = properties.ToDictionary(item => item.Key, item => item.Value) };

    [Fact]
    public void A_merge_with_an_empty_source_keeps_the_columns_that_no_step_sets()
    {
        _table.Create("SELECT 1 AS a, 2 AS b, 'x' AS c");

        _table.Merge(
            "SELECT 1 AS a WHERE false", "t.a = s.a",
            new MergeStep.Update(false, null, new Dictionary<string, string> { ["b"] = "t.b + 1" }));

        Assert.Equal(["1|3|x"], _table.Rows());
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void Merge_takes_rows_that_the_source_has_not(string vectors)
    {
        _table.Create("SELECT range AS id, range * 10 AS v FROM range(5)", With(("delta.enableDeletionVectors", vectors)));
        _table.Merge(
            "SELECT range AS id FROM range(2, 7)", "t.id = s.id",
            new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "t.v + 1" }),
            new MergeStep.Insert("s.id > 5", new Dictionary<string, string> { ["id"] = "s.id" }),
            new MergeStep.Delete(false, "t.id = 0"),
            new MergeStep.Update(false, null, new Dictionary<string, string> { ["v"] = "-1" }));

        Assert.Equal(["1|-1", "2|21", "3|31", "4|41", "6|-"], _table.Rows());
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void A_row_that_several_of_the_source_delete_is_deleted_once(string vectors)
    {
        _table.Create(
            "SELECT 1 AS id, 'a' AS v UNION ALL SELECT 2, 'b' UNION ALL SELECT 3, 'c'",
            With(("delta.enableDeletionVectors", vectors), ("delta.enableChangeDataFeed", "true")));

        var result = _table.Merge(
            "SELECT * FROM (VALUES (1), (1), (2), (9), (9)) AS source(id)", "t.id = s.id", new MergeStep.Delete(true, null),
            new MergeStep.Insert(null, new Dictionary<string, string> { ["id"] = "s.id" }),
            new MergeStep.Update(false, null, new Dictionary<string, string> { ["v"] = "'C'" }));

        Assert.Equal(["3|C", "9|-", "9|-"], _table.Rows());
        Assert.Equal(
            (2, 2, 1),
            (result.Metrics["numTargetRowsDeleted"], result.Metrics["numTargetRowsInserted"], result.Metrics["numTargetRowsUpdated"]));
        Assert.Equal(
            "delete 1,delete 2",
            _table.Session.DuckDb.Scalar<string>(
                $"SELECT string_agg(_change_type || ' ' || id, ',' ORDER BY id) FROM '{_table.Storage.Root}/_change_data/*.parquet' "
                    + "WHERE _change_type = 'delete'",
                CancellationToken.None));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("rowid")]
    public void Merge_inserts_no_row_that_belongs_to_one_it_leaves_alone(string key)
    {
        _table.Create("SELECT 1 AS id, 10 AS v UNION ALL SELECT 2, 20");

        _table.Merge(
            $"SELECT * FROM (VALUES (1, 11), (2, 22), (3, 33), (3, 34)) AS x({key}, v)", $"t.id = s.{key}",
            new MergeStep.Update(true, "s.v > 20", new Dictionary<string, string> { ["v"] = "s.v" }),
            new MergeStep.Insert("s.v > 33", new Dictionary<string, string> { ["id"] = $"s.{key}", ["v"] = "s.v" }));

        Assert.Equal(["1|10", "2|22", "3|34"], _table.Rows());
    }

    [Fact]
    public void Merge_keeps_what_no_step_sets()
    {
        _table.Create("SELECT 1 AS id, 10 AS v, 'a' AS name, {'x': 5, 'y': 6} AS st, [7] AS l");

        _table.Merge(
            "SELECT 1 AS id, 2 AS w", "t.id = s.id",
            new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "t.st.x + s.w" }));

        Assert.Equal(["1|7|a|{'x': 5, 'y': 6}|[7]"], _table.Rows());
    }

    [Fact]
    public void Merge_refuses_a_source_with_two_rows_for_one()
    {
        _table.Create("SELECT 1 AS id, 1 AS v");

        var error = Assert.Throws<DeltaException>(() => _table.Merge(
            "SELECT 1 AS id, range AS v FROM range(2)", "t.id = s.id",
            new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "s.v" })));

        Assert.Contains("more than one row of the source", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1|1"], _table.Rows());
    }

    [Theory]
    [InlineData("CREATE TABLE given AS SELECT range AS id, 'new' AS v FROM range(2, 4)")]
    [InlineData("CREATE TABLE given AS SELECT range AS id, 'new' AS v, 7 AS rowid FROM range(2, 4)")]
    [InlineData("CREATE VIEW given AS SELECT range AS id, 'new' AS v FROM range(2, 4)")]
    [InlineData("CREATE TABLE kept AS SELECT range AS id, 'new' AS v FROM range(2, 4); CREATE VIEW given AS FROM kept")]
    public void Merge_takes_its_rows_from_tables_and_views_alike(string given)
    {
        _table.Create("SELECT 0 AS id, 'old' AS v");
        Duck(given);
        foreach (var transaction in new[] { false, true })
        {
            _table.Write(new("SELECT range AS id, 'old' AS v FROM range(3)", new WriteMode.Overwrite()));
            Duck(transaction ? "BEGIN TRANSACTION" : "SELECT 1");
            _table.Merge(
                "SELECT * FROM given", "t.id = \"s\".id",
                new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "s.\"v\"" }),
                new MergeStep.Insert(null, new Dictionary<string, string> { ["id"] = "s.\"id\"", ["v"] = "s.\"v\"" }));
            Duck(transaction ? "ROLLBACK" : "SELECT 1");

            Assert.Equal(["0|old", "1|old", "2|new", "3|new"], _table.Rows());
            Assert.False(_table.Session.DuckDb.IsInTransaction(CancellationToken.None));
        }
    }

    [Fact]
    public void A_merge_that_fails_in_a_transaction_of_the_caller_says_why()
    {
        _table.Create("SELECT 1 AS id, 1 AS v");
        Duck("CREATE TABLE given AS SELECT 1 AS id, 'no number' AS v");
        Duck("BEGIN TRANSACTION");
        var failure = Assert.Throws<DuckDB.NET.Data.DuckDBException>(() => _table.Merge(
            "SELECT * FROM given", "t.id = s.id",
            new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "s.\"v\"" })));
        Assert.Throws<DuckDB.NET.Data.DuckDBException>(() => Duck("SELECT 1"));
        Duck("ROLLBACK");

        Assert.Contains("no number", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["1|1"], _table.Rows());
    }

    [Fact]
    public void A_row_that_a_merge_deletes_needs_no_value()
    {
        _table.Create("SELECT range AS id, 1 AS v FROM range(2)", With(("delta.enableChangeDataFeed", "true")));
        Duck("CREATE TABLE given AS SELECT * FROM (VALUES (0, 'gone'), (1, '2')) AS given(id, v)");
        _table.Merge(
            "SELECT * FROM given", "t.id = s.id", new MergeStep.Delete(true, "s.v = 'gone'"),
            new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "s.\"v\"" }));

        Assert.Equal(["1|2"], _table.Rows());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_merge_of_other_keys_is_in_the_way_of_none(int files)
    {
        _table.Create("SELECT 0 AS id, 'old' AS v");
        for (var i = 1; i < files; i++)
        {
            _table.Append($"SELECT {i} AS id, 'old' AS v");
        }

        Duck("CREATE TABLE given AS SELECT 0 AS id, 'new' AS v");
        using var other = new TestTable(_table.Storage);
        var before = other.Snapshot;
        _table.Merge(
            "SELECT * FROM given", "t.id = s.id", new MergeStep.Update(true, null, new Dictionary<string, string> { ["v"] = "s.\"v\"" }));
        var late = new Merging(other.Session, other.Storage, before);
        late.Run(
            new(
                "SELECT 70 AS id, 'late' AS v", "t", "s", "t.id = s.id",
                [new MergeStep.Insert(null, new Dictionary<string, string> { ["id"] = "s.id", ["v"] = "s.v" })]),
            CancellationToken.None);

        Assert.Equal([.. Enumerable.Range(0, files).Select(i => i == 0 ? "0|new" : $"{i}|old"), "70|late"], _table.Rows());
    }

    [Fact]
    public void An_interrupted_merge_leaves_the_table_as_it_was()
    {
        _table.Create("SELECT range AS id, 0 AS v FROM range(1000)");
        var files = Directory.GetFiles(_table.Storage.Root, "*", SearchOption.AllDirectories);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        Assert.Throws<OperationCanceledException>(() => new Merging(_table.Session, _table.Storage, _table.Snapshot).Run(
            new("SELECT a.range AS id FROM range(100000) a, range(1000000) b WHERE hash(a.range, b.range) % 3 = 1", "t", "s", "t.id = s.id",
                [new MergeStep.Delete(true, null)]),
            soon.Token));

        Assert.Equal(files, Directory.GetFiles(_table.Storage.Root, "*", SearchOption.AllDirectories));
        Assert.Equal(1000, _table.Rows().Length);
        _table.Append("SELECT 5000 AS id, 1 AS v");
    }
}
