using System.Collections.Frozen;

namespace Kadali.Delta;

/// <summary>
/// Spark's functions that DuckDB calls otherwise or computes otherwise. One that is not here is called by its own name; so is one whose
/// number of arguments Spark does not know, since it is then DuckDB's.
/// </summary>
internal static partial class SparkFunctions
{
    // Same name, other values: better refused than wrong.
    private static readonly FrozenSet<string> Without = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "hash", "xxhash64", "crc32", "months_between", "monotonically_increasing_id",
        "spark_partition_id",
        "conv", "soundex", "format_number", "schema_of_json", "from_csv", "to_csv", "aes_encrypt", "aes_decrypt");

    private static readonly FrozenDictionary<string, Func<CallArguments, string?>> Known =
        Values.Concat(Strings).Concat(Times).Concat(Collections).SelectMany(entry => entry.Names.Split(' ')
            .Select(name => KeyValuePair.Create(name, entry.Write))).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The call as DuckDB computes it, or null where it is to be called by its own name.</summary>
    public static string? Write(SqlExpression.Call call, DuckDbWriter writer) =>
        Without.Contains(call.Function)
            ? throw new DeltaException(
                DeltaErrorKind.Unsupported, $"Spark's function '{call.Function}' has no equal in DuckDB.") { Offset = call.Start }
            : Known.TryGetValue(call.Function, out var write) ? write(new(call, writer)) : null;

    private static (string Names, Func<CallArguments, string?> Write) Cast(string name, DeltaType type) => (
        name, a => a.Count == 1 ? Casts.Write(a[0], a.Type(0), type, DuckTypes.Of(type), isTry: false) : null);

    private static (string Names, Func<CallArguments, string?> Write) Renamed(string names, string duck) =>
        (names, a => $"{duck}({a.From(0)})");

    /// <summary>Numbers, conditions, casts.</summary>
    private static (string Names, Func<CallArguments, string?> Write)[] Values =>
    [
        Cast("boolean", DeltaType.Boolean), Cast("tinyint", DeltaType.Byte), Cast("smallint", DeltaType.Short),
        Cast("int", DeltaType.Integer),
        Cast("bigint", DeltaType.Long), Cast("float", DeltaType.Float), Cast("double", DeltaType.Double), Cast("string", DeltaType.String),
        Cast("binary", DeltaType.Binary), Cast("date", DeltaType.Date), Cast("timestamp", DeltaType.Timestamp),
        Cast("decimal", new DeltaType.Decimal(10, 0)),
        ("if iff", a => a.Count == 3 ? $"CASE WHEN {a[0]} THEN {a[1]} ELSE {a[2]} END" : null),
        Renamed("nvl ifnull", "coalesce"),
        ("nvl2", a => a.Count == 3 ? $"CASE WHEN {a.Operand(0)} IS NOT NULL THEN {a[1]} ELSE {a[2]} END" : null),
        ("isnull", a => $"{a.Operand(0)} IS NULL"),
        ("isnotnull", a => $"{a.Operand(0)} IS NOT NULL"),
        ("nullifzero", a => $"nullif({a[0]}, 0)"),
        ("zeroifnull", a => $"coalesce({a[0]}, 0)"),
        ("nanvl", a => $"CASE WHEN isnan({a[0]}) THEN {a[1]} ELSE {a[0]} END"),
        ("equal_null", a => $"{a.Operand(0)} IS NOT DISTINCT FROM {a.Operand(1)}"),
        ("assert_true", a => $"CASE WHEN {a[0]} THEN NULL ELSE error({(a.Count > 1 ? a[1] : "'The assertion does not hold.'")}) END"),
        Renamed("raise_error", "error"),
        ("mod", a => a.Count == 2 ? a.Writer.Divided("%", a.Operand(0), a.Operand(1), a.Expression(1)) : null),
        ("pmod", a => $"(({a.Operand(0)} % {a.Operand(1)}) + {a.Operand(1)}) % {a.Operand(1)}"),
        ("log", a => a.Count == 1 ? $"ln({a[0]})" : null),
        ("log1p", a => $"ln(1 + {a.Operand(0)})"),
        ("expm1", a => $"exp({a[0]}) - 1"),
        ("ceil ceiling", a => a.Count == 1 ? Whole("ceil", a) : null),
        ("floor", a => a.Count == 1 ? Whole("floor", a) : null),
        Renamed("power", "pow"), Renamed("signum", "sign"), Renamed("rand", "random"),
        ("negative", a => $"-{a.Operand(0)}"),
        ("positive", a => a.Operand(0)),
        ("bround", a => $"round_even({a[0]}, {(a.Count > 1 ? a[1] : "0")})"),
        ("shiftleft", a => $"{a.Operand(0)} << {a.Operand(1)}"),
        ("shiftright", a => $"{a.Operand(0)} >> {a.Operand(1)}"),
        ("bitwise_not", a => $"~{a.Operand(0)}"),
        ("try_add", a => $"TRY({a.Operand(0)} + {a.Operand(1)})"),
        ("try_subtract", a => $"TRY({a.Operand(0)} - {a.Operand(1)})"),
        ("try_multiply", a => $"TRY({a.Operand(0)} * {a.Operand(1)})"),
        ("try_divide", a => $"{a.Operand(0)} / nullif({a[1]}, 0)"),
        ("try_mod", a => $"{a.Operand(0)} % nullif({a[1]}, 0)"),
    ];

    /// <summary>What Spark rounds of a double is a BIGINT.</summary>
    private static string Whole(string function, CallArguments arguments) =>
        arguments.Type(0) == DeltaType.Double || arguments.Type(0) == DeltaType.Float
            ? $"CAST({function}({arguments[0]}) AS BIGINT)" : $"{function}({arguments[0]})";

    private static (string Names, Func<CallArguments, string?> Write)[] Strings =>
    [
        ("concat", Concat),
        ("substring substr mid", Substring),
        ("left", a => a.Number(1) is < 0 ? "''" : null),
        ("right", a => a.Number(1) is < 0 ? "''" : null),
        Renamed("ucase", "upper"), Renamed("lcase", "lower"), Renamed("char", "chr"),
        Renamed("startswith", "starts_with"), Renamed("endswith", "ends_with"),
        Renamed("len char_length character_length", "length"),
        ("length", a => a.Count == 1 && a.Type(0) == DeltaType.Binary ? $"octet_length({a[0]})" : null),
        ("lpad", a => a.Count == 2 ? $"lpad({a[0]}, {a[1]}, ' ')" : null),
        ("rpad", a => a.Count == 2 ? $"rpad({a[0]}, {a[1]}, ' ')" : null),
        ("replace", a => a.Count == 2 ? $"replace({a[0]}, {a[1]}, '')" : null),
        ("space", a => $"repeat(' ', {a[0]})"),
        ("trim ltrim rtrim", a => a.Count == 2 ? $"{a.Function.ToLowerInvariant()}({a[1]}, {a[0]})" : null),
        ("btrim", a => $"trim({a.From(0)})"),
        ("locate position charindex", a => a.Count switch
        {
            2 => $"instr({a[1]}, {a[0]})",
            3 => $"CASE WHEN instr(substring({a[1]}, {a[2]}), {a[0]}) = 0 THEN 0 "
                + $"ELSE instr(substring({a[1]}, {a[2]}), {a[0]}) + {a.Operand(2)} - 1 END",
            _ => null,
        }),
        ("split", a => a.Count == 2 ? $"string_split_regex({a[0]}, {a[1]})" : null),
        ("split_part", a => null),
        ("substring_index", a => a.Number(2) is { } n
            ? n >= 0 ? $"array_to_string(list_slice(string_split({a[0]}, {a[1]}), 1, {n}), {a[1]})"
                : $"array_to_string(list_slice(string_split({a[0]}, {a[1]}), {n}, -1), {a[1]})"
            : null),
        ("initcap", a => $"array_to_string(list_transform(string_split(lower({a[0]}), ' '), lambda w: upper(w[1:1]) || w[2:]), ' ')"),
        ("regexp_replace", a => a.Count == 3
            ? $"regexp_replace({a[0]}, {a[1]}, {(a.Text(2) is { } text ? DuckDb.Text(Groups(text)) : a[2])}, 'g')" : null),
        ("regexp_extract", a => a.Count == 2 ? $"regexp_extract({a[0]}, {a[1]}, 1)" : null),
        ("regexp_extract_all", a => a.Count == 2 ? $"regexp_extract_all({a[0]}, {a[1]}, 1)" : null),
        ("regexp_substr", a => $"nullif(regexp_extract({a[0]}, {a[1]}), '')"),
        ("regexp_count", a => $"len(regexp_extract_all({a[0]}, {a[1]}))"),
        Renamed("regexp_like rlike regexp", "regexp_matches"),
        ("get_json_object", a => $"json_extract_string({a[0]}, {a[1]})"),
        ("to_json", a => a.Count == 1 ? $"CAST(to_json({a[0]}) AS VARCHAR)" : null),
        ("sha sha1", a => $"sha1({a[0]})"),
        ("sha2", a => a.Number(1) is 0 or 256 ? $"sha256({a[0]})" : throw new DeltaException(
            DeltaErrorKind.Unsupported, "Of Spark's sha2 only 256 bits have an equal in DuckDB.")),
        ("base64", a => $"to_base64(CAST({a[0]} AS BLOB))"),
        Renamed("unbase64", "from_base64"),
        ("uuid", a => a.Count == 0 ? "CAST(uuid() AS VARCHAR)" : null),
    ];

    /// <summary>One null makes all of it null, unlike in DuckDB.</summary>
    private static string? Concat(CallArguments arguments) => arguments.Count switch
    {
        0 => "''",
        1 => arguments[0],
        _ => string.Join(" || ", Enumerable.Range(0, arguments.Count).Select(i => arguments.Type(i) switch
        {
            null or DeltaType.Array => arguments.Operand(i),
            var type when type == DeltaType.String || type == DeltaType.Binary => arguments.Operand(i),
            _ => arguments.As(i, DeltaType.String),
        })),
    };

    /// <summary>Place 0 is the first, as 1 is.</summary>
    private static string? Substring(CallArguments arguments)
    {
        if (arguments.Count is not (2 or 3))
        {
            return null;
        }

        var start = arguments.Number(1) switch
        {
            0 => "1",
            not null => arguments[1],
            null => $"CASE WHEN {arguments.Operand(1)} = 0 THEN 1 ELSE {arguments[1]} END",
        };
        return $"substring({arguments[0]}, {start}{(arguments.Count == 3 ? $", {arguments[2]}" : "")})";
    }

    /// <summary>Groups of a match: <c>$1</c> in Spark, <c>\1</c> in DuckDB.</summary>
    private static string Groups(string replacement) =>
        System.Text.RegularExpressions.Regex.Replace(replacement, @"(?<!\\)\$(\d)", @"\$1").Replace(@"\$", "$", StringComparison.Ordinal);
}
