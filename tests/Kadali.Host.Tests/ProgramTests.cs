using System.Diagnostics;
using System.Text.Json.Nodes;
using Kadali.Notebooks;

namespace Kadali.Host.Tests;

/// <summary>The program as a process: what signals, pipes and the end of the process do to a run.</summary>
public sealed class ProgramTests : IDisposable
{
    private const int Interrupted = 130;
    private readonly string _folder = Directory.CreateTempSubdirectory("kadali-program-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Out => Path.Combine(_folder, "out.ipynb");

    [Fact]
    public async Task A_run_carries_papermills_metadata_and_leads_to_the_error()
    {
        var path = Write(
            "#!markdown\n\n# Title\n\n#!csharp\n\nConsole.Write(1);\n\n#!csharp\n\n"
                + "throw new InvalidOperationException(\"no\");\n\n#!csharp\n\n3\n");
        var before = await File.ReadAllTextAsync(path, Cancelled);

        var (code, output) = await RunAsync("", "run", path, "-o", Out);
        var again = await RunAsync("", "run", Out, "-o", Path.Combine(_folder, "again.ipynb"));

        Assert.Equal((1, 1), (code, again.Code));
        Assert.Contains("✗ cell 2 of 3 failed", output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(path, Cancelled));
        var notebook = NotebookFile.Read(Out);
        Assert.True((bool)notebook.Metadata["papermill"]!["exception"]!);
        Assert.Equal([null, "completed", "completed", null, "failed", "pending"],
            notebook.Cells.Select(cell => (string?)cell.Metadata["papermill"]?["status"]));
        Assert.Contains("In [2]", notebook.Cells[0].Source, StringComparison.Ordinal);
        Assert.Contains("papermill-error-cell", notebook.Cells[3].Source, StringComparison.Ordinal);
        Assert.Equal(notebook.Cells.Count, NotebookFile.Read(Path.Combine(_folder, "again.ipynb")).Cells.Count);
    }

    [Fact]
    public async Task An_interrupt_ends_the_cell_and_saves()
    {
        var path = Write("#!csharp\n\nConsole.WriteLine(\"ready\"); while (true) { }\n\n#!csharp\n\n2\n");
        var report = Path.Combine(_folder, "report.json");
        using var process = Start("run", path, "-o", Out, "--report", report);
        var lines = new List<string>();
        while (lines.LastOrDefault() != "ready")
        {
            lines.Add(await process.StandardOutput.ReadLineAsync(Cancelled)
                ?? throw new InvalidOperationException(string.Join('\n', lines)));
        }

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(Cancelled);
        }

        await process.WaitForExitAsync(Cancelled);

        Assert.Equal(Interrupted, process.ExitCode);
        var outputs = NotebookFile.Read(Out).Cells.Single(cell => cell.Source.StartsWith("Console", StringComparison.Ordinal)).Outputs;
        Assert.Equal(["stream", "error"], outputs.Select(output => (string?)output!["output_type"]));
        var written = JsonNode.Parse(await File.ReadAllTextAsync(report, Cancelled))!;
        Assert.Equal("interrupted", (string?)written["status"]);
        Assert.Equal(["interrupted", "not run"], written["cells"]!.AsArray().Select(cell => (string?)cell!["status"]));
    }

    [Fact]
    public async Task A_cell_that_ends_the_process_loses_no_output_and_is_named()
    {
        var (code, output) = await RunAsync(
            "", "run", Write("#!csharp\n\nConsole.WriteLine(\"before\"); Environment.Exit(7);\n"), "-o", Out);

        Assert.Equal(7, code);
        Assert.Contains("before", output, StringComparison.Ordinal);
        Assert.Contains("Environment.Exit", output, StringComparison.Ordinal);
        Assert.Equal(["stream", "error"],
            NotebookFile.Read(Out).Cells.Single(cell => cell.Type == "code").Outputs.Select(said => (string?)said!["output_type"]));
    }

    [Fact]
    public async Task A_run_that_a_cell_cut_short_is_no_success()
    {
        var (code, _) = await RunAsync("", "run", Write("#!csharp\n\nEnvironment.Exit(0);\n\n#!csharp\n\n2\n"));

        Assert.Equal(1, code);
    }

