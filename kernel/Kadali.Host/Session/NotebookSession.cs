using System.Reflection;
using Kadali.Cells;
using Kadali.Databases;
using Kadali.Formatting;
using Kadali.Jupyter;
using Kadali.Kernel.CSharp;
using Kadali.Kernel.Magics;
using Kadali.Kernel.Submissions;
using Kadali.Notebooks;
using Kadali.Packages;
using Kadali.Sql;

namespace Kadali.Host.Session;

/// <summary>
/// Everything that runs cells, put together. Kernel, <c>run</c> and <c>console</c> each have one; it names no front end.
/// </summary>
internal sealed class NotebookSession : IDisposable
{
    private static readonly string[] Usings =
    [
        "System", "System.Collections", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http",
        "System.Text", "System.Threading", "System.Threading.Tasks", "Kadali.Formatting", "Kadali.Formatting.Kernel",
    ];

    private readonly DuckDbSession _sql;
    private readonly AttachedKernels _kernels;

    private NotebookSession(
        CSharpSession csharp, DuckDbSession sql, AttachedKernels kernels, SubmissionRunner runner, EditorServices editor,
        MagicRegistry magics) =>
        (CSharp, _sql, _kernels, Runner, Editor, Magics) = (csharp, sql, kernels, runner, editor, magics);

    public CSharpSession CSharp { get; }

    public SubmissionRunner Runner { get; }

    public EditorServices Editor { get; }

    public MagicRegistry Magics { get; }

    /// <summary>The version that <c>--version</c> prints.</summary>
    public static string Version { get; } =
        typeof(NotebookSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0";

    /// <param name="input">Asks the reader.</param>
    /// <param name="comms">Channels to the front end.</param>
    /// <param name="executionCount">The number of the running cell, for tracebacks.</param>
    public static NotebookSession Open(IInput input, IComms comms, Func<int> executionCount)
    {
        var folder = AppContext.BaseDirectory;
        var csharp = new CSharpSession(
            ((string[])["Kadali.Cells.dll", "Kadali.Formatting.dll", "Kadali.Tables.dll", "Kadali.Delta.dll", "Apache.Arrow.dll"])
                .Select(name => Path.Combine(folder, name)).Where(File.Exists), Usings);
        var magics = new MagicRegistry();
        var runner = new SubmissionRunner(magics, csharp, input, "csharp");
        var sql = new DuckDbSession();
        var engine = new DuckDbEngine(sql, csharp);
        var sqlMagic = new SqlMagic(engine, csharp);
        var kernels = new AttachedKernels(input);

        // Behind a lambda: no assembly of NuGet is loaded before a cell asks for a package.
        var packages = new Lazy<IPackages>(() => new PackageSession());
        IEnumerable<IMagic> all =
        [
            new CSharpMagic(csharp, executionCount),
            .. TextMagics.All,
            sqlMagic,
            new DeltaMagic(sqlMagic, engine),
            kernels.Python(),
            new ConnectMagic([kernels, .. Connectors.All(csharp)], magics),
            new ValueMagic(),
            .. ShareMagic.Both(magics, csharp),
            .. WhoMagic.Both(magics, csharp),
            new TimeMagic(),
            new AboutMagic(Version),
            .. HelpMagic.Both(magics),
            .. ImportMagic.All(NotebookFile.Submissions, () => runner),
            new LoadMagic(NotebookFile.Submissions, () => runner),
            new ReferenceMagic(csharp, packages, new PackageExtension(NotebookFile.Submissions, () => runner).RunAsync),
            new SourceMagic(packages),
        ];
        foreach (var magic in all)
        {
            magics.Add(magic);
        }

        ConsoleRedirection.Install(input, Log.Writer);
        DisplaySink.Current = new CellDisplaySink();
        InputSource.Current = input;
        ShownTables.Serve(comms, new ParquetExport());
        var session = new NotebookSession(csharp, sql, kernels, runner, new(magics, csharp, "csharp"), magics);
        StrayExceptions.ReportTo(exception => Console.Error.Write(session.Stray(exception)));
        return session;
    }

    /// <summary>What the reader is told of an exception that ended a thread of a cell.</summary>
    public string Stray(Exception exception) =>
        $"A thread that a cell started ended with an exception:\n{string.Join("\n", CSharp.Failure(exception).Traceback)}\n";

    /// <summary>Ends the kernels of other languages, for a process that is about to end.</summary>
    public void EndAttached() => _kernels.Dispose();

    public void Dispose()
    {
        _kernels.Dispose();
        _sql.Dispose();
        CSharp.Dispose();
    }
}
