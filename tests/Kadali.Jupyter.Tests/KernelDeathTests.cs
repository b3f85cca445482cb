using System.Diagnostics;
using Kadali.Cells;
using Kadali.Kernel.Tests;

namespace Kadali.Jupyter.Tests;

/// <summary>What goes wrong with processes.</summary>
public sealed class KernelDeathTests : IDisposable
{
    private readonly PythonNotebook _notebook = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("kadali-jupyter-").FullName;

    private Notebook Cells => _notebook.Cells;

    [Fact]
    public async Task A_kernel_that_is_killed_in_a_cell_is_reported_and_started_anew()
    {
        PythonNotebook.RequirePython();
        await Cells.EventsAsync("#!python\nlost = 1");

        var fault = await Cells.FaultAsync("#!python\nimport os, signal; os.kill(os.getpid(), signal.SIGKILL)");
        var next = await Cells.TextAsync("#!python\nprint('lost' in globals())");

        Assert.Equal("KDL133", fault.Code);
        Assert.Contains("signal 9", fault.Message, StringComparison.Ordinal);
        Assert.Contains("variables are lost", next, StringComparison.Ordinal);
        Assert.EndsWith("False\n", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_says_that_the_variables_are_lost()
    {
        PythonNotebook.RequirePython();
        var before = await _notebook.ProcessAsync();

        var said = await Cells.TextAsync("#!python --restart");

        Assert.Contains("variables are lost", said, StringComparison.Ordinal);
        Assert.NotEqual(before, await _notebook.ProcessAsync());
        Assert.False(IsAlive(before));
    }

    [Fact]
    public async Task A_kernel_ends_with_its_session()
    {
        PythonNotebook.RequirePython();
        var process = await _notebook.ProcessAsync();

        _notebook.Dispose();

        Assert.False(IsAlive(process));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        Spec("ghost", "/nowhere/ghost", "{connection_file}");

        var fault = await Cells.FaultAsync($"#!connect jupyter --kernel-name g --kernel-spec ghost --prefix \"{_folder}\"");

        Assert.Equal("KDL131", fault.Code);
        Assert.Contains("/nowhere/ghost", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kernel_that_dies_at_its_start_shows_its_last_words()
    {
        Spec("broken", "/bin/sh", "-c", "echo 'No module named ipykernel' >&2; exit 3", "{connection_file}");

        var fault = await Cells.FaultAsync($"#!connect jupyter --kernel-name b --kernel-spec broken --prefix \"{_folder}\"");

        Assert.Equal("KDL133", fault.Code);
        Assert.Contains("exit code 3", fault.Message, StringComparison.Ordinal);
        Assert.Contains("No module named ipykernel", fault.Hint, StringComparison.Ordinal);
        Assert.Equal("KDL101", (await Cells.FaultAsync("#!b\n1")).Code);
    }

    [Fact]
    public async Task A_misspelled_kernel_names_the_nearest_one()
    {
        Spec("julia", "julia");

        var fault = await Cells.FaultAsync($"#!connect jupyter --kernel-name j --kernel-spec julai --prefix \"{_folder}\"");

        Assert.Equal(("KDL130", "Did you mean 'julia'?"), (fault.Code, fault.Hint));
    }

    [Fact]
    public async Task A_connection_takes_no_name_of_a_magic_that_is_there()
    {
        Spec("any", "/bin/true");

        var fault = await Cells.FaultAsync($"#!connect jupyter --kernel-name sql --kernel-spec any --prefix \"{_folder}\"");

        Assert.Equal("KDL105", fault.Code);
        Assert.NotNull(await Cells.ValueAsync("#!sql\nSELECT 1"));
    }

    [Fact]
    public async Task A_connected_Python_goes_by_its_own_name_beside_the_first()
    {
        PythonNotebook.RequirePython();
        await Cells.EventsAsync("#!python\nwho = 'first'");

        await Cells.EventsAsync("#!connect jupyter --kernel-name other --kernel-spec python3");
        await Cells.EventsAsync("#!other\nwho = 'second'");

        Assert.Equal("'first'", await Cells.ValueAsync("#!python\nwho"));
        Assert.Equal("'second'", await Cells.ValueAsync("#!other\nwho"));
    }

    public void Dispose()
    {
        _notebook.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private void Spec(string name, params string[] command)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "share", "jupyter", "kernels", name)).FullName;
        File.WriteAllText(Path.Combine(folder, "kernel.json"),
            System.Text.Json.JsonSerializer.Serialize(new { argv = command, display_name = name, language = "test" }));
    }
}
