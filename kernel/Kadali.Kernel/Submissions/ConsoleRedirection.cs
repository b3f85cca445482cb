using System.Text;
using Kadali.Cells;

namespace Kadali.Kernel.Submissions;

/// <summary>
/// Makes <see cref="Console"/> speak to the front end: what a cell writes goes to that cell, also from threads and tasks it started; what
/// is read is asked of the reader.
/// </summary>
public static class ConsoleRedirection
{
    private static readonly AsyncLocal<CellOutput?> Current = new();
    private static CellOutput? _latest;
    private static (TextWriter Out, TextWriter Error, TextReader In)? _writers;

    /// <summary>The output of the cell that the calling code belongs to; else of the cell that ran last.</summary>
    internal static CellOutput? Output => Current.Value ?? _latest;

    /// <summary>From here on, and in everything that is started from here, output belongs to this cell.</summary>
    internal static void Enter(CellOutput output)
    {
        Current.Value = output;
        _latest = output;

        // A cell may have put its own in their place: that was for itself.
        if (_writers is var (outWriter, errorWriter, reader)
            && (Console.Out != outWriter || Console.Error != errorWriter || Console.In != reader))
        {
            Console.SetOut(outWriter);
            Console.SetError(errorWriter);
            Console.SetIn(reader);
        }
    }

    /// <summary>
    /// Text that did not come through <see cref="Console"/>: of native code, or of a child process. It belongs to the latest cell.
    /// </summary>
    public static void Native(string text, bool isError) => _latest?.Write(isError ? OutputStream.Error : OutputStream.Out, text);

    /// <summary>Waits until what cells have written has been read; for a process that is about to end.</summary>
    public static void Flush(TimeSpan limit) => _latest?.Flush(limit);

    /// <summary>From here on <see cref="Console"/> belongs to the cells.</summary>
    /// <param name="input">Asks the reader.</param>
    /// <param name="fallback">Where text goes that no cell wrote.</param>
    public static void Install(IInput input, TextWriter fallback)
    {
        Console.SetOut(new CellWriter(OutputStream.Out, fallback));
        Console.SetError(new CellWriter(OutputStream.Error, fallback));
        Console.SetIn(new CellReader(input));
        _writers = (Console.Out, Console.Error, Console.In);
    }

    private sealed class CellWriter(OutputStream stream, TextWriter fallback) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (Output is { } output)
            {
                output.Write(stream, buffer);
            }
            else
            {
                fallback.Write(buffer);
            }
        }

        public override void WriteLine(string? value) => WriteLine(value.AsSpan());

        public override void WriteLine(ReadOnlySpan<char> buffer)
        {
            // In one call, so that lines of several threads do not mix.
            if (buffer.Length < 1024)
            {
                Span<char> line = stackalloc char[buffer.Length + 1];
                buffer.CopyTo(line);
                line[^1] = '\n';
                Write(line);
            }
            else
            {
                Write(string.Concat(buffer, "\n").AsSpan());
            }
        }

        public override void WriteLine() => Write('\n');
    }

    private sealed class CellReader(IInput input) : TextReader
    {
        private string _line = "";
        private int _next;

        public override string? ReadLine()
        {
            if (_next < _line.Length)
            {
                var rest = _line[_next..].TrimEnd('\n');
                _next = _line.Length;
                return rest;
            }

            return Ask();
        }

        public override int Peek()
        {
            Fill();
            return _line[_next];
        }

        public override int Read()
        {
            Fill();
            return _line[_next++];
        }

        private void Fill()
        {
            if (_next >= _line.Length)
            {
                _line = Ask() + "\n";
                _next = 0;
            }
        }

        // Console's readers are synchronous; the wait is on the cell's own thread, where an interrupt ends it.
        private string Ask()
        {
            using var answered = new ManualResetEventSlim();
            using var abandoned = new CancellationTokenSource();
            var asking = Task.Run(() => input.AskAsync("", false, abandoned.Token), CancellationToken.None);
            asking.ContinueWith(_ => answered.Set(), TaskScheduler.Default);
            try
            {
                answered.Wait(CancellationToken.None);
            }
            finally
            {
                abandoned.Cancel();
            }

            return asking.GetAwaiter().GetResult();
        }
    }
}
