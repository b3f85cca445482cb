using System.Text.Json.Nodes;
using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>
/// What a table in the front end asks its kernel: <c>page</c>, <c>count</c>, <c>profile</c>, <c>export</c> and then <c>more</c> of it. Each
/// question carries a number (<c>request</c>) that its answer repeats. Answers come beside a running cell.
/// </summary>
internal sealed class TableChannel
{
    private const int PageRows = 10_000;
    private readonly IComm _comm;
    private readonly ITable _table;
    private readonly IReadOnlyList<ITableExport> _exports;
    private readonly Dictionary<string, long> _matching = [];
    private IAsyncEnumerator<byte[]>? _download;
    private ITableExport? _form;

    private TableChannel(IComm comm, ITable table, IReadOnlyList<ITableExport> exports) =>
        (_comm, _table, _exports) = (comm, table, exports);

    /// <summary>Answers what comes over a channel, as long as it is open.</summary>
    public static void Attach(IComm comm, ITable table, IReadOnlyList<ITableExport> exports)
    {
        var channel = new TableChannel(comm, table, exports);
        comm.Received = (data, _, cancellationToken) => channel.AnswerAsync(data, cancellationToken);
    }

    private async Task AnswerAsync(JsonNode? question, CancellationToken cancellationToken)
    {
        var request = question?["request"]?.DeepClone();
        try
        {
            var (answer, buffers) = question?["do"]?.ToString() switch
            {
                "page" => (await PageAsync(question, cancellationToken), []),
                "count" => (new JsonObject { ["total"] = await CountAsync(Order(question), cancellationToken) }, []),
                "profile" => (await ProfileAsync(request, cancellationToken), []),
                "export" => await ExportAsync(question, cancellationToken),
                "more" => await MoreAsync(),
                var other => throw new ArgumentException($"A table is not asked for '{other}'."),
            };
            answer["request"] = request;
            _comm.Send(answer, buffers);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The rows are the reader's own code, which may throw anything: the table says it, and can be asked again.
            _comm.Send(new JsonObject { ["request"] = request?.DeepClone(), ["error"] = exception.Message });
        }
    }

    private async Task<JsonObject> PageAsync(JsonNode question, CancellationToken cancellationToken)
    {
        var order = Order(question);
        var count = Math.Clamp(question["count"]?.GetValue<int>() ?? 0, 1, PageRows);
        order = order with { Offset = Math.Max(0, question["offset"]?.GetValue<long>() ?? 0), Count = count + 1 };
        var rows = await _table.ReadAsync(order, cancellationToken);
        var width = TableFormatter.Width(_table.Columns);
        var total = order.Filter is null ? _table.RowCount : await MatchingAsync(order, rows, cancellationToken);
        return new()
        {
            ["rows"] = new JsonArray([.. rows.Take(count).Select(
                row => (JsonNode)new JsonArray(
                    [.. row.Take(width).Select(value => value is null ? null : (JsonNode)TableFormatter.Cell(value))]))]),
            ["end"] = rows.Count <= count,
            ["total"] = total,
            ["matching"] = order.Filter is not null,
            ["note"] = Note(),
        };
    }

    /// <summary>How many rows a filter leaves, counted once for each filter.</summary>
    private async Task<long> MatchingAsync(TableRequest order, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        if (rows.Count < order.Count && rows.Count > 0)
        {
            return order.Offset + rows.Count;
        }

        return _matching.TryGetValue(order.Filter!, out var known)
            ? known
            : _matching[order.Filter!] = await CountAsync(order, cancellationToken);
    }

    private async Task<long> CountAsync(TableRequest order, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var page in _table.PagesAsync(order, cancellationToken))
        {
            count += page.Count;
        }

        return count;
    }

    private async Task<JsonObject> ProfileAsync(JsonNode? request, CancellationToken cancellationToken)
    {
        var width = TableFormatter.Width(_table.Columns);
        var profile = await TableProfile.OfAsync(
            _table, width,
            read => _comm.Send(new JsonObject { ["request"] = request?.DeepClone(), ["progress"] = read }), cancellationToken);
        return new()
        {
            ["rows"] = profile.Rows,
            ["columns"] = new JsonArray([.. profile.Columns.Select(column => (JsonNode)new JsonObject
            {
                ["nulls"] = column.Nulls,
                ["distinct"] = column.Distinct,
                ["approximate"] = column.IsApproximate,
                ["min"] = column.Min,
                ["max"] = column.Max,
                ["mean"] = column.Mean,
                ["bars"] = column.Bars is null ? null : new JsonArray([.. column.Bars.Select(bar => (JsonNode)bar)]),
                ["top"] = new JsonArray(
                    [.. column.Top.Select(top => (JsonNode)new JsonObject { ["value"] = top.Value, ["count"] = top.Count })]),
            })]),
            ["note"] = Note(),
        };
    }

    private async Task<(JsonObject, IReadOnlyList<byte[]>)> ExportAsync(JsonNode question, CancellationToken cancellationToken)
    {
        var format = question["format"]?.ToString();
        _form = _exports.FirstOrDefault(export => export.Format == format)
            ?? throw new ArgumentException($"There is no download as '{format}'.");
        if (_download is not null)
        {
            await _download.DisposeAsync();
        }

        _download = _form.WriteAsync(_table, Order(question), cancellationToken).GetAsyncEnumerator(cancellationToken);
        return await MoreAsync();
    }

    private async Task<(JsonObject, IReadOnlyList<byte[]>)> MoreAsync()
    {
        if (_download is not { } download || _form is not { } form)
        {
            throw new InvalidOperationException("There is no download to go on with.");
        }

        if (await download.MoveNextAsync())
        {
            return (new() { ["end"] = false }, [download.Current]);
        }

        await download.DisposeAsync();
        _download = null;
        return (new() { ["end"] = true, ["name"] = $"table.{form.Format}", ["type"] = form.MimeType, ["note"] = Note() }, []);
    }

    private TableRequest Order(JsonNode question)
    {
        var sort = question["sort"]?.GetValue<int>();
        if (sort is < 0 || sort >= _table.Columns.Count)
        {
            throw new ArgumentException($"The table has no column {sort}.");
        }

        return new(0, 0, sort, question["descending"]?.GetValue<bool>() ?? false,
            question["filter"]?.ToString() is { Length: > 0 } filter ? filter : null);
    }

    private string? Note() => _table is SequenceTable { IsCut: true } ? $"Among the first {SequenceTable.ReadRows:N0} rows only." : null;
}
