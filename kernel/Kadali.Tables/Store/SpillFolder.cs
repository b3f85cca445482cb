namespace Kadali.Tables;

/// <summary>
/// The process's private folder for results that are too large for memory. It is made when first needed and goes with the process.
/// </summary>
internal static class SpillFolder
{
    private static readonly Lazy<string> Folder = new(() =>
    {
        var path = Directory.CreateTempSubdirectory("kadali-tables-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(path, recursive: true);
        return path;
    });

    /// <summary>A new file that nobody else can open and that goes with its handle.</summary>
    public static FileStream Create() => new(
        Path.Combine(Folder.Value, Guid.NewGuid().ToString("N") + ".arrows"),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None,
            Options = FileOptions.DeleteOnClose, BufferSize = 0,
        });
}
