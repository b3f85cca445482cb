using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// Whether expressions in definitions of columns can be computed for every row to come: they are kept as text, and would fail only there.
/// </summary>
internal sealed class DefinitionCheck(DuckDb duckDb, CancellationToken cancellationToken)
{
    private static readonly HashSet<string> Random = new(StringComparer.OrdinalIgnoreCase)
    {
        "rand", "randn", "random", "uniform", "randstr", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "shuffle", "nextval",
        "monotonically_increasing_id", "spark_partition_id", "input_file_name", "setseed",
    };

    private static readonly HashSet<string> OfTheMoment = new(StringComparer.OrdinalIgnoreCase)
    {
        "now", "current_timestamp", "current_date", "curdate", "current_time", "localtimestamp", "localtime", "today", "current_user",
        "session_user", "user", "unix_timestamp", "current_timezone", "transaction_timestamp", "get_current_timestamp",
    };

    /// <exception cref="DeltaException">A default, generated column or constraint makes no sense.</exception>
    public void Check(IReadOnlyList<ColumnDefinition> columns, IReadOnlyList<CheckDefinition> checks)
    {
        var schema = new DeltaType.Struct([.. columns.Select(column => column.ToField())]);
        foreach (var column in columns)
        {
            if (column.Default is { } value)
            {
                Default(column.Name, column.Type, value);
            }

            if (column.Generated is { } generated)
            {
                Generated(column.Name, column.Type, generated, schema);
            }
        }

        foreach (var check in checks)
        {
            TypeOf(check.Expression, SparkExpression.OfTable(check.Expression), schema, $"The constraint '{check.Name}'");
        }
    }

    /// <summary>Checks a column's default.</summary>
    /// <exception cref="DeltaException">It is no constant, or none of the column's type.</exception>
    public void Default(string column, DeltaType type, SqlPart value)
    {
        var what = $"The default of column '{column}'";
        var expression = SparkExpression.OfTable(value);
        Deterministic(expression, Random, value, what);
        if (SparkExpression.ColumnReferences(value.Text) is [var name, ..])
        {
            throw Wrong(
                value, name.Start, $"{what} cannot name '{name}': it is the same for all rows.",
                "GENERATED ALWAYS AS (…) computes from others.");
        }

        try
        {
            duckDb.Execute(
                $"SELECT CAST(({SparkExpression.ToDuckDb(value.Text)}) AS {DuckTypes.Of(type)})", cancellationToken);
        }
        catch (DuckDBException exception)
        {
            throw Wrong(
                value, 0, $"{what} cannot be {value.Text}, as it is of type {SparkTypes.Print(type)}: {DuckDb.Message(exception)}");
        }
    }

    /// <summary>Checks the expression of a generated column.</summary>
    /// <exception cref="DeltaException">It is not the same each time for the same row, or of another type than the column.</exception>
    public void Generated(string column, DeltaType type, SqlPart generated, DeltaType.Struct schema)
    {
        var what = $"The expression of column '{column}'";
        var expression = SparkExpression.OfTable(generated);
        Deterministic(expression, Random, generated, what);
        Deterministic(expression, OfTheMoment, generated, what);
        foreach (var name in SparkExpression.ColumnReferences(generated.Text))
        {
            var field = Find(schema, name, generated, what);
            if (field.Text("delta.generationExpression") is not null)
            {
                throw Wrong(
                    generated, name.Start,
                    string.Equals(field.Name, column, StringComparison.OrdinalIgnoreCase) ? $"{what} cannot name the column itself."
                        : $"{what} cannot name '{field.Name}', which is generated too.");
            }
        }

        var computed = TypeOf(generated, expression, schema, what);
        var known = SparkExpression.TypeOf(expression, schema);
        var plain = known is null ? null : DuckTypes.Of(known);

        // Where Spark and DuckDB make different numbers of it, it is not known which Spark's would be.
        var sure = plain is null || plain == computed;
        var wanted = DuckTypes.Of(type);
        if (sure ? Kind(computed) != Kind(wanted) || (plain == computed && computed != wanted)
            : Kind(computed) != Kind(wanted) && Kind(plain!) != Kind(wanted))
        {
            throw Wrong(
                generated, 0,
                $"{what} is of type {(known is not null && sure ? SparkTypes.Print(known) : computed)}, and the column of type "
                    + $"{SparkTypes.Print(type)}.",
                $"Write CAST({generated.Text} AS {SparkTypes.Print(type)}).");
        }
    }

    private static StructField Find(DeltaType.Struct schema, ColumnPath name, SqlPart within, string what) =>
        schema.Find(name.Parts[0]) ?? throw Wrong(
            within, name.Start, $"{what} names '{name}', and the table has no such column.",
            Spelling.Nearest(name.Parts[0], schema.Fields.Select(field => field.Name)) is { } near ? $"Did you mean '{near}'?" : null);

    /// <summary>The type that DuckDB computes.</summary>
    private string TypeOf(SqlPart part, SqlExpression expression, DeltaType.Struct schema, string what)
    {
        Deterministic(expression, [], part, what);
        foreach (var name in SparkExpression.ColumnReferences(part.Text))
        {
            Find(schema, name, part, what);
        }

        try
        {
            var row = RowShape.StandIn(schema, "_row");
            return DuckTypes.Normal(RowShape.Columns(
                duckDb, $"SELECT {TableExpression.ToSql(part.Text, schema)} AS v FROM {row}", cancellationToken)[0].Type);
        }
        catch (DuckDBException exception)
        {
            throw Wrong(part, 0, $"{what} ({part.Text}) cannot be computed: {DuckDb.Message(exception)}");
        }
    }

    private static void Deterministic(SqlExpression expression, HashSet<string> functions, SqlPart within, string what)
    {
        Nesting.Check();
        switch (expression)
        {
            case SqlExpression.Verbatim verbatim:
                throw Wrong(
                    within, Math.Max(verbatim.Start, verbatim.Place),
                    $"{what} can have no {(verbatim.Sql.Length < 3 || verbatim.Sql[0] == '$' ? $"'{verbatim.Sql}'" : "subquery")}.");
            case SqlExpression.Call call when functions.Contains(call.Function):
                throw Wrong(within, call.Place, $"{what} cannot call '{call.Function}': it gives another value each time.");
        }

        foreach (var child in expression.Children)
        {
            Deterministic(child, functions, within, what);
        }
    }

    /// <summary>What types have to do with each other; others are left to the casts of each row.</summary>
    private static string Kind(string type) => type switch
    {
        "BIGINT" or "INTEGER" or "SMALLINT" or "TINYINT" or "HUGEINT" or "FLOAT" or "DOUBLE" or "UTINYINT" or "USMALLINT" or "UINTEGER"
            or "UBIGINT" or ['D', 'E', 'C', 'I', 'M', 'A', 'L', ..] => "number",
        "TIMESTAMP" or "TIMESTAMPTZ" => "time",
        "VARCHAR" or "JSON" or "UUID" => "text",
        "BOOLEAN" or "DATE" or "BLOB" => type,
        "\"NULL\"" or "NULL" => "null",
        _ => "other",
    };

    private static DeltaException Wrong(SqlPart part, int place, string message, string? hint = null) =>
        new(DeltaErrorKind.Schema, message, hint) { Offset = part.Start + Math.Max(0, place) };
}
