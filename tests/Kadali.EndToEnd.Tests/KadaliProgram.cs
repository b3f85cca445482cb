using System.Diagnostics;

namespace Kadali.EndToEnd.Tests;

/// <summary>The program, as its users start it.</summary>
internal static class KadaliProgram
{
    public static string Root { get; } = FindRoot();

    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(Info(arguments))!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    public static ProcessStartInfo Info(params string[] arguments) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, "kadali.dll"), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Kadali.Kernel.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))
                ?? throw new InvalidOperationException("The tests run inside the repository.");
        }

        return folder;
    }
}
