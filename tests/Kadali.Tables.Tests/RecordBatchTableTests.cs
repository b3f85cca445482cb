using Apache.Arrow;
using Apache.Arrow.Types;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Tables.Tests;

public sealed class RecordBatchTableTests
{
    private static readonly StoreLimits Small = new(100_000, 1 << 30);

    [Fact]
    public async Task A_page_reads_no_further_than_it_must()
    {
        var source = new Numbers(1_000_000);
        using var table = new RecordBatchTable(source);

        var page = await table.ReadAsync(new(10, 20), CancellationToken.None);

        Assert.Equal(20, page.Count);
        Assert.Equal([10L, Numbers.TextOf(10)], page[0]);
        Assert.Equal(1000, source.Given);
        Assert.Null(table.RowCount);
    }

    [Fact]
    public async Task Rows_beyond_the_memory_limit_come_back_from_the_file()
    {
        using var table = new RecordBatchTable(new Numbers(200_000), Small);

        var last = await table.ReadAsync(new(199_990, 100), CancellationToken.None);
        var middle = await table.ReadAsync(new(123_456, 1), CancellationToken.None);

        Assert.Equal(10, last.Count);
        Assert.Equal(199_999L, last[^1][0]);
        Assert.Equal([123_456L, Numbers.TextOf(123_456)], middle[0]);
        Assert.True(table.Size is { Memory: < 200_000, Disk: > 1_000_000 }, $"{table.Size}");
        Assert.Equal(200_000, table.RowCount);
    }

    [Fact]
    public async Task What_does_not_fit_is_cut_and_says_so()
    {
        using var table = new RecordBatchTable(new Numbers(1_000_000), new(100_000, 0));

        await table.FillAsync(long.MaxValue, CancellationToken.None);

        Assert.StartsWith($"cut after {table.RowCount:N0} rows", table.Cut, StringComparison.Ordinal);
        Assert.Equal("KDL330", Assert.Throws<CellFaultException>(() => table.Count()).Fault.Code);
    }

    [Theory]
    [InlineData(0, false, 0L, 1L)]
    [InlineData(0, true, 49_999L, 49_998L)]
    [InlineData(1, false, 0L, 7L)]
    [InlineData(1, true, 9999L, 9998L)]
    public async Task Sorting_reads_keys_and_keeps_equal_rows_in_order(int column, bool descending, long first, long second)
    {
        using var table = new RecordBatchTable(new Numbers(50_000), Small);

        var rows = await table.ReadAsync(new(0, 2, column, descending), CancellationToken.None);

        Assert.Equal([first, second], rows.Select(row => (long)row[0]!));
    }

    [Fact]
    public async Task Whole_numbers_and_decimals_are_sorted_by_their_last_digit()
    {
        var longs = new Int64Array.Builder().AppendNull().Append(9_007_199_254_740_993).Append(9_007_199_254_740_992).Append(-1).Build();
        var wide = new UInt64Array.Builder().AppendNull().Append(ulong.MaxValue).Append(ulong.MaxValue - 1).Append(0).Build();
        var type = new Decimal128Type(38, 1);
        var decimals = new Decimal128Array.Builder(type)
            .AppendNull().Append("1000000000000000000000000000000000000.5").Append("999.5").Append("-1000.5").Build();
        var schema = new Schema([new("l", Int64Type.Default, true), new("u", UInt64Type.Default, true), new("d", type, true)], null);
        using var table = new RecordBatchTable(schema, [new(schema, [longs, wide, decimals], 4)]);

        for (var column = 0; column < 3; column++)
        {
            var rows = await table.ReadAsync(new(0, 4, column), CancellationToken.None);

            Assert.Equal([null, -1L, 9_007_199_254_740_992, 9_007_199_254_740_993], rows.Select(row => row[0]));
        }
    }

    [Fact]
    public async Task A_filter_finds_text_in_any_column_and_any_case()
    {
        using var table = new RecordBatchTable(new Numbers(20_000), Small);

        var rows = await table.ReadAsync(new(0, 100, 0, true, "TEXT 1999"), CancellationToken.None);

        Assert.Equal([19_998L, 19_997, 19_996, 19_995, 19_994, 19_993, 19_991, 19_990, 1_999], rows.Select(row => (long)row[0]!));
    }

    [Fact]
    public async Task Rows_are_members_in_csharp()
    {
        using var table = new RecordBatchTable(new Numbers(30_000), Small);

        dynamic row = table.Skip(25_001).First();

        Assert.Equal(25_001L, row.n);
        Assert.Contains(
            "Did you mean 'text'?", Assert.Throws<KeyNotFoundException>(() => (object)row.test).Message, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_table_passes_through_an_ipc_stream()
    {
        using var table = new RecordBatchTable(new Numbers(30_000), Small);

        using var copy = ArrowIpc.ReadTable(await ArrowIpc.ToBytesAsync(table, CancellationToken.None), CancellationToken.None);

        Assert.Equal(
            await table.ReadAsync(new(0, 30_000), CancellationToken.None), await copy.ReadAsync(new(0, 30_000), CancellationToken.None));
    }

    [Fact]
    public void Bytes_that_are_no_stream_are_refused() =>
        Assert.Throws<InvalidDataException>(
            () => ArrowIpc.ReadTable("these are not arrow bytes at all"u8.ToArray(), CancellationToken.None));

    [Fact]
    public async Task An_interrupted_table_keeps_what_it_has()
    {
        using var table = new RecordBatchTable(new Numbers(100_000), Small);
        await table.FillAsync(5_000, CancellationToken.None);
        using var interrupted = new CancellationTokenSource();
        interrupted.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await table.FillAsync(50_000, interrupted.Token));

        Assert.Equal(5, (await table.ReadAsync(new(0, 5), CancellationToken.None)).Count);
    }

    [Fact]
    public void The_source_is_disposed_at_its_end()
    {
        var source = new Numbers(10);
        using var table = new RecordBatchTable(source);

        Assert.Equal(10, table.Count());
        Assert.True(source.IsDisposed);
        Assert.Equal(new TableColumn("n", "BIGINT", true), table.Columns[0]);
    }
}
