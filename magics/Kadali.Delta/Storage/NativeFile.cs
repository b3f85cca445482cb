using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Kadali.Delta;

/// <summary>
/// What .NET's own file calls do not promise. <see cref="File.Move(string, string)"/> looks and then renames on Unix, so that two writers
/// of one name can both win; and a folder cannot be opened to be flushed.
/// </summary>
internal static partial class NativeFile
{
    private const int Exists = 17, Invalid = 22, NoSuchCallOnLinux = 38, NotSupportedOnLinux = 95, NotSupportedOnMac = 45, NotPermitted = 1;
    private const int WindowsFileExists = 80, WindowsAlreadyExists = 183;
    private const uint RenameNoReplace = 1, RenameExclusive = 4, MoveWriteThrough = 8;
    private const int CurrentFolder = -100;

    /// <summary>Gives a file another name in the same folder unless that one is taken; of many who try, one gets true.</summary>
    /// <exception cref="NotSupportedException">The file system has no call for it.</exception>
    public static bool TryRename(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            return MoveFileEx(from, to, MoveWriteThrough) || Taken(WindowsFileExists, WindowsAlreadyExists);
        }

        if (OperatingSystem.IsMacOS())
        {
            return RenameMac(from, to, RenameExclusive) == 0 || (Lost() ?? TryLink(from, to));
        }

        try
        {
            return RenameLinux(CurrentFolder, from, CurrentFolder, to, RenameNoReplace) == 0 || (Lost() ?? TryLink(from, to));
        }
        catch (EntryPointNotFoundException)
        {
            return TryLink(from, to);
        }
    }

    /// <summary>The same by a second link, for file systems that cannot rename so (NFS among them).</summary>
    public static bool TryLink(string from, string to)
    {
        if (Link(from, to) != 0)
        {
            return Lost() ?? throw new NotSupportedException(
                "the file system can neither link a file nor rename it without replacing another");
        }

        File.Delete(from);
        return true;
    }

    /// <summary>Makes the names in a folder durable. Windows does that by itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw Failure();
        }

        try
        {
            // Some file systems have nothing to flush for a folder and say so.
            if (Flush(descriptor) != 0 && Marshal.GetLastPInvokeError() is not (Invalid or NotSupportedOnLinux or NotSupportedOnMac))
            {
                throw Failure();
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    // False: the name is taken. Null: the call is not there for this file system.
    private static bool? Lost() => Marshal.GetLastPInvokeError() switch
    {
        Exists => false,
        Invalid or NoSuchCallOnLinux or NotSupportedOnLinux or NotSupportedOnMac or NotPermitted => null,
        _ => throw Failure(),
    };

    private static bool Taken(params ReadOnlySpan<int> codes) => codes.Contains(Marshal.GetLastPInvokeError()) ? false : throw Failure();

    private static IOException Failure()
    {
        var code = Marshal.GetLastPInvokeError();
        return new(Marshal.GetPInvokeErrorMessage(code), new Win32Exception(code));
    }

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameLinux(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "renamex_np", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameMac(string from, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("kernel32", EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool MoveFileEx(string from, string to, uint flags);
}
