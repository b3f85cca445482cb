using System.Collections;
using System.Data;
using System.Text.RegularExpressions;
using Apache.Arrow;
using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Formatting;
using Kadali.Tables;

namespace Kadali.Sql;

/// <summary>
/// C# sequences as tables under their variable's name: read once for the cell whose statement names one, and dropped when the next cell
/// begins, since what is in a list can change unseen.
/// </summary>
internal sealed partial class SequenceTables(DuckDbSession session, IVariables variables)
{
    // Sequences that do not know their length may have no end; those that do may be Range(0, int.MaxValue).
    private const int MostUncounted = 5_000_000;
    private const int MostLazy = 20_000_000;

    private readonly HashSet<string> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _undone = new(StringComparer.OrdinalIgnoreCase);
    private bool _inTransaction;

    /// <summary>Whether a transaction of DuckDB is open.</summary>
    public bool InTransaction => _inTransaction;

    /// <summary>Drops the tables of the cell before.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        if (_tables.Count + _undone.Count == 0)
        {
            return;
        }

        await session.RunAsync(
            (connection, _) =>
            {
                foreach (var table in _tables.Concat(_undone).ToArray())
                {
                    try
                    {
                        Execute(connection, $"DROP TABLE IF EXISTS temp.main.{Quote(table)}");
                    }
                    catch (DuckDBException)
                    {
                        // In a transaction that has failed nothing can be dropped: after its end.
                        _undone.Add(table);
                    }
                }

                return true;
            },
            cancellationToken);
        if (_inTransaction)
        {
            // A rollback would bring them back.
            _undone.UnionWith(_tables);
        }
        else
        {
            _undone.Clear();
        }

        _tables.Clear();
    }

    /// <summary>Told of each statement that has run.</summary>
    public void Ran(string sql) => _inTransaction = Begins().IsMatch(sql) || (_inTransaction && !Ends().IsMatch(sql));

    /// <summary>Makes a table of the variable; false where there is no such sequence.</summary>
    /// <exception cref="CellFaultException">The sequence has no end, or throws, or holds what no column can.</exception>
    public async Task<bool> TryCreateAsync(string name, CancellationToken cancellationToken)
    {
        var exact = variables.List().Select(variable => variable.Name)
            .FirstOrDefault(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
        if (exact is null || _tables.Contains(exact) || !variables.TryGet(exact, out var variable, out var value)
            || value is null || !CanBeTable(value.GetType()))
        {
            return false;
        }

        // Before it is made: what an interrupt leaves half made has to go, too.
        _tables.Add(exact);

        await variables.RunAsync(
            () => Copy(exact, Batches(exact, variable.Type, value, cancellationToken), cancellationToken), cancellationToken);
        return true;
    }

    /// <summary>Whether values of a type are tables here.</summary>
    internal static bool CanBeTable(Type type) => type != typeof(string)
        && (type.IsAssignableTo(typeof(IEnumerable)) || type.IsAssignableTo(typeof(ITable)) || type.IsAssignableTo(typeof(DataTable)));

    internal static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static IEnumerable<RecordBatch> Batches(string name, Type type, object value, CancellationToken cancellationToken)
    {
        var batches = value switch
        {
            RecordBatchTable table => Pull(table, cancellationToken),
            IRecordBatches stream => Pull(stream, cancellationToken),
            ITable table and not IEnumerable => SequenceBatches.Of(
                table, table.ReadAsync(new(0, int.MaxValue), cancellationToken).AsTask().GetAwaiter().GetResult()),
            DataTable table => DataTableBatches.Of(table.DefaultView, cancellationToken),
            DataView view => DataTableBatches.Of(view, cancellationToken),
            _ => SequenceBatches.Of((IEnumerable)value, type, cancellationToken),
        };
        return value is ICollection or ITable or DataTable || value.GetType().GetInterfaces().Any(IsCounted) ? batches
            : SequenceBatches.CountOf((IEnumerable)value) switch
            {
                null => Bounded(name, batches),
                <= MostLazy => batches,
                { } count => throw new CellFaultException(new(
                    "KDL316", $"The sequence '{name}' has {count:N0} rows, and {MostLazy:N0} at most are taken from one that is no list.",
                    "Bound it, for instance with Take(1_000_000).")),
            };
    }

    private static bool IsCounted(Type face) => face.IsGenericType
        && (face.GetGenericTypeDefinition() == typeof(IReadOnlyCollection<>) || face.GetGenericTypeDefinition() == typeof(ICollection<>));

    private static IEnumerable<RecordBatch> Bounded(string name, IEnumerable<RecordBatch> batches)
    {
        var rows = 0L;
        foreach (var batch in batches)
        {
            rows += batch.Length;
            yield return rows <= MostUncounted ? batch : throw new CellFaultException(new(
                "KDL316", $"The sequence '{name}' gave {MostUncounted:N0} rows and has no end yet.",
                $"Bound it, for instance with Take(1_000_000), or make it a list: lists are taken whole."));
        }
    }

    private static IEnumerable<RecordBatch> Pull(IRecordBatches source, CancellationToken cancellationToken) =>
        source.ReadAsync(cancellationToken).ToBlockingEnumerable(cancellationToken);

    /// <summary>Copies batch after batch, so that neither side has to hold all rows at once.</summary>
    private void Copy(string name, IEnumerable<RecordBatch> batches, CancellationToken cancellationToken)
    {
        var create = $"CREATE OR REPLACE TEMP TABLE {Quote(name)} AS";
        var copying = Task.FromResult(true);
        try
        {
            // DuckDB takes one batch while the next one is made.
            foreach (var batch in batches)
            {
                copying.GetAwaiter().GetResult();
                var sql = create;
                copying = session.RunAsync((connection, _) => ArrowScan.Run(connection, batch, sql), cancellationToken);
                create = $"INSERT INTO temp.main.{Quote(name)}";
            }

            copying.GetAwaiter().GetResult();
        }
        catch (Exception exception)
            when (exception is not (CellFaultException or OperationCanceledException or DuckDBException)
                && !cancellationToken.IsCancellationRequested)
        {
            var (message, hint) = exception is SequenceException refused
                ? (refused.Message, refused.Hint)
                : ($"{TypeNames.Of(exception.GetType())}: {exception.Message}", null);
            throw new CellFaultException(new("KDL315", $"The sequence '{name}' cannot be read: {message}", hint), exception);
        }
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [GeneratedRegex(@"^\s*(begin|start\s+transaction)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Begins();

    [GeneratedRegex(@"^\s*(commit|rollback|end|abort)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Ends();
}
