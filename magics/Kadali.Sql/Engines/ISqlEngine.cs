using Apache.Arrow.Ipc;
using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>
/// What runs the statements of a <c>#!sql</c> magic: it takes SQL with bound parameters and gives a schema and a stream of record
/// batches, tells how far it is, and can be cancelled. Display, typed rows, charts, history and the rest are the magic's and the same for
/// all engines. An engine that is an <see cref="ILanguageService"/> too completes and explains its SQL.
/// </summary>
/// <remarks>One statement runs at a time. An <see cref="ISqlRun"/> that is still being read when the next statement begins has been read
/// to its end, or cut and disposed, by the magic: an engine need not keep two open.</remarks>
public interface ISqlEngine : IDisposable
{
    /// <summary>How its SQL is spelled.</summary>
    SqlDialect Dialect { get; }

    /// <summary>How far the running statement is, from 0 to 1; null where that is not known. Asked from another thread.</summary>
    double? Progress => null;

    /// <summary>
    /// Called before each cell. What was cached from C# variables for the cell before is to be forgotten.
    /// </summary>
    Task BeginCellAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Starts a statement, and returns when its columns are known; rows are computed as they are read, as far as the engine can.
    /// Cancelling ends the statement within a second, here and while rows are read, and leaves the engine usable.
    /// </summary>
    /// <exception cref="Exception">The engine's own; see <see cref="Explain"/>.</exception>
    Task<ISqlRun> RunAsync(SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken);

    /// <summary>What an exception of the engine says, or null where it is none of the engine's.</summary>
    SqlError? Explain(Exception exception, SqlStatement statement);

    /// <summary>The plan of a statement, which is not run.</summary>
    /// <exception cref="CellFaultException">The engine has no plans to show.</exception>
    Task<PlanNode> PlanAsync(SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken) =>
        throw new CellFaultException(new(
            "KDL314", $"'--explain' cannot show plans of {Dialect.Name}.", "Write the engine's own EXPLAIN as a statement."));
}

/// <summary>A statement that runs: its columns and its rows. Disposing it ends the statement.</summary>
public interface ISqlRun : IArrowArrayStream
{
    /// <summary>Rows that a statement changed; null for one that gives rows, and for one that does neither.</summary>
    long? RowsChanged { get; }
}

/// <param name="Name">What readers call it, for instance <c>DuckDB</c>.</param>
/// <param name="ParameterPrefix">What stands before a parameter's name in place of the colon of <c>:name</c>; one character, so that no
/// place in a statement moves.</param>
public sealed record SqlDialect(string Name, char ParameterPrefix);

/// <summary>A statement, and where it begins in the cell's body.</summary>
/// <param name="Sql">The statement as its engine spells it; each place in it is <paramref name="Start"/> less than in the body.</param>
/// <param name="Start">UTF-16 offset into the body.</param>
/// <param name="Parameters">The names after <c>:</c>, each once.</param>
public sealed record SqlStatement(string Sql, int Start, IReadOnlyList<string> Parameters);

/// <summary>A C# value under its name; engines bind it and never write it into the statement.</summary>
public sealed record SqlParameter(string Name, object? Value);

/// <summary>Why an engine refused.</summary>
/// <param name="Kind">What sort of mistake it is.</param>
/// <param name="Message">One sentence, as the engine says it.</param>
/// <param name="Hint">What the engine advises, or null.</param>
/// <param name="Offset">UTF-16 offset into <see cref="SqlStatement.Sql"/>, or null where the engine names no place.</param>
public sealed record SqlError(SqlErrorKind Kind, string Message, string? Hint = null, int? Offset = null)
{
    /// <summary>The code of the fault, where it is not that of the kind.</summary>
    public string? Code { get; init; }
}

/// <summary>Sorts of mistakes, each with a code.</summary>
public enum SqlErrorKind
{
    /// <summary>Anything else: KDL300.</summary>
    Other,

    /// <summary>The statement cannot be read: KDL301.</summary>
    Syntax,

    /// <summary>A table, function or setting does not exist: KDL302.</summary>
    Catalog,

    /// <summary>A column does not exist, or types do not fit: KDL303.</summary>
    Binding,

    /// <summary>A value cannot be converted: KDL304.</summary>
    Value,

    /// <summary>A file or connection failed: KDL305.</summary>
    Io,

    /// <summary>The engine's memory limit is reached: KDL306.</summary>
    Memory,

    /// <summary>A constraint is violated: KDL307.</summary>
    Constraint,

    /// <summary>The transaction is over or cannot go on: KDL308.</summary>
    Transaction,

    /// <summary>The engine does not allow it: KDL309.</summary>
    Permission,
}

/// <summary>A step of a plan.</summary>
/// <param name="Name">What it does, for instance <c>HASH_JOIN</c>.</param>
/// <param name="Details">What about it, name and value.</param>
/// <param name="Rows">Rows it is expected to give, or null.</param>
/// <param name="Children">The steps that it reads from.</param>
public sealed record PlanNode(
    string Name, IReadOnlyList<KeyValuePair<string, string>> Details, long? Rows, IReadOnlyList<PlanNode> Children);
