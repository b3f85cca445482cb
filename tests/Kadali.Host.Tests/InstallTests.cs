using System.Text.Json.Nodes;
using Kadali.Host.Commands;

namespace Kadali.Host.Tests;

public sealed class InstallTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kadali-install-").FullName;

    [Fact]
    public void A_tool_is_started_by_the_command_that_outlives_its_updates()
    {
        var tools = Directory.CreateTempSubdirectory("kadali-tools-").FullName;
        var program = Path.Combine(tools, ".store", "kadali", "0.1.0", "tools", "net10.0", "linux-x64", "kadali");
        File.WriteAllText(Path.Combine(tools, "kadali"), "");

        var launcher = OwnKernelSpec.Launcher(program);
        File.Delete(Path.Combine(tools, "kadali"));

        Assert.Equal(Path.Combine(tools, "kadali"), launcher);
        Assert.Equal(program, OwnKernelSpec.Launcher(program));
        Assert.Equal("/opt/kadali/kadali", OwnKernelSpec.Launcher("/opt/kadali/kadali"));
        Directory.Delete(tools);
    }

    [Fact]
    public void A_kernel_is_installed_with_its_logos_and_taken_out_again()
    {
        Assert.Equal(0, Run("install", "--prefix", _folder, "--display-name", "C# <mine>"));
        var folder = Path.Combine(_folder, "share", "jupyter", "kernels", "kadali");
        var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "kernel.json")))!;

        Assert.Equal("C# <mine>", (string?)spec["display_name"]);
        Assert.Equal("message", (string?)spec["interrupt_mode"]);
        Assert.Equal(["kernel", "{connection_file}"], spec["argv"]!.AsArray().TakeLast(2).Select(word => (string?)word));
        Assert.True(File.Exists((string?)spec["argv"]![0]));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path.Combine(folder, "logo-64x64.png"))[..4]);

        Assert.Equal(0, Run("uninstall", "--prefix", _folder));
        Assert.False(Directory.Exists(folder));
        Assert.Equal(1, Run("uninstall", "--prefix", _folder));
    }

    [Fact]
    public void A_kernel_of_another_program_stays()
    {
        var folder = Path.Combine(_folder, "share", "jupyter", "kernels", "kadali");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "kernel.json"), """{"argv":["other"],"display_name":"Other"}""");

        Assert.Equal(1, Run("uninstall", "--prefix", _folder));

        Assert.True(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("install", "--name", "../up")]
    [InlineData("install", "--name", "")]
    [InlineData("install", "--user", "--prefix", "x")]
    [InlineData("uninstall", "--name", "..")]
    public void What_cannot_be_meant_is_refused(params string[] arguments) => Assert.NotEqual(0, Run(arguments));

    [Fact]
    public void The_doctor_names_a_kernel_whose_program_is_gone_and_an_ipykernel()
    {
        var share = Path.Combine(_folder, "share");
        Spec(share, "kadali", """{"argv":["/gone/kadali","kernel","{connection_file}"],"display_name":"C#","metadata":{"kadali":{}}}""");
        Spec(share, "python3", """{"argv":["python3","-m","ipykernel_launcher"],"display_name":"Python"}""");
        Spec(share, "broken", "{");

        var findings = Checks.Jupyter(null, [share]).ToArray();

        Assert.Contains(
            findings, finding => finding.State == FindingState.Warn && finding.Text.Contains("/gone/kadali", StringComparison.Ordinal));
        Assert.Contains(
            findings, finding => finding.State == FindingState.Ok && finding.Text.Contains("'python3'", StringComparison.Ordinal));
        Assert.DoesNotContain(findings, finding => finding.Text.Contains("broken", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Spec(string share, string name, string json)
    {
        var folder = Path.Combine(share, "kernels", name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "kernel.json"), json);
    }

    private static int Run(params string[] arguments) => KadaliCommands.Create().Parse(arguments).Invoke();
}
