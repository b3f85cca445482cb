using System.Runtime.InteropServices;
using System.Text;
using Kadali.Cells;
using Kadali.Host.Lifetime;
using Kadali.Host.Session;
using Kadali.Host.Sockets;
using Kadali.Kernel.CSharp;
using Kadali.Kernel.Jupyter;
using Kadali.Kernel.Submissions;
using Kadali.Protocol;

namespace Kadali.Host;

/// <summary>
/// <c>kadali kernel FILE</c>: the process that Jupyter starts. Sockets first, so that it answers before the compiler is loaded.
/// </summary>
internal static class KernelCommand
{
    public static int Run(string path)
    {
        ConnectionFile connection;
        try
        {
            connection = ConnectionFile.Read(path);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Log.Writer.WriteLine($"kadali kernel: {exception.Message}");
            return 2;
        }

        var codec = new WireCodec(MessageSigner.For(connection.Key, connection.SignatureScheme), Guid.NewGuid().ToString("N"));
        using var sockets = new KernelSockets(connection, codec);
        using var record = SessionRecord.Open(path);
        var input = new StdinInput(codec, sockets);
        var comms = new CommHub(codec, sockets, Log.Failure);
        var opened = new TaskCompletionSource<NotebookSession>(TaskCreationOptions.RunContinuationsAsynchronously);
        var kernel = new JupyterKernel(new(
            codec, sockets, input, comms, new(History.DefaultPath(), Log.Failure),
            AsSubmissionsAsync(opened.Task), AsEditorAsync(opened.Task), NotebookSession.Version, connection, record, Log.Failure));

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => { context.Cancel = true; kernel.Interrupt(); });
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; sockets.Stop(); });
        var running = true;
        var exiting = false;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (!Volatile.Read(ref running))
            {
                return;
            }

            Volatile.Write(ref exiting, true);
            record?.LastWords(Encoding.UTF8.GetBytes(LastWords.Exit));
            ConsoleRedirection.Flush(TimeSpan.FromSeconds(1));
            kernel.ProcessEnds(
                "The cell ended the kernel's process (Environment.Exit). Variables are lost; the next cell starts a new session.");
            sockets.Close(TimeSpan.FromSeconds(2));
        };
        ParentWatch.Start(sockets.Stop);
        _ = kernel.Ended.ContinueWith(_ => { sockets.Flush(TimeSpan.FromSeconds(2)); sockets.Stop(); }, TaskScheduler.Default);
        new Thread(() => Open(opened, input, comms, kernel, record)) { IsBackground = true, Name = "opening" }.Start();
        kernel.Start();
        sockets.Run(kernel);
        if (Volatile.Read(ref exiting))
        {
            // The cell's exit code is the process's: returning from here would put another in its place.
            sockets.Dispose();
            Thread.Sleep(Timeout.Infinite);
        }

        Volatile.Write(ref running, false);
        if (opened.Task.IsCompletedSuccessfully)
        {
            opened.Task.Result.EndAttached();
        }

        return 0;
    }

    private static void Open(
        TaskCompletionSource<NotebookSession> opened, StdinInput input, CommHub comms, JupyterKernel kernel, SessionRecord? record)
    {
        try
        {
            StandardStreams.Take(
                (text, isError) => ConsoleRedirection.Native(text, isError), words => record?.LastWords(words));
            var session = NotebookSession.Open(input, comms, () => kernel.ExecutionCount);
            session.Runner.Late = kernel.Late;

            StrayExceptions.ReportTo(exception => kernel.Late(new CellEvent.Output(OutputStream.Error, session.Stray(exception))));
            opened.SetResult(session);
            session.CSharp.WarmUpAsync(CancellationToken.None).ContinueWith(
                warmed => Log.Failure(warmed.Exception!), CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
        catch (Exception exception)
        {
            // The thread's end: cells and questions that wait for the session get the reason.
            Log.Failure(exception);
            opened.SetException(exception);
        }
    }

    private static async Task<ISubmissions> AsSubmissionsAsync(Task<NotebookSession> session) => (await session).Runner;

    private static async Task<EditorServices> AsEditorAsync(Task<NotebookSession> session) => (await session).Editor;
}
