using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kadali.Host.Session;
using Kadali.Host.Terminal;

namespace Kadali.Host.Commands;

/// <summary><c>kadali doctor</c>: looks at the machine, and says what to do about what it finds.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Checks that this machine has what Kadali needs.");
        command.SetAction(async (_, cancellationToken) =>
        {
            Line("ok", $"Kadali {NotebookSession.Version} on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
            var good = Loopback() & TemporaryFolder() & await CellsAsync(cancellationToken);
            Jupyter();
            return good ? 0 : 1;
        });
        return command;
    }

    private static bool Loopback()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            Line("ok", "a port on the loopback address can be opened");
            return true;
        }
        catch (SocketException exception)
        {
            Line("fail", $"no port on the loopback address can be opened: {exception.Message}. Jupyter talks to kernels over such ports.");
            return false;
        }
    }

    private static bool TemporaryFolder()
    {
        try
        {
            Directory.CreateTempSubdirectory("kadali-doctor-").Delete();
            Line("ok", $"temporary files can be written ({Path.GetTempPath()})");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Line("fail", $"temporary files cannot be written: {exception.Message}. Set TMPDIR to a folder that is yours.");
            return false;
        }
    }

    private static async Task<bool> CellsAsync(CancellationToken cancellationToken)
    {
        using var session = NotebookSession.Open(new TerminalInput(Console.Out), new NoComms(), () => 1);
        var good = true;
        foreach (var (what, code) in ((string, string)[])[("C#", "6 * 7"), ("SQL (DuckDB's library)", "#!sql\nSELECT 6 * 7")])
        {
            try
            {
                await foreach (var _ in session.Runner.RunAsync(new(code), cancellationToken))
                {
                }

                Line("ok", $"{what} runs");
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // A check's end: what goes wrong here is what the reader wants to know.
                Line("fail", $"{what} does not run: {exception.Message}");
                good = false;
            }
        }

        return good;
    }

    private static void Jupyter()
    {
        var jupyter = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "jupyter.exe" : "jupyter")).FirstOrDefault(File.Exists);
        Line(jupyter is null ? "note" : "ok", jupyter is null ? "there is no 'jupyter' on the PATH: 'kadali run' and 'kadali console' do without" : $"Jupyter: {jupyter}");
    }

    private static void Line(string state, string text) => Log.Writer.WriteLine($"{state,-5} {text}");
}
