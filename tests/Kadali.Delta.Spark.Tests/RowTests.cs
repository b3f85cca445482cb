namespace Kadali.Delta.Spark.Tests;

/// <summary>DELETE, UPDATE and MERGE by both on one table.</summary>
public sealed class RowTests(SparkServer server) : IDisposable
{
    private const string Rows =
        "SELECT CAST(id AS INT) AS id, 'w' || CAST(id AS INT) AS word, CAST(id % 4 AS INT) AS p FROM (SELECT range AS id FROM range(40))";

    private readonly Both _both = new(server);

    public void Dispose() => _both.Dispose();

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Rows_are_deleted_and_updated_in_turn(bool vectors, bool partitioned)
    {
        await MakeAsync(vectors, partitioned);

        foreach (var spark in new[] { "", "spark: " })
        {
            await _both.RunAsync(
                spark + "DELETE FROM {t} WHERE id % 10 = 3", spark + "UPDATE {t} SET word = concat(word, '!') WHERE id % 5 = 1 AND p <> 2",
                (spark.Length == 0 ? "spark: " : "") + "DELETE FROM {t} WHERE id % 10 = 7", spark
                    + "UPDATE {t} SET id = id + 100 WHERE p = 0",
                spark + "DELETE FROM {t} WHERE p = 2 AND id > 20");
            await _both.SameAsync();
        }

        await _both.SameDescriptionAsync();
        await _both.RunAsync("spark: OPTIMIZE {t}", "DELETE FROM {t} WHERE id = 1");
        Assert.NotEmpty(await _both.SameAsync());
        Assert.Equal(vectors, _both.Snapshot().Properties.DeletionVectors);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rows_are_merged_by_all_clauses(bool vectors)
    {
        const string Merge = """
            MERGE INTO {t} AS t USING (SELECT id + 30 AS id, concat('new', CAST(id AS STRING)) AS word,
              CAST(9 AS INT) AS p FROM {u} WHERE id < 20) AS s ON t.id = s.id
            WHEN MATCHED AND s.id = 31 THEN DELETE
            WHEN MATCHED AND s.id < 36 THEN UPDATE SET t.word = s.word
            WHEN MATCHED THEN UPDATE SET *
            WHEN NOT MATCHED AND s.id > 45 THEN INSERT *
            WHEN NOT MATCHED THEN INSERT (id, word) VALUES (s.id, concat('few', s.word))
            WHEN NOT MATCHED BY SOURCE AND t.id < 5 THEN DELETE
            WHEN NOT MATCHED BY SOURCE AND t.id < 9 THEN UPDATE SET p = -1
            """;
        await MakeAsync(vectors, partitioned: false);
        await _both.RunAsync($"CREATE TABLE {{u}} USING DELTA AS {Rows}", "spark: CREATE TABLE delta.`{folder}/v` SHALLOW CLONE {t}");

        await _both.RunAsync(Merge, "spark: " + Merge.Replace("INTO {t}", "INTO delta.`{folder}/v`", StringComparison.Ordinal));

        var merged = await _both.SameAsync();
        Assert.Equal(merged, (await _both.SparkAsync("SELECT * FROM delta.`{folder}/v`"))[1..]);
        Assert.Equal(merged, _both.Query("SELECT * FROM delta.`{folder}/v`")[1..]);
        await _both.RunAsync("spark: " + Merge.Replace("id + 30", "id + 40", StringComparison.Ordinal));
        await _both.SameAsync();
        await _both.SameDescriptionAsync();
    }

    [Fact]
    public async Task A_merge_brings_new_columns()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, word STRING) USING DELTA", "INSERT INTO {t} VALUES (1, 'a'), (2, 'b')",
            "CREATE TABLE {u} (id INT, more DOUBLE, word STRING) USING DELTA", "INSERT INTO {u} VALUES (2, 2.5, 'B'), (3, 3.5, 'C')",
            "MERGE WITH SCHEMA EVOLUTION INTO {t} t USING {u} s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED "
                + "THEN INSERT *",
            
