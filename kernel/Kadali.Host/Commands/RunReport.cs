using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Cells;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary>What <c>--report</c> writes: what ran, how long, and how it ended; for programs that start programs.</summary>
internal sealed class RunReport
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly JsonObject _root;
    private readonly JsonObject[] _cells;
    private long _cellStarted;

    public RunReport(RunOptions options, JsonObject parameters, IReadOnlyList<NotebookCell> cells, TimeProvider time)
    {
        _path = options.Report is null ? null : Path.GetFullPath(options.Report);
        _time = time;
        _started = time.GetTimestamp();
        _root = new()
        {
            ["notebook"] = options.Notebook,
            ["output"] = options.Output,
            ["parameters"] = parameters.DeepClone(),
            ["status"] = "running",
            ["started"] = time.GetUtcNow().ToString("O"),
            ["seconds"] = 0,
        };
        _cells = [.. cells.Select((cell, index) => new JsonObject
        {
            ["number"] = index + 1,
            ["id"] = cell.Id,
            ["source"] = cell.Source.Split('\n').FirstOrDefault(line => line.Trim().Length > 0)?.Trim(),
            ["status"] = "not run",
            ["seconds"] = null,
            ["error"] = null,
        })];
        _root["cells"] = new JsonArray([.. _cells]);
    }

    public void Begin(int index)
    {
        _cellStarted = _time.GetTimestamp();
        _cells[index]["status"] = "running";
    }

    public void End(int index, CellFailure? failure)
    {
        _cells[index]["status"] = Status(failure);
        _cells[index]["seconds"] = Seconds(_cellStarted);
        _cells[index]["error"] = Error(failure);
    }

    /// <exception cref="CellFaultException">It cannot be written.</exception>
    public void Write(CellFailure? failure)
    {
        if (_path is null)
        {
            return;
        }

        _root["status"] = Status(failure);
        _root["seconds"] = Seconds(_started);
        try
        {
            File.WriteAllText(_path, _root.ToJsonString(Indented) + "\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CellFaultException(new("KDL132", $"The report '{_path}' cannot be written: {exception.Message}"));
        }
    }

    private static string Status(CellFailure? failure) => failure?.Kind switch
    {
        null => "ok",
        FailureKind.Interrupted => "interrupted",
        FailureKind.Timeout or FailureKind.Stuck => "timeout",
        _ => "error",
    };

    private static JsonObject? Error(CellFailure? failure) => failure is null ? null : new()
    {
        ["name"] = failure.Name,
        ["message"] = failure.Message,
        ["traceback"] = new JsonArray([.. failure.Traceback.Select(line => (JsonNode)Terminal.Ansi.Strip(line))]),
    };

    private double Seconds(long since) => Math.Round(_time.GetElapsedTime(since).TotalSeconds, 3);
}
