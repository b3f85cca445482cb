using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Tables;

namespace Kadali.Sql;

/// <summary>
/// <c>#!sql</c> and its like: cells of SQL on an engine. The result of the last statement is shown, and is <c>_sql</c> in C#.
/// </summary>
public sealed class SqlMagic : IMagic, ILanguageService
{
    private readonly ISqlEngine _engine;
    private readonly IVariables _variables;
    private readonly QueryHistory _history = new();
    private readonly OpenResult _open = new();
    private readonly SqlOutput _output;
    private readonly SqlEditor _editor;

    /// <param name="engine">Runs the statements.</param>
    /// <param name="variables">The session's C# variables.</param>
    /// <param name="name">What the magic is called, without <c>#!</c>.</param>
    public SqlMagic(ISqlEngine engine, IVariables variables, string name = "sql")
    {
        _engine = engine;
        _variables = variables;
        _output = new(variables, _open);
        _editor = new(engine, variables);
        Syntax = SqlOptions.SyntaxOf(name, engine.Dialect.Name);
    }

    public MagicSyntax Syntax { get; }

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (cell.Arguments.Has("history"))
        {
            yield return new CellEvent.Display(Formatter.Format(_history.ToTable()));
            yield break;
        }

        var options = SqlOptions.Of(cell);
        var statements = SqlText.Split(cell.Body, _engine.Dialect.ParameterPrefix);
        if (statements.Count == 0)
        {
            throw new CellFaultException(new(
                "KDL310", "The cell has no SQL statement.", $"Write one below '#!{Syntax.Name}', or see '#!{Syntax.Name} --help'."));
        }

        if (await _open.CloseAsync(cancellationToken) is { } cut)
        {
            yield return new CellEvent.Output(OutputStream.Error, cut + "\n");
        }

        await _engine.BeginCellAsync(cancellationToken);
        for (var i = 0; i < statements.Count; i++)
        {
            var last = i == statements.Count - 1;
            var number = statements.Count > 1 ? i + 1 : (int?)null;
            if (i > 0)
            {
                await _open.CloseAsync(cancellationToken);
            }

            var running = RunStatementAsync(statements[i], cell, last ? options : options.ForEarlier(), number, cancellationToken);
            await foreach (var said in new QueryProgress(_engine).WatchAsync(running, "running", cancellationToken))
            {
                yield return said;
            }

            if (await running is { } shown)
            {
                yield return last ? new CellEvent.Result(shown) : new CellEvent.Display(shown);
            }
        }
    }

    public ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken) =>
        _editor.CompleteAsync(text, position, cancellationToken);

    public ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken) =>
        _editor.InspectAsync(text, position, detail, cancellationToken);

    /// <summary>Makes room on the connection for what is no statement of a cell.</summary>
    internal Task FreeAsync(CancellationToken cancellationToken) => _open.CloseAsync(cancellationToken);

    private async Task<MimeBundle?> RunStatementAsync(
        SqlStatement statement, Cell cell, SqlOptions options, int? number, CancellationToken cancellationToken)
    {
        var started = DateTime.Now;
        var clock = Stopwatch.StartNew();
        long? rows = null;
        var state = "failed";
        try
        {
            var parameters = SqlBinding.Of(statement, cell, _variables);
            if (options.Explain)
            {
                var plan = PlanView.Of(await _engine.PlanAsync(statement, parameters, cancellationToken));
                state = "explained";
                return plan;
            }

            var run = await _engine.RunAsync(statement, parameters, cancellationToken);
            var shown = await _output.ShowAsync(run, statement, options, count => rows = count, cancellationToken);
            state = "done";
            return shown;
        }
        catch (OperationCanceledException)
        {
            state = "interrupted";
            throw;
        }
        catch (Exception exception) when (_engine.Explain(exception, statement) is { } error)
        {
            throw new CellFaultException(SqlFaults.Of(error, statement, cell, number), exception);
        }
        finally
        {
            _history.Add(new(started, Math.Round(clock.Elapsed.TotalMilliseconds, 1), rows, state, statement.Sql.Trim()));
        }
    }
}
