using System.Globalization;
using System.Net;
using System.Text;
using Kadali.Cells;
using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>A table's history as a timeline: what happened when, in words, the latest first.</summary>
internal static class DeltaTimeline
{
    // The metrics that say what came of an operation, in the order of their telling.
    private static readonly (string Metric, string Words)[] Counts =
    [
        ("numTargetRowsInserted", "inserted"), ("numTargetRowsUpdated", "updated"), ("numTargetRowsDeleted", "deleted"),
        ("numUpdatedRows", "updated"), ("numDeletedRows", "deleted"), ("numOutputRows", "rows"), ("numCopiedRows", "copied"),
        ("numRestoredFiles", "files restored"), ("numAddedFiles", "files added"), ("numRemovedFiles", "files removed"),
        ("numTargetFilesAdded", "files added"), ("numTargetFilesRemoved", "files removed"), ("numDeletedFiles", "files deleted"),
        ("numDeletionVectorsAdded", "deletion vectors"), ("numTargetDeletionVectorsAdded", "deletion vectors"),
        ("numConvertedFiles", "files converted"), ("numMissingFiles", "files missing"),
    ];

    // Of the parameters those that say what was asked.
    private static readonly string[] Asked =
    [
        "predicate", "matchedPredicates", "version", "timestamp", "properties", "columns", "column", "name", "expr", "zOrderBy",
        "partitionBy", "mode",
    ];

    public static MimeBundle Of(CommandOutput history)
    {
        var entries = history.Rows.Select(row => new Entry(
            (long)row[0]!, (DateTimeOffset)row[1]!, row[2] as string ?? "", Map(row[3]), Map(row[7]), row[9] as string ?? "")).ToArray();
        var width = entries.Length == 0 ? 0 : entries.Max(entry => Version(entry).Length);
        var words = entries.Length == 0 ? 0 : Math.Min(28, entries.Max(entry => entry.Operation.Length));
        var text = new StringBuilder();
        var html = new StringBuilder(
            "<style>.kadali-timeline{list-style:none;margin:0;padding:0 0 0 .6em}.kadali-timeline li{border-left:2px solid #8888;"
                + "padding:.15em 0 .5em 1em;position:relative}.kadali-timeline li::before{content:'';position:absolute;left:-.36em;"
                + "top:.55em;width:.6em;height:.6em;border-radius:50%;background:#4a90d9}.kadali-timeline small{opacity:.75}</style>"
                + "<ol class=\"kadali-timeline\">");
        foreach (var entry in entries)
        {
            var did = Did(entry.Metrics);
            var asked = Asking(entry.Parameters);
            var time = entry.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            text.Append($"{Version(entry).PadLeft(width)}  {time}  {entry.Operation.PadRight(words)}");
            text.Append(did.Length > 0 ? $"  {did}" : "").Append(asked.Length > 0 ? $"  [{Clip(asked)}]" : "").Append('\n');
            html.Append($"<li><b>{Version(entry)}</b> · {Encode(entry.Operation)}{(did.Length > 0 ? $" · {Encode(did)}" : "")}<br>");
            html.Append($"<small>{time} UTC{(entry.Engine.Length > 0 ? $" · {Encode(entry.Engine)}" : "")}</small>");
            html.Append(asked.Length > 0 ? $"<br><small><code>{Encode(asked)}</code></small>" : "").Append("</li>");
        }

        return MimeBundle.Of(MimeBundle.Html, html.Append("</ol>").ToString(), text.ToString().TrimEnd());
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
        if (told.Any(count => count.Words is "inserted" or "updated" or "deleted"))
        {
            told.RemoveAll(count => count.Words is "rows" or "copied");
        }

        return string.Join(", ", told.DistinctBy(count => count.Words).Select(count => $"{Grouped(metrics[count.Metric])} {count.Words}"));
    }

    private static string Asking(IReadOnlyDictionary<string, string> parameters) => string.Join("; ", Asked
        .Where(name => parameters.TryGetValue(name, out var value) && value is not ("" or "[]" or "{}" or "Append"))
        .Select(name => $"{name}: {parameters[name]}"));

    private static string Grouped(string number) => long.TryParse(number, CultureInfo.InvariantCulture, out var value)
        ? value.ToString("N0", CultureInfo.InvariantCulture) : number;

    private static string Clip(string text) =>
        text.ReplaceLineEndings(" ") is var line && line.Length > 80 ? line[..79] + "…" : line;

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
