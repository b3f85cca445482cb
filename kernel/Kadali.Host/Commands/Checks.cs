using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kadali.Cells;
using Kadali.Host.Session;
using Kadali.Host.Terminal;
using Kadali.Jupyter;
using Kadali.Kernel.Jupyter;

namespace Kadali.Host.Commands;

/// <summary>What the doctor looks at, in the order in which a user would.</summary>
internal static class Checks
{
    public static async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Finding.Ok(
            $"Kadali {NotebookSession.Version} on {RuntimeInformation.FrameworkDescription} ({RuntimeInformation.RuntimeIdentifier})");
        yield return Loopback();
        yield return Writable("temporary files", Path.GetTempPath(), "Set TMPDIR to a folder that is yours.");
        yield return Writable("the history", Path.GetDirectoryName(History.DefaultPath())!,
            "Set XDG_DATA_HOME to a folder that is yours; until then history ends with the session.");
        await foreach (var finding in CellsAsync(cancellationToken))
        {
            yield return finding;
        }

        foreach (var finding in Jupyter(JupyterFolders.Jupyter(), JupyterFolders.All()))
        {
            yield return finding;
        }

        await foreach (var finding in PackageSources.CheckAsync(cancellationToken))
        {
            yield return finding;
        }
    }

    /// <summary>What Jupyter would find.</summary>
    /// <param name="jupyter">The program, or null.</param>
    /// <param name="shares">Where it looks.</param>
    internal static IEnumerable<Finding> Jupyter(string? jupyter, IReadOnlyList<string> shares)
    {
        yield return jupyter is null
            ? Finding.Warn("there is no 'jupyter' on the PATH",
                "'kadali run' and 'kadali console' do without; 'pip install jupyterlab' brings it.")
            : Finding.Ok($"Jupyter: {jupyter}");
        var kernels = KernelSpec.Find(shares).ToArray();
        var ours = kernels.Where(kernel => kernel.IsOurs).ToArray();
        if (ours.Length == 0)
        {
            yield return Finding.Warn("no kernel of Kadali is installed", "'kadali install' makes it known to Jupyter.");
        }

        foreach (var kernel in ours)
        {
            var missing = kernel.Command.Take(2).Where(word => Path.IsPathRooted(word) && !File.Exists(word)).FirstOrDefault();
            yield return missing is null
                ? Finding.Ok($"kernel '{kernel.Name}' ({kernel.DisplayName}) in {kernel.Folder}")
                : Finding.Warn($"kernel '{kernel.Name}' in {kernel.Folder} starts {missing}, which is not there",
                    $"'kadali install --name {kernel.Name}' writes it anew.");
        }

        if (ours.Length > 0 && LabExtension.Shipped() is not null && !shares.Any(share => LabExtension.Installed(share).Count > 0))
        {
            yield return Finding.Warn("the extension of JupyterLab is not installed", "'kadali install' copies it.");
        }

        var python = kernels.FirstOrDefault(kernel => kernel.Command.Any(word => word.Contains("ipykernel", StringComparison.Ordinal)));
        yield return python is null
            ? Finding.Warn("no Python kernel (ipykernel) was found", "'#!python' needs one: 'pip install ipykernel'.")
            : Finding.Ok($"Python kernel '{python.Name}' for '#!python': {python.Folder}");
    }

    private static Finding Loopback()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return Finding.Ok("a port on the loopback address can be opened");
        }
        catch (SocketException exception)
        {
            return Finding.Fail(
                $"no port on the loopback address can be opened: {exception.Message}",
                "Jupyter talks to kernels over such ports: let the firewall or the sandbox allow them.");
        }
    }

    private static Finding Writable(string what, string folder, string advice)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".kadali-doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return Finding.Ok($"{what} can be written in {folder}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Finding.Warn($"{what} cannot be written: {exception.Message}", advice);
        }
    }

    private static async IAsyncEnumerable<Finding> CellsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = NotebookSession.Open(new TerminalInput(TextWriter.Null, null, TextReader.Null), new NoComms(), () => 1);
        yield return await CellAsync(session, "C#", "System.Environment.Version.ToString()",
            "Install the .NET 10 SDK again, or the program.", cancellationToken);
        yield return await CellAsync(
            session, "SQL", "#!sql\nSELECT version() AS duckdb",
            "DuckDB's native library did not load: is the program the one for this machine (architecture, libc)?", cancellationToken);
    }

    private static async Task<Finding> CellAsync(
        NotebookSession session, string what, string code, string advice, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in session.Runner.RunAsync(new Submission(code), cancellationToken))
            {
            }

            return Finding.Ok($"{what} cells run");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A check's end: what goes wrong here is what the reader wants to know.
            return Finding.Fail($"{what} cells do not run: {exception.Message}", advice);
        }
    }
}
