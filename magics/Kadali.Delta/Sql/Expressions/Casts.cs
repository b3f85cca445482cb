namespace Kadali.Delta;

/// <summary>Casts between types where Spark and DuckDB do not agree.</summary>
internal static class Casts
{
    public static string Write(SqlExpression.Cast cast, DuckDbWriter writer) =>
        Write(writer.Write(cast.Operand), writer.TypeOf(cast.Operand), cast.Type, cast.DuckType, cast.Try);

    /// <param name="value">The value, written.</param>
    /// <param name="from">Its type, where it is known.</param>
    public static string Write(string value, DeltaType? from, DeltaType? to, string duckType, bool isTry)
    {
        var verb = isTry ? "TRY_CAST" : "CAST";

        // DuckDB rounds, Spark cuts off.
        if (ExpressionTypes.IsInteger(to) && ExpressionTypes.HasFraction(from))
        {
            return $"{verb}(trunc({value}) AS {duckType})";
        }

        if (from == DeltaType.Timestamp && (ExpressionTypes.IsInteger(to) || to == DeltaType.Double || to is DeltaType.Decimal))
        {
            return to == DeltaType.Double ? $"epoch({value})"
                : to is DeltaType.Decimal ? $"{verb}(epoch({value}) AS {duckType})" : $"{verb}(floor(epoch({value})) AS {duckType})";
        }

        if (to == DeltaType.Timestamp && (ExpressionTypes.IsInteger(from) || ExpressionTypes.HasFraction(from)))
        {
            return $"to_timestamp({value})";
        }

        if (from is DeltaType.Decimal && to == DeltaType.String)
        {
            return DuckTypes.Text(from, value, verb);
        }

        // Spark writes the session's local time, without a zone behind it.
        return from == DeltaType.Timestamp && to == DeltaType.String
            ? $"{verb}({value} AT TIME ZONE current_setting('TimeZone') AS VARCHAR)"
            : $"{verb}({value} AS {duckType})";
    }
}
