using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>A table's history as a timeline: what happened when, in words, the latest first.</summary>
internal static class DeltaTimeline
{
    // The metrics that say what came of an operation, in the order of their telling; of one thing and of several.
    private static readonly (string Metric, string One, string Several)[] Counts =
    [
        ("numTargetRowsInserted", "inserted", "inserted"), ("numTargetRowsUpdated", "updated", "updated"),
        ("numTargetRowsDeleted", "deleted", "deleted"), ("numUpdatedRows", "updated", "updated"), ("numDeletedRows", "deleted", "deleted"),
        ("numOutputRows", "row", "rows"), ("numCopiedRows", "copied", "copied"),
        ("numRestoredFiles", "file restored", "files restored"), ("numAddedFiles", "file added", "files added"),
        ("numRemovedFiles", "file removed", "files removed"), ("numTargetFilesAdded", "file added", "files added"),
        ("numTargetFilesRemoved", "file removed", "files removed"), ("numDeletedFiles", "file deleted", "files deleted"),
        ("numConvertedFiles", "file converted", "files converted"), ("numCopiedFiles", "file copied", "files copied"),
        ("numMissingFiles", "file missing", "files missing"),
    ];

    // Of the parameters those that say what was asked.
    private static readonly string[] Asked =
        ["predicate", "version", "timestamp", "properties", "columns", "column", "name", "expr", "zOrderBy", "partitionBy"];

    public static MimeBundle Of(CommandOutput history)
    {
        var entries = history.Rows.Select(row => new Entry(
            (long)row[0]!, (DateTimeOffset)row[1]!, row[2] as string ?? "", Map(row[3]), Map(row[7]), row[9] as string ?? "")).ToArray();
        var width = entries.Length == 0 ? 0 : entries.Max(entry => Version(entry).Length);
        var words = entries.Length == 0 ? 0 : Math.Min(28, entries.Max(entry => entry.Operation.Length));
        var text = new StringBuilder();
        var html = new StringBuilder(
            "<style>.kadali-timeline{padding-left:.6em}.kadali-timeline>div{border-left:2px solid #8888;padding:.15em 0 .5em 1em;"
                + "position:relative}.kadali-timeline>div::before{content:'';position:absolute;left:-.36em;top:.55em;width:.6em;"
                + "height:.6em;border-radius:50%;background:#4a90d9}.kadali-timeline small{opacity:.75}</style>"
                // Front ends number the items of HTML's lists, and versions have numbers already.
                + "<div class=\"kadali-timeline\" role=\"list\">");
        foreach (var entry in entries)
        {
            var did = Did(entry.Metrics);
            var asked = Asking(entry);
            var time = entry.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            text.Append($"{Version(entry).PadLeft(width)}  {time}  {entry.Operation.PadRight(words)}");
            text.Append(did.Length > 0 ? $"  {did}" : "").Append(asked.Length > 0 ? $"  [{Clip(asked)}]" : "").Append('\n');
            html.Append("<div role=\"listitem\">");
            html.Append($"<b>{Version(entry)}</b> · {Encode(entry.Operation)}{(did.Length > 0 ? $" · {Encode(did)}" : "")}<br>");
            html.Append($"<small>{time} UTC{(entry.Engine.Length > 0 ? $" · {Encode(entry.Engine)}" : "")}</small>");
            html.Append(asked.Length > 0 ? $"<br><small><code>{Encode(asked)}</code></small>" : "").Append("</div>");
        }

        return MimeBundle.Of(MimeBundle.Html, html.Append("</div>").ToString(), text.ToString().TrimEnd());
    }

    private sealed record Entry(
        long Number, DateTimeOffset Time, string Operation, IReadOnlyDictionary<string, string> Parameters,
        IReadOnlyDictionary<string, string> Metrics, string Engine);

    private static IReadOnlyDictionary<string, string> Map(object? value) =>
        value as IReadOnlyDictionary<string, string> ?? new Dictionary<string, string>();

    private static string Version(Entry entry) => string.Create(CultureInfo.InvariantCulture, $"v{entry.Number}");

    private static string Did(IReadOnlyDictionary<string, string> metrics)
    {
        // Of rows that a MERGE or UPDATE wrote, those that it changed are told already.
        var told = Counts.Where(count => metrics.TryGetValue(count.Metric, out var number) && number != "0").ToList();
        if (told.Any(count => count.One is "inserted" or "updated" or "deleted"))
        {
            told.RemoveAll(count => count.One is "row" or "copied");
        }

        return string.Join(", ", told.DistinctBy(count => count.One).Select(count =>
            $"{Grouped(metrics[count.Metric])} {(metrics[count.Metric] == "1" ? count.One : count.Several)}"));
    }

    private static string Asking(Entry entry) => string.Join("; ", Asked
        .Where(name => name != "partitionBy" || entry.Operation.StartsWith("CREATE", StringComparison.Ordinal))
        .Select(name => (Name: name, Value: Plain(entry.Parameters.GetValueOrDefault(name))))
        .Where(asked => asked.Value is not ("" or "null"))
        .Select(asked => asked.Name == "predicate" ? asked.Value : $"{asked.Name}: {asked.Value}"));

    /// <summary>Lists and properties are written as JSON in the log.</summary>
    private static string Plain(string? value)
    {
        if (value is not ['[' or '{', ..])
        {
            return value ?? "";
        }

        try
        {
            return string.Join(", ", JsonNode.Parse(value) switch
            {
                JsonObject map => map.Select(pair => $"{pair.Key} = {pair.Value}"),
                JsonArray list => list.Select(item => item?.ToString()),
                _ => [value],
            });
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private static string Grouped(string number) => long.TryParse(number, CultureInfo.InvariantCulture, out var value)
        ? value.ToString("N0", CultureInfo.InvariantCulture) : number;

    private static string Clip(string text) => TextCut.Clip(text.ReplaceLineEndings(" "), 80);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
