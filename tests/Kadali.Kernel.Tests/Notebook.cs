using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Kernel.CSharp;
using Kadali.Kernel.Magics;
using Kadali.Kernel.Submissions;

namespace Kadali.Kernel.Tests;

/// <summary>A session without a front end: runs cells and gives what they say.</summary>
internal sealed class Notebook : IDisposable
{
    private int _count;

    public Notebook(params IEnumerable<string> assemblies)
    {
        CSharp = new(
            [typeof(Formatter).Assembly.Location, typeof(Cell).Assembly.Location, .. assemblies],
            ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks",
                "Kadali.Formatting", "Kadali.Formatting.Kernel"]);
        Runner = new(Magics, CSharp, Input, "csharp");
        IEnumerable<IMagic> all =
        [
            new CSharpMagic(CSharp, () => _count), .. TextMagics.All, new ValueMagic(), .. ShareMagic.Both(Magics, CSharp),
            .. WhoMagic.Both(Magics, CSharp),
            new TimeMagic(), .. HelpMagic.Both(Magics), new AboutMagic("0"),
        ];
        foreach (var magic in all)
        {
            Magics.Add(magic);
        }

        Editor = new(Magics, CSharp, "csharp");
        ConsoleRedirection.Install(Input, TextWriter.Null);
        DisplaySink.Current = new CellDisplaySink();
    }

    public CSharpSession CSharp { get; }

    public MagicRegistry Magics { get; } = new();

    public SubmissionRunner Runner { get; }

    public EditorServices Editor { get; }

    public Answers Input { get; } = new();

    /// <summary>Runs a cell and gives the plain text of its value, or null.</summary>
    public async Task<string?> ValueAsync(string code) =>
        (await EventsAsync(code)).OfType<CellEvent.Result>().SingleOrDefault()?.Content.PlainText;

    /// <summary>Runs a cell and gives what it wrote.</summary>
    public async Task<string> TextAsync(string code) =>
        string.Concat((await EventsAsync(code)).Select(said => said switch
        {
            CellEvent.Output output => output.Text,
            CellEvent.Display display => display.Content.PlainText + "\n",
            _ => "",
        }));

    public async Task<IReadOnlyList<CellEvent>> EventsAsync(string code, CancellationToken cancellationToken = default)
    {
        _count++;
        var events = new List<CellEvent>();
        await foreach (var said in Runner.RunAsync(new(code), cancellationToken))
        {
            events.Add(said);
        }

        return events;
    }

    public async Task<Fault> FaultAsync(string code) => (await Assert.ThrowsAsync<CellFaultException>(() => EventsAsync(code))).Fault;

    public void Dispose() => CSharp.Dispose();

    /// <summary>Answers questions from a queue.</summary>
    internal sealed class Answers : IInput
    {
        public Queue<string> Next { get; } = new();

        public List<(string Prompt, bool Password)> Asked { get; } = [];

        public async Task<string> AskAsync(string prompt, bool password, CancellationToken cancellationToken)
        {
            Asked.Add((prompt, password));
            if (Next.TryDequeue(out var answer))
            {
                return answer;
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("unreachable");
        }
    }
}
