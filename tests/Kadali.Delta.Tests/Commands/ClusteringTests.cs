namespace Kadali.Delta.Tests.Commands;

public sealed class ClusteringTests : IDisposable
{
    private readonly TestTable _table = new();

    public void Dispose() => _table.Dispose();

    [Theory]
    [InlineData(2, 5)]
    [InlineData(3, 3)]
    [InlineData(4, 2)]
    public void Each_step_on_the_curve_goes_to_a_neighbour(int columns, int bits)
    {
        var points = Enumerable.Range(0, 1 << (columns * bits))
            .Select(number => Enumerable.Range(0, columns).Select(i => (number >> (i * bits)) & ((1 << bits) - 1)).ToArray())
            .OrderBy(point => Hilbert.Place(point.ToArray(), bits)).ToArray();

        Assert.All(points.Zip(points.Skip(1)), step =>
            Assert.Equal(1, step.First.Zip(step.Second, (from, to) => Math.Abs(from - to)).Sum()));
        Assert.Equal(Enumerable.Range(0, points.Length).Select(place => (long)place),
            points.Select(point => Hilbert.Place(point.ToArray(), bits)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(40)]
    public void Rows_of_a_single_file_are_ordered_by_as_many_columns_as_are_named(int columns)
    {
        var names = Enumerable.Range(0, columns).Select(i => $"c{i}").ToArray();
        var values = names.Select((name, i) =>
            i % 5 == 4 ? $"'v' || hash(range + {i}) % 1000 AS {name}" : $"hash(range + {i}) % 1000 AS {name}");
        _table.Create($"SELECT {string.Join(", ", values)} FROM range(5000)");
        var before = _table.Rows();

        var result = new Optimizing(_table.Session, _table.Storage, _table.Snapshot).Run(new() { ZOrderBy = names },
            CancellationToken.None);

        Assert.Equal((1, 1), (result.Metrics["numRemovedFiles"], result.Metrics["numAddedFiles"]));
        Assert.Equal(before, _table.Rows());
        var file = DuckDb.Text(_table.Storage.ToLocal(_table.Snapshot.Files.Single().Path, CancellationToken.None));

        // The highest bit of the first column comes first: all rows below its median, then the rest. The median itself is a sample's.
        var crossings = _table.Session.DuckDb.Scalar<long>(
            $"SELECT count(*) FROM {file} WHERE (c0 < 450 AND file_row_number > 2600) OR (c0 > 550 AND file_row_number < 2400)",
            CancellationToken.None);
        Assert.Equal(0, crossings);
    }

    [Theory]
    [InlineData("INTEGER", "g")]
    [InlineData("DECIMAL(10,2)", "g")]
    [InlineData("DOUBLE", "id", "g")]
    public void Rows_without_a_number_to_be_ordered_by_come_first(string type, params string[] columns)
    {
        _table.Create($"SELECT i AS id, CASE WHEN i % 2 = 0 THEN NULL ELSE CAST(i AS {type}) END AS g FROM (VALUES (3), (2), (1)) AS v(i)");
        _table.Append($"SELECT i AS id, CASE WHEN i % 2 = 0 THEN NULL ELSE CAST(i AS {type}) END AS g FROM (VALUES (5), (4)) AS v(i)");
        var before = _table.Rows();

        new Optimizing(_table.Session, _table.Storage, _table.Snapshot).Run(new() { ZOrderBy = columns }, CancellationToken.None);

        Assert.Equal(before, _table.Rows());
        var file = DuckDb.Text(_table.Storage.ToLocal(_table.Snapshot.Files.Single().Path, CancellationToken.None));
        if (columns is ["g"])
        {
            Assert.Equal("null,null,1,3,5", _table.Session.DuckDb.Scalar<string>(
                $"SELECT string_agg(coalesce(CAST(CAST(g AS INTEGER) AS VARCHAR), 'null'), ',' ORDER BY file_row_number) FROM {file}",
                CancellationToken.None));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_column_of_nothing_but_nulls_orders_nothing(bool isClustered)
    {
        _table.Create("SELECT 1 AS id, CAST(NULL AS INTEGER) AS g", new(new([])) { ClusterBy = isClustered ? [["g"], ["id"]] : null });
        _table.Append("SELECT 2 AS id, CAST(NULL AS INTEGER) AS g");

        new Optimizing(_table.Session, _table.Storage, _table.Snapshot).Run(
            isClustered ? new() : new() { ZOrderBy = ["g"] }, CancellationToken.None);

        Assert.Single(_table.Snapshot.Files);
        Assert.Equal(["1|-", "2|-"], _table.Rows());
    }

    [Fact]
    public void An_order_by_more_columns_than_there_are_bits_is_refused()
    {
        var names = Enumerable.Range(0, 64).Select(i => $"c{i}").ToArray();
        _table.Create($"SELECT {string.Join(", ", names.Select(name => $"1 AS {name}"))}");

        var refused = Assert.Throws<DeltaException>(() =>
            new Optimizing(_table.Session, _table.Storage, _table.Snapshot).Run(new() { ZOrderBy = names }, CancellationToken.None));

        Assert.Contains("63 columns", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, _table.Snapshot.Version);
    }

    [Fact]
    public void Files_of_a_cube_say_so_and_are_not_written_again()
    {
        Clustered();
        _table.Append("SELECT range AS a, range * 7 % 100 AS b FROM range(100)");
        _table.Append("SELECT range AS a, range * 3 % 100 AS b FROM range(100)");

        var first = Optimize();
        var again = Optimize();

        var file = Assert.Single(_table.Snapshot.Files);
        Assert.Equal("liquid", file.ClusteringProvider);
        Assert.Equal("[\"a\",\"b\"]", file.Tags!["ZCUBE_ZORDER_BY"]);
        Assert.Equal("hilbert", file.Tags["ZCUBE_ZORDER_CURVE"]);
        Assert.True(Guid.TryParse(file.Tags["ZCUBE_ID"], out _));
        Assert.Equal(2, first.Metrics["numRemovedFiles"]);
        Assert.Null(again.Version);
    }

    [Fact]
    public void A_small_cube_takes_in_what_came_since_and_a_large_one_stays()
    {
        Clustered();
        _table.Append("SELECT range AS a, range AS b FROM range(100)");
        Optimize();
        _table.Append("SELECT range AS a, range AS b FROM range(100)");

        Assert.Equal(2, Optimize().Metrics["numRemovedFiles"]);
        var cube = _table.Snapshot.Files.Single().Tags!["ZCUBE_ID"];
        _table.Append("SELECT range AS a, range AS b FROM range(100)");
        Assert.Equal(1, Optimize(stable: 1).Metrics["numRemovedFiles"]);

        Assert.Equal(2, _table.Snapshot.Files.Count);
        Assert.Contains(_table.Snapshot.Files, file => file.Tags!["ZCUBE_ID"] == cube);
        Assert.Null(Optimize(stable: 1).Version);
        Assert.Equal(2, Optimize(stable: 1, full: true).Metrics["numRemovedFiles"]);
    }

    [Fact]
    public void What_was_clustered_by_other_columns_stays_until_all_is_clustered_anew()
    {
        Clustered();
        _table.Append("SELECT range AS a, range AS b FROM range(100)");
        Optimize();
        using (var altering = new Altering(_table.Session, _table.Storage, _table.Snapshot))
        {
            altering.Run([new TableChange.ClusterBy([new(["b"])])], CancellationToken.None);
        }

        _table.Append("SELECT range AS a, range AS b FROM range(100)");

        Assert.Equal(1, Optimize().Metrics["numRemovedFiles"]);
        Assert.Equal(["[\"a\",\"b\"]", "[\"b\"]"],
            _table.Snapshot.Files.Select(file => file.Tags!["ZCUBE_ZORDER_BY"]).Order(StringComparer.Ordinal));
        Assert.Equal(2, Optimize(full: true).Metrics["numRemovedFiles"]);
        Assert.Equal("[\"b\"]", Assert.Single(_table.Snapshot.Files).Tags!["ZCUBE_ZORDER_BY"]);
        Assert.Equal(200, _table.Rows().Length);
    }

    [Fact]
    public void A_box_of_two_columns_is_in_few_files()
    {
        Clustered(new Dictionary<string, string> { ["delta.targetFileSize"] = "20000" });
        _table.Append("SELECT x.range AS a, y.range AS b FROM range(1000) x, range(1200) y ORDER BY random()");

        Optimize();

        var files = _table.Snapshot.Files;
        var needed = new FilePruner(_table.Session).Prune(_table.Snapshot, "a BETWEEN 100 AND 130 AND b BETWEEN 200 AND 230", null,
            CancellationToken.None);
        Assert.True(files.Count >= 8, $"{files.Count} files");
        Assert.InRange(needed.Files.Count, 1, files.Count / 3);
    }

    private void Clustered(Dictionary<string, string>? properties = null) => _table.Create(
        "SELECT 0::BIGINT AS a, 0::BIGINT AS b WHERE false", new(new([])) { ClusterBy = [["a"], ["b"]], Properties = properties ?? [] });

    private DeltaResult Optimize(bool full = false, long stable = ZCubes.StableSize) =>
        new Optimizing(_table.Session, _table.Storage, _table.Snapshot).Run(new() { Full = full, StableSize = stable },
            CancellationToken.None);
}
