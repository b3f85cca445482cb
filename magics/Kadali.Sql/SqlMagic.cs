using System.Data.Common;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary><c>#!sql</c>: SQL over files, C# sequences and tables, by the DuckDB inside the kernel.</summary>
public sealed partial class SqlMagic : IMagic, ILanguageService
{
    private const int KeptRows = 1_000_000;
    private readonly DuckDbSession _session;
    private readonly IVariables _variables;
    private readonly RowTypes _types;
    private readonly VariableTables _tables;
    private readonly List<HistoryEntry> _history = [];
    private SqlResult? _open;
    private DuckDBCommand? _openCommand;
    private DbDataReader? _openReader;

    public SqlMagic(DuckDbSession session, IVariables variables, string name = "sql")
    {
        _session = session;
        _variables = variables;
        _types = new(variables);
        _tables = new(variables);
        Syntax = new(name, "SQL over files, C# sequences and tables, on the DuckDB inside the kernel.", "one or more SQL statements")
        {
            Options =
            [
                .. SqlOptions.Syntax,
                new("explain", "Show the plan instead of running the statements.", null),
                new("history", "Show what was run, how long it took and how many rows it gave.", null),
            ],
            Examples =
            [
                ($"#!{name}\nSELECT carrier, count(*) AS n FROM 'data/*.parquet' GROUP BY ALL", "reads files; Parquet, CSV and JSON, single or by pattern"),
                ($"#!{name} --name late\nSELECT * FROM flights WHERE dep_delay > :minutes", "'flights' is a C# sequence, ':minutes' a C# variable; 'late' is then a list in C#"),
                ($"#!{name} --chart bar --x carrier --y n\nSELECT carrier, count(*) AS n FROM flights GROUP BY ALL", "a picture"),
            ],
            Remarks = "The result of the last statement is also '_sql' in C#. Statements are parted by ';'.",
        };
    }

    public MagicSyntax Syntax { get; }

    /// <summary>One statement in <c>--history</c>.</summary>
    public sealed record HistoryEntry(DateTime Started, double Milliseconds, long? Rows, string State, string Sql);

    public async IAsyncEnumerable<CellEvent> RunAsync(Cell cell, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (cell.Arguments.Has("history"))
        {
            yield return new CellEvent.Display(Formatter.Format(_history.ToArray()));
            yield break;
        }

        var options = SqlOptions.Of(cell);
        var statements = SqlText.Split(cell.Body);
        if (statements.Count == 0)
        {
            throw new CellFaultException(new("KDL310", "The cell has no SQL statement.", $"Write one below '#!{Syntax.Name}', or see '#!{Syntax.Name} --help'."));
        }

        await _session.RunAsync((connection, token) => { CloseOpen(token); _tables.Drop(connection); return true; }, cancellationToken);
        for (var i = 0; i < statements.Count; i++)
        {
            var last = i == statements.Count - 1;
            var shown = await RunStatementAsync(statements[i], cell, last ? options : options with { Name = null, Record = null, Chart = null }, cell.Arguments.Has("explain"), cancellationToken);
            if (shown is not null)
            {
                yield return last ? new CellEvent.Result(shown) : new CellEvent.Display(shown);
            }
        }
    }

    public async ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_'))
        {
            start--;
        }

