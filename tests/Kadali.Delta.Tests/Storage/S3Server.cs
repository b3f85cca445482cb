using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kadali.Delta.Tests.Storage;

/// <summary>
/// A real S3 (Ceph), private to the tests: on loopback, in memory. It is the one that KADALI_TEST_S3 names the address of, or is started from a
/// folder with Debian's radosgw that KADALI_TEST_S3_ROOT names; without either the tests that need it are skipped by name.
/// </summary>
public sealed class S3Server : IDisposable
{
    private readonly Process? _process;
    private readonly string? _endpoint = Environment.GetEnvironmentVariable("KADALI_TEST_S3");

    public S3Server()
    {
        if (_endpoint is not null || Rig() is not { } rig || Environment.GetEnvironmentVariable("KADALI_TEST_S3_ROOT") is not { Length: > 0 } root
            || !Directory.Exists(root))
        {
            return;
        }

        var port = FreePort();
        var start = new ProcessStartInfo(Path.Combine(rig, "jupyter-chroot.sh"), ["exec", root, "bash", "/rig/ceph-s3.sh", $"{port}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["RIG_BIND"] = $"{rig}:/rig";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                _endpoint = line[6..];
                return;
            }
        }
    }

    /// <summary>Settings that reach it; skips the test where there is none.</summary>
    internal S3Settings Settings
    {
        get
        {
            Assert.SkipWhen(_endpoint is null, "S3 takes Ceph: KADALI_TEST_S3 (an address) or KADALI_TEST_S3_ROOT (a folder with radosgw, and ../shared/rig)");
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
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
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
