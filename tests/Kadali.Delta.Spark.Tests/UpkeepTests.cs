using System.Globalization;

namespace Kadali.Delta.Spark.Tests;

/// <summary>What keeps a table in order: compaction, VACUUM, RESTORE, clones, conversion, checkpoints.</summary>
public sealed class UpkeepTests(SparkServer server) : IDisposable
{
    private readonly Both _both = new(server);

    public void Dispose() => _both.Dispose();

    [Theory]
    [InlineData("OPTIMIZE {t}", "spark: OPTIMIZE {t}")]
    [InlineData("spark: OPTIMIZE {t}", "OPTIMIZE {t}")]
    public async Task What_either_has_clustered_is_clustered_for_the_other(string first, string second)
    {
        await _both.RunAsync(
            "spark: CREATE TABLE {t} (a INT, s STRUCT<b: INT>, c STRING) USING DELTA CLUSTER BY (a, s.b)",
            "INSERT INTO {t} VALUES (1, {'b': 2}, 'x'), (2, {'b': 1}, 'y')", "INSERT INTO {t} VALUES (3, {'b': 2}, 'z')", first);
        var version = _both.Snapshot().Version;
        var tags = Assert.Single(_both.Snapshot().Files).Tags!;

        await _both.RunAsync(second);

        Assert.Equal(version, _both.Snapshot().Version);
        Assert.Equal("[\"a\",\"s.b\"]", tags["ZCUBE_ZORDER_BY"]);
        await _both.SameAsync();
    }

    [Theory]
    [InlineData("deletionVectors", "'delta.enableDeletionVectors' = 'true'", "DELETE FROM {0} WHERE id = 2")]
    [InlineData("v2Checkpoint", "'delta.checkpointPolicy' = 'v2', 'delta.enableDeletionVectors' = 'false'",
        "INSERT INTO {0} VALUES (5, 'five')")]
    [InlineData("typeWidening", "'delta.enableTypeWidening' = 'true', 'delta.enableDeletionVectors' = 'false'",
        "ALTER TABLE {0} ALTER COLUMN id TYPE BIGINT")]
    [InlineData("columnMapping", "'delta.columnMapping.mode' = 'name', 'delta.enableDeletionVectors' = 'false'",
        "ALTER TABLE {0} RENAME COLUMN name TO word")]
    [InlineData("inCommitTimestamp", "'delta.enableInCommitTimestamps' = 'true', 'delta.enableDeletionVectors' = 'false'",
        "INSERT INTO {0} VALUES (5, 'five')")]
    [InlineData("vacuumProtocolCheck", "'delta.feature.vacuumProtocolCheck' = 'supported', 'delta.enableDeletionVectors' = 'false'",
        "INSERT INTO {0} VALUES (5, 'five')")]
    public async Task A_dropped_feature_leaves_what_it_leaves_in_spark(string feature, string properties, string use)
    {
        using var both = new Both(server);
        foreach (var (table, by) in new[] { ("{t}", ""), ("{u}", "spark: ") })
        {
            await both.RunAsync(
                $"CREATE TABLE {table} (id INT, name STRING) USING DELTA TBLPROPERTIES ({properties})",
                $"INSERT INTO {table} VALUES (1, 'one'), (2, 'two')", use.Replace("{0}", table, StringComparison.Ordinal),
                $"{by}ALTER TABLE {table} DROP FEATURE {feature}");
        }

        var (ours, theirs) = (both.Snapshot(), both.Snapshot("u"));
        Assert.Equal(
            (theirs.Protocol.MinReaderVersion, theirs.Protocol.MinWriterVersion),
            (ours.Protocol.MinReaderVersion, ours.Protocol.MinWriterVersion));
        Assert.Equal(theirs.Features.Order(), ours.Features.Order());
        await both.SameAsync();
        await both.SameAsync("SELECT * FROM {t} VERSION AS OF 1");
        Assert.Equal((await both.SameAsync("SELECT * FROM {u}")), await both.SameAsync());
        await both.RunAsync("spark: INSERT INTO {t} VALUES (9, 'nine')", "INSERT INTO {t} VALUES (10, 'ten')");
        await both.SameAsync();
    }

