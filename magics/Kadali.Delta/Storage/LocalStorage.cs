using System.Collections.Concurrent;
using System.IO.Enumeration;

namespace Kadali.Delta;

/// <summary>
/// A table in a folder of the file system. Data files are written where they stay, since nobody sees them before a commit names them; files
/// of the log come under a hidden name of their own first, which readers and <c>VACUUM</c> pass over, and take their name when they are
/// whole.
/// </summary>
internal sealed class LocalStorage(string root) : IDeltaStorage
{
    private const string Log = "_delta_log/";

    private readonly string _folder = Path.GetFullPath(Plain(root));
    private readonly ConcurrentDictionary<string, string> _staged = new(StringComparer.Ordinal);

    public string Root { get; } = root.Length > 1 ? root.TrimEnd('/', '\\') : root;

    public IEnumerable<StoredFile> List(string folder, string from, CancellationToken cancellationToken)
    {
        var files = Enumerate(
            folder, recurse: false,
            (ref FileSystemEntry entry) => !entry.IsDirectory && entry.FileName.CompareTo(from, StringComparison.Ordinal) >= 0,
            cancellationToken);
        files.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        return files;
    }

    public IEnumerable<StoredFile> ListTree(string folder, CancellationToken cancellationToken) =>
        Enumerate(folder, recurse: true, (ref FileSystemEntry entry) => !entry.IsDirectory, cancellationToken);

    public bool Exists(string path) => File.Exists(Local(path));

    public StoredFile? Find(string path)
    {
        var file = new FileInfo(Local(path));
        return file.Exists ? new(path, file.Length, Milliseconds(file.LastWriteTimeUtc)) : null;
    }

    public byte[]? TryRead(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return File.ReadAllBytes(Local(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("read", path, exception);
        }
    }

    public byte[] ReadRange(string path, long offset, int count, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var file = File.OpenHandle(Local(path));
            var content = new byte[Math.Clamp(RandomAccess.GetLength(file) - offset, 0, count)];
            var length = 0;
            while (length < content.Length && RandomAccess.Read(file, content.AsSpan(length), offset + length) is > 0 and var read)
            {
                length += read;
            }

            return length == content.Length ? content : content[..length];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DeltaException(DeltaErrorKind.NotFound, $"There is no file '{Shown(path)}'.", inner: exception);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("read", path, exception);
        }
    }

    public bool TryWriteNew(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken, bool durable = true)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var target = Local(path);
        if (File.Exists(target))
        {
            return false;
        }

