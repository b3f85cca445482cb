using System.Text.Json;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Kadali.Delta;

/// <summary>A DuckDB connection as table operations use it: on one thread, and interrupted by a token.</summary>
internal sealed class DuckDb(DuckDBConnection connection)
{
    public DuckDBConnection Connection { get; } = connection;

    // Functions that are there to stay, and those made in a transaction of the caller, which may have been undone.
    private readonly HashSet<string> _functions = [];
    private readonly HashSet<string> _doubtful = [];

    private const string StatementKey = "Kadali.Delta.Statement";

    /// <summary>The SQL of ours that failed, with marks of <see cref="SqlPlaces"/> in it; null where it is not known.</summary>
    public static string? FailedStatement(Exception exception) => exception.Data[StatementKey] as string;

    /// <summary>Runs statements and gives the number of rows that the last one changed.</summary>
    public long Execute(string sql, CancellationToken cancellationToken)
    {
        using var command = Command(sql);
        return Guarded(command, command.ExecuteNonQuery, cancellationToken);
    }

    /// <summary>The rows of a query, each given to <paramref name="read"/>.</summary>
    public List<T> Query<T>(string sql, Func<DuckDBDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        ForAll(sql, reader => rows.Add(read(reader)), cancellationToken);
        return rows;
    }

    /// <summary>Gives each row of a query to <paramref name="take"/>, after DuckDB has computed them all, on all its threads.</summary>
    public void ForAll(string sql, Action<DuckDBDataReader> take, CancellationToken cancellationToken)
    {
        using var command = Command(sql);
        Read(command, take, cancellationToken);
    }

    /// <summary>Gives each row of a query to <paramref name="take"/> as DuckDB computes it; none is kept.</summary>
    public void ForEach(string sql, Action<DuckDBDataReader> take, CancellationToken cancellationToken)
    {
        using var command = Command(sql);
        command.UseStreamingMode = true;
        Read(command, take, cancellationToken);
    }

    /// <summary>The first column of the only row.</summary>
    public T Scalar<T>(string sql, CancellationToken cancellationToken) =>
        Query(sql, reader => reader.GetFieldValue<T>(0), cancellationToken)[0];

    /// <summary>Whether the caller has begun a transaction: where not, each statement has a number of its own.</summary>
    public bool IsInTransaction(CancellationToken cancellationToken)
    {
        return Number() == Number();

        long Number() => Scalar<long>("SELECT CAST(txid_current() AS BIGINT)", cancellationToken);
    }

    /// <summary>Makes a function known to DuckDB, if it is not.</summary>
    /// <param name="name">Of ours alone.</param>
    public void EnsureFunction(string name, Action<DuckDBConnection> register)
    {
        if (_functions.Contains(name))
        {
            return;
        }

        var isPassing = IsInTransaction(CancellationToken.None);
        if (!_doubtful.Contains(name)
            || Scalar<long>($"SELECT count(*) FROM duckdb_functions() WHERE function_name = {Text(name)}", CancellationToken.None) == 0)
        {
            register(Connection);
        }

        (isPassing ? _doubtful : _functions).Add(name);
    }

    /// <summary>Drops a temporary table, if it is there.</summary>
    public void Drop(string table)
    {
        try
        {
            Execute($"DROP TABLE IF EXISTS {table}", CancellationToken.None);
        }
        catch (DuckDBException exception) when (exception.ErrorType == DuckDBErrorType.Transaction)
        {
            // A statement has failed in a transaction of the caller, who has to undo it, and the table with it: the failure is what counts.
        }
    }

    /// <summary>What DuckDB says was wrong: one sentence. Sessions may ask for errors as JSON.</summary>
    public static string Message(Exception exception)
    {
        var message = exception.Message;
        if (message.IndexOf('{', StringComparison.Ordinal) is >= 0 and var brace)
        {
            try
            {
                using var json = JsonDocument.Parse(message.AsMemory(brace));
                message = json.RootElement.TryGetProperty("exception_message", out var text) ? text.GetString() ?? message : message;
            }
            catch (JsonException)
            {
                // Braces of the message itself.
            }
        }

        return message.Split('\n')[0].Trim();
    }

    /// <summary>A name between double quotes.</summary>
    public static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>A text between single quotes.</summary>
    public static string Text(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>A path in which nothing is taken for a pattern.</summary>
    public static string EscapeGlob(string path) => path.IndexOfAny(['[', '*', '?']) < 0
        ? path
        : string.Concat(path.Select(letter => letter switch
        {
            '[' => "[[]",
            '*' => "[*]",
            '?' => "[?]",
            _ => letter.ToString(),
        }));

    private DuckDBCommand Command(string sql)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private static void Read(DuckDBCommand command, Action<DuckDBDataReader> take, CancellationToken cancellationToken) => Guarded(
        command,
        () =>
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                take(reader);
            }

            return true;
        },
        cancellationToken);

    private static T Guarded<T>(DuckDBCommand command, Func<T> run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var cancels = new Interruption(command, cancellationToken);
        try
        {
            return run();
        }
        catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (DuckDBException exception)
        {
            // The error's place is one in this text, and the author wrote another.
            exception.Data[StatementKey] = command.CommandText;
            throw;
        }
    }
}
