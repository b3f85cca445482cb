using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kadali.Cells;
using Kadali.Kernel.Submissions;

namespace Kadali.Kernel.Magics;

/// <summary><c>#!time</c>: says at the end how long the submission took. The runner holds the clock.</summary>
public sealed class TimeMagic : IMagic
{
    public MagicSyntax Syntax { get; } = new("time", "Shows how long the cell took.", null)
    {
        Examples = [("#!time\nThread.Sleep(100);", "shows about 100 ms")]
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }
}

/// <summary><c>#!about</c>: versions.</summary>
public sealed class AboutMagic(string version) : IMagic
{
    public MagicSyntax Syntax { get; } = new("about", "Shows the versions of the kernel and of .NET.", null);

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return new CellEvent.Display(MimeBundle.Text(
            $"""
            Kadali {version}: a notebook kernel for .NET with a lakehouse in it
            Runtime  {RuntimeInformation.FrameworkDescription}
            System   {RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})
            Process  {Environment.ProcessId}
            """));
    }
}

/// <summary><c>#!lsmagic</c> and <c>#!help</c>: what there is.</summary>
public sealed class HelpMagic : IMagic
{
    private readonly IMagicRegistry _magics;

    private HelpMagic(IMagicRegistry magics, MagicSyntax syntax) => (_magics, Syntax) = (magics, syntax);

    public MagicSyntax Syntax { get; }

    public static IEnumerable<IMagic> Both(IMagicRegistry magics) =>
    [
        new HelpMagic(magics, new("lsmagic", "Lists all magics.", null)),
        new HelpMagic(magics, new("help", "Lists all magics, or shows the help of one.", null)
        {
            Options = [new("magic", "The magic to explain.", "MAGIC") { Implicit = true }],
            Examples = [("#!help sql", "the same as '#!sql --help'")],
        }),
    ];

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (cell.Arguments.Text("magic") is { } name)
        {
            var wanted = name.TrimStart('#', '!');
            var magic = _magics.Find(wanted) ?? throw new CellFaultException(new(
                "KDL101", $"There is no magic '#!{wanted}'.",
                Nearest.Of(wanted, _magics.All.Select(known => known.Syntax.Name)) is { } near
                    ? $"Did you mean '#!{near}'?"
                    : "'#!lsmagic' lists all magics."));
            yield return new CellEvent.Display(MagicHelp.Of(magic.Syntax, null));
            yield break;
        }

        var listed = _magics.All.OrderBy(magic => magic.Syntax.Body is null).ToArray();
        var width = listed.Max(magic => magic.Syntax.Written.Length);
        var lines = listed.Select(magic => $"  {magic.Syntax.Written.PadRight(width)}  {magic.Syntax.Summary}");
        yield return new CellEvent.Display(MimeBundle.Text(string.Join("\n", ["Magics (each has --help):", .. lines])));
    }
}

/// <summary><c>#!import</c> and <c>#!run</c>: runs the cells of a file in this session.</summary>
public sealed class ImportMagic : IMagic
{
    private readonly Func<string, IReadOnlyList<Submission>> _read;
    private readonly Func<SubmissionRunner> _runner;

    private ImportMagic(MagicSyntax syntax, Func<string, IReadOnlyList<Submission>> read, Func<SubmissionRunner> runner) =>
        (Syntax, _read, _runner) = (syntax, read, runner);

    public MagicSyntax Syntax { get; }

    /// <param name="read">The cells of a file; throws <see cref="CellFaultException"/> where it cannot be read.</param>
    /// <param name="runner">The session's runner.</param>
    public static IEnumerable<IMagic> All(Func<string, IReadOnlyList<Submission>> read, Func<SubmissionRunner> runner)
    {
        MagicOption[] options =
        [
            new("file", "A notebook (.ipynb, .dib) or a file of code (.cs, .csx, .sql, .html, .md).", "FILE")
            {
                Required = true, Implicit = true
            }
        ];
        return
        [
            new ImportMagic(
                new("import", "Runs the cells of a file as if they stood here.", null)
                {
                    Options = options, Examples = [("#!import helpers.ipynb", "declares what it declares")]
                },
                read, runner),
            new ImportMagic(new("run", "The same as #!import.", null) { Options = options }, read, runner),
        ];
    }

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var submission in _read(cell.Arguments.Text("file")!))
        {
            await foreach (var said in _runner().RunNestedAsync(submission, cancellationToken))
            {
                yield return said is CellEvent.Result result ? new CellEvent.Display(result.Content, result.DisplayId) : said;
            }
        }
    }
}

/// <summary><c>#!connect KIND --kernel-name NAME …</c>: adds a language that runs elsewhere.</summary>
public sealed class ConnectMagic(IReadOnlyList<IConnector> connectors, IMagicRegistry magics) : IMagic
{
    public MagicSyntax Syntax { get; } = new("connect", "Connects a database or another kernel, which then has cells of its own.", null)
    {
        Subcommands =
        [
            .. connectors.Select(connector => connector.Syntax with
            {
                Options = [new("kernel-name", "What to call it.", "NAME") { Required = true }, .. connector.Syntax.Options],
            }),
        ],
        Examples = [.. connectors.SelectMany(connector => connector.Syntax.Examples)],
    };

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var connector = connectors.FirstOrDefault(known => known.Syntax.Name == cell.Arguments.Subcommand)
            ?? throw new CellFaultException(new(
                "KDL103", "'#!connect' needs to know what to connect.",
                $"It can be: {string.Join(", ", connectors.Select(known => known.Syntax.Name))}."));
        var name = cell.Arguments.Text("kernel-name")!;
        if (name.Length == 0 || !name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            throw new CellFaultException(new(
                "KDL105", $"'--kernel-name' cannot be '{name}'.", "Letters, digits, '-', '_' and '.'.",
                cell.Arguments.Place("kernel-name")));
        }

        if (magics.Find(name) is { } taken && !connector.MayReplace(taken))
        {
            throw new CellFaultException(new(
                "KDL105", $"'--kernel-name' cannot be '{name}': '#!{taken.Syntax.Name}' is a magic of Kadali's own.",
                "Choose another name.", cell.Arguments.Place("kernel-name")));
        }

        var magic = await connector.ConnectAsync(name, cell.Arguments, cancellationToken);
        magics.Add(magic);
        yield return new CellEvent.Display(MimeBundle.Text($"Connected: '#!{magic.Syntax.Name}' runs a cell there."));
    }
}