        string? hidden = null;
        try
        {
            WriteHidden(hidden = Hidden(target), content, durable);
            if (!NativeFile.TryRename(hidden, target))
            {
                File.Delete(hidden);
                return false;
            }

            hidden = null;
            if (durable)
            {
                NativeFile.FlushFolder(Folder(target));
            }

            return true;
        }
        catch (NotSupportedException exception)
        {
            throw new DeltaException(
                DeltaErrorKind.Unsupported, $"'{Shown(path)}' cannot be written safely: {exception.Message}.",
                "Two writers could both believe that they wrote it. Keep the table on another file system.", exception);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("written", path, exception);
        }
        finally
        {
            Discard(hidden);
        }
    }

    public void Write(string path, ReadOnlySpan<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string? hidden = null;
        try
        {
            var target = Local(path);
            WriteHidden(hidden = Hidden(target), content, durable: true);
            File.Move(hidden, target, overwrite: true);
            hidden = null;
            NativeFile.FlushFolder(Folder(target));
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("written", path, exception);
        }
        finally
        {
            Discard(hidden);
        }
    }

    public void Delete(string path)
    {
        try
        {
            File.Delete(Local(path));
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder.
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("removed", path, exception);
        }
    }

    public string ToLocal(string path, CancellationToken cancellationToken) => Local(path);

    public string Stage(string path)
    {
        try
        {
            var target = Local(path);
            CreateFolder(Folder(target));
            return path.StartsWith(Log, StringComparison.Ordinal) ? _staged[path] = HiddenName(target) : target;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("written", path, exception);
        }
    }

    public StoredFile Publish(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var target = Local(path);
            _staged.TryRemove(path, out var staged);
            using (var file = File.OpenHandle(staged ?? target, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            {
                RandomAccess.FlushToDisk(file);
            }

            if (staged is not null)
            {
                File.Move(staged, target, overwrite: true);
            }

            NativeFile.FlushFolder(Folder(target));
            return Find(path) ?? throw new FileNotFoundException("It has vanished again.");
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("written", path, exception);
        }
    }

    private List<StoredFile> Enumerate(
        string folder, bool recurse, FileSystemEnumerable<StoredFile>.FindPredicate include, CancellationToken cancellationToken)
    {
        var start = Local(folder);
        var prefix = folder.Length == 0 || folder.EndsWith('/') ? folder : folder + "/";
        var skip = Path.TrimEndingDirectorySeparator(start).Length + 1;
        var files = new List<StoredFile>();
        try
        {
            var found = new FileSystemEnumerable<StoredFile>(
                start,
                (ref FileSystemEntry entry) => new(
                    prefix + Relative(ref entry, skip), entry.Length, entry.LastWriteTimeUtc.ToUnixTimeMilliseconds()),
                new() { RecurseSubdirectories = recurse, AttributesToSkip = 0, IgnoreInaccessible = false })
            {
                ShouldIncludePredicate = include,
                // A link may lead out of the table, or in a circle.
                ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
            };
            foreach (var file in found)
            {
                cancellationToken.ThrowIfCancellationRequested();
                files.Add(file);
            }
        }
        catch (DirectoryNotFoundException) when (files.Count == 0)
        {
            return [];
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failed("listed", folder, exception);
        }

        return files;
    }

    private static string Relative(ref FileSystemEntry entry, int skip)
    {
        var path = entry.ToFullPath()[skip..];
        return Path.DirectorySeparatorChar == '/' ? path : path.Replace(Path.DirectorySeparatorChar, '/');
    }

    private string Local(string path)
    {
        var plain = Plain(path);
        return plain.Contains("://", StringComparison.Ordinal)
            ? throw new DeltaException(
                DeltaErrorKind.Unsupported, $"'{path}' is in another store than its table '{Root}', which cannot be read here.")
            : Path.Combine(_folder, plain);
    }

    // Only a URI is encoded.
    private static string Plain(string path) => path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
        ? DeltaPath.Decode(path)
        : path;

    private static string Hidden(string target)
    {
        CreateFolder(Folder(target));
        return HiddenName(target);
    }

    private static string HiddenName(string target) => Path.Combine(Folder(target), $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");

    private static string Folder(string target) => Path.GetDirectoryName(target)!;

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        // Also the name of a new folder must survive, or all in it is gone.
        var above = Folder(folder);
        CreateFolder(above);
        Directory.CreateDirectory(folder);
        NativeFile.FlushFolder(above);
    }

    private static void WriteHidden(string file, ReadOnlySpan<byte> content, bool durable)
    {
        using var handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(handle, content, 0);
        if (durable)
        {
            RandomAccess.FlushToDisk(handle);
        }
    }

    private static void Discard(string? hidden)
    {
        if (hidden is not null)
        {
            try
            {
                File.Delete(hidden);
            }
            catch (Exception exception) when (IsFailure(exception))
            {
                // The failure on its way says more than that what it left stays too.
            }
        }
    }

    private static long Milliseconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeMilliseconds();

    private static bool IsFailure(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private string Shown(string path) => DeltaPath.IsAbsolute(path) ? path : $"{Root}/{path}";

    private DeltaException Failed(string what, string path, Exception exception) => new(
        DeltaErrorKind.Storage, $"'{Shown(path)}' cannot be {what}: {exception.Message}", inner: exception);
}
