using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kadali.Databases.Tests;

/// <summary>
/// A real database server of the machine's, private to the tests: a folder of its own, loopback, a free port, not as root.
/// </summary>
public abstract class Server : IDisposable
{
    private readonly Process? _process;

    private protected Server(
        string user, string? program, Func<string, int, (string Program, string[] Arguments)[]> prepare, Func<string, int, string[]> run)
    {
        if (program is null || !OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return;
        }

        Port = FreePort();
        Folder = Directory.CreateTempSubdirectory("kadali-server-").FullName;
        Wait(Start("chown", user, Folder));
        foreach (var (step, arguments) in prepare(Folder, Port))
        {
            Wait(As(user, step, arguments));
        }

        _process = As(user, program, run(Folder, Port));
        WaitUntilReady(_process);
    }

    public int Port { get; }

    protected string Folder { get; } = "";

    public void Require() => Assert.SkipWhen(_process is null, $"{GetType().Name} takes Linux, root and the server's package");

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
            Directory.Delete(Folder, recursive: true);
        }
    }

    private protected static Process As(string user, string program, params string[] arguments) =>
        Start("runuser", ["-u", user, "--", program, .. arguments]);

    private protected static void Wait(Process process)
    {
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Servers say in their log that they take connections.</summary>
    private static void WaitUntilReady(Process server)
    {
        var ready = new TaskCompletionSource();
        var log = new StringBuilder();
        server.ErrorDataReceived += (_, line) =>
        {
            log.AppendLine(line.Data);
            if (line.Data is null || line.Data.Contains("ready for connections", StringComparison.Ordinal)
                || line.Data.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        };
        server.BeginErrorReadLine();
        Assert.True(ready.Task.Wait(TimeSpan.FromSeconds(60)) && !server.HasExited, log.ToString());
    }
}

/// <summary>PostgreSQL, with a password.</summary>
public sealed class PostgresServer() : Server("postgres", Find("postgres"), Prepare, Run)
{
    public const string Password = "s3cret-Pg";

    public string Url => $"postgres://postgres@127.0.0.1:{Port}/postgres";

    private static string? Find(string program) => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql")
            .Select(version => Path.Combine(version, "bin", program)).FirstOrDefault(File.Exists)
        : null;

    private static (string, string[])[] Prepare(string folder, int port) =>
    [
        ("sh", ["-c", "printf %s \"$1\" > \"$0\"/password", folder, Password]),
        (Find("initdb")!, ["-D", folder + "/data", "-A", "scram-sha-256", "--pwfile", folder + "/password", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync"]),
    ];

    private static string[] Run(string folder, int port) =>
    [
        "-D", folder + "/data", "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={folder}",
        "-c", "fsync=off",
    ];
}

/// <summary>MariaDB, with a password.</summary>
public sealed class MariaDbServer : Server
{
    public const string Password = "s3cret-My";

    public MariaDbServer()
        : base("mysql", File.Exists("/usr/sbin/mariadbd") ? "/usr/sbin/mariadbd" : null, Prepare, Run)
    {
        if (Port > 0)
        {
            Wait(As("mysql", "mariadb", "--no-defaults", "-S", Folder + "/s", "-e",
                $"CREATE USER ada@'127.0.0.1' IDENTIFIED BY '{Password}'; GRANT ALL ON *.* TO ada@'127.0.0.1'; CREATE DATABASE shop"));
        }
    }

    public string Url => $"mysql://ada@127.0.0.1:{Port}/shop";

    private static (string, string[])[] Prepare(string folder, int port) =>
        [("mariadb-install-db", ["--no-defaults", $"--datadir={folder}/data", "--auth-root-authentication-method=socket",
            "--auth-root-socket-user=mysql", "--skip-test-db"])];

    private static string[] Run(string folder, int port) =>
        ["--no-defaults", $"--datadir={folder}/data", $"--port={port}", "--bind-address=127.0.0.1", $"--socket={folder}/s",
            $"--pid-file={folder}/pid", "--skip-name-resolve"];
}
