using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;

namespace Kadali.Delta;

/// <summary>
/// Files of remote tables on the local disk, for DuckDB to read. Data files never change under one name, so that a copy is good for ever;
/// the ones asked for longest ago go when there are too many bytes of them. Many processes may share the folder.
/// </summary>
/// <param name="folder">For this user only.</param>
/// <param name="most">Bytes to keep.</param>
internal sealed class FileCache(string folder, long most)
{
    private const long Gigabyte = 1L << 30;

    // What was asked for so lately may be about to be read.
    private static readonly TimeSpan InUse = TimeSpan.FromMinutes(15);

    private readonly Lock _counting = new();
    private long _bytes = -1;

    /// <summary>
    /// The user's cache folder; <c>KADALI_DELTA_CACHE</c> names another and <c>KADALI_DELTA_CACHE_GB</c> how many gigabytes it may hold
    /// (20).
    /// </summary>
    public static FileCache Default { get; } = new(
        Environment.GetEnvironmentVariable("KADALI_DELTA_CACHE") is { Length: > 0 } folder
            ? folder
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "kadali", "delta-cache"),
        long.TryParse(Environment.GetEnvironmentVariable("KADALI_DELTA_CACHE_GB"), out var gigabytes)
            ? gigabytes * Gigabyte
            : 20 * Gigabyte);

    /// <summary>The local copy of a file, fetched where it is not there.</summary>
    /// <param name="name">What tells the content from all others.</param>
    /// <param name="fetch">Writes the content to a path.</param>
    public string Get(string name, Action<string> fetch)
    {
        var file = PathOf(name);
        if (File.Exists(file))
        {
            Touch(file);
            return file;
        }

        Put(file, fetch);
        return file;
    }

    /// <summary>Takes a file that this process has just written and uploaded.</summary>
    public void Add(string name, string source)
    {
        var file = PathOf(name);
        if (!File.Exists(file))
        {
            Put(file, target => File.Move(source, target));
        }
    }

    private void Put(string file, Action<string> write)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var hidden = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            write(hidden);
            Touch(hidden);
            var length = new FileInfo(hidden).Length;
            File.Move(hidden, file, overwrite: true);
            Shrink(length);
        }
        finally
        {
            File.Delete(hidden);
        }
    }

    private void Shrink(long added)
    {
        using var alone = _counting.EnterScope();
        _bytes = _bytes < 0 ? Files().Sum(file => file.Length) : _bytes + added;
        if (_bytes <= most)
        {
            return;
        }

        var files = Files();
        _bytes = files.Sum(file => file.Length);
        var idle = DateTimeOffset.UtcNow - InUse;
        foreach (var file in files.Where(file => file.Access < idle).OrderBy(file => file.Access))
        {
            if (_bytes <= most)
            {
                return;
            }

            File.Delete(file.Path);
            _bytes -= file.Length;
        }
    }

    // Figures as they were when the folder was read: another process may remove a file at any time.
    private List<(string Path, long Length, DateTimeOffset Access)> Files() => [.. new FileSystemEnumerable<(string, long, DateTimeOffset)>(
        folder, (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.Length, entry.LastAccessTimeUtc),
        new() { RecurseSubdirectories = true })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
    }];

    private string PathOf(string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return Path.Combine(folder, hash[..2], hash[2..34] + Path.GetExtension(name));
    }

    // File systems are often told not to keep times of access themselves.
    private static void Touch(string file) => File.SetLastAccessTimeUtc(file, DateTime.UtcNow);
}
