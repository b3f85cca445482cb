namespace Kadali.Delta;

/// <summary>
/// Spark's expressions, in tables' logs and in statements, as DuckDB computes them. What Spark does not know is left to DuckDB as it is
/// written, so that DuckDB's own functions and literals can be used as well.
/// </summary>
internal static class SparkExpression
{
    /// <summary>An expression of the log, as Spark wrote it there: a CHECK constraint, a generated column, a default.</summary>
    /// <param name="schema">The table's columns, where they are known; casts and elements depend on their types.</param>
    /// <exception cref="DeltaException">It cannot be read; with the offset.</exception>
    public static string ToDuckDb(string expression, DeltaType.Struct? schema = null) =>
        new DuckDbWriter(parts => TypeOf(schema, parts)).Write(ExpressionParser.Parse(expression, spark: true, _ => false));

    /// <summary>
    /// An expression of a statement in a cell. Backslashes are themselves there, as in DuckDB; what stands in double quotes is a column if
    /// there is one of that name, else a string as in Spark. Errors have their offset in the whole statement.
    /// </summary>
    /// <param name="marks">Whether marks of <see cref="SqlPlaces"/> are to say where what stands.</param>
    public static string ToDuckDb(SqlPart expression, DeltaType.Struct? schema = null, bool marks = false)
    {
        try
        {
            return new DuckDbWriter(parts => TypeOf(schema, parts), marks ? expression.Start : null).Write(ExpressionParser.Parse(
                expression.Text, spark: false, name => schema is null || schema.Find(name) is not null || IsFieldOfAny(schema, name)))
                + (marks ? SqlPlaces.None : "");
        }
        catch (DeltaException exception) when (exception.Offset is { } offset)
        {
            throw new DeltaException(exception.Kind, exception.Message, exception.Hint, exception) { Offset = expression.Start + offset };
        }
    }

    /// <summary>The type of an expression of a statement, as far as it is known without asking DuckDB; else null.</summary>
    public static DeltaType? TypeOf(SqlPart expression, DeltaType.Struct schema) => ExpressionTypes.Of(
        ExpressionParser.Parse(expression.Text, spark: false, name => schema.Find(name) is not null || IsFieldOfAny(schema, name)),
        parts => TypeOf(schema, parts));

    /// <summary>
    /// An expression of a statement that is to stand in the log, where it is read as Spark's. Errors have their offset in the statement.
    /// </summary>
    public static SqlExpression OfTable(SqlPart expression)
    {
        try
        {
            return ExpressionParser.Parse(expression.Text, spark: true, _ => false);
        }
        catch (DeltaException exception) when (exception.Offset is { } offset)
        {
            throw new DeltaException(exception.Kind, exception.Message, exception.Hint, exception) { Offset = expression.Start + offset };
        }
    }

    /// <summary>The type of a parsed expression, as far as it is known without asking DuckDB; else null.</summary>
    public static DeltaType? TypeOf(SqlExpression expression, DeltaType.Struct schema) =>
        ExpressionTypes.Of(expression, parts => TypeOf(schema, parts));

    /// <summary>
    /// The columns that an expression names, in order; names that lambdas bind are none, and subqueries are not looked into.
    /// </summary>
    /// <param name="spark">Whether it stands in the log, or else in a cell.</param>
    public static IReadOnlyList<ColumnPath> ColumnReferences(string expression, bool spark = true)
    {
        var found = new List<ColumnPath>();
        Collect(ExpressionParser.Parse(expression, spark, _ => true), [], found);
        return [.. found.DistinctBy(path => path.ToString(), StringComparer.OrdinalIgnoreCase)];
    }

    private static void Collect(SqlExpression expression, string[] bound, List<ColumnPath> found)
    {
        Nesting.Check();
        if (expression is SqlExpression.Name name)
        {
            if (!bound.Contains(name.Parts[0], StringComparer.OrdinalIgnoreCase))
            {
                found.Add(new(name.Parts, name.Start));
            }

            return;
        }

        if (expression is SqlExpression.Lambda lambda)
        {
            bound = [.. bound, .. lambda.Parameters];
        }

        foreach (var child in expression.Children)
        {
            Collect(child, bound, found);
        }
    }

    /// <summary>The type of a column or field; a name before it may be the table's.</summary>
    private static DeltaType? TypeOf(DeltaType.Struct? schema, IReadOnlyList<string> parts)
    {
        if (schema is null)
        {
            return null;
        }

        var from = schema.Find(parts[0]) is null && parts.Count > 1 ? 1 : 0;
        DeltaType? type = schema;
        foreach (var part in parts.Skip(from))
        {
            type = (type as DeltaType.Struct)?.Find(part)?.Type;
        }

        return type;
    }

    private static bool IsFieldOfAny(DeltaType type, string name) => type switch
    {
        DeltaType.Struct record => record.Find(name) is not null || record.Fields.Any(field => IsFieldOfAny(field.Type, name)),
        DeltaType.Array array => IsFieldOfAny(array.Element, name),
        DeltaType.Map map => IsFieldOfAny(map.Value, name),
        _ => false,
    };
}
