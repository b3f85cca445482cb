using System.Data;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Formatting.Tests;

/// <summary>Whatever a value is, showing it has an end, and soon.</summary>
public sealed class HostileValueTests
{
    public static TheoryData<string, object> Endless() => new()
    {
        { "numbers", Forever() },
        { "rows", Forever().Select(n => new { n }) },
        { "lists of lists", Nested(7) },
        { "a list in itself", Cyclic() },
        { "ten megabytes of text", new string('x', 10_000_000) },
        { "ten megabytes in a row", new[] { new { text = new string('x', 10_000_000) } } },
        { "a million objects", Enumerable.Range(0, 1_000_000).Select(n => new { n }).ToArray() },
        { "five thousand columns", Wide() },
        { "a task that never ends", new TaskCompletionSource<int>().Task },
        { "a folder, whose parents have parents", new DirectoryInfo("/usr/share") },
        { "a type", typeof(string) },
        { "a process", Process.GetCurrentProcess() },
        { "asynchronous numbers", ForeverAsync() },
        { "a lazy value that would throw", new Lazy<int>(() => throw new InvalidOperationException()) },
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public void A_value_without_end_is_shown_soon_and_short(string what, object value)
    {
        Formatter.Format(1);
        var clock = Stopwatch.StartNew();

        var bundle = Formatter.Format(value);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{what} took {clock.Elapsed}");
        Assert.InRange(bundle.Data.Values.Sum(form => form.ToString()!.Length), 1, 1_000_000);
        Assert.NotEmpty(bundle.PlainText);
    }

    [Fact]
    public void A_task_is_not_waited_for()
    {
        Assert.Equal("Task<int> (running)", Formatter.Format(new TaskCompletionSource<int>().Task).PlainText);
        Assert.Equal("Task<int>: 42", Formatter.Format(Task.FromResult(42)).PlainText);
    }

    [Fact]
    public void Objects_of_several_types_are_one_table() => Assert.Equal(
        """
        Name │ Legs │ Wings
        ─────┼──────┼──────
        Rex  │    4 │  null
        Tim  │ null │     2
        """,
        Formatter.Format(new object[] { new { Name = "Rex", Legs = 4 }, new { Name = "Tim", Wings = 2 } }).PlainText);

    [Fact]
    public void Groups_dictionaries_matrices_and_data_tables_are_tables()
    {
        var data = new DataTable();
        data.Columns.Add("n", typeof(int));
        data.Rows.Add(1);
        data.Rows.Add(DBNull.Value);

        Assert.StartsWith(
            "key │ count │ items", Formatter.Format(new[] { 1, 2, 3 }.GroupBy(n => n % 2)).PlainText, StringComparison.Ordinal);
        Assert.StartsWith("key │ value", Formatter.Format(new Dictionary<string, int> { ["a"] = 1 }).PlainText, StringComparison.Ordinal);
        Assert.StartsWith("0 │ 1", Formatter.Format(new[,] { { 1, 2 }, { 3, 4 } }).PlainText, StringComparison.Ordinal);
        Assert.Equal("   n\n────\n   1\nnull", Formatter.Format(data).PlainText);
    }

    [Fact]
    public void A_sequence_that_knows_its_length_says_it() =>
        Assert.EndsWith(
            "… 4,980 more rows", Formatter.Format(Enumerable.Range(1, 5000).Select(n => new { n })).PlainText, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_a_picture_are_shown_as_one() =>
        Assert.Equal("iVBORw0K", Formatter.Format(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A }).Data[MimeBundle.Png]);

    [Fact]
    public void JSON_is_a_tree_where_there_is_one() =>
        Assert.Equal(1, ((JsonNode)Formatter.Format(JsonNode.Parse("{\"a\":1}")).Data[MimeBundle.Json])["a"]!.GetValue<int>());

    [Fact]
    public void A_wide_table_of_text_names_the_columns_that_it_leaves_out()
    {
        var text = Formatter.Format(new[] { Enumerable.Range(0, 90).ToDictionary(n => $"column{n}", object? (n) => n) }).PlainText;

        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 410));
        Assert.Contains("more columns: column", text, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Forever()
    {
        for (var i = 0; ; i++)
        {
            yield return i;
        }
    }

    private static async IAsyncEnumerable<int> ForeverAsync()
    {
        for (var i = 0; ; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    private static object Nested(int depth) => depth == 0 ? "leaf" : Enumerable.Range(0, 20).Select(_ => Nested(depth - 1));

    private static List<object> Cyclic()
    {
        var list = new List<object>();
        list.Add(list);
        return list;
    }

    private static object Wide() => new[] { Enumerable.Range(0, 5000).ToDictionary(n => $"c{n}", object? (n) => n) };
}
