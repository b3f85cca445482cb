using Kadali.Cells;
using Kadali.Host.Session;
using Kadali.Host.Terminal;
using Kadali.Kernel.Jupyter;
using Kadali.Notebooks;

namespace Kadali.Host.Commands;

/// <summary>One run of a notebook.</summary>
internal sealed class NotebookRun
{
    private const int CellFailed = 1;

    /// <summary>How long a cell may take to end after it was told to; what is inside native code may never do.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan OutputSettles = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(30);
    private readonly RunOptions _options;
    private readonly RunView _view;
    private readonly TimeProvider _time;
    private readonly NotebookDocument _notebook;
    private readonly NotebookCell[] _codes;
    private readonly RunTarget _target;
    private readonly PapermillMetadata _metadata;
    private readonly RunReport _report;
    private readonly NotebookOutputs _outputs = new();
    private NotebookCell? _running;
    private int _count;

    /// <exception cref="CellFaultException">The notebook, a parameter or a path is wrong.</exception>
    public NotebookRun(RunOptions options, RunView view, TimeProvider time)
    {
        (_options, _view, _time) = (options, view, time);
        _notebook = Read(options.Notebook);
        PapermillMetadata.RemoveErrorMarkers(_notebook);
        var parameters = new Parameters(options.Parameters, options.RawParameters);
        foreach (var warning in parameters.Inject(_notebook))
        {
            view.Warn(warning);
        }

        _target = RunTarget.Of(options);
        _codes = [.. _notebook.Cells.Where(cell =>
            cell.Type == "code" && cell.Source.Trim().Length > 0 && !cell.Tags.Contains("skip-execution"))];
        _metadata = new(_notebook, options, parameters.Values, time);
        _report = new(options, parameters.Values, _codes, time);
    }

    /// <summary>Runs the cells; the exit code of the program.</summary>
    public async Task<int> RunAsync(Interrupts interrupts)
    {
        EnterFolder();
        using var session = NotebookSession.Open(TerminalInput.Open(_view.Output), new NoComms(), () => _count);
        AppDomain.CurrentDomain.ProcessExit += EndedByCell;
        _metadata.Begin();
        _target.Save(_notebook);
        var failure = await RunCellsAsync(session, interrupts);
        AppDomain.CurrentDomain.ProcessExit -= EndedByCell;
        if (failure is { Kind: FailureKind.Stuck })
        {
            // Its thread is in native code that nothing can unwind: leaving is all that is left.
            Environment.Exit(interrupts.ExitCode ?? CellFailed);
        }

        return failure is null ? 0 : interrupts.ExitCode ?? CellFailed;
    }

    private static NotebookDocument Read(string path)
    {
        if (path != "-")
        {
            return NotebookFile.Read(path);
        }

        using var input = new StreamReader(Console.OpenStandardInput());
        return NotebookFile.Parse(input.ReadToEnd(), "standard input");
    }

    private void EnterFolder()
    {
        var folder = _options.Folder ?? (_options.Notebook == "-" ? "." : Path.GetDirectoryName(Path.GetFullPath(_options.Notebook))!);
        if (!Directory.Exists(folder))
        {
            throw new CellFaultException(new("KDL132", $"There is no folder '{folder}' to run in (--cwd)."));
        }

        Directory.SetCurrentDirectory(folder);
    }

    private async Task<CellFailure?> RunCellsAsync(NotebookSession session, Interrupts interrupts)
    {
        foreach (var cell in _notebook.Cells)
        {
            _metadata.Begin(cell);
            CellFailure? failure = null;
            if (cell.Type == "markdown")
            {
                _view.Markdown(cell.Source);
            }
            else if (_codes.Any(code => code.Json == cell.Json))
            {
                failure = await RunCellAsync(session, cell, interrupts);
            }

            _metadata.End(cell, failure is not null);
            if (failure is not null && (failure.Kind != FailureKind.Error || !cell.Tags.Contains("raises-exception")))
            {
                Finish(cell, failure);
                return failure;
            }
        }

        Finish(null, null);
        return null;
    }

    private async Task<CellFailure?> RunCellAsync(NotebookSession session, NotebookCell cell, Interrupts interrupts)
    {
        var started = Begin(cell);
        using var gaveUp = new CancellationTokenSource();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(interrupts.Token);
        using var told = limit.Token.Register(() => gaveUp.CancelAfter(Patience));
        limit.CancelAfter(_options.Timeout);
        CellFailure? failure = null;
        try
        {
            var submission = new Submission(cell.Source, cell.Language ?? _notebook.DefaultLanguage);
            await ReadAsync(session.Runner.RunAsync(submission, limit.Token), gaveUp.Token);
        }
        catch (Exception exception)
        {
            // The cell's end: whatever it was is written into the notebook and stops the run.
            failure = Failure(exception, interrupts, gaveUp.IsCancellationRequested);
        }

        End(cell, failure, _time.GetElapsedTime(started));
        return failure;
    }

