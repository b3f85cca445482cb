namespace Kadali.Delta;

/// <summary>Which folder a table is that a statement names.</summary>
internal interface ITables
{
    /// <summary>The store of a table; null where there is no Delta table of that name.</summary>
    IDeltaStorage? Find(TableRef table);

    /// <summary>The store where a new table of that name goes.</summary>
    /// <param name="location">The folder that the statement asks for, or null.</param>
    IDeltaStorage Place(TableRef table, string? location);

    /// <summary>Keeps the name of a table that was made, or was found, where its author placed it.</summary>
    void Register(TableRef table, string? location) { }

    /// <summary>What is said of a table that is not there.</summary>
    DeltaException Missing(TableRef table) => new(
        DeltaErrorKind.NotFound, $"There is no Delta table {table}.",
        "SHOW TABLES shows which there are; a path is written as delta.`/path/to/table`.")
    {
        Offset = table.Start,
    };
}
