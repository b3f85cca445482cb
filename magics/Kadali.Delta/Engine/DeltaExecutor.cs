namespace Kadali.Delta;

/// <summary>Runs the statements of Delta against tables of the file system or a store, with DuckDB computing.</summary>
internal sealed partial class DeltaExecutor(DeltaSession session, ITables tables)
{
    private const string ColumnsKey = "Kadali.Delta.Columns";
    private const string PlaceKey = "Kadali.Delta.Place";

    // What the statement reads, for what is said where a file is gone.
    private readonly List<ReadTable> _read = [];

    private QueryBinder Binder => field ??= new(session, tables, _read.Add);

    // The columns that expressions of the statement can name, for what is said where one names another.
    private string[] _named = [];

    // Where its rows are chosen or given, for errors that DuckDB has no place for.
    private int? _near;

    /// <summary>Runs a statement to its end.</summary>
    /// <exception cref="DeltaException">It cannot be done; the tables are as they were.</exception>
    /// <exception cref="DuckDB.NET.Data.DuckDBException">An expression or query in it is wrong.</exception>
    public CommandOutput Execute(DeltaCommand command, CancellationToken cancellationToken)
    {
        (_named, _near) = ([], null);
        _read.Clear();
        try
        {
            return Run(command, cancellationToken);
        }
        catch (DuckDB.NET.Data.DuckDBException exception) when (MissingFile.Explain(session, exception, _read) is { } missing)
        {
            throw missing;
        }
        catch (DuckDB.NET.Data.DuckDBException exception)
        {
            exception.Data[ColumnsKey] = _named;
            exception.Data[PlaceKey] = _near;
            throw;
        }
    }

    /// <summary>The columns that the statement which failed could have named.</summary>
    public static IReadOnlyList<string> ColumnsOf(Exception exception) => exception.Data[ColumnsKey] as string[] ?? [];

    /// <summary>The offset that an error is near to which has no place itself, or null.</summary>
    public static int? PlaceOf(Exception exception) => exception.Data[PlaceKey] as int?;

    private void Knows(DeltaType.Struct schema, SqlPart? rows) =>
        (_named, _near) = ([.. schema.Fields.Select(field => field.Name)], rows?.Start);

    private CommandOutput Run(DeltaCommand command, CancellationToken cancellationToken) => command switch
    {
        DeltaCommand.Insert insert => Insert(insert, cancellationToken),
        DeltaCommand.Update update => Update(update, cancellationToken),
        DeltaCommand.Delete delete => Delete(delete, cancellationToken),
        DeltaCommand.Merge merge => MergeOutput(merge, cancellationToken),
        DeltaCommand.Truncate truncate => Truncate(truncate, cancellationToken),
        DeltaCommand.CreateTable create => Create(create, cancellationToken),
        DeltaCommand.CloneTable clone => Clone(clone, cancellationToken),
        DeltaCommand.ConvertToDelta convert => Convert(convert, cancellationToken),
        DeltaCommand.AlterTable alter => Alter(alter, cancellationToken),
        DeltaCommand.CommentOn comment => Comment(comment, cancellationToken),
        DeltaCommand.Optimize optimize => Optimize(optimize, cancellationToken),
        DeltaCommand.Reorg reorg => Reorg(reorg, cancellationToken),
        DeltaCommand.Vacuum vacuum => Vacuum(vacuum, cancellationToken),
        DeltaCommand.Restore restore => Restore(restore, cancellationToken),
        DeltaCommand.Fsck check => Check(check, cancellationToken),
        DeltaCommand.DescribeDetail detail => Detail(detail, cancellationToken),
        DeltaCommand.DescribeHistory history => History(history, cancellationToken),
        DeltaCommand.DescribeTable describe => Describe(describe, cancellationToken),
        DeltaCommand.DescribeColumn describe => Describe(describe, cancellationToken),
        DeltaCommand.Refresh refresh => Refresh(refresh, cancellationToken),
        DeltaCommand.SetOption set => SetOption(set),
        DeltaCommand.ShowColumns columns => Columns(columns, cancellationToken),
        DeltaCommand.ShowPartitions partitions => Partitions(partitions, cancellationToken),
        DeltaCommand.ShowProperties properties => Properties(properties, cancellationToken),
        DeltaCommand.ShowCreateTable create => ShowCreate(create, cancellationToken),
        _ => throw new DeltaException(
            DeltaErrorKind.Unsupported, $"{command.GetType().Name} is a statement of the catalogue, and there is none here."),
    };

    /// <summary>The store of a table that has to be there.</summary>
    public IDeltaStorage Open(TableRef table) => tables.Find(table) ?? throw tables.Missing(table);

    private Snapshot Newest(IDeltaStorage storage, CancellationToken cancellationToken) => Binder.Version(storage, null, cancellationToken);

    private static string Sql(SqlPart expression, DeltaType.Struct? schema) => SparkExpression.ToDuckDb(expression, schema, marks: true);

    /// <summary>What expressions call a table, quoted.</summary>
    private static string Alias(TableRef table, string? alias) => DuckDb.Name(alias ?? (table.Parts is [.., var name] ? name : "target"));
}
