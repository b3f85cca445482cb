using System.ComponentModel.DataAnnotations.Schema;

namespace Kadali.Delta.Tests.Rows;

/// <summary>Values of C# come into columns and back without a loss, or are refused by the name of their column.</summary>
public sealed class TypedRowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DeltaEngine _engine = new();

    public enum Color
    {
        Red,
        Green,
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    public sealed record Inner(decimal Money, byte[] Bytes, DateTime Clock, DateTimeOffset? Moment, Color Color, double Number,
        string? Note);

    public sealed record All(
        int Id, Inner One, List<Inner> Many, Dictionary<string, Inner?> Named, decimal[] Moneys, IReadOnlyList<byte[]> Blobs,
        List<List<int?>> Nested, Dictionary<DateTime, int> Days, List<DateTime> Clocks, List<DateTimeOffset?> Moments, List<Color> Colors,
        HashSet<string> Words, List<double> Numbers, Dictionary<int, List<string?>> Lists, IDictionary<Color, Guid> Ids);

    public sealed record Plain(
        int Id, ulong Large, char Letter, string Text, float Small, double Number, byte[]? Blob, Guid Guid, Color? Color, DateTime Clock,
        DateTimeOffset Moment, DateOnly Day, uint Unsigned, ushort Short, byte Byte, sbyte Signed, bool Flag, long? Nothing);

    public sealed record Money(decimal M);

    public sealed record Single<T>(T X);

    public sealed record Worded(string X);

    public sealed record Narrow(int X);

    public sealed record Twice(int X, int x);

    public sealed record Wide(int X, int Z);

    public sealed record Node(int Id, Node? Parent);

    public sealed record Renamed([property: Column("customer_name")] string Name, int Count)
    {
        [NotMapped]
        public string Both => Name + Count;
    }

    public sealed record WithDefault(int X, string Extra = "none");

    public sealed class Settable
    {
        public required int X { get; set; }

        public string Note { get; set; } = "unset";
    }

    public sealed class Picky
    {
        public Picky(int x) => X = x;

        public Picky(int x, IServiceProvider services) => X = x + services.GetHashCode();

        public int X { get; }
    }

    [Fact]
    public async Task Nested_values_come_back_as_they_were()
    {
        var inner = new Inner(
            1234567890.123456789m, [1, 0, 255, 92], new(2026, 1, 2, 3, 4, 5, 678), new(1969, 12, 31, 23, 59, 59, TimeSpan.Zero),
            Color.Green,
            double.NaN, "a\0b \"quoted\" \\ 'ü🙂'");
        var bare = inner with { Moment = null, Note = null, Number = double.NegativeInfinity, Bytes = [] };
        All[] rows =
        [
            new(
                1, inner, [inner, bare], new() { ["it's"] = inner, [""] = null }, [9007199254740993.5m, -0.0000000001m], [[1, 2, 255], []],
                [[1, null], []], new() { [new(2026, 1, 1, 10, 0, 0)] = 5 }, [new(1, 1, 1), new(2026, 6, 7, 8, 9, 10, 123)],
                [DateTimeOffset.UnixEpoch, null], [Color.Green, Color.Red], ["x", "y"], [double.NaN, double.PositiveInfinity, 0.1, 5e-324],
                new() { [7] = ["s", null] }, new Dictionary<Color,
                Guid> { [Color.Green] = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e") }),
            new(2, bare, [], [], [], [], [], [], [], [], [], [], [], [], new Dictionary<Color, Guid>()),
        ];
        var table = await DeltaTable.CreateAsync<All>(_folder["t"], engine: _engine);
        await table.AppendAsync(rows);

        Assert.Equivalent(rows, await table.ReadAsync<All>().OrderBy(row => row.Id).ToArrayAsync(), strict: true);
        Assert.Equal([3L], await table.QueryAsync<long>($"SELECT octet_length(Blobs[1]) FROM {Sql(table)} WHERE Id = 1"));
        Assert.Equal(["Green"], await table.QueryAsync<string>($"SELECT One.Color FROM {Sql(table)} WHERE Id = 1"));
        Assert.Equal(["1234567890.1234567890"],
            await table.QueryAsync<string>($"SELECT CAST(One.Money AS VARCHAR) FROM {Sql(table)} WHERE Id = 1"));
    }

    [Fact]
    public async Task Single_values_come_back_as_they_were()
    {
        Plain[] rows =
        [
            new(
                1, ulong.MaxValue, 'x', "a\0b", float.NaN, double.NegativeInfinity, [0, 1], Guid.NewGuid(), Color.Green,
                new(2026, 1, 2, 3, 4, 5),
                new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), new(1, 1, 1), uint.MaxValue, ushort.MaxValue, byte.MaxValue, sbyte.MinValue, true,
                null),
            new(
                2, 0, '5', "", 0.1f, 0.1, null, Guid.Empty, null, DateTime.MinValue, DateTimeOffset.UnixEpoch, DateOnly.MaxValue, 0, 0, 0,
                0, false,
                long.MinValue),
        ];
        var table = await DeltaTable.CreateAsync<Plain>(_folder["t"], engine: _engine);
        await table.AppendAsync(rows);

        Assert.Equal(
            rows.Select(row => row with { Blob = null }),
            (await table.ReadAsync<Plain>().OrderBy(row => row.Id).ToArrayAsync()).Select(row => row with { Blob = null }));
        Assert.Equal([0, 1], (await table.ReadAsync<Plain>("Id = 1").SingleAsync()).Blob!);
    }

    [Fact]
    public async Task Decimals_have_the_places_of_their_column()
    {
        var table = await Table("m DECIMAL(38, 18)");
        await table.AppendAsync([new Money(1.123456789012345678m)]);
        await table.Merge([new Money(2.000000000000000001m)], "target.m = source.M").WhenNotMatchedInsertAll().ExecuteAsync();

        Assert.Equal([1.123456789012345678m, 2.000000000000000001m],
            await table.QueryAsync<decimal>($"SELECT m FROM {Sql(table)} ORDER BY m"));

        var narrow = await Table("M DECIMAL(5, 2)", "narrow");
        await narrow.AppendAsync([new Money(1.005m)]);
        var error = await Assert.ThrowsAsync<DeltaException>(() => narrow.AppendAsync([new Money(1000m)]));
        Assert.Equal([1.01m], await narrow.QueryAsync<decimal>($"SELECT M FROM {Sql(narrow)}"));
        Assert.Contains("1000 is too large for column 'M'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_keep_their_moment()
    {
        var table = await Table("X TIMESTAMP");
        var local = new DateTime(2026, 7, 1, 12, 0, 0, DateTimeKind.Local);
        await table.AppendAsync([new Single<DateTime>(local), new Single<DateTime>(new(2026, 7, 1, 1, 0, 0, DateTimeKind.Utc))]);

        var read = await table.ReadAsync<Single<DateTime>>().Select(row => row.X).Order().ToArrayAsync();

        Assert.Equal(new[] { local.ToUniversalTime(), new(2026, 7, 1, 1, 0, 0, DateTimeKind.Utc) }.Order(), read);
        Assert.All(read, time => Assert.Equal(DateTimeKind.Utc, time.Kind));
    }

    [Theory]
    [InlineData("X INT", 1.7)]
    [InlineData("X INT", "7")]
    [InlineData("X DECIMAL(9, 2)", 1.5)]
    [InlineData("X BOOLEAN", 1)]
    [InlineData("X STRING", 1)]
    [InlineData("X ARRAY<INT>", 1)]
    public async Task What_would_lose_something_is_refused(string column, object value)
    {
        var table = await Table(column);

        var error = await Assert.ThrowsAsync<DeltaException>(() => value switch
        {
            double number => table.AppendAsync([new Single<double>(number)]),
            string text => table.AppendAsync([new Single<string>(text)]),
            _ => table.AppendAsync([new Single<int>((int)value)]),
        });

        Assert.Equal(DeltaErrorKind.Schema, error.Kind);
        Assert.Contains("'X'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await table.CountAsync());
    }

    [Fact]
    public async Task Fields_that_a_struct_has_not_are_refused_or_added()
    {
        var table = await DeltaTable.CreateAsync<Single<List<Narrow>>>(_folder["t"], engine: _engine);
        var row = new Single<List<Wide>>([new(1, 5)]);

        var error = await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([row]));
        await Assert.ThrowsAsync<DeltaException>(() => table.Merge([row], "false").WhenNotMatchedInsertAll().ExecuteAsync());
        await table.AppendAsync([row], mergeSchema: true);

        Assert.Contains("X.element.Z", error.Message, StringComparison.Ordinal);
        Assert.Equal([new Wide(1, 5)], (await table.ReadAsync<Single<List<Wide>>>().SingleAsync()).X);
    }

    [Fact]
    public async Task A_single_column_is_read_as_values()
    {
        var table = await DeltaTable.CreateAsync<Narrow>(_folder["t"], engine: _engine);
        await table.AppendAsync([new Narrow(1), new Narrow(2)]);

        Assert.Equal([2L], await table.QueryAsync<long>($"SELECT count(*) FROM {Sql(table)}"));
        Assert.Equal(3, (await table.QueryAsync<int>($"SELECT sum(X) FROM {Sql(table)}")).Single());
        Assert.Equal([3m], await table.QueryAsync<decimal>($"SELECT sum(X) FROM {Sql(table)}"));
        Assert.Equal([1.5], await table.QueryAsync<double>($"SELECT avg(X) FROM {Sql(table)}"));
        Assert.Equal((int?[])[null], await table.QueryAsync<int?>("SELECT CAST(NULL AS INT)"));
        Assert.Equal([new DateTime(2026, 1, 2)], await table.QueryAsync<DateTime>("SELECT DATE '2026-01-02'"));
        Assert.Equal("1 2", string.Join(' ', await table.ReadAsync<int>().Order().ToArrayAsync()));
        Assert.Contains("2 columns", (await Assert.ThrowsAsync<DeltaException>(() => table.QueryAsync<long>("SELECT 1, 2"))).Message,
            StringComparison.Ordinal);
        Assert.Contains("Object", (await Assert.ThrowsAsync<DeltaException>(() => table.QueryAsync<object>("SELECT 1 AS a"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_take_the_columns_that_they_want()
    {
        var table = await DeltaTable.CreateAsync<Renamed>(_folder["t"], engine: _engine);
        await table.AppendAsync([new Renamed("ann", 3)]);
        var plain = await DeltaTable.CreateAsync<Narrow>(_folder["plain"], engine: _engine);
        await plain.AppendAsync([new Narrow(4)]);

        Assert.Equal(new Renamed("ann", 3), await table.ReadAsync<Renamed>().SingleAsync());
        Assert.Equal(["ann"], await table.QueryAsync<string>($"SELECT `customer_name` FROM {Sql(table)}"));
        Assert.Equal(new WithDefault(4), await plain.ReadAsync<WithDefault>().SingleAsync());
        Assert.Equal("unset", (await plain.ReadAsync<Settable>().SingleAsync()).Note);
        Assert.Equal(4, (await plain.ReadAsync<Picky>().SingleAsync()).X);
        await Refused<Settable>("SELECT 1 AS y", "'X'");
        await Refused<Wide>("SELECT 1 AS X", "'Z'");
        await Refused<Settable>("SELECT NULL::INT AS X", "'X'");
        await Refused<Worded>("SELECT NULL::VARCHAR AS X", "'X'");
        await Refused<Single<Narrow>>("SELECT {'X': NULL::INT} AS X", "'X.X'");
        await Refused<Single<int>>("SELECT 1.5 AS X", "DECIMAL(2,1)");
        await Refused<Single<int>>("SELECT 'x' AS X", "VARCHAR");
        await Refused<Single<Color>>("SELECT 'Blue' AS X", "Red, Green");
        await Refused<Single<DateOnly>>("SELECT TIMESTAMP '2026-01-01 10:00:00' AS X", "TIMESTAMP");

        async Task Refused<T>(string query, string says)
        {
            var error = await Assert.ThrowsAsync<DeltaException>(() => plain.QueryAsync<T>(query));
            Assert.Equal(DeltaErrorKind.Schema, error.Kind);
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_properties_of_one_name_are_an_error_of_the_library()
    {
        var table = await DeltaTable.CreateAsync<Narrow>(_folder["t"], engine: _engine);

        await Assert.ThrowsAsync<DeltaException>(() => table.AppendAsync([new Twice(1, 2)]));

        Assert.Equal(0, await table.CountAsync());
    }

    [Fact]
    public async Task A_type_within_itself_is_no_column()
    {
        var error = await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.CreateAsync<Node>(_folder["t"], engine: _engine));

        Assert.Contains("Node has itself", error.Message, StringComparison.Ordinal);
    }

    private async Task<DeltaTable> Table(string columns, string name = "t")
    {
        var table = DeltaTable.Open(_folder[name], _engine);
        await table.ExecuteAsync($"CREATE TABLE {Sql(table)} ({columns}) USING DELTA");
        return table;
    }

    private static string Sql(DeltaTable table) => $"delta.`{table.Location}`";
}
