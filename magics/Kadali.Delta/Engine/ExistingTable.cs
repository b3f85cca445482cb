namespace Kadali.Delta;

/// <summary>
/// A <c>LOCATION</c> where something lies already: a table there gets the name if it is what the statement says, as in Spark; what says
/// nothing takes it as it is.
/// </summary>
internal static class ExistingTable
{
    // What a table is given by itself, and a statement need not say again.
    private static readonly string[] Own =
        [ColumnMappingIds.MaximumKey, RowTracking.RowIdProperty, RowTracking.VersionProperty, "delta.enableDeletionVectors"];

    /// <exception cref="DeltaException">The folder has files that are no Delta table's.</exception>
    public static void CheckEmpty(IDeltaStorage storage, int offset, CancellationToken cancellationToken)
    {
        if (storage.ListTree("", cancellationToken).FirstOrDefault(file => file.Path[0] is not ('.' or '_')) is { } file)
        {
            throw new DeltaException(
                DeltaErrorKind.AlreadyExists, $"'{storage.Root}' is no Delta table, and not empty: '{file.Path}' lies there.",
                "CONVERT TO DELTA makes a table of Parquet files.") { Offset = offset };
        }
    }

    /// <exception cref="DeltaException">The statement says another thing than the table is.</exception>
    public static void CheckSame(Snapshot table, DeltaCommand.CreateTable create, TableDefinition said)
    {
        if (said.Schema.Fields.Count > 0)
        {
            Same("columns", Columns(said.Schema), Columns(table.Schema));
        }

        if (said.Schema.Fields.Count > 0 || said.PartitionColumns.Count > 0)
        {
            Same("partition columns", string.Join(", ", said.PartitionColumns), string.Join(", ", table.PartitionColumns));
        }

        if (said.ClusterBy is { } clustering)
        {
            Same("clustering", Paths(clustering), Paths(Clustering.Columns(table)));
        }

        if (said.Properties.Count > 0)
        {
            Same("properties", Properties(said.Properties), Properties(table.Metadata.Configuration, said.Properties.ContainsKey));
        }

        void Same(string what, string wanted, string there)
        {
            if (!string.Equals(wanted, there, StringComparison.OrdinalIgnoreCase))
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema,
                    $"There is a Delta table at '{table.Location}' already, and its {what} are others: "
                        + $"{(there.Length == 0 ? "none" : there)}, not {(wanted.Length == 0 ? "none" : wanted)}.",
                    "Leave them out to take the table as it is, or write CREATE OR REPLACE TABLE.") { Offset = create.Table.Start };
            }
        }
    }

    private static string Columns(DeltaType.Struct schema) => string.Join(", ", schema.Fields.Select(field =>
        $"{field.Name} {SparkTypes.Print(field.Type, field.Text(ColumnDefinition.StringLimit))}{(field.Nullable ? "" : " NOT NULL")}"
            + (field.Text("delta.generationExpression") is { } generated ? $" GENERATED ALWAYS AS ({generated})" : "")
            + (RowShape.IsIdentity(field) ? " GENERATED AS IDENTITY" : "")
            + (field.Text("CURRENT_DEFAULT") is { } value ? $" DEFAULT {value}" : "")));

    private static string Paths(IReadOnlyList<IReadOnlyList<string>> columns) =>
        string.Join(", ", columns.Select(path => string.Join('.', path)));

    private static string Properties(IReadOnlyDictionary<string, string> properties, Func<string, bool>? isSaid = null) => string.Join(
        ", ", properties.Where(pair => isSaid is null || isSaid(pair.Key) || !Own.Contains(pair.Key, StringComparer.OrdinalIgnoreCase))
            .OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase).Select(pair => $"{pair.Key} = {pair.Value}"));
}