    [Fact]
    public async Task Files_are_compacted_and_ordered_by_both()
    {
        await _both.RunAsync("CREATE TABLE {t} (id INT, x INT, y STRING, p INT) USING DELTA PARTITIONED BY (p)");
        for (var i = 0; i < 3; i++)
        {
            await _both.RunAsync(
                $"INSERT INTO {{t}} SELECT range::INT, (range * 37 % 101)::INT, 'y' || (range % 7), (range % 2)::INT FROM "
                    + $"range({i * 50}, {(i + 1) * 50})");
        }

        var rows = await _both.SameAsync();
        await _both.RunAsync("OPTIMIZE {t} WHERE p = 1");
        Assert.Equal(4, _both.Snapshot().Files.Count);
        await _both.RunAsync("spark: OPTIMIZE {t}", "OPTIMIZE {t} ZORDER BY (x, y)", "spark: OPTIMIZE {t} ZORDER BY (x, y)");

        Assert.Equal(rows, await _both.SameAsync());
        Assert.Equal(2, _both.Snapshot().Files.Count);
        await _both.SameDescriptionAsync();
    }

    [Fact]
    public async Task Vacuum_leaves_what_the_table_needs()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, p STRING) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('delta.enableChangeDataFeed' = "
                + "'true', 'delta.deletedFileRetentionDuration' = 'interval 0 seconds')",
            
            "INSERT INTO {t} VALUES (1, 'a b'), (2, 'ü'), (3, NULL)", "INSERT INTO {t} VALUES (4, 'a b'), (5, 'ü'), (6, NULL)",
            "DELETE FROM {t} WHERE id = 4", "UPDATE {t} SET id = 50 WHERE id = 5", "OPTIMIZE {t}",
            "spark: DELETE FROM {t} WHERE id = 6");
        var rows = await _both.SameAsync();
        var before = Files();

        await _both.RunAsync("VACUUM {t}");
        Assert.Equal(rows, await _both.SameAsync());
        var after = Files();
        await _both.RunAsync("spark: VACUUM {t} RETAIN 0 HOURS");

        Assert.True(after.Length < before.Length);
        Assert.Equal(after, Files());
        Assert.Equal(rows, await _both.SameAsync());

        await _both.RunAsync(
            "DELETE FROM {t} WHERE id = 1", "INSERT INTO {t} VALUES (9, 'a b')", "OPTIMIZE {t}", "spark: VACUUM {t} RETAIN 0 HOURS");
        Assert.Equal(4, (await _both.SameAsync()).Length);
        Assert.Empty(_both.Kadali("VACUUM {t} DRY RUN").Rows);

        string[] Files() => [.. Directory.GetFiles(_both["t"], "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("_delta_log", StringComparison.Ordinal) && !file.EndsWith(".crc", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Versions_come_back()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, word STRING) USING DELTA", "INSERT INTO {t} VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            "DELETE FROM {t} WHERE id = 2",
            "spark: UPDATE {t} SET word = 'x' WHERE id = 1", "RESTORE TABLE {t} TO VERSION AS OF 1");
        await _both.SeeAsync("SELECT * FROM {t}", "1|'a'", "2|'b'", "3|'c'");

        await _both.RunAsync(
            "INSERT INTO {t} VALUES (4, 'd')", "spark: RESTORE TABLE {t} TO VERSION AS OF 2", "INSERT INTO {t} VALUES (5, 'e')",
            "RESTORE TABLE {t} TO VERSION AS OF 5");
        await _both.SeeAsync("SELECT * FROM {t}", "1|'a'", "2|'b'", "3|'c'", "4|'d'");
        await _both.SameDescriptionAsync();
    }

    [Theory]
    [InlineData("", "SHALLOW")]
    [InlineData("spark: ", "SHALLOW")]
    [InlineData("", "DEEP")]
    public async Task Clones_are_tables_of_their_own(string by, string kind)
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT, p STRING) USING DELTA PARTITIONED BY (p)",
            "INSERT INTO {t} VALUES (1, 'a b'), (2, 'ü%'), (3, NULL), (30, NULL)", "DELETE FROM {t} WHERE id = 3",
            $"{by}CREATE TABLE {{u}} {kind} CLONE {{t}}");
        Assert.Equal(await _both.SameAsync(), await _both.SameAsync("SELECT * FROM {u}"));

        await _both.RunAsync(
            "INSERT INTO {u} VALUES (4, 'c')", "spark: DELETE FROM {u} WHERE id = 1", "DELETE FROM {u} WHERE id = 30",
            "spark: INSERT INTO {u} VALUES (5, 'a b')");
        Assert.Equal(3, (await _both.SameAsync()).Length);
        await _both.SeeAsync("SELECT * FROM {u}", "2|'ü%'", "4|'c'", "5|'a b'");
        await _both.RunAsync("OPTIMIZE {u}", "spark: OPTIMIZE {u}");
        await _both.SeeAsync("SELECT * FROM {u}", "2|'ü%'", "4|'c'", "5|'a b'");
        await _both.SameDescriptionAsync("u");
    }

    [Theory]
    [InlineData("")]
    [InlineData("spark: ")]
    public async Task A_folder_of_parquet_files_becomes_a_table(string by)
    {
        await _both.RunAsync(
            "spark: DROP TABLE IF EXISTS plain",
            "spark: CREATE TABLE plain USING parquet PARTITIONED BY (q) LOCATION '{folder}/t' AS SELECT id, concat('w', id) AS "
                + "word, CAST(id * 1.5 AS DECIMAL(10,2)) AS n, DATE '2020-01-01' AS day, concat('p ', id % 2) AS q FROM range(10)",
            
            $"{by}CONVERT TO DELTA parquet.`{{folder}}/t` PARTITIONED BY (q STRING)",
            "INSERT INTO {t} VALUES (100, 'more', 1.25, DATE '2021-01-01', 'p 0')", "spark: DELETE FROM {t} WHERE id = 3",
            "UPDATE {t} SET word = 'x' WHERE id = 4");

        Assert.Equal(10, (await _both.SameAsync()).Length);
        await _both.SeeAsync("SELECT id FROM {t} WHERE n > 12", "9");
        await _both.SameDescriptionAsync();
    }

    [Theory]
    [InlineData("classic")]
    [InlineData("v2")]
    public async Task A_checkpoint_stands_for_what_was_before_it(string policy)
    {
        await _both.RunAsync(
            $$"""
            CREATE TABLE {t} (id INT, s STRUCT<a: STRING, d: DATE>, p STRING,
              m DECIMAL(10,2)) USING DELTA PARTITIONED BY (p)
            TBLPROPERTIES ('delta.checkpointInterval' = '4', 'delta.checkpointPolicy' = '{{policy}}',
              'delta.enableChangeDataFeed' = 'true', 'delta.appendOnly' = 'false')
            """);
        for (var i = 1; i <= 8; i++)
        {
            var part = i % 3 == 0 ? "NULL" : $"'p {i % 3}'";
            await _both.RunAsync(
                $"INSERT INTO {{t}} VALUES ({i}, {{'a': 'x{i}', 'd': DATE '2020-01-0{i}'}}, {part}, {i}.25), ({i + 100}, NULL, 'q', NULL)");
        }

        await _both.RunAsync("DELETE FROM {t} WHERE id = 101", "UPDATE {t} SET m = 0 WHERE id = 102", "DELETE FROM {t} WHERE p = 'p 1'");
        new WriteInto(_both.Session, new LocalStorage(_both["t"])).Write(
            new("SELECT 200 AS id, NULL AS s, 'q' AS p, 1 AS m", new WriteMode.Append()) { Transaction = new("app", 7) },
            _both.Snapshot(), CancellationToken.None);
        var version = _both.Snapshot().Version;
        var checkpoint = Directory.GetFiles(Path.Combine(_both["t"], "_delta_log"), "*.checkpoint*")
            .Select(file => long.Parse(Path.GetFileName(file)[..20], CultureInfo.InvariantCulture)).Max();
        Assert.Equal(version, checkpoint);
        var rows = _both.Query("SELECT * FROM {t}");

        foreach (var older in Directory.GetFiles(Path.Combine(_both["t"], "_delta_log"), "0*")
            .Where(file => long.Parse(Path.GetFileName(file)[..20], CultureInfo.InvariantCulture) < version))
        {
            File.Delete(older);
        }

        Assert.Equal(rows, await _both.SparkAsync("SELECT * FROM {t}"));
        await _both.SeeAsync("SELECT id FROM {t} WHERE s.d >= DATE '2020-01-06' AND m < 7", "6");
        await _both.RunAsync(
            "spark: SET spark.databricks.delta.write.txnAppId = app", "spark: SET spark.databricks.delta.write.txnVersion = 7",
            "spark: INSERT INTO {t} VALUES (999, NULL, 'q', NULL)");
        await _both.RunAsync(
            "spark: SET spark.databricks.delta.write.txnVersion = 8", "spark: INSERT INTO {t} VALUES (300, NULL, 'q', NULL)",
            "spark: RESET spark.databricks.delta.write.txnAppId",
            "spark: RESET spark.databricks.delta.write.txnVersion", "spark: DELETE FROM {t} WHERE id = 102",
            "INSERT INTO {t} VALUES (400, NULL, NULL, 4)");
        Assert.Equal(rows.Length, (await _both.SameAsync()).Length);
    }

    [Fact]
    public async Task Checkpoints_of_spark_are_read_and_written_on()
    {
        await _both.RunAsync(
            """
            spark: CREATE TABLE {t} (id INT, p STRING) USING DELTA PARTITIONED BY (p)
            TBLPROPERTIES ('delta.checkpointInterval' = '2', 'delta.checkpointPolicy' = 'v2', 'delta.enableInCommitTimestamps' = 'true',
              'delta.enableRowTracking' = 'true')
            """);
        for (var i = 0; i < 5; i++)
        {
            await _both.RunAsync(
                $"spark: INSERT INTO {{t}} VALUES ({i}, 'a'), ({i + 10}, 'b')", $"UPDATE {{t}} SET id = id + 100 WHERE id = {i}");
        }

        await _both.RunAsync("DELETE FROM {t} WHERE id = 11", "spark: DELETE FROM {t} WHERE id = 12");

        await _both.SeeAsync("SELECT * FROM {t}", "100|'a'", "101|'a'", "102|'a'", "103|'a'", "104|'a'", "10|'b'", "13|'b'", "14|'b'");
        await _both.SameRowIdsAsync("id");
        await _both.SameDescriptionAsync();
    }

    [Fact]
    public async Task Times_of_commits_are_those_in_them()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT) USING DELTA TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')", "INSERT INTO {t} VALUES (1)",
            "spark: INSERT INTO {t} VALUES (2)", "INSERT INTO {t} VALUES (3)");

        var spark = await _both.SparkAsync("DESCRIBE HISTORY {t}", "version", "timestamp");
        var ours = _both.Kadali("DESCRIBE HISTORY {t}").Rows.Select(row =>
            $"{row[0]}|{((DateTimeOffset)row[1]!).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}Z");
        Assert.Equal(spark[1..], ours.Order(StringComparer.Ordinal));
        var second = spark[3].Split('|')[1].TrimEnd('Z');
        await _both.SeeAsync($"SELECT * FROM {{t}} TIMESTAMP AS OF '{second}'", "1", "2");
    }

    [Fact]
    public async Task In_commit_times_are_turned_on_later()
    {
        await _both.RunAsync(
            "CREATE TABLE {t} (id INT) USING DELTA", "INSERT INTO {t} VALUES (1)",
            "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')",
            "spark: INSERT INTO {t} VALUES (2)", "INSERT INTO {t} VALUES (3)");

        var spark = await _both.SparkAsync("DESCRIBE HISTORY {t}", "version", "timestamp");
        await _both.SeeAsync($"SELECT * FROM {{t}} TIMESTAMP AS OF '{spark[4].Split('|')[1].TrimEnd('Z')}'", "1", "2");
        await _both.SeeAsync($"SELECT * FROM {{t}} TIMESTAMP AS OF '{spark[2].Split('|')[1].TrimEnd('Z')}'", "1");
    }

    [Fact]
    public async Task A_table_with_all_that_spark_has_is_written()
    {
        await _both.RunAsync(
            """
            spark: CREATE TABLE {t} (id BIGINT GENERATED BY DEFAULT AS IDENTITY, word STRING DEFAULT 'none', n INT,
              twice INT GENERATED ALWAYS AS (n * 2), local TIMESTAMP_NTZ)
            USING DELTA CLUSTER BY (n) TBLPROPERTIES ('delta.columnMapping.mode' = 'id', 'delta.enableChangeDataFeed' = 'true',
              'delta.enableRowTracking' = 'true',
              'delta.enableTypeWidening' = 'true', 'delta.enableInCommitTimestamps' = 'true', 'delta.checkpointPolicy' = 'v2',
                'delta.enableDeletionVectors' = 'true',
              'delta.feature.allowColumnDefaults' = 'supported')
            """,
            "spark: INSERT INTO {t} (n) VALUES (1), (2), (3)", "INSERT INTO {t} (n, local) VALUES (4, '2020-01-01 00:00:00')",
            "spark: ALTER TABLE {t} ADD CONSTRAINT few CHECK (n < 1000)",
            "UPDATE {t} SET n = 20 WHERE n = 2", "DELETE FROM {t} WHERE n = 3",
            "MERGE INTO {t} t USING (SELECT 4 AS n, 'four' AS word UNION ALL SELECT 5, 'five') s ON t.n = s.n WHEN MATCHED THEN "
                + "UPDATE SET word = s.word WHEN NOT MATCHED THEN INSERT (n, word) VALUES (s.n, s.word)",
            
            "OPTIMIZE {t}", "spark: UPDATE {t} SET word = 'one' WHERE n = 1", "spark: INSERT INTO {t} (n) VALUES (6)");

        Assert.Equal(5, (await _both.SameAsync("SELECT * FROM {t}")).Length);
        await _both.SameRowIdsAsync("n");
        await _both.SameChangesAsync(1);
        await _both.SameDescriptionAsync();
        Assert.Throws<DeltaException>(() => _both.Kadali("INSERT INTO {t} (n) VALUES (1000)"));
    }
}
