using System.Globalization;
using System.Text.Json.Nodes;
using Kadali.Host.Session;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary>
/// What papermill writes into a notebook that it runs, so that the tools that read its notebooks read ours: <c>metadata.papermill</c> of
/// the notebook and of each cell, and two cells that lead to an error.
/// </summary>
internal sealed class PapermillMetadata(NotebookDocument notebook, RunOptions options, JsonObject parameters, TimeProvider time)
{
    private const string MarkerTag = "papermill-error-cell-tag";
    private const string Anchor = "papermill-error-cell";
    private const string Style = "style=\"color:red; font-family:Helvetica Neue, Helvetica, Arial, sans-serif; font-size:2em;\"";
    private readonly Dictionary<JsonObject, DateTimeOffset> _started = [];
    private readonly DateTimeOffset _notebookStarted = time.GetUtcNow();

    /// <summary>Takes out what an earlier run put in.</summary>
    public static void RemoveErrorMarkers(NotebookDocument notebook)
    {
        foreach (var cell in notebook.Cells.Where(cell => cell.Tags.Contains(MarkerTag)))
        {
            notebook.Remove(cell);
        }
    }

    public void Begin()
    {
        notebook.Metadata.Put("papermill", new JsonObject
        {
            ["default_parameters"] = new JsonObject(),
            ["duration"] = null,
            ["end_time"] = null,
            ["environment_variables"] = new JsonObject(),
            ["exception"] = null,
            ["input_path"] = options.Notebook,
            ["output_path"] = options.Output,
            ["parameters"] = parameters.DeepClone(),
            ["start_time"] = Text(_notebookStarted),
            ["version"] = $"kadali {NotebookSession.Version}",
        });
        foreach (var cell in notebook.Cells)
        {
            if (cell.Type == "code")
            {
                cell.Json["execution_count"] = null;
                cell.Outputs.Clear();
            }

            cell.Metadata.Put("papermill", new JsonObject
            {
                ["duration"] = null, ["end_time"] = null, ["exception"] = null, ["start_time"] = null, ["status"] = "pending",
            });
        }
    }

    public void Begin(NotebookCell cell)
    {
        var now = _started[cell.Json] = time.GetUtcNow();
        Of(cell)["start_time"] = Text(now);
        Of(cell)["status"] = "running";
        Of(cell)["exception"] = false;
    }

    public void End(NotebookCell cell, bool failed)
    {
        var now = time.GetUtcNow();
        Of(cell)["duration"] = Seconds(now - _started[cell.Json]);
        Of(cell)["end_time"] = Text(now);
        Of(cell)["exception"] = failed;
        Of(cell)["status"] = failed ? "failed" : "completed";
    }

    /// <summary>Ends the run.</summary>
    /// <param name="failed">The cell that stopped it, or null.</param>
    public void End(NotebookCell? failed)
    {
        var now = time.GetUtcNow();
        var papermill = (JsonObject)notebook.Metadata["papermill"]!;
        papermill["duration"] = Seconds(now - _notebookStarted);
        papermill["end_time"] = Text(now);
        papermill["exception"] = failed is null ? null : true;
        if (failed is null)
        {
            return;
        }

        var index = notebook.Cells.ToList().FindIndex(cell => cell.Json == failed.Json);
        Mark(index, $"<span id=\"{Anchor}\" {Style}>Execution using papermill encountered an exception here and stopped:</span>");
        var number = failed.Json["execution_count"];
        Mark(0, $"<span {Style}>An Exception was encountered at '<a href=\"#{Anchor}\">In [{number}]</a>'.</span>");
    }

    private void Mark(int index, string html) => notebook.Insert(index, "markdown", html).Metadata.Put("tags", new JsonArray(MarkerTag));

    private static JsonObject Of(NotebookCell cell) => (JsonObject)cell.Metadata["papermill"]!;

    private static double Seconds(TimeSpan span) => Math.Round(span.TotalSeconds, 6);

    private static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
}
