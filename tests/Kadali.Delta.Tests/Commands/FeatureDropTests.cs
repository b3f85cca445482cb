using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Commands;

/// <summary>Features go as Delta lets them go.</summary>
public sealed class FeatureDropTests : IDisposable
{
    private const string Now = "'delta.dropFeatureTruncateHistory.retentionDuration' = 'interval 0 seconds'";

    private readonly TemporaryFolder _folder = new();
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;
    private readonly PathTables _tables = new();

    public FeatureDropTests()
    {
        _connection.Open();
        _session = new(_connection);
    }

    private LocalStorage Storage => new(_folder["t"]);

    private Snapshot Newest => _session.Log(Storage).Update(CancellationToken.None);

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Deletion_vectors_are_written_away_and_the_history_stays()
    {
        Run("CREATE TABLE {t} USING DELTA AS SELECT range AS id FROM range(10)");
        Run("DELETE FROM {t} WHERE id < 4");

        Run("ALTER TABLE {t} DROP FEATURE deletionVectors");

        Assert.DoesNotContain(Newest.Files, file => file.DeletionVector is not null);
        Assert.Equal("false", Newest.Metadata.Configuration["delta.enableDeletionVectors"]);
        Assert.Equal((1, 7), (Newest.Protocol.MinReaderVersion, Newest.Protocol.MinWriterVersion));
        Assert.Equal(["checkpointProtection"], Newest.Features);
        Assert.Equal($"{Newest.Version}", Newest.Metadata.Configuration["delta.requireCheckpointProtectionBeforeVersion"]);
        Assert.Equal(4, Directory.GetFiles(_folder["t/_delta_log"], "*.checkpoint.parquet").Length);
        Assert.Equal((6, 6), (Count(), Count(1)));
        Assert.Equal(10, Count(0));
        Run("DELETE FROM {t} WHERE id = 5");
        Assert.Equal(5, Count());
    }

