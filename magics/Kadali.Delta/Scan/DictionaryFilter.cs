namespace Kadali.Delta;

/// <summary>
/// Conditions of a query that are said once more to the scan, in a form that DuckDB computes once for each entry of a dictionary. DuckDB
/// looks at <c>kind IN ('a', 'b')</c> row by row behind its Parquet reader; a function of one column it calls for the entries of the
/// dictionary that the column is stored with.
/// </summary>
internal static class DictionaryFilter
{
    /// <summary>With more values IN is as fast, and without a dictionary faster.</summary>
    private const int MostValues = 8;

    /// <summary>Whether a statement may have such conditions, as far as its text shows it.</summary>
    public static bool MayBeIn(string sql) => sql.Contains(" in ", StringComparison.OrdinalIgnoreCase)
        || sql.Contains(" in(", StringComparison.OrdinalIgnoreCase);

    /// <summary>Columns of strings, by their physical names, and the few values of which each row that is wanted has one.</summary>
    public static IEnumerable<(string Column, IReadOnlyList<string> Values)> Of(ScanPredicate wanted)
    {
        switch (wanted)
        {
            case ScanPredicate.All all:
                return all.Parts.SelectMany(Of).DistinctBy(part => part.Column);
            case ScanPredicate.Any { Parts: { Count: > 1 and <= MostValues } parts }
                when parts[0] is ScanPredicate.Compare { Column: { Names.Count: 1, Type: DeltaType.Primitive { Name: "string" } } column }:
                string[] values =
                [
                    .. parts.OfType<ScanPredicate.Compare>().Where(part => part.Operator == "=" && part.Column.Path == column.Path)
                        .Select(part => part.Value).OfType<string>(),
                ];
                return values.Length == parts.Count ? [(column.Path, values)] : [];
            default:
                return [];
        }
    }
}