            "spark: MERGE WITH SCHEMA EVOLUTION INTO {t} t USING (SELECT 1 AS id, 'day' AS other, 'A' AS word) s ON t.id = s.id "
                + "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *");

        await _both.SeeAsync("SELECT * FROM {t}", "1|'A'|null|'day'", "2|'B'|2.5|null", "3|'C'|3.5|null");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_change_feed_is_the_same(bool vectors)
    {
        await MakeAsync(vectors, partitioned: true, "'delta.enableChangeDataFeed' = 'true'");
        await _both.RunAsync(
            "CREATE TABLE {u} USING DELTA AS SELECT 100 AS id, 'merged' AS word, 1 AS p UNION ALL SELECT 11, 'eleven', 3",
            "DELETE FROM {t} WHERE id < 3", "spark: DELETE FROM {t} WHERE id BETWEEN 4 AND 6",
            "UPDATE {t} SET word = 'upd' WHERE id % 9 = 0", "spark: UPDATE {t} SET word = 'spark', p = 7 WHERE id % 8 = 0",
            "MERGE INTO {t} t USING {u} s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT * WHEN NOT "
                + "MATCHED BY SOURCE AND t.id = 12 THEN DELETE",
            
            "spark: MERGE INTO {t} t USING {u} s ON t.id = s.id WHEN MATCHED AND s.id = 11 THEN DELETE WHEN MATCHED THEN UPDATE "
                + "SET word = 'again'",
            
            "DELETE FROM {t} WHERE p = 2",
            "OPTIMIZE {t}",
            "INSERT OVERWRITE {t} SELECT 1 AS id, 'only' AS word, 1 AS p",
            "spark: INSERT INTO {t} REPLACE WHERE p = 1 SELECT 2 AS id, 'replaced' AS word, 1 AS p",
            "INSERT INTO {t} REPLACE WHERE p = 1 SELECT 3 AS id, 'again' AS word, 1 AS p");

        await _both.SameAsync();
        var all = await _both.SameChangesAsync(0);
        Assert.Contains(all, row => row.Contains("update_preimage", StringComparison.Ordinal));
        Assert.Contains("11|'eleven'|3|'update_postimage'|5", all);
    }

    [Fact]
    public async Task Vectors_are_turned_on_for_a_table_with_files()
    {
        await MakeAsync(vectors: false, partitioned: false);
        await _both.RunAsync(
            "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')", "DELETE FROM {t} WHERE id = 7",
            "spark: DELETE FROM {t} WHERE id = 8", "DELETE FROM {t} WHERE id = 9");

        Assert.Equal(37, (await _both.SameAsync()).Length);
        Assert.Single(_both.Snapshot().Files, file => file.DeletionVector is { Cardinality: 3 });
        await _both.RunAsync("REORG TABLE {t} APPLY (PURGE)");
        Assert.Equal(37, (await _both.SameAsync()).Length);
        Assert.DoesNotContain(_both.Snapshot().Files, file => file.DeletionVector is not null);
    }

    [Fact]
    public async Task Only_appends_are_taken_by_both()
    {
        await MakeAsync(vectors: true, partitioned: false, "'delta.appendOnly' = 'true'");
        await _both.RunAsync("spark: INSERT INTO {t} VALUES (99, 'more', 1)");

        await Assert.ThrowsAsync<SparkException>(() => _both.SparkAsync("DELETE FROM {t} WHERE id = 1"));
        Assert.Throws<DeltaException>(() => _both.Kadali("DELETE FROM {t} WHERE id = 1"));
        Assert.Equal(41, (await _both.SameAsync()).Length);
    }

    private Task MakeAsync(bool vectors, bool partitioned, string more = "'a' = 'b'") => _both.RunAsync(
        $"""
        CREATE TABLE {"{t}"} USING DELTA {(partitioned ? "PARTITIONED BY (p)" : "")}
        TBLPROPERTIES ('delta.enableDeletionVectors' = '{(vectors ? "true" : "false")}',
          {more}) AS {Rows}
        """);
}
