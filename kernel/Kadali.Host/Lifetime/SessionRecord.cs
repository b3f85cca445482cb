using System.Buffers.Binary;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;
using Kadali.Kernel.Jupyter;

namespace Kadali.Host.Lifetime;

/// <summary>
/// What the process does, in a page of memory that is also a file: it outlives the process, however that ends. Jupyter starts a kernel that
/// died again with the same connection file, and the new one tells its reader what became of the old one. A kernel that ends as it was
/// asked to leaves no file.
/// </summary>
internal sealed unsafe class SessionRecord : ISessionRecord, IDisposable
{
    private const int Length = 4096;
    private const int CellAt = 0;
    private const int KillsAt = 8;
    private const int WordsLengthAt = 16;
    private const int WordsAt = 20;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly string _path;
    private readonly FileStream _file;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _page;
    private readonly Lock _lock = new();
    private string? _notice;
    private bool _ended;

    private SessionRecord(string path)
    {
        _path = path;
        _file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var before = _file.Length == Length;
        _file.SetLength(Length);
        _map = MemoryMappedFile.CreateFromFile(
            _file, null, Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.ReadWrite);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _page);
        _notice = before ? Notice(Page) : null;
        Page.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(Page[KillsAt..], SystemKills());
    }

    private Span<byte> Page => new(_page, Length);

    /// <summary>The record of a kernel, by its connection file; null where there can be none.</summary>
    public static SessionRecord? Open(string connectionFile)
    {
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
                "kadali", "sessions"));
            foreach (var old in folder.EnumerateFiles().Where(file => DateTime.UtcNow - file.LastWriteTimeUtc > Kept))
            {
                old.Delete();
            }

            var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(connectionFile))))[..32];
            return new(Path.Combine(folder.FullName, name));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written costs a sentence after a crash, no more.
            Log.Failure(exception);
            return null;
        }
    }

    public string? TakeNotice() => Interlocked.Exchange(ref _notice, null);

    public void CellBegins(int number)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                BinaryPrimitives.WriteInt32LittleEndian(Page[WordsLengthAt..], 0);
                BinaryPrimitives.WriteInt32LittleEndian(Page[CellAt..], number);
            }
        }
    }

    public void CellEnds()
    {
        lock (_lock)
        {
            if (!_ended)
            {
                BinaryPrimitives.WriteInt32LittleEndian(Page[CellAt..], 0);
            }
        }
    }

    /// <summary>Keeps what the process says when it dies. Allocates nothing: the process may be past that.</summary>
    public void LastWords(ReadOnlySpan<byte> words)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                var kept = BinaryPrimitives.ReadInt32LittleEndian(Page[WordsLengthAt..]);
                var more = words[..Math.Min(words.Length, Length - WordsAt - kept)];
                more.CopyTo(Page[(WordsAt + kept)..]);
                BinaryPrimitives.WriteInt32LittleEndian(Page[WordsLengthAt..], kept + more.Length);
            }
        }
    }

    /// <summary>The process ends as it was asked to: there is nothing to tell.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_ended)
            {
                _ended = true;
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
                _view.Dispose();
                _map.Dispose();
                _file.Dispose();
                File.Delete(_path);
            }
        }
    }

    private static string Notice(ReadOnlySpan<byte> page)
    {
        var cell = BinaryPrimitives.ReadInt32LittleEndian(page[CellAt..]);
        var words = Encoding.UTF8.GetString(page.Slice(
            WordsAt, Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(page[WordsLengthAt..]), 0, Length - WordsAt)));
        var killed = SystemKills() > BinaryPrimitives.ReadInt64LittleEndian(page[KillsAt..]);
        var when = cell > 0 ? $"while cell [{cell}] ran" : "while no cell ran";
        return $"The session before this one ended {when}: {Lifetime.LastWords.Reason(words, killed)}\n"
            + "Its variables are lost; run the cells above again.\n";
    }

    /// <summary>How often the system has ended a process because memory had run out.</summary>
    private static long SystemKills()
    {
        const string counters = "/proc/vmstat";
        return File.Exists(counters)
            && File.ReadLines(counters).FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal)) is { } line
            && long.TryParse(line.AsSpan("oom_kill ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var kills)
            ? kills
            : 0;
    }
}
