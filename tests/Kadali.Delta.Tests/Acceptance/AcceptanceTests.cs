using System.Text.Json.Nodes;
using DuckDB.NET.Data;

namespace Kadali.Delta.Tests.Acceptance;

/// <summary>What Spark and others wrote is read as they meant it.</summary>
public sealed class AcceptanceTests : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly DeltaSession _session;

    public AcceptanceTests()
    {
        _connection.Open();
        _session = new(_connection);
        _session.DuckDb.Execute("SET TimeZone = 'UTC'", CancellationToken.None);
    }

    public static TheoryData<string> Tables => [.. AcceptanceTables.Names];

    public void Dispose()
    {
        _session.Dispose();
        _connection.Dispose();
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_is_read_as_its_writer_meant_it(string name)
    {
        var expected = AcceptanceTables.Expected(name);
        var storage = new LocalStorage(AcceptanceTables.Location(name));
        if ((string)expected["expect"]! == "refuse")
        {
            Assert.Throws<DeltaException>(() => Read(storage, _session.Log(storage).Update(CancellationToken.None)));
            return;
        }

        var snapshot = _session.Log(storage).Update(CancellationToken.None);

        Assert.Equal((long)expected["latestVersion"]!, snapshot.Version);
        Assert.Equal((int)expected["protocol"]!["minReaderVersion"]!, snapshot.Protocol.MinReaderVersion);
        Assert.Equal((int)expected["protocol"]!["minWriterVersion"]!, snapshot.Protocol.MinWriterVersion);
        Assert.True(JsonNode.DeepEquals(expected["schema"], JsonNode.Parse(SchemaJson.Write(snapshot.Schema))), "The schema differs.");
        Assert.Equal(expected["partitionColumns"]!.AsArray().Select(column => (string)column!), snapshot.PartitionColumns);
        Assert.Equal(
            expected["configuration"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!),
            snapshot.Metadata.Configuration);
        Assert.Equal((int)expected["numFiles"]!, snapshot.Files.Count);
        Assert.Equal((long)expected["sizeInBytes"]!, snapshot.Files.Sum(file => file.Size));
        var listed = (expected["activeFiles"] as JsonArray ?? []).Select(file =>
            (string)file!["path"]!).Order(StringComparer.Ordinal).ToArray();
        if (listed.Length == snapshot.Files.Count)
        {
            Assert.Equal(listed, snapshot.Files.Select(file => file.Path).Order(StringComparer.Ordinal));
        }

        Assert.Equal(
            (expected["txns"] as JsonObject ?? []).Select(txn => $"{txn.Key}:{txn.Value}").Order(),
            snapshot.Transactions.Values.Select(txn => $"{txn.AppId}:{txn.Version}").Order());

        // Where the reference differs, partition values are times without a zone, in that of a writer whom nobody knows any more.
        if (expected["rows"] is JsonArray rows && (string)expected["expect"]! == "rows"
            && (bool?)expected["referenceReaderAgrees"] != false)
        {
            Assert.Equal(CanonicalRows.Of(rows), Read(storage, snapshot));
        }

        foreach (var version in expected["versions"] as JsonArray ?? [])
        {
            Check(storage, version!.AsObject());
        }
    }

    public static TheoryData<string> Feeds =>
        [.. AcceptanceTables.Names.Where(name => name == "(none)" || AcceptanceTables.Expected(name)["cdf"] is not null)];

    [Theory]
    [MemberData(nameof(Feeds))]
    public void A_feed_tells_what_happened(string name)
    {
        var feed = AcceptanceTables.Expected(name)["cdf"]!.AsArray();
        var storage = new LocalStorage(AcceptanceTables.Location(name));
        var changes = new TableChanges(_session, _session.Log(storage));
        foreach (var version in feed)
        {
            var number = (long)version!["version"]!;
            var fields = _session.Log(storage).At(number, CancellationToken.None).Schema.Fields;

            using var scan = changes.Read(number, number, anyTable: true, CancellationToken.None);
            var rows = CanonicalRows.Of(_session.DuckDb, scan.Sql, new([
                .. fields, new("_change_type", DeltaType.String), new("_commit_version", DeltaType.Long)]));

            Assert.Equal(CanonicalRows.Of(version["rows"]!.AsArray()), rows);
        }
    }

    private void Check(LocalStorage storage, JsonObject version)
    {
        var snapshot = _session.Log(storage).At((long)version["version"]!, CancellationToken.None);
        Assert.Equal((int?)version["numFiles"] ?? snapshot.Files.Count, snapshot.Files.Count);
        if (version["numRows"] is { } count && version["dataMissing"] is null)
        {
            Assert.Equal((long)count, Count(storage, snapshot));
        }
    }

    private long Count(LocalStorage storage, Snapshot snapshot)
    {
        using var scan = TableScan.Of(_session, storage, snapshot, snapshot.Files, ScanColumns.None, CancellationToken.None);
        return _session.DuckDb.Scalar<long>($"SELECT count(*) FROM ({scan.Sql})", CancellationToken.None);
    }

    private string[] Read(LocalStorage storage, Snapshot snapshot)
    {
        using var scan = TableScan.Of(_session, storage, snapshot, snapshot.Files, ScanColumns.None, CancellationToken.None);
        return CanonicalRows.Of(_session.DuckDb, scan.Sql, snapshot.Schema);
    }
}