    [Fact]
    public async Task A_notebook_comes_in_by_a_pipe_and_goes_out_by_one()
    {
        using var process = Start("run", "-", "-o", "-", "-p", "x=2");
        await process.StandardInput.WriteAsync("#!csharp\n\nx * 21\n");
        process.StandardInput.Close();

        var text = await process.StandardOutput.ReadToEndAsync(Cancelled);

        Assert.Equal("42", (string?)NotebookDocument.Parse(text, "out").Cells[1].Outputs[0]!["data"]!["text/plain"]![0]);
    }

    [Fact]
    public async Task Tags_let_a_cell_fail_or_be_left_out()
    {
        var notebook = NotebookDocument.Create();
        notebook.Insert(0, "code", "throw new Exception(\"meant\");").Metadata.Put("tags", new JsonArray("raises-exception"));
        notebook.Insert(1, "code", "Environment.Exit(9);").Metadata.Put("tags", new JsonArray("skip-execution"));
        notebook.Insert(2, "code", "\"the end\"");
        var path = Path.Combine(_folder, "tags.ipynb");
        NotebookFile.Write(notebook, path);

        var (code, output) = await RunAsync("", "run", path);

        Assert.Equal(0, code);
        Assert.Contains("the end", output, StringComparison.Ordinal);
        Assert.Contains("2 of 2 cells", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-o {in}", "the notebook itself")]
    [InlineData("-o x.dib", "does not end in '.ipynb'")]
    [InlineData("-o /no/such/x.ipynb", "There is no folder")]
    [InlineData("--report /no/such/x.json", "There is no folder")]
    [InlineData("--cwd /no/such", "There is no folder '/no/such'")]
    [InlineData("-p 1=2", "is no parameter")]
    public async Task What_cannot_work_is_said_before_anything_runs(string options, string message)
    {
        var path = Write("#!csharp\n\n\"ran\"\n", "in.ipynb");

        var (code, output) = await RunAsync("", ["run", path, .. options.Replace("{in}", path, StringComparison.Ordinal).Split(' ')]);

        Assert.Equal(2, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.DoesNotContain("ran\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_ends_cells_where_their_language_ends_and_answers_their_questions()
    {
        var (code, output) = await RunAsync(
            "int Twice(int n)\n{\n\n    return 2 * n;\n}\nTwice(21)\n#!sql\nSELECT 7 AS seven\n\n"
                + "Console.ReadLine() + \"!\"\nanswer\nthrow new Exception(\"last\");\n", "console");

        Assert.Equal(1, code);
        Assert.Equal(
            ["42", "seven", "answer!"], output.Split('\n').Select(line => line.Trim()).Where(line => line is "42" or "seven" or "answer!"));
        Assert.DoesNotContain("\e[", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_ends_at_exit()
    {
        var (code, output) = await RunAsync("40 + 2\nexit\n\"never\"\n", "console");

        Assert.Equal(0, code);
        Assert.StartsWith("42", output, StringComparison.Ordinal);
        Assert.DoesNotContain("never", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("instal", "'kadali' has no command 'instal'. Did you mean 'install'?\n'kadali --help' shows what it takes.")]
    [InlineData("run a.dib --timout 3",
        "'kadali run' has no option '--timout'. Did you mean '--timeout'?\n'kadali run --help' shows what it takes.")]
    [InlineData("run", "Required argument 'notebook' missing for command: 'run'.\n'kadali run --help' shows what it takes.")]
    [InlineData("run a.dib --timeout -1", "--timeout takes a number of seconds above 0.\n'kadali run --help' shows what it takes.")]
    [InlineData("run a.dib --timeout soon", "--timeout takes a number of seconds above 0.\n'kadali run --help' shows what it takes.")]
    public async Task A_command_line_that_is_wrong_is_told_in_two_lines(string arguments, string message)
    {
        var (code, output) = await RunAsync("", arguments.Split(' '));

        Assert.Equal((2, message), (code, output.TrimEnd()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(int Code, string Output)> RunAsync(string input, params string[] arguments)
    {
        using var process = Start(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Cancelled);
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return (process.ExitCode, await output + await errors);
    }

    // With a history of its own: tests leave no trace in the user's.
    private Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "kadali.dll"), .. arguments])
    {
        Environment = { ["XDG_DATA_HOME"] = _folder },
        RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
    })!;

    private string Write(string dib, string name = "in.dib")
    {
        var path = Path.Combine(_folder, name);
        NotebookFile.Write(NotebookFile.Parse(dib, name), path);
        return path;
    }
}
