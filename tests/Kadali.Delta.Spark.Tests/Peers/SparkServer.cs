using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

[assembly: AssemblyFixture(typeof(Kadali.Delta.Spark.Tests.SparkServer))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Kadali.Delta.Spark.Tests;

/// <summary>
/// A real Spark with Delta, started once for all tests from the packs beside the repository. Where these or Java are missing, the tests are
/// skipped by that name. <c>KADALI_SPARK_SERVER</c> is the address of one that runs already, on this machine, for quick rounds at a desk.
/// </summary>
public sealed class SparkServer : IAsyncLifetime
{
    private readonly TemporaryFolder _work = new();
    private Process? _process;
    private Uri? _address;
    private string? _lacks;

    /// <summary>A session of its own.</summary>
    internal SparkConnect Connect()
    {
        Assert.SkipWhen(_lacks is not null, _lacks ?? "");
        return new(_address!);
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("KADALI_SPARK_SERVER") is { Length: > 0 } running)
        {
            _address = new(running);
            return;
        }

        var rig = Rig();
        _lacks = rig is null ? "The packs of Spark are not beside the repository (../shared/rig/spark)."
            : !OperatingSystem.IsLinux() ? "The packs of Spark are for Linux."
            : !Programs("java", "xz", "bash") ? "Spark needs Java 17, bash and xz."
            : null;
        if (_lacks is not null)
        {
            return;
        }

        var home = Environment.GetEnvironmentVariable("KADALI_SPARK_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "kadali-rig", "spark");
        using (var unpack = Start(Path.Combine(rig!, "unpack.sh"), home, "4"))
        {
            await unpack.WaitForExitAsync();
            Assert.True(unpack.ExitCode == 0, "The pack of Spark could not be unpacked into " + home);
        }

        var port = FreePort();

        // Rows are few and statements many: code made for each of them takes longer than to do without.
        _process = Start(
            Path.Combine(rig!, "spark-connect.sh"), "--home", home, "--port", port, "--work", _work["spark"], "--memory", "1g", "--cores",
            "2", "--",
            "--conf", "spark.sql.session.timeZone=UTC", "--conf", "spark.databricks.delta.retentionDurationCheck.enabled=false",
            "--conf", "spark.sql.codegen.wholeStage=false", "--conf", "spark.sql.codegen.factoryMode=NO_CODEGEN",
            "--conf", "spark.sql.adaptive.enabled=false");
        var ready = await _process.StandardOutput.ReadLineAsync();
        Assert.True(ready?.StartsWith("ready", StringComparison.Ordinal), $"Spark did not start: {ready}");
        _address = new($"http://127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _work.Dispose();
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SPARK_LOG_LEVEL"] = "ERROR";
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private static bool Programs(params string[] names) => names.All(name =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)))
            || (name == "java" && Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 }));

    private static string? Rig()
    {
        if (Environment.GetEnvironmentVariable("KADALI_RIG") is { Length: > 0 } given)
        {
            return Path.Combine(given, "spark") is var named && File.Exists(Path.Combine(named, "spark4.tar.xz")) ? named : null;
        }

        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var rig = Path.GetFullPath(Path.Combine(folder, "..", "shared", "rig", "spark"));
            if (File.Exists(Path.Combine(folder, "Kadali.Kernel.sln")))
            {
                return File.Exists(Path.Combine(rig, "spark4.tar.xz")) ? rig : null;
            }
        }

        return null;
    }
}
