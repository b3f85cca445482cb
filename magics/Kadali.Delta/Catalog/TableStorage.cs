namespace Kadali.Delta;

/// <summary>Chooses the store of a table by its path.</summary>
internal static class TableStorage
{
    /// <param name="folder">The table's folder as its user writes it.</param>
    /// <exception cref="DeltaException">The path is of a store that is not known here.</exception>
    public static IDeltaStorage Open(string folder) =>
        folder.Contains("://", StringComparison.Ordinal) && !folder.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? throw new DeltaException(DeltaErrorKind.Unsupported, $"Tables in '{folder}' cannot be opened here.")
            : new LocalStorage(folder);
}
