using System.Diagnostics;

namespace Kadali.Benchmarks;

/// <summary>Whole commands, as somebody waits for them at the shell.</summary>
internal static class RunBench
{
    public static async Task RunAsync(string root, bool quick)
    {
        var repeats = quick ? 1 : 9;
        var script = Path.Combine(root, "kadali");
        var program = Path.Combine(root, ".kadali", "bin", "kadali");
        var quickstart = Path.Combine(root, "notebooks", "quickstart.ipynb");
        var one = Path.Combine(Directory.CreateTempSubdirectory("kadali-bench-").FullName, "one.dib");
        await File.WriteAllTextAsync(one, "#!csharp\n\n1+1\n");

        Comparison.PrintHead();
        await new Comparison("./kadali --version", Command(script, "--version"), Command(program, "--version"),
            "the program without the script").RunAsync(repeats);
        await new Comparison("./kadali run of one C# cell", Command(script, "run", one), Command(program, "--version"),
            "the program's --version").RunAsync(repeats);
        await new Comparison("./kadali run notebooks/quickstart.ipynb", Command(script, "run", quickstart), Command(script, "run", one),
            "one C# cell").RunAsync(repeats);
        Directory.Delete(Path.GetDirectoryName(one)!, recursive: true);
        Comparison.Say($"\nMedians of {repeats}, turn about, after one turn that is not counted.");
    }

    private static Func<Task> Command(string program, params string[] arguments) => async () =>
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}: {await output}{await errors}");
        }
    };
}