    private async Task ReadAsync(IAsyncEnumerable<CellEvent> events, CancellationToken gaveUp)
    {
        var saved = _time.GetTimestamp();
        var said = events.GetAsyncEnumerator(CancellationToken.None);
        while (await said.MoveNextAsync().AsTask().WaitAsync(gaveUp))
        {
            _outputs.Add(said.Current);
            _view.Say(said.Current);
            if (_time.GetElapsedTime(saved) >= SaveEvery)
            {
                saved = _time.GetTimestamp();
                _outputs.Flush();
                _target.Save(_notebook);
            }
        }

        await said.DisposeAsync();
    }

    private long Begin(NotebookCell cell)
    {
        _running = cell;
        _count++;
        cell.Json["execution_count"] = _count;
        _outputs.Begin(cell, _count);
        _view.Begin(_count, _codes.Length, cell.Source);
        _report.Begin(_count - 1);
        _target.Save(_notebook);
        return _time.GetTimestamp();
    }

    private void End(NotebookCell cell, CellFailure? failure, TimeSpan elapsed)
    {
        _running = null;
        if (failure is not null)
        {
            _outputs.Error(failure.Name, failure.Message, failure.Traceback);
        }

        _outputs.Flush();
        _report.End(_count - 1, failure);
        _view.End(elapsed);
        if (failure is not null)
        {
            _view.Fail(_count, _codes.Length, cell, failure);
        }
    }

    private void Finish(NotebookCell? cell, CellFailure? failure)
    {
        _metadata.End(cell);
        _target.Finish(_notebook);
        _report.Write(failure);
        _view.Finish(_options.Notebook == "-" ? "standard input" : Path.GetFileName(_options.Notebook), _count, _codes.Length, failure);
    }

    /// <summary>A cell called <c>Environment.Exit</c>, or the runtime ends: what was printed until then is kept, and the reader learns
    /// why.</summary>
    private void EndedByCell(object? sender, EventArgs arguments)
    {
        if (_running is { } cell)
        {
            // What the cell printed last is still on its way: it is gathered for a moment before it is said.
            Thread.Sleep(OutputSettles);
            var failure = CellFailure.Of(FailureKind.Error, "Exit", "The cell ended the program (Environment.Exit).");
            End(cell, failure, TimeSpan.Zero);
            _metadata.End(cell, failed: true);
            Finish(cell, failure);
            if (Environment.ExitCode == 0)
            {
                // The cells behind it did not run, whatever this one thinks: to who waits for the program that is no success.
                Environment.ExitCode = CellFailed;
            }
        }
    }

    private CellFailure Failure(Exception exception, Interrupts interrupts, bool isStuck)
    {
        if (exception is not OperationCanceledException)
        {
            var error = CellErrors.Of(exception, Log.Failure);
            return new(FailureKind.Error, error.Ename, error.Evalue, error.Traceback);
        }

        var (kind, name, message) = interrupts.Token.IsCancellationRequested
            ? (FailureKind.Interrupted, "Interrupted", "The cell was interrupted.")
            : (FailureKind.Timeout, "Timeout", $"The cell took longer than {_options.Timeout.TotalSeconds:0.#} s (--timeout).");
        return isStuck
            ? CellFailure.Of(FailureKind.Stuck, name,
                $"{message} It did not end within {Patience.TotalSeconds:0} s of being told to; the program ends without it.")
            : CellFailure.Of(kind, name, message);
    }
}

/// <summary>How a cell ended badly.</summary>
internal enum FailureKind
{
    Error,
    Timeout,
    Interrupted,

    /// <summary>It was told to end and did not.</summary>
    Stuck,
}

/// <summary>Why a cell stopped the run.</summary>
internal sealed record CellFailure(FailureKind Kind, string Name, string Message, IReadOnlyList<string> Traceback)
{
    /// <summary>A failure that says all there is to say in one line.</summary>
    public static CellFailure Of(FailureKind kind, string name, string message) =>
        new(kind, name, message, [$"{Ansi.Red}{name}{Ansi.Off}: {message}"]);
}
