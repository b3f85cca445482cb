namespace Kadali.Delta;

/// <summary>The types of expressions, as far as they decide how something is written; null where nothing is known.</summary>
internal static class ExpressionTypes
{
    private static readonly Dictionary<string, DeltaType> Functions = new(
        new (DeltaType Type, string Names)[]
        {
            (DeltaType.Date, "to_date date date_add date_sub add_months current_date curdate last_day next_day trunc make_date "
                + "date_from_unix_date"),
            (DeltaType.Timestamp, "to_timestamp timestamp current_timestamp now date_trunc from_utc_timestamp to_utc_timestamp dateadd "
                + "timestamp_seconds timestamp_millis timestamp_micros make_timestamp"),
            (DeltaType.String, "string concat concat_ws substring substr left right upper lower ucase lcase trim ltrim rtrim lpad rpad "
                + "repeat replace translate regexp_replace regexp_extract date_format from_unixtime initcap md5 sha1 sha sha2 hex base64 "
                + "uuid reverse get_json_object substring_index array_join chr char"),
            (DeltaType.Integer, "int year month day dayofmonth dayofweek dayofyear weekofyear week quarter hour minute second weekday "
                + "datediff date_diff length char_length instr locate position size cardinality array_size ascii sign"),
            (DeltaType.Long, "bigint unix_timestamp to_unix_timestamp unix_seconds unix_millis unix_micros count"),
            (DeltaType.Double, "double sqrt cbrt exp ln log log10 log2 log1p expm1 pow power sin cos tan asin acos atan atan2 degrees "
                + "radians rand random pi"),
            (DeltaType.Boolean, "boolean isnull isnotnull isnan regexp_like rlike array_contains contains startswith endswith exists "
                + "forall"),
            (DeltaType.Float, "float"), (DeltaType.Short, "smallint"), (DeltaType.Byte, "tinyint"),
            (DeltaType.Binary, "binary unhex unbase64"),
        }.SelectMany(group => group.Names.Split(' ').Select(name => KeyValuePair.Create(name, group.Type))),
        StringComparer.OrdinalIgnoreCase);

    /// <param name="column">The type of a column, or null.</param>
    public static DeltaType? Of(SqlExpression expression, Func<IReadOnlyList<string>, DeltaType?> column)
    {
        Nesting.Check();
        return Known(expression, column);
    }

    private static DeltaType? Known(SqlExpression expression, Func<IReadOnlyList<string>, DeltaType?> column) => expression switch
    {
        SqlExpression.Literal literal => literal.Type,
        SqlExpression.Name name => column(name.Parts),
        SqlExpression.Cast cast => cast.Type,
        SqlExpression.Unary { Operator: "NOT" } or SqlExpression.Like or SqlExpression.In or SqlExpression.Between => DeltaType.Boolean,
        SqlExpression.Unary unary => Of(unary.Operand, column),
        SqlExpression.Binary binary => OfBinary(binary, column),
        SqlExpression.Case choice => choice.Branches.Select(branch => Of(branch.Then, column)).FirstOrDefault(type => type is not null),
        SqlExpression.Call { Function: var function, Arguments: [_, var second, ..] } when Is(function, "if", "iff") => Of(second, column),
        SqlExpression.Call { Function: var function, Arguments: [var first, ..] }
            when Is(function, "coalesce", "nvl", "ifnull", "nullif", "greatest", "least", "abs", "round", "negative", "positive") =>
            Of(first, column),
        SqlExpression.Call call => Functions.GetValueOrDefault(call.Function),
        SqlExpression.Element element => Of(element.Operand, column) switch
        {
            DeltaType.Array array => array.Element,
            DeltaType.Map map => map.Value,
            _ => null,
        },
        SqlExpression.Field field => (Of(field.Operand, column) as DeltaType.Struct)?.Find(field.Member)?.Type,
        _ => null,
    };

    /// <summary>Whether casting to an integer has to cut a fraction off.</summary>
    public static bool HasFraction(DeltaType? type) =>
        type is DeltaType.Decimal { Scale: > 0 } || type == DeltaType.Double || type == DeltaType.Float;

    public static bool IsInteger(DeltaType? type) =>
        type == DeltaType.Integer || type == DeltaType.Long || type == DeltaType.Short || type == DeltaType.Byte;

    private static DeltaType? OfBinary(SqlExpression.Binary binary, Func<IReadOnlyList<string>, DeltaType?> column)
    {
        switch (binary.Operator)
        {
            case "||":
                return DeltaType.String;
            case "DIV" or "//":
                return DeltaType.Long;
            case "+" or "-" or "*" or "/" or "%":
                var (left, right) = (Of(binary.Left, column), Of(binary.Right, column));
                return binary.Operator == "/" && !(left is DeltaType.Decimal || right is DeltaType.Decimal) ? DeltaType.Double
                    : HasFraction(right) || right is DeltaType.Decimal ? right
                    : left == DeltaType.Date && binary.Right is SqlExpression.Interval interval
                        ? Intervals.AreDays(interval) ? left : DeltaType.Timestamp
                    : left;
            case "|" or "&" or "^" or "<<" or ">>":
                return Of(binary.Left, column);
            default:
                return DeltaType.Boolean;
        }
    }

    private static bool Is(string function, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (function.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
