using System.Diagnostics;

namespace Kadali.Delta.Tests.Storage;

/// <summary>A file system of a few kilobytes at a folder: Linux and root only, else the test is skipped by name.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    public SmallDisk(string folder, int kilobytes = 128)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", folder),
            "a small file system takes Linux and the right to mount");
    }

    /// <summary>Refuses writes from now on, whoever writes.</summary>
    public void Protect() => Assert.True(Run("mount", "-o", "remount,ro", _folder));

    public void Dispose() => Run("umount", "-l", _folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
