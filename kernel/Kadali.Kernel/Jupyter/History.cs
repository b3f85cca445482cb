using System.IO.Enumeration;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>
/// What the user ran, in all sessions: a file of JSON lines <c>[session, line, input, output]</c> that is read when first asked for and
/// appended to cell by cell. Other kernels append to the same file: whoever writes has it alone meanwhile.
/// </summary>
public sealed class History(string path, Action<Exception> log)
{
    private const int KeptOnDisk = 20_000;
    private const int Attempts = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private readonly Lock _lock = new();
    private List<Entry>? _entries;
    private int _session;
    private bool _named;

    /// <summary>The file for this user.</summary>
    public static string DefaultPath() => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "kadali", "history.jsonl");

    /// <summary>Keeps a cell.</summary>
    public void Add(int line, string input, string? output)
    {
        lock (_lock)
        {
            var entries = Load();
            try
            {
                using var file = Take();
                if (!_named)
                {
                    // Another kernel may have taken the next number since this one read the file.
                    _named = true;
                    _session = Math.Max(_session, LastSession(file) + 1);
                }

                entries.Add(new(_session, line, input, output));
                file.Seek(0, SeekOrigin.End);
                file.Write(JsonSerializer.SerializeToUtf8Bytes(Json(entries[^1])));
                file.WriteByte((byte)'\n');
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A full disk or a read-only home must not cost the user a cell: the history of this session stays in memory.
                log(exception);
                entries.Add(new(_session, line, input, output));
            }
        }
    }

    public HistoryReply Find(HistoryRequest request)
    {
        lock (_lock)
        {
            IEnumerable<Entry> found = Load();
            found = request.HistAccessType switch
            {
                "tail" => found.TakeLast(request.N ?? 10),
                "range" => found.Where(entry => entry.Session == (request.Session > 0 ? request.Session : _session + request.Session)
                    && entry.Line >= request.Start && (request.Stop is null || entry.Line < request.Stop)),
                "search" => Search(found, request),
                _ => [],
            };
            var history = new JsonArray();
            foreach (var entry in found)
            {
                JsonNode input = request.Output ? new JsonArray(entry.Input, entry.Output) : JsonValue.Create(entry.Input);
                history.Add((JsonNode)new JsonArray(entry.Session, entry.Line, input));
            }

            return new(history);
        }
    }

    /// <summary>The file for this process alone, once the others that write to it have done so.</summary>
    private FileStream Take()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new(path, options);
            }
            catch (IOException) when (attempt < Attempts)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    private static int LastSession(FileStream file)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        var last = 0;
        while (reader.ReadLine() is { } line)
        {
            last = Math.Max(last, Parse(line)?.Session ?? 0);
        }

        return last;
    }

    private static JsonArray Json(Entry entry) => new(entry.Session, entry.Line, entry.Input, entry.Output);

    private static IEnumerable<Entry> Search(IEnumerable<Entry> entries, HistoryRequest request)
    {
        var pattern = request.Pattern is null or "" ? "*" : request.Pattern;
        var found = entries.Where(entry => FileSystemName.MatchesSimpleExpression(
            pattern.Replace("\\", "\\\\", StringComparison.Ordinal), entry.Input, ignoreCase: false));
        if (request.Unique)
        {
            found = found.Reverse().DistinctBy(entry => entry.Input).Reverse();
        }

        return request.N is { } n ? found.TakeLast(n) : found;
    }

    private List<Entry> Load()
    {
        if (_entries is not null)
        {
            return _entries;
        }

        _entries = [];
        try
        {
            if (File.Exists(path))
            {
                foreach (var line in File.ReadLines(path))
                {
                    if (Parse(line) is { } entry)
                    {
                        _entries.Add(entry);
                    }
                }

                if (_entries.Count > KeptOnDisk)
                {
                    _entries.RemoveRange(0, _entries.Count - (KeptOnDisk / 2));
                    using var file = Take();
                    file.SetLength(0);
                    foreach (var entry in _entries)
                    {
                        file.Write(JsonSerializer.SerializeToUtf8Bytes(Json(entry)));
                        file.WriteByte((byte)'\n');
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log(exception);
        }

        _session = _entries.Count == 0 ? 1 : _entries.Max(entry => entry.Session) + 1;
        return _entries;
    }

    private static Entry? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonArray { Count: >= 3 } array
                ? new((int)array[0]!, (int)array[1]!, (string)array[2]!, (string?)array.ElementAtOrDefault(3))
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // A line that another process left half written.
            return null;
        }
    }

    private sealed record Entry(int Session, int Line, string Input, string? Output);
}
