using System.Runtime.CompilerServices;
using Kadali.Cells;
using Kadali.Delta;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>
/// <c>#!delta</c>: Delta tables from the command line of a cell, on the engine of <c>#!sql</c>. A body is SQL; a subcommand is one of its
/// statements, built from the options.
/// </summary>
/// <param name="sql">The magic of the engine, which shows rows.</param>
public sealed class DeltaMagic(SqlMagic sql, DuckDbEngine engine) : IMagic, ILanguageService, IOptionValues
{
    public MagicSyntax Syntax => DeltaSyntax.Syntax;

    public IAsyncEnumerable<CellEvent> RunAsync(Cell cell, CancellationToken cancellationToken)
    {
        if (cell.Arguments.Subcommand is null)
        {
            return sql.RunAsync(cell, cancellationToken);
        }

        var arguments = new DeltaArguments(cell);
        return FaultedAsync(
            cell,
            () => cell.Arguments.Subcommand switch
            {
                "create" => Statement(cell, DeltaCommands.Create(arguments), cancellationToken),
                "append" => Statement(cell, DeltaCommands.Append(arguments), cancellationToken),
                "read" => Statement(cell, DeltaCommands.Read(arguments), cancellationToken),
                "changes" => Statement(cell, DeltaCommands.Changes(arguments), cancellationToken),
                "diff" => DiffAsync(cell, arguments, cancellationToken),
                var name => CommandAsync(cell, name, DeltaCommands.Of(name, arguments), cancellationToken),
            },
            cancellationToken);
    }

    public ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken) =>
        sql.CompleteAsync(text, position, cancellationToken);

    public ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken) =>
        sql.InspectAsync(text, position, detail, cancellationToken);

    public async ValueTask<IReadOnlyList<CompletionItem>> ValuesAsync(
        MagicOption option, string line, string word, CancellationToken cancellationToken) =>
        await new DeltaValues(engine).OfAsync(option, line, word, cancellationToken);

    /// <summary>Runs SQL as if it stood in a cell of <c>#!sql</c>, or only shows it.</summary>
    private IAsyncEnumerable<CellEvent> Statement(Cell cell, string text, CancellationToken cancellationToken)
    {
        if (cell.Arguments.Has("dry-run"))
        {
            return Say($"It would run:\n{text}");
        }

        var options = new[] { "name", "limit" }.Where(cell.Arguments.Has)
            .ToDictionary(option => option, option => cell.Arguments.Values(option));
        return sql.RunAsync(new("sql", new(null, options), text, Start(cell, text), null), cancellationToken);
    }

    /// <summary>Where a statement would begin, for the query that it ends with to be where its author wrote it.</summary>
    private static TextPosition Start(Cell cell, string text)
    {
        var query = cell.Body.Trim().TrimEnd(';').Trim();
        if (query.Length == 0 || !text.EndsWith(query, StringComparison.Ordinal))
        {
            return cell.BodyStart;
        }

        var real = cell.PositionAt(cell.Body.IndexOf(query, StringComparison.Ordinal));
        return real with { Column = real.Column - (text.Length - query.Length) };
    }

    private async IAsyncEnumerable<CellEvent> CommandAsync(
        Cell cell, string name, DeltaCommand command, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // VACUUM and FSCK have a dry run of their own.
        if (cell.Arguments.Has("dry-run") && command is not (DeltaCommand.Vacuum or DeltaCommand.Fsck))
        {
            yield return new CellEvent.Display(MimeBundle.Text($"It would run:\n{SparkSql.Print(command)}"));
            yield break;
        }

        await sql.FreeAsync(cancellationToken);
        var running = engine.OnDeltaAsync((delta, token) => delta.Run(command, token), cancellationToken);
        await foreach (var said in new QueryProgress(engine).WatchAsync(running, name, cancellationToken))
        {
            yield return said;
        }

        var output = await running;
        yield return new CellEvent.Result(command switch
        {
            DeltaCommand.DescribeHistory => DeltaTimeline.Of(output),
            DeltaCommand.DescribeDetail => DeltaViews.Properties(output),
            _ => DeltaViews.Table(output, command),
        });
    }

    private async IAsyncEnumerable<CellEvent> DiffAsync(
        Cell cell, DeltaArguments arguments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await sql.FreeAsync(cancellationToken);
        var (table, from, to) = (arguments.Table(), arguments.Number("from"), arguments.Number("to"));
        var keys = arguments.Columns("key").Select(column => column.ToString()).ToArray();
        var comparing = engine.OnDeltaAsync((delta, token) => delta.Diff(table, from, to, keys, token), cancellationToken);
        await foreach (var said in new QueryProgress(engine).WatchAsync(comparing, "comparing", cancellationToken))
        {
            yield return said;
        }

        var diff = await comparing;
        yield return new CellEvent.Display(MimeBundle.Text(diff.Summary));
        if (diff.Rows > 0)
        {
            await foreach (var said in Statement(cell, diff.Query, cancellationToken))
            {
                yield return said;
            }
        }
    }

    private static async IAsyncEnumerable<CellEvent> Say(string text)
    {
        await Task.CompletedTask;
        yield return new CellEvent.Display(MimeBundle.Text(text));
    }

    /// <summary>Gives faults of statements that were built here the place of what they were built from.</summary>
    private async IAsyncEnumerable<CellEvent> FaultedAsync(
        Cell cell, Func<IAsyncEnumerable<CellEvent>> run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerator<CellEvent>? each = null;
        try
        {
            while (true)
            {
                try
                {
                    each ??= run().GetAsyncEnumerator(cancellationToken);
                    if (!await each.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (CellFaultException exception)
                {
                    throw Placed(cell, exception.Fault, exception);
                }
                catch (Exception exception) when (engine.Explain(exception, new("", 0, [])) is { } error)
                {
                    throw Placed(cell, SqlFaults.Of(error, new("", 0, [])) with { Place = null }, exception);
                }

                yield return each.Current;
            }
        }
        finally
        {
            if (each is not null)
            {
                await each.DisposeAsync();
            }
        }
    }

    private static CellFaultException Placed(Cell cell, Fault fault, Exception exception)
    {
        var isOnLine = fault.Place is { } place && cell.Lines.Contains(new(place.Position.Line, place.Line));
        return new(
            isOnLine ? fault : fault with
            {
                Place = InQuery(cell, fault.Place) ?? new DeltaArguments(cell).PlaceOf(fault.Message)
                    ?? (cell.Line is { } line ? FaultPlace.Of(line, cell.Source) : null),
            },
            exception);
    }

    /// <summary>
    /// A place in the query below the line, with the reader's text of it; null where it is in what was put before the query.
    /// </summary>
    private static FaultPlace? InQuery(Cell cell, FaultPlace? place)
    {
        if (place is not { Position.Column: >= 0 } || cell.Body.Trim().Length == 0)
        {
            return null;
        }

        var lines = cell.Body.Split('\n');
        var line = place.Position.Line - cell.BodyStart.Line;
        return line >= 0 && line < lines.Length ? place with { Line = lines[line].TrimEnd('\r') } : null;
    }
}
