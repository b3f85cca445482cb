using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Jupyter;

/// <summary>A kernel as a child process on loopback. It never outlives this process.</summary>
internal sealed partial class LocalKernel : IKernelConnection
{
    /// <summary>
    /// Starts "$@" so that it dies with us, however we die: the watcher reads from a pipe of ours, which only our end closes. A line there
    /// means that the kernel is gone already, and its process id perhaps another's.
    /// </summary>
    private const string Launcher =
        """exec 3<&0; (IFS= read -r gone <&3 || kill -9 $target) >/dev/null 2>&1 & exec 3<&- </dev/null; exec "$@" """;

    private const int KillSignal = 9;
    private const int InterruptSignal = 2;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);
    private readonly KernelSpec _spec;
    private readonly WireCodec _codec;
    private readonly Process _process;
    private readonly ClientSockets _sockets;
    private readonly string _file;
    private readonly TaskCompletionSource<string> _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TextTail _errors = new();
    private readonly Task _reading;

    private LocalKernel(KernelSpec spec)
    {
        _spec = spec;
        var connection = Ports() with { Key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), KernelName = spec.Name };
        _codec = new(MessageSigner.For(connection.Key, connection.SignatureScheme), Guid.NewGuid().ToString("N"), "kadali");
        _file = WriteFile(connection);
        try
        {
            _process = Process.Start(Info())!;
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            File.Delete(_file);
            throw CannotStart(exception.Message, exception);
        }

        _reading = Task.WhenAll(_errors.ReadAsync(_process.StandardError), new TextTail().ReadAsync(_process.StandardOutput));
        _ = WatchAsync();
        _sockets = new(connection, _codec);
    }

    public Action<JupyterChannel, WireMessage> Received
    {
        set => _sockets.Received = value;
    }

    public Task<string> Gone => _gone.Task;

    public string? LastWords => _errors.Text;

    /// <summary>Starts the process; whether it becomes a kernel shows when it answers.</summary>
    /// <exception cref="CellFaultException">The program cannot be started.</exception>
    public static LocalKernel Start(KernelSpec spec) => new(spec);

    public void Send(
        JupyterChannel channel, string id, string type, byte[] content, IReadOnlyList<byte[]>? buffers, ReadOnlyMemory<byte> parent) =>
        _sockets.Send(channel, _codec.Write([], type, content, parent, default, buffers, id));

    public void Interrupt()
    {
        if (_spec.InterruptByMessage || OperatingSystem.IsWindows())
        {
            Send(JupyterChannel.Control, Guid.NewGuid().ToString("N"), "interrupt_request", "{}"u8.ToArray(), null, default);
        }
        else
        {
            Signal(InterruptSignal);
        }
    }

    /// <summary>Asks it to end, waits a moment, and ends it.</summary>
    public void Dispose()
    {
        if (!_gone.Task.IsCompleted)
        {
            Send(JupyterChannel.Control, Guid.NewGuid().ToString("N"), "shutdown_request",
                """{"restart":false}"""u8.ToArray(), null, default);
            if (!_process.WaitForExit(Farewell))
            {
                Signal(KillSignal);
                _process.WaitForExit(Farewell);
            }
        }

        TellWatcher();
        _gone.TrySetResult("put away");
        _sockets.Dispose();
        _process.Dispose();
        File.Delete(_file);
    }

    private ProcessStartInfo Info()
    {
        var command = _spec.CommandFor(_file);
        if (command.Count == 0 || Locate(command[0]) is not { } program)
        {
            throw CannotStart($"there is no program '{(command.Count == 0 ? "" : command[0])}'.", null);
        }

        IReadOnlyList<string> words = OperatingSystem.IsWindows() ? [program, .. command.Skip(1)]
            // A session of its own keeps the terminal's Ctrl+C from it, and lets one signal reach all that it starts.
            : Locate("setsid") is { } setsid ? [setsid, "/bin/sh", "-c", "target=-$$; " + Launcher, "kernel", program, .. command.Skip(1)]
            : ["/bin/sh", "-c", "target=$$; " + Launcher, "kernel", program, .. command.Skip(1)];
        var info = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            WorkingDirectory = Directory.GetCurrentDirectory(),
        };
        if (!OperatingSystem.IsWindows())
        {
            info.Environment["JPY_PARENT_PID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in _spec.Variables())
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private async Task WatchAsync()
    {
        await _process.WaitForExitAsync();
        if (_gone.Task.IsCompleted)
        {
            return;
        }

        var code = _process.ExitCode;
        TellWatcher();
        await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromMilliseconds(200)));
        _gone.TrySetResult(code > 128 && !OperatingSystem.IsWindows() ? $"signal {code - 128}" : $"exit code {code}");
    }

    /// <summary>The kernel is gone: nobody is to be killed when our end of the pipe closes.</summary>
    private void TellWatcher()
    {
        try
        {
            _process.StandardInput.WriteLine("gone");
            _process.StandardInput.Flush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The watcher went with the kernel's group: there is nobody left to tell.
        }
    }

    private void Signal(int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
        }
        else if (!_gone.Task.IsCompleted && Kill(-_process.Id, signal) != 0)
        {
            _ = Kill(_process.Id, signal);
        }
    }

    private CellFaultException CannotStart(string why, Exception? inner) => new(
        new("KDL131", $"The kernel '{_spec.Name}' ({_spec.DisplayName}) cannot be started: {why}",
            $"Its command is in '{Path.Combine(_spec.Folder, "kernel.json")}'."), inner);

    private static string? Locate(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal) || program.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return File.Exists(program) ? program : null;
        }

        string[] names = OperatingSystem.IsWindows() ? [program, program + ".exe"] : [program];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    private static string WriteFile(ConnectionFile connection)
    {
        var folder = JupyterFolders.Runtime();
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var path = Path.Combine(folder, $"kernel-{Guid.NewGuid()}.json");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(connection.Write());
        return path;
    }

    /// <summary>Five free ports on loopback; they are held together, so that no two are the same.</summary>
    private static ConnectionFile Ports()
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        var ports = listeners.Select(listener => { listener.Start(); return ((IPEndPoint)listener.LocalEndpoint).Port; }).ToArray();
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        return new("127.0.0.1", ports[0], ports[1], ports[2], ports[3], ports[4]);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
