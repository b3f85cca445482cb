namespace Kadali.Delta;

/// <summary>What DuckDB says where the disk is full that it writes files of a table to.</summary>
internal static class FullDisk
{
    // As the C libraries of Linux, macOS and Windows put it.
    private static readonly string[] Said = ["No space left on device", "Disk quota exceeded", "not enough space on the disk"];

    /// <summary>The failure in the words of the table's user; null where DuckDB failed for another reason.</summary>
    /// <param name="table">Where the table is.</param>
    /// <param name="folder">Where the files were to be written; the table's own, or one that they are sent to a store from.</param>
    public static DeltaException? Explain(Exception exception, string table, string folder)
    {
        var message = DuckDb.Message(exception);
        if (!Said.Any(said => message.Contains(said, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        // DuckDB also writes what does not fit into memory, elsewhere.
        if (!message.Contains(folder, StringComparison.Ordinal))
        {
            return new(
                DeltaErrorKind.Storage,
                $"Rows for the table at '{table}' did not fit into memory, and the disk for the rest is full: {message}",
                "Nothing was written. Make room there, or write fewer rows at once.", exception);
        }

        return new(
            DeltaErrorKind.Storage, $"There is no space left in '{folder}' for the rows of the table at '{table}'.",
            folder.StartsWith(table, StringComparison.Ordinal)
                ? "Nothing was written, and the table is as it was. "
                    + "Make room on that disk, for instance with VACUUM of tables on it, and repeat."
                : "Nothing was written, and the table is as it was. "
                    + "Make room on that disk, or let TMPDIR name a folder on another, and repeat.",
            exception);
    }
}
