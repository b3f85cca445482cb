using System.Text.Json.Nodes;

namespace Kadali.Delta;

/// <summary>
/// What rows have to fulfil to come into a table: NOT NULL, CHECK constraints, invariants, lengths, values of generated columns.
/// </summary>
internal static class RowChecks
{
    private const string Mark = "KADALI_DELTA_CONSTRAINT ";
    private const string ConstraintPrefix = "delta.constraints.";

    /// <summary>
    /// The rows of a query, or an error at the first that violates something. The check runs within the query: no row is read twice.
    /// </summary>
    /// <param name="given">Generated columns whose values were given, and have to be those of their expression.</param>
    public static string Apply(string query, Metadata metadata, DeltaType.Struct schema, IReadOnlyCollection<string> given)
    {
        var checks = Of(metadata, schema, given).ToArray();
        return checks.Length == 0
            ? query
            : $"SELECT * FROM ({query}) AS _checked WHERE CASE {string.Join(" ", checks.Select(check =>
                $"WHEN NOT coalesce({check.Sql}, false) "
                    + $"THEN CAST(error({DuckDb.Text(Mark + check.Message + " The row: ")} "
                    + $"|| left(CAST(_checked AS VARCHAR), 400)) AS BOOLEAN)"))} ELSE true END";
    }

    /// <summary>The rows of a query, or an error at the first for which a condition is not true.</summary>
    public static string Require(string query, string condition, string message) =>
        $"SELECT * FROM ({query}) WHERE CASE WHEN NOT coalesce({condition}, false) "
            + $"THEN CAST(error({DuckDb.Text(Mark + message)}) AS BOOLEAN) ELSE true END";

    /// <summary>What a failed check says, or null where DuckDB failed for another reason.</summary>
    public static DeltaException? Explain(Exception exception) =>
        DuckDb.Message(exception) is var message && message.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at
            ? new(DeltaErrorKind.Constraint, message[(at + Mark.Length)..], "Nothing was written.", exception)
            : null;

    /// <summary>The check of a constraint, which existing rows have to fulfil when it is added.</summary>
    public static string Violations(string scan, string expression, DeltaType.Struct schema) =>
        $"SELECT count(*) FROM ({scan}) WHERE NOT coalesce({TableExpression.ToSql(expression, schema)}, false)";

    private sealed record Check(string Sql, string Message);

    private static IEnumerable<Check> Of(Metadata metadata, DeltaType.Struct schema, IReadOnlyCollection<string> given)
    {
        foreach (var field in schema.Fields)
        {
            foreach (var check in NotNull(field, DuckDb.Name(field.Name), field.Name))
            {
                yield return check;
            }

            if (field.Text("delta.invariants") is { } invariant
                && JsonNode.Parse(invariant)?["expression"]?["expression"] is JsonValue text
                && text.TryGetValue<string>(out var expression))
            {
                yield return new(
                    TableExpression.ToSql(expression, schema), $"The invariant '{expression}' of column '{field.Name}' is violated.");
            }

            if (field.Text("delta.generationExpression") is { } generated && given.Contains(field.Name, StringComparer.OrdinalIgnoreCase))
            {
                yield return new(
                    $"{DuckDb.Name(field.Name)} IS NOT DISTINCT FROM "
                        + $"CAST({TableExpression.ToSql(generated, schema)} AS {DuckTypes.Of(field.Type)})",
                    $"Column '{field.Name}' is generated as '{generated}', and the value that was given is another.");
            }

            if (field.Text(StringLimit) is { } limited && Length(limited) is { } most)
            {
                yield return new(
                    $"{DuckDb.Name(field.Name)} IS NULL OR length({DuckDb.Name(field.Name)}) <= {most}",
                    $"Column '{field.Name}' is {limited}, and the text is longer.");
            }
        }

        foreach (var (key, expression) in metadata.Configuration)
        {
            if (key.StartsWith(ConstraintPrefix, StringComparison.OrdinalIgnoreCase))
            {
                yield return new(
                    TableExpression.ToSql(expression, schema),
                    $"The constraint '{key[ConstraintPrefix.Length..]}' ({expression}) is violated.");
            }
        }
    }

    // Where Spark keeps the declared type of strings of limited length.
    private const string StringLimit = "__CHAR_VARCHAR_TYPE_STRING";

    private static int? Length(string limited) =>
        limited.IndexOf('(', StringComparison.Ordinal) is > 0 and var open
            && int.TryParse(limited[(open + 1)..].TrimEnd(')'), System.Globalization.CultureInfo.InvariantCulture, out var most)
            ? most
            : null;

    /// <summary>A row whose struct has no value has none in a NOT NULL field of it, either, and is refused as Spark refuses it.</summary>
    private static IEnumerable<Check> NotNull(StructField field, string value, string name)
    {
        if (!field.Nullable)
        {
            yield return new($"{value} IS NOT NULL", $"Column '{name}' is NOT NULL, and the row has no value there.");
        }

        if (field.Type is DeltaType.Struct record)
        {
            foreach (var check in record.Fields.SelectMany(inner =>
                NotNull(inner, $"struct_extract({value}, {DuckDb.Text(inner.Name)})", $"{name}.{inner.Name}")))
            {
                yield return check;
            }
        }
    }
}

/// <summary>Expressions that stand in a table's metadata, in Spark's SQL.</summary>
internal static class TableExpression
{
    /// <summary>The expression for DuckDB, in brackets.</summary>
    public static string ToSql(string expression, DeltaType.Struct? schema = null) => $"({SparkExpression.ToDuckDb(expression, schema)})";
}
