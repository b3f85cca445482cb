using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

[assembly: AssemblyFixture(typeof(Kadali.Delta.Tests.Storage.S3Server))]

namespace Kadali.Delta.Tests.Storage;

/// <summary>
/// A real S3 (Ceph), private to the tests and one for all of them: on loopback, in memory. It is the one that KADALI_TEST_S3 names the
/// address of, or is started from a folder with Debian's radosgw that KADALI_TEST_S3_ROOT names; else the tests that need it are skipped by
/// name.
/// </summary>
public sealed class S3Server : IDisposable
{
    private readonly Lock _starting = new();
    private readonly DirectoryInfo _links = Directory.CreateTempSubdirectory("kadali-s3-");
    private string? _endpoint = Environment.GetEnvironmentVariable("KADALI_TEST_S3");
    private Process? _process;
    private string? _data;

    /// <summary>Settings that reach it; skips the test where there is none. It is started when it is first asked for.</summary>
    internal S3Settings Settings
    {
        get
        {
            using var alone = _starting.EnterScope();
            var root = Environment.GetEnvironmentVariable("KADALI_TEST_S3_ROOT");
            if (_endpoint is null && Rig() is { } rig && Directory.Exists(root))
            {
                Start(rig, root);
            }

            Assert.SkipWhen(
                _endpoint is null,
                "S3 takes Ceph: KADALI_TEST_S3 (an address) or KADALI_TEST_S3_ROOT (a folder with radosgw, and ../shared/rig)");
            return new(new(_endpoint), "us-east-1", new("AK", "SECRETKEY", null));
        }
    }

    /// <summary>The location of a new table in a bucket of its own.</summary>
    internal string NewTable(string path = "lake/sales table")
    {
        var bucket = $"b{Guid.NewGuid():N}"[..12];
        using var client = new HttpClient();
        var address = new Uri($"{Settings.Endpoint!.GetLeftPart(UriPartial.Authority)}/{bucket}");
        using var request = new HttpRequestMessage(HttpMethod.Put, address);
        var headers = SignatureV4.Sign(
            Settings.Credentials, Settings.Region, DateTimeOffset.UtcNow, "PUT", $"/{bucket}", [],
            new Dictionary<string, string> { ["host"] = address.Authority }, SignatureV4.Hash([]));
        foreach (var (name, value) in headers.Where(header => header.Key != "host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = client.Send(request);
        answer.EnsureSuccessStatusCode();
        return $"s3://{bucket}/{path}";
    }

    public void Dispose()
    {
        Stop();
        _links.Delete(recursive: true);
    }

    private void Start(string rig, string root)
    {
        // Paths that are bound into the root folder are divided by spaces, which the checkout's may hold.
        var link = Path.Combine(_links.FullName, "rig");
        Directory.CreateSymbolicLink(link, rig);

        // On a busy machine its parts do not always find each other.
        for (var attempt = 1; attempt <= 3 && _endpoint is null; attempt++)
        {
            var port = FreePort();
            _data = Path.Combine(root, "srv", $"ceph-{port}");
            _endpoint = Start(new ProcessStartInfo(
                Path.Combine(rig, "jupyter-chroot.sh"),
                ["exec", root, "env", $"RIG=/srv/ceph-{port}", "bash", "/rig/ceph-s3.sh", $"{port}"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["RIG_BIND"] = $"{link}:/rig" },
            });
        }

        Assert.True(_endpoint is not null, "Ceph does not start.");
    }

    private string? Start(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        var ready = new TaskCompletionSource<string?>();
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, said) =>
        {
            if (said.Data is null || said.Data.StartsWith("ready ", StringComparison.Ordinal))
            {
                ready.TrySetResult(said.Data?[6..]);
            }
        };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        if (ready.Task.Wait(TimeSpan.FromSeconds(90)) && ready.Task.Result is { } endpoint)
        {
            return endpoint;
        }

        Stop();
        return null;
    }

    private void Stop()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
            _process = null;
            Directory.Delete(_data!, recursive: true);
        }
    }

    private static string? Rig()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Kadali.Kernel.sln")))
            {
                var rig = Environment.GetEnvironmentVariable("KADALI_RIG") ?? Path.Combine(folder, "..", "shared", "rig");
                return File.Exists(Path.Combine(rig, "ceph-s3.sh")) ? Path.GetFullPath(rig) : null;
            }
        }

        return null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
