using System.Runtime.InteropServices;
using System.Text;

namespace Kadali.Host.Lifetime;

/// <summary>
/// The process's own standard streams, below <see cref="Console"/>: what native code and child processes write is shown where cells' output
/// is shown, and they read nothing, where a read would wait for somebody who is not there. Unix only; elsewhere the streams stay as they
/// are.
/// </summary>
internal static unsafe partial class StandardStreams
{
    private const int BufferLength = 16 << 10;
    private const int PendingTexts = 64;
    private const short Readable = 1;

    /// <param name="written">Takes text as it comes; whether it was standard error.</param>
    /// <param name="errors">
    /// Takes the bytes of standard error before anything else is done with them; may be in the midst of a crash.
    /// </param>
    public static void Take(Action<string, bool> written, LastBytes errors)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // The log has a descriptor of its own from now on.
        Log.Writer.Flush();
        var original = Dup(2);
        Span<int> output = stackalloc int[2], error = stackalloc int[2];
        if (original < 0 || !Open(output) || !Open(error))
        {
            return;
        }

        Replace(1, output[1]);
        Replace(2, error[1]);
        using (var nothing = File.OpenHandle("/dev/null"))
        {
            _ = Dup2((int)nothing.DangerousGetHandle(), 0);
        }

        int from = output[0], errorFrom = error[0];
        new Thread(() => Read(from, errorFrom, original, written, errors), 256 << 10)
            { IsBackground = true, Name = "standard streams" }.Start();
    }

    private static void Read(int output, int error, int original, Action<string, bool> written, LastBytes errors)
    {
        var buffer = new byte[BufferLength];
        Decoder[] decoders = [Encoding.UTF8.GetDecoder(), Encoding.UTF8.GetDecoder()];
        var waits = stackalloc Wait[2];
        waits[0] = new() { Descriptor = output, Events = Readable };
        waits[1] = new() { Descriptor = error, Events = Readable };
        var pending = new List<(string Text, bool IsError)>();

        // What binds on first use binds now: a crash leaves no time for it.
        errors([]);
        fixed (byte* start = buffer)
        {
            _ = Poll(waits, 2, 0);
            _ = ReadBytes(-1, start, 0);
            _ = WriteBytes(original, start, 0);
        }

        while (true)
        {
            // A process that dies says it line by line: everything is read before anything is shown. A signal makes it return -1: it is
            // asked again.
            var ready = Poll(waits, 2, pending.Count > 0 ? 0 : -1);
            if (ready == 0 || pending.Count > PendingTexts)
            {
                pending.ForEach(text => written(text.Text, text.IsError));
                pending.Clear();
            }

            if (ready <= 0)
            {
                continue;
            }

            for (var i = 0; i < 2; i++)
            {
                if ((waits[i].Returned & Readable) != 0)
                {
                    fixed (byte* start = buffer)
                    {
                        var count = (int)ReadBytes(waits[i].Descriptor, start, BufferLength);
                        if (count > 0)
                        {
                            if (i == 1)
                            {
                                errors(buffer.AsSpan(0, count));
                                _ = WriteBytes(original, start, count);
                            }

                            var characters = new char[decoders[i].GetCharCount(buffer, 0, count)];
                            decoders[i].GetChars(buffer, 0, count, characters, 0);
                            pending.Add((new(characters), i == 1));
                        }
                    }
                }
            }
        }
    }

    private static bool Open(Span<int> ends)
    {
        fixed (int* start = ends)
        {
            return Pipe(start) == 0;
        }
    }

    private static void Replace(int standard, int with)
    {
        _ = Dup2(with, standard);
        _ = Close(with);
    }

    /// <summary>Takes bytes that may be the process's last.</summary>
    public delegate void LastBytes(ReadOnlySpan<byte> bytes);

    [StructLayout(LayoutKind.Sequential)]
    private struct Wait
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "pipe")]
    private static partial int Pipe(int* ends);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Dup(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Dup2(int from, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(Wait* waits, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadBytes(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteBytes(int descriptor, byte* buffer, nint count);
}
