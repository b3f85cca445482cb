using System.Text;
using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Formatting.Tests;

public sealed class ShownTableTests
{
    private sealed record Flight(int Number, string? Dest, DateTime Day);

    private static readonly Flight[] Flights =
        [.. Enumerable.Range(1, 1000)
            .Select(n => new Flight(n, n % 10 == 0 ? null : n % 2 == 0 ? "ORD" : "LAX", new DateTime(2013, 1, 1).AddDays(n % 30)))];

    private readonly FrontEnd _frontEnd = new();

    [Fact]
    public async Task A_page_beyond_what_was_embedded_comes_from_the_kernel()
    {
        var answer = await AskAsync(Flights, new() { ["do"] = "page", ["offset"] = 980, ["count"] = 20 });

        Assert.Equal("981", answer["rows"]![0]![0]!.ToString());
        Assert.Equal(1000, answer["total"]!.GetValue<int>());
        Assert.True(answer["end"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Sorting_and_filtering_look_at_all_rows()
    {
        var sorted = await AskAsync(Flights, new() { ["do"] = "page", ["offset"] = 0, ["count"] = 1, ["sort"] = 0, ["descending"] = true });
        var filtered = await AskAsync(Flights, new() { ["do"] = "page", ["offset"] = 0, ["count"] = 20, ["filter"] = "ord" });

        Assert.Equal("1000", sorted["rows"]![0]![0]!.ToString());
        Assert.Equal(400, filtered["total"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_profile_tells_nulls_distinct_values_and_how_they_lie()
    {
        var answer = await AskAsync(Flights, new() { ["do"] = "profile" });

        var (number, dest, day) = (answer["columns"]![0]!, answer["columns"]![1]!, answer["columns"]![2]!);
        Assert.Equal("500.5", number["mean"]!.ToString());
        Assert.Equal(1000, number["bars"]!.AsArray().Sum(bar => bar!.GetValue<long>()));
        Assert.Equal(100, dest["nulls"]!.GetValue<long>());
        Assert.Equal(2, dest["distinct"]!.GetValue<long>());
        Assert.Equal("LAX", dest["top"]![0]!["value"]!.ToString());
        Assert.Equal("2013-01-30", day["max"]!.ToString());
    }

    [Fact]
    public async Task A_profile_of_many_values_estimates_how_many_differ()
    {
        var profile = await TableProfile.OfAsync(
            new SequenceTable(Enumerable.Range(0, 200_000).Select(n => new { Same = n % 7, Different = $"row {n}" }),
                new { Same = 0, Different = "" }.GetType()),
            2, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal((7, false), (profile.Columns[0].Distinct, profile.Columns[0].IsApproximate));
        Assert.True(profile.Columns[1].IsApproximate);
        Assert.InRange(profile.Columns[1].Distinct, 190_000, 210_000);
    }

    [Theory]
    [InlineData(new[] { 5.0, 5, 5 })]
    [InlineData(new[] { 0.0, 1e300, -1e300 })]
    [InlineData(new[] { 1e15, 1e15 + 0.125, 1e15 - 3 })]
    [InlineData(new[] { double.Epsilon, 0, 1 })]
    [InlineData(new[] { 3.0, 2, 1, 0, -1, -2, -3, -1000, 1000 })]
    public void A_histogram_counts_every_number_once(double[] numbers)
    {
        var histogram = new Histogram();
        foreach (var number in numbers)
        {
            histogram.Add(number);
        }

        Assert.Equal(numbers.Length, histogram.Bars().Sum());
    }

    [Fact]
    public async Task A_download_as_CSV_quotes_what_needs_it()
    {
        var rows = new[]
        {
            new { name = "a,b", said = (string?)"say \"hi\"\r\n", n = (int?)null }, new { name = "", said = (string?)null, n = (int?)1 },
        };

        var first = await AskAsync(rows, new() { ["do"] = "export", ["format"] = "csv" });
        var last = await AskAgainAsync(new() { ["do"] = "more" });

        Assert.Equal("name,said,n\r\n\"a,b\",\"say \"\"hi\"\"\r\n\",\r\n\"\",,1\r\n", Encoding.UTF8.GetString(_frontEnd.Buffers));
        Assert.False(first["end"]!.GetValue<bool>());
        Assert.Equal("table.csv", last["name"]!.ToString());
    }

    [Fact]
    public async Task A_question_that_makes_no_sense_is_answered_and_the_channel_stays_open()
    {
        var refused = await AskAsync(Flights, new() { ["do"] = "page", ["sort"] = 99 });
        var answered = await AskAgainAsync(new() { ["do"] = "page", ["count"] = 1 });

        Assert.Contains("no column 99", refused["error"]!.ToString(), StringComparison.Ordinal);
        Assert.Single(answered["rows"]!.AsArray());
    }

    [Fact]
    public async Task An_old_table_says_to_run_the_cell_again()
    {
        var id = Shown(Flights);
        for (var i = 0; i < ShownTables.Kept; i++)
        {
            Formatter.Format(Flights);
        }

        await _frontEnd.OpenAsync(id);

        Assert.Contains("run the cell again", _frontEnd.Ended!["error"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lazy_sequence_is_gone_through_once_whatever_is_asked()
    {
        var read = 0;
        var answer = await AskAsync(Enumerable.Range(0, 1000).Select(n => new { n, read = ++read }),
            new() { ["do"] = "page", ["offset"] = 500, ["count"] = 1, ["sort"] = 0 });

        Assert.Equal(["500", "501"], answer["rows"]![0]!.AsArray().Select(cell => cell!.ToString()));
        Assert.Equal(1000, read);
    }

    private static string Shown(object rows)
    {
        var html = (string)Formatter.Format(rows).Data[MimeBundle.Html];
        var from = html.IndexOf("data-kadali-table=\"", StringComparison.Ordinal) + "data-kadali-table=\"".Length;
        return html[from..html.IndexOf('"', from)];
    }

    private async Task<JsonNode> AskAsync(object rows, JsonObject question)
    {
        await _frontEnd.OpenAsync(Shown(rows));
        return await AskAgainAsync(question);
    }

    private async Task<JsonNode> AskAgainAsync(JsonObject question)
    {
        question["request"] = 7;
        await _frontEnd.Received!(JsonNode.Parse(question.ToJsonString()), [], TestContext.Current.CancellationToken);
        Assert.Equal(7, _frontEnd.Last!["request"]!.GetValue<int>());
        return _frontEnd.Last;
    }

    /// <summary>The other end of a channel.</summary>
    private sealed class FrontEnd : IComms, IComm
    {
        private Func<IComm, JsonNode?, CancellationToken, Task>? _opened;

        public string Id => "comm";

        public Func<JsonNode?, IReadOnlyList<byte[]>, CancellationToken, Task>? Received { get; set; }

        public Action? Closed { get; set; }

        public JsonNode? Last { get; private set; }

        public JsonNode? Ended { get; private set; }

        public byte[] Buffers { get; private set; } = [];

        public Task OpenAsync(string table)
        {
            ShownTables.Serve(this);
            return _opened!(this, new JsonObject { ["table"] = table }, TestContext.Current.CancellationToken);
        }

        public void Serve(string target, Func<IComm, JsonNode?, CancellationToken, Task> opened) => _opened = opened;

        public void Send(JsonNode? data, params IReadOnlyList<byte[]> buffers) =>
            (Last, Buffers) = (JsonNode.Parse(data!.ToJsonString()), [.. Buffers, .. buffers.SelectMany(buffer => buffer)]);

        public void Close(JsonNode? data) => Ended = data;
    }
}
