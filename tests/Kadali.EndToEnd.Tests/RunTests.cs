using System.Text.Json;
using Kadali.Notebooks;

namespace Kadali.EndToEnd.Tests;

public sealed class RunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kadali-run-").FullName;

    [Fact]
    public async Task Parameters_are_injected_behind_their_defaults()
    {
        var target = Path.Combine(_folder, "out.ipynb");
        var report = Path.Combine(_folder, "report.json");

        var (code, output) = await KadaliProgram.RunAsync(
            "run", Path.Combine(KadaliProgram.Root, "notebooks", "parameters.ipynb"), "-p", "origin=LGA", "-p", "minutes=0", "-o",
            target, "--report", report);

        Assert.True(code == 0, output);
        var cells = NotebookFile.Read(target).Cells;
        var injected = cells.Single(cell => cell.Tags.Contains("injected-parameters"));
        Assert.Equal("// Parameters\nvar origin = \"LGA\";\nvar minutes = 0;", injected.Source);
        Assert.Contains("104662", output, StringComparison.Ordinal);
        Assert.All(
            cells.Where(cell => cell.Type == "code"), cell => Assert.Equal("completed", (string?)cell.Metadata["papermill"]!["status"]));
        using var json = JsonDocument.Parse(File.ReadAllText(report));
        Assert.Equal(
            ("ok", 3), (json.RootElement.GetProperty("status").GetString(), json.RootElement.GetProperty("cells").GetArrayLength()));
    }

    [Fact]
    public async Task The_first_failure_stops_the_run_and_is_shown()
    {
        var path = Path.Combine(_folder, "fails.dib");
        var target = Path.Combine(_folder, "out.ipynb");
        await File.WriteAllTextAsync(path, "#!csharp\n\n1 + 1\n\n#!csharp\n\nvar zero = 0;\n1 / zero\n\n#!csharp\n\n\"never\"\n",
            TestContext.Current.CancellationToken);

        var (code, output) = await KadaliProgram.RunAsync("run", path, "-o", target);

        Assert.Equal(1, code);
        Assert.Contains("System.DivideByZeroException", output, StringComparison.Ordinal);
        Assert.Contains("cell 2, line 2: 1 / zero", output, StringComparison.Ordinal);
        Assert.DoesNotContain("never", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[", output, StringComparison.Ordinal);
        var failed = NotebookFile.Read(target).Cells.Single(cell => cell.Source.EndsWith("1 / zero", StringComparison.Ordinal));
        Assert.Equal("error", (string?)failed.Outputs[0]!["output_type"]);
    }

    [Fact]
    public async Task A_cell_that_takes_too_long_is_ended()
    {
        var path = Path.Combine(_folder, "slow.dib");
        await File.WriteAllTextAsync(path, "#!csharp\n\nwhile (true) { }\n", TestContext.Current.CancellationToken);

        var (code, output) = await KadaliProgram.RunAsync("run", path, "--timeout", "2");

        Assert.Equal(1, code);
        Assert.Contains("longer than 2 s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thread_that_throws_does_not_end_the_run()
    {
        var path = Path.Combine(_folder, "thread.dib");
        await File.WriteAllTextAsync(
            path,
            "#!csharp\n\nvar thread = new Thread(() => throw new Exception(\"lost\"));\nthread.Start();\nthread.Join();\n\"goes on\"\n",
            TestContext.Current.CancellationToken);

        var (code, output) = await KadaliProgram.RunAsync("run", path);

        Assert.True(code == 0, output);
        Assert.Contains("goes on", output, StringComparison.Ordinal);
        Assert.Contains("A thread that a cell started ended with an exception:", output, StringComparison.Ordinal);
        Assert.Contains("System.Exception: lost", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.ipynb", "There is no file 'missing.ipynb'")]
    [InlineData("broken.ipynb", "its JSON breaks at line 1")]
    public async Task A_notebook_that_cannot_be_read_is_named(string name, string message)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "broken.ipynb"), "{ no", TestContext.Current.CancellationToken);

        var (code, output) = await KadaliProgram.RunAsync("run", name == "missing.ipynb" ? name : Path.Combine(_folder, name));

        Assert.Equal(2, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("install --help")]
    [InlineData("convert --help")]
    [InlineData("console --help")]
    [InlineData("doctor --help")]
    public async Task Help_and_version_are_there(string arguments)
    {
        var (code, output) = await KadaliProgram.RunAsync(arguments.Split(' '));

        Assert.Equal(0, code);
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task The_kernel_is_installed_under_a_prefix()
    {
        var (code, output) = await KadaliProgram.RunAsync("install", "--prefix", _folder, "--name", "kadali-test");

        Assert.True(code == 0, output);
        using var spec = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(_folder, "share", "jupyter", "kernels", "kadali-test", "kernel.json")));
        Assert.Equal("message", spec.RootElement.GetProperty("interrupt_mode").GetString());
        Assert.Equal("{connection_file}", spec.RootElement.GetProperty("argv").EnumerateArray().Last().GetString());
    }

    [Fact]
    public async Task The_console_runs_what_is_piped_into_it()
    {
        using var process = System.Diagnostics.Process.Start(KadaliProgram.Info("console"))!;
        await process.StandardInput.WriteAsync(
            "var x = 20;\nx + 1\nint Twice(int n)\n{\n    return 2 * n;\n}\nTwice(x) + 2\n"
                + "#!sql\nSELECT 7 AS seven\n\nthrow new Exception(\"no\");\n\"still here\"\n");
        process.StandardInput.Close();

        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains("21", output, StringComparison.Ordinal);
        Assert.Contains("42", output, StringComparison.Ordinal);
        Assert.Contains("seven", output, StringComparison.Ordinal);
        Assert.Contains("still here", output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