    [Fact]
    public void History_can_be_cut_off_when_it_is_old_enough()
    {
        Run("CREATE TABLE {t} USING DELTA AS SELECT range AS id FROM range(10)");
        Run("DELETE FROM {t} WHERE id < 4");

        var early = Assert.Throws<DeltaException>(() => Run("ALTER TABLE {t} DROP FEATURE deletionVectors TRUNCATE HISTORY"));
        var again = Assert.Throws<DeltaException>(() => Run("ALTER TABLE {t} DROP FEATURE deletionVectors TRUNCATE HISTORY"));
        Run($"ALTER TABLE {{t}} SET TBLPROPERTIES ({Now})");
        Run("ALTER TABLE {t} DROP FEATURE deletionVectors TRUNCATE HISTORY");

        Assert.Contains("24 hours", early.Hint, StringComparison.Ordinal);
        Assert.Contains("'deletionVectors'", again.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("deletionVectors", Newest.Features);
        Assert.DoesNotContain("checkpointProtection", Newest.Features);
        Assert.True(_session.Log(Storage).Update(CancellationToken.None).Protocol.MinReaderVersion == 1);
        Assert.Equal(6, Count());
        Assert.Throws<DeltaException>(() => Count(1));
    }

    [Fact]
    public void What_guards_the_history_goes_with_it()
    {
        Run("CREATE TABLE {t} USING DELTA AS SELECT range AS id FROM range(10)");
        Run("ALTER TABLE {t} DROP FEATURE deletionVectors");

        Assert.Throws<DeltaException>(() => Run("ALTER TABLE {t} DROP FEATURE checkpointProtection"));
        var early = Assert.Throws<DeltaException>(() => Run("ALTER TABLE {t} DROP FEATURE checkpointProtection TRUNCATE HISTORY"));
        Run($"ALTER TABLE {{t}} SET TBLPROPERTIES ({Now})");
        Run("ALTER TABLE {t} DROP FEATURE checkpointProtection TRUNCATE HISTORY");

        Assert.Contains("24 hours", early.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("checkpointProtection", Newest.Features);
        Assert.DoesNotContain("delta.requireCheckpointProtectionBeforeVersion", Newest.Metadata.Configuration.Keys);
        Assert.Equal(10, Count());
    }

    [Theory]
    [InlineData("v2Checkpoint", "'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '1'", "INSERT INTO {t} (id) VALUES (5)")]
    [InlineData("typeWidening", "'delta.enableTypeWidening' = 'true'", "ALTER TABLE {t} ALTER COLUMN id TYPE BIGINT")]
    [InlineData("columnMapping", "'delta.columnMapping.mode' = 'name'", "ALTER TABLE {t} RENAME COLUMN s TO word")]
    [InlineData("inCommitTimestamp", "'delta.enableInCommitTimestamps' = 'true'", "INSERT INTO {t} (id) VALUES (5)")]
    [InlineData("vacuumProtocolCheck", "'delta.feature.vacuumProtocolCheck' = 'supported'", "INSERT INTO {t} (id) VALUES (5)")]
    public void A_feature_goes_and_the_rows_stay(string feature, string property, string use)
    {
        Run($"CREATE TABLE {{t}} (id INT, s STRING, r STRUCT<x: INT>, p INT) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ({property}, 'delta.enableDeletionVectors' = 'false')");
        Run("INSERT INTO {t} VALUES (1, 'one', {'x': 1}, 1), (2, 'two', NULL, 2)");
        Run(use);
        Run("INSERT INTO {t} (id, p) VALUES (7, 1)");
        var (rows, types) = (Rows(), Newest.Schema.Fields.Select(field => $"{field.Name} {field.Type}").ToArray());
        Assert.Contains(feature, Newest.Features);

        Run($"ALTER TABLE {{t}} DROP FEATURE {feature}");

        Assert.DoesNotContain(feature, Newest.Features);
        Assert.Equal(rows, Rows());
        Assert.Equal(types, Newest.Schema.Fields.Select(field => $"{field.Name} {field.Type}"));
        Assert.DoesNotContain("columnMapping", Newest.Metadata.SchemaString, StringComparison.Ordinal);
        Assert.DoesNotContain("typeChanges", Newest.Metadata.SchemaString, StringComparison.Ordinal);
        Run("INSERT INTO {t} (id, p) VALUES (8, 1)");
        Assert.Equal(rows.Length + 1, Rows().Length);
    }

    [Fact]
    public void Constraints_go_first_and_version_numbers_say_the_rest()
    {
        Run("CREATE TABLE {t} (id INT) USING DELTA TBLPROPERTIES ('delta.enableDeletionVectors' = 'false', 'delta.minWriterVersion' = '2')");
        Run("ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id > 0)");

        var held = Assert.Throws<DeltaException>(() => Run("ALTER TABLE {t} DROP FEATURE checkConstraints"));
        Run("ALTER TABLE {t} DROP CONSTRAINT positive");
        Run("ALTER TABLE {t} DROP FEATURE checkConstraints");

        Assert.Contains("'positive'", held.Message, StringComparison.Ordinal);
        Assert.Equal((1, 2), (Newest.Protocol.MinReaderVersion, Newest.Protocol.MinWriterVersion));
        Assert.Null(Newest.Protocol.WriterFeatures);
    }

    [Theory]
    [InlineData("nonsense", DeltaErrorKind.Unsupported, "nonsense")]
    [InlineData("columnMapping", DeltaErrorKind.NotFound, "does not have")]
    [InlineData("rowTracking", DeltaErrorKind.Unsupported, "ids")]
    [InlineData("appendOnly", DeltaErrorKind.Unsupported, "no others")]
    [InlineData("deletionVector", DeltaErrorKind.Unsupported, "'deletionVectors'")]
    [InlineData("delta.enableDeletionVectors", DeltaErrorKind.Unsupported, "UNSET")]
    [InlineData("inCommitTimestamp TRUNCATE HISTORY", DeltaErrorKind.Argument, "No history")]
    public void What_cannot_be_dropped_is_refused_with_the_reason(string feature, DeltaErrorKind kind, string says)
    {
        Run("CREATE TABLE {t} (id INT) USING DELTA TBLPROPERTIES ('delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true', 'delta.appendOnly' = 'false', 'delta.feature.appendOnly' = 'supported')");

        var error = Assert.Throws<DeltaException>(() =>
            Run("ALTER TABLE {t} DROP FEATURE " + (feature.Contains('.') ? $"'{feature}'" : feature)));

        Assert.Equal(kind, error.Kind);
        Assert.Contains(says, error.Message + error.Hint, StringComparison.Ordinal);
        Assert.Equal(0, Newest.Version);
    }

    private CommandOutput Run(string sql) => new DeltaExecutor(_session, _tables).Execute(
        DeltaSqlParser.Parse(sql.Replace("{t}", $"delta.`{_folder["t"]}`", StringComparison.Ordinal)), CancellationToken.None);

    private long Count(long? version = null) => Rows(version).Length;

    private string[] Rows(long? version = null)
    {
        var snapshot = version is { } number ? _session.Log(Storage).At(number, CancellationToken.None) : Newest;
        using var scan = TableScan.Of(_session, Storage, snapshot, snapshot.Files, ScanColumns.None, CancellationToken.None);
        return [.. _session.DuckDb.Query($"SELECT CAST(_whole AS VARCHAR) FROM ({scan.Sql}) _whole", reader =>
            reader.GetString(0), CancellationToken.None)
            .Order(StringComparer.Ordinal)];
    }
}
