namespace Kadali.Delta;

/// <summary>The values of <c>UPDATE SET *</c> and <c>INSERT *</c>: for each column of the table the one of that name in the source.</summary>
/// <param name="table">The table, with the columns that come with the statement.</param>
/// <param name="source">What the source is called, quoted.</param>
internal sealed class MergeStar(
    DeltaCommand.Merge merge, Snapshot table, IReadOnlyList<SourceColumn> columns, string source)
{
    /// <exception cref="DeltaException">The source lacks a column, or has values that no row can take.</exception>
    public IReadOnlyDictionary<string, string> Update() => Of("UPDATE SET *", isNew: false);

    /// <exception cref="DeltaException">The source lacks a column, or has values that no row can take.</exception>
    public IReadOnlyDictionary<string, string> Insert() => Of("INSERT *", isNew: true);

    private Dictionary<string, string> Of(string clause, bool isNew)
    {
        var shape = new RowShape(table.Metadata);
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in table.Schema.Fields)
        {
            if (columns.FirstOrDefault(column => string.Equals(column.Name, field.Name, StringComparison.OrdinalIgnoreCase)) is { } column)
            {
                RowShape.CheckGiven(field, isNew, merge.Source.Start);
                values.Add(field.Name, $"{source}.{DuckDb.Name(column.Name)}");
            }
            else if (!merge.SchemaEvolution && !shape.IsComputed(field))
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"{clause} takes every column of the table from the source, which has no '{field.Name}'.",
                    "Name the columns that are meant, or use schema evolution: it "
                        + (isNew ? "gives the others their default." : "leaves the others as they are."))
                {
                    Offset = merge.Source.Start,
                };
            }
        }

        return values;
    }
}