        var prefix = text[start..position];
        if (start > 0 && text[start - 1] == ':' && (start < 2 || text[start - 2] != ':'))
        {
            return new(start, position, [.. _variables.List()
                .Where(variable => variable.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .Select(variable => new CompletionItem(variable.Name, "local", TypeNames.Of(variable.Type)))]);
        }

        var items = _session.Ask(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT suggestion, suggestion_start FROM sql_auto_complete($text)";
            command.Parameters.Add(new DuckDBParameter("text", text[..position]));
            var found = new List<CompletionItem>();
            var from = start;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                found.Add(new(reader.GetString(0).TrimEnd(), "value"));
                from = reader.GetInt32(1);
            }

            return (From: Math.Min(from, position), Found: found);
        });
        var sequences = _variables.List()
            .Where(variable => variable.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && prefix.Length > 0
                && variable.Type != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(variable.Type))
            .Select(variable => new CompletionItem(variable.Name, "table", TypeNames.Of(variable.Type)));
        return new(items.From, position, [.. sequences.Concat(items.Found).DistinctBy(item => item.Text)]);
    }

    public ValueTask<MimeBundle?> InspectAsync(string text, int position, int detail, CancellationToken cancellationToken) => new((MimeBundle?)null);

    private async Task<MimeBundle?> RunStatementAsync(
        SqlText.Statement statement, Cell cell, SqlOptions options, bool explain, CancellationToken cancellationToken)
    {
        var started = DateTime.Now;
        var clock = Stopwatch.StartNew();
        long? rows = null;
        var state = "failed";
        try
        {
            var parameters = Parameters(statement, cell);
            var sql = explain ? "EXPLAIN " + statement.Sql : statement.Sql;
            var opened = await _session.RunAsync((connection, token) => Open(connection, sql, parameters, token), cancellationToken);
            if (explain)
            {
                state = "explained";
                return await _session.RunAsync((_, _) => Plan(opened.Reader, opened.Command), cancellationToken);
            }

            if (opened.Reader.FieldCount == 0 || opened.Changed is not null)
            {
                state = "done";
                var changed = opened.Changed;
                await _session.RunAsync((_, _) => { opened.Reader.Dispose(); opened.Command.Dispose(); return true; }, CancellationToken.None);
                return changed is > 0 ? MimeBundle.Text($"{changed:N0} {(changed == 1 ? "row" : "rows")} changed") : null;
            }

            var shown = options.Name is null && options.Record is null
                ? await ShowAsync(opened.Reader, opened.Command, options, count => rows = count, cancellationToken)
                : await KeepAsync(opened.Reader, opened.Command, options, count => rows = count, cancellationToken);
            state = "done";
            return shown;
        }
        catch (DuckDBException exception)
        {
            throw new CellFaultException(SqlFaults.Of(exception, cell, explain ? statement with { Start = statement.Start - "EXPLAIN ".Length } : statement), exception);
        }
        catch (OperationCanceledException)
        {
            state = "interrupted";
            throw;
        }
        finally
        {
            _history.Add(new(started, Math.Round(clock.Elapsed.TotalMilliseconds, 1), rows, state, statement.Sql.Trim()));
        }
    }

    private sealed record Opened(DbDataReader Reader, DuckDBCommand Command, long? Changed);

    private Opened Open(DuckDBConnection connection, string sql, IReadOnlyList<DuckDBParameter> parameters, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            command.UseStreamingMode = true;
            command.Parameters.AddRange(parameters.ToArray());
            using var cancels = DuckDbSession.Cancels(command, cancellationToken);
            try
            {
                var reader = command.ExecuteReader();
                return new(reader, command, reader.RecordsAffected >= 0 && IsChange(sql) ? reader.RecordsAffected : null);
            }
            catch (DuckDBException exception) when (attempt < 16 && MissingTable().Match(exception.Message) is { Success: true } missing
                && _tables.TryCreate(connection, missing.Groups[1].Value, cancellationToken))
            {
                // The statement named a C# sequence: it is a table now.
                command.Dispose();
            }
            catch
            {
                command.Dispose();
                throw;
            }
        }
    }

    private static bool IsChange(string sql) => Change().IsMatch(sql);

    private static MimeBundle Plan(DbDataReader reader, DuckDBCommand command)
    {
        using (command)
        using (reader)
        {
            var text = "";
            while (reader.Read())
            {
                text += reader.GetString(reader.FieldCount - 1);
            }

            return MimeBundle.Of(MimeBundle.Html, $"<pre>{System.Net.WebUtility.HtmlEncode(text)}</pre>", text);
        }
    }

    private async Task<MimeBundle> ShowAsync(DbDataReader reader, DuckDBCommand command, SqlOptions options, Action<long?> count, CancellationToken cancellationToken)
    {
        const int charted = 5000;
        var limit = options.Limit ?? long.MaxValue;
        var pulled = 0L;
        var result = new SqlResult(SqlValues.Columns(reader), (wanted, token) => _session.RunAsync((_, _) => Pull(wanted, token), token).GetAwaiter().GetResult());
        (_open, _openCommand, _openReader) = (result, command, reader);
        await Task.Run(() => result.Fill(options.Chart is null ? TableFormatter.EmbeddedRows + 1 : charted, cancellationToken), cancellationToken);
        await _variables.SetAsync("_sql", result, typeof(SqlResult), cancellationToken);
        count(result.RowCount);
        var rows = await result.ReadAsync(new(0, options.Chart is null ? TableFormatter.EmbeddedRows + 1 : charted), cancellationToken);
        return options.Chart is { } kind
            ? Chart.Of(kind, result.Columns, rows, options.X!, options.Y, options.Title ?? "").ToMimeBundle()
            : TableFormatter.Format(result, rows, options.Limit is { } most && result.RowCount == most ? $"stopped at {most:N0} (--limit)" : null);

        IReadOnlyList<object?[]>? Pull(int wanted, CancellationToken token)
        {
            using var cancels = DuckDbSession.Cancels(command, token);
            var page = new List<object?[]>(wanted);
            while (page.Count < wanted && pulled < limit && reader.Read())
            {
                page.Add(SqlValues.Row(reader));
                pulled++;
            }

            if (page.Count > 0)
            {
                return page;
            }

            reader.Dispose();
            command.Dispose();
            (_openReader, _openCommand) = (null, null);
            return null;
        }
    }

    private async Task<MimeBundle> KeepAsync(DbDataReader reader, DuckDBCommand command, SqlOptions options, Action<long?> count, CancellationToken cancellationToken)
    {
        var name = options.Record ?? RowTypes.PropertyName(options.Name!) + "Row";
        var type = await _types.ForAsync(name, reader, cancellationToken);
        var columns = SqlValues.Columns(reader);
        var rows = await _session.RunAsync(
            (_, token) =>
            {
                using (command)
                using (reader)
                using (DuckDbSession.Cancels(command, token))
                {
                    return type.Read(reader, token, options.Limit ?? long.MaxValue);
                }
            },
            cancellationToken);
        if (options.Name is { } variable)
        {
            await _variables.SetAsync(variable, rows, typeof(List<>).MakeGenericType(type.Record), cancellationToken);
        }

        await _variables.SetAsync("_sql", rows, typeof(List<>).MakeGenericType(type.Record), cancellationToken);
        count(rows.Count);
        var table = new SequenceTable(rows, type.Record);
        var page = await table.ReadAsync(new(0, options.Chart is null ? TableFormatter.EmbeddedRows + 1 : rows.Count), cancellationToken);
        return options.Chart is { } kind
            ? Chart.Of(kind, columns, page, options.X!, options.Y, options.Title ?? "").ToMimeBundle()
            : TableFormatter.Format(table, page, options.Name is null ? null : $"in C#: {options.Name}, a List<{name}>");
    }

    /// <summary>A result that is still being read holds the connection: what is left of it is kept, up to a limit.</summary>
    private void CloseOpen(CancellationToken cancellationToken)
    {
        if (_open is { RowCount: null } open && _openReader is { } reader && _openCommand is { } command)
        {
            using var cancels = DuckDbSession.Cancels(command, cancellationToken);
            var left = new List<object?[]>();
            open.Replace((wanted, _) =>
            {
                left.Clear();
                while (left.Count < wanted && reader.Read())
                {
                    left.Add(SqlValues.Row(reader));
                }

                return left.Count > 0 ? [.. left] : null;
            });
            open.Drain(KeptRows, cancellationToken);
            reader.Dispose();
            command.Dispose();
        }

        (_open, _openReader, _openCommand) = (null, null, null);
    }

    private IReadOnlyList<DuckDBParameter> Parameters(SqlText.Statement statement, Cell cell)
    {
        var parameters = new List<DuckDBParameter>();
        foreach (var name in statement.Parameters)
        {
            if (!_variables.TryGet(name, out _, out var value))
            {
                var near = Nearest.Of(name, _variables.List().Select(variable => variable.Name));
                var offset = statement.Start + statement.Sql.IndexOf("$" + name, StringComparison.Ordinal);
                var position = cell.PositionAt(offset);
                var line = cell.Body.Split('\n')[position.Line - cell.BodyStart.Line];
                throw new CellFaultException(new(
                    "KDL311", $"There is no C# variable '{name}' for ':{name}'.", near is null ? "Declare it in a C# cell above." : $"Did you mean ':{near}'?",
                    new(position, line, name.Length + 1)));
            }

            parameters.Add(new(name, Bound(value)));
        }

        return parameters;
    }

    private static object? Bound(object? value) => value switch
    {
        char letter => letter.ToString(),
        Enum constant => constant.ToString(),
        Uri address => address.ToString(),
        _ => value,
    };

    [GeneratedRegex(@"Table with name (?:\\""|"")?([A-Za-z_]\w*)(?:\\""|"")? does not exist")]
    private static partial Regex MissingTable();

    [GeneratedRegex(@"^\s*(insert|update|delete|merge|copy)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Change();
}
