using System.Data.Common;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kadali.Sql;
using Npgsql;
using NpgsqlTypes;

namespace Kadali.Databases;

/// <summary>PostgreSQL, by Npgsql.</summary>
internal sealed partial class PostgresEngine(string name, string connectionString) : AdoEngine(name)
{
    private bool _hasNewTypes;

    public override SqlDialect Dialect { get; } = new("PostgreSQL", ':');

    protected override string CatalogQuery =>
        """
        SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, ordinal_position LIMIT 10000
        """;

    public override async Task<ISqlRun> RunAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        if (_hasNewTypes)
        {
            // The driver asks for the server's types once; those of this session's own making it does not know.
            _hasNewTypes = false;
            await ((NpgsqlConnection)Connection).ReloadTypesAsync(cancellationToken);
        }

        _hasNewTypes = MakesTypes().IsMatch(statement.Sql);
        return await base.RunAsync(statement, parameters, cancellationToken);
    }

    public override async Task<PlanNode> PlanAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync(statement with { Sql = "EXPLAIN (FORMAT json) " + statement.Sql }, parameters, cancellationToken);
        using var json = JsonDocument.Parse((string)rows[0][0]!);
        return Node(json.RootElement[0].GetProperty("Plan"));
    }

    protected override DbConnection Create() => new NpgsqlConnection(connectionString);

    protected override DbParameter Parameter(DbCommand command, SqlParameter parameter)
    {
        var made = base.Parameter(command, parameter);
        made.ParameterName = parameter.Name;
        made.Value = made.Value switch
        {
            sbyte or byte => Convert.ToInt16(made.Value, null),
            ushort => Convert.ToInt32(made.Value, null),
            uint => Convert.ToInt64(made.Value, null),
            ulong => Convert.ToDecimal(made.Value, null),
            DateTimeOffset time => time.ToUniversalTime(),
            var value => value,
        };
        return made;
    }

    protected override SqlError Refused(DbException exception, SqlStatement statement)
    {
        if (exception is not PostgresException error)
        {
            return new(SqlErrorKind.Other, exception.Message);
        }

        var kind = error.SqlState switch
        {
            "42601" => SqlErrorKind.Syntax,
            "42P01" or "42883" or "42704" or "3F000" => SqlErrorKind.Catalog,
            "42703" or "42804" or "42702" => SqlErrorKind.Binding,
            "42501" => SqlErrorKind.Permission,
            ['2', '2', ..] => SqlErrorKind.Value,
            ['2', '3', ..] => SqlErrorKind.Constraint,
            ['2', '5', ..] or ['4', '0', ..] => SqlErrorKind.Transaction,
            ['5', '3', ..] => SqlErrorKind.Memory,
            _ => SqlErrorKind.Other,
        };
        var hint = string.Join('\n', ((string?[])[error.Detail, error.Hint]).OfType<string>());
        return new(kind, $"{error.MessageText} ({error.SqlState})", hint.Length > 0 ? hint : null,
            error.Position > 0 ? Offset(statement, error.Position - 1) : null);
    }

    internal override IReadOnlyList<(string Name, Type Type, int Scale)> Columns(DbDataReader reader)
    {
        var schema = reader.GetColumnSchema();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(i => (
            reader.GetName(i), TypeOf(reader.GetDataTypeName(i), reader.GetFieldType(i)),
            schema[i].NumericPrecision is > 0 ? schema[i].NumericScale ?? 0 : -1))];
    }

    internal override object? Value(DbDataReader reader, int column, Type type)
    {
        if (type == typeof(DateTimeOffset))
        {
            return new DateTimeOffset(reader.GetFieldValue<DateTime>(column).ToUniversalTime());
        }

        if (type == typeof(JsonElement))
        {
            return JsonElement.Parse(reader.GetString(column));
        }

        if (type == typeof(TimeSpan))
        {
            // Months have no length in C#: an interval that has some is shown as PostgreSQL would count them, 30 days each.
            var interval = reader.GetFieldValue<NpgsqlInterval>(column);
            return TimeSpan.FromDays((interval.Months * 30) + interval.Days) + TimeSpan.FromMicroseconds(interval.Time);
        }

        var value = type.IsArray && type != typeof(byte[]) ? ArrayValue(reader, column, type) : reader.GetValue(column);
        return type == typeof(string) && value is not string ? value.ToString() : value;
    }

    private static object ArrayValue(DbDataReader reader, int column, Type type) =>
        type == typeof(short?[]) ? reader.GetFieldValue<short?[]>(column)
        : type == typeof(int?[]) ? reader.GetFieldValue<int?[]>(column)
        : type == typeof(long?[]) ? reader.GetFieldValue<long?[]>(column)
        : type == typeof(float?[]) ? reader.GetFieldValue<float?[]>(column)
        : type == typeof(double?[]) ? reader.GetFieldValue<double?[]>(column)
        : type == typeof(decimal?[]) ? reader.GetFieldValue<decimal?[]>(column)
        : type == typeof(bool?[]) ? reader.GetFieldValue<bool?[]>(column)
        : type == typeof(Guid?[]) ? reader.GetFieldValue<Guid?[]>(column)
        : reader.GetFieldValue<string[]>(column);

    private static Type TypeOf(string name, Type given)
    {
        var bare = name.Split('(')[0];
        return name.EndsWith("[]", StringComparison.Ordinal)
            ? bare.Replace("[]", "", StringComparison.Ordinal) switch
            {
                "smallint" => typeof(short?[]),
                "integer" => typeof(int?[]),
                "bigint" => typeof(long?[]),
                "real" => typeof(float?[]),
                "double precision" => typeof(double?[]),
                "numeric" => typeof(decimal?[]),
                "boolean" => typeof(bool?[]),
                "uuid" => typeof(Guid?[]),
                _ => typeof(string[]),
            }
            : bare switch
            {
                "timestamp with time zone" => typeof(DateTimeOffset),
                "timestamp" or "timestamp without time zone" => typeof(DateTime),
                "json" or "jsonb" => typeof(JsonElement),
                "interval" => typeof(TimeSpan),
                "date" => typeof(DateOnly),
                "time" or "time without time zone" => typeof(TimeOnly),
                _ when given == typeof(byte[]) || given == typeof(Guid) || given == typeof(bool)
                    || (given.IsPrimitive && given != typeof(char)) || given == typeof(decimal) => given,
                _ => typeof(string),
            };
    }

    /// <summary>The server counts characters of what it was sent, where each <c>:name</c> is <c>$1</c> and so on.</summary>
    private static int Offset(SqlStatement statement, int position)
    {
        var sent = 0;
        for (var i = 0; i < statement.Sql.Length; i++)
        {
            if (sent >= position)
            {
                return i;
            }

            var name = statement.Sql[i] == ':' && (i == 0 || statement.Sql[i - 1] != ':')
                ? statement.Parameters.Where(known => statement.Sql.AsSpan(i + 1).StartsWith(known)).MaxBy(known => known.Length) : null;
            if (name is not null)
            {
                sent += 1 + (statement.Parameters.ToList().IndexOf(name) < 9 ? 1 : 2);
                i += name.Length;
            }
            else if (!char.IsLowSurrogate(statement.Sql[i]))
            {
                sent++;
            }
        }

        return statement.Sql.Length;
    }

    private static PlanNode Node(JsonElement plan) => new(
        plan.GetProperty("Node Type").GetString()!,
        [.. plan.EnumerateObject().Where(
            detail => detail.Name is not ("Node Type" or "Plans" or "Plan Rows" or "Plan Width" or "Parallel Aware" or "Async Capable"))
            .Select(detail => KeyValuePair.Create(detail.Name, detail.Value.ToString()))],
        plan.TryGetProperty("Plan Rows", out var rows) ? rows.GetInt64() : null,
        plan.TryGetProperty("Plans", out var below) ? [.. below.EnumerateArray().Select(Node)] : []);

    [GeneratedRegex(@"\b(create|alter)\s+(type|domain|extension)\b", RegexOptions.IgnoreCase)]
    private static partial Regex MakesTypes();
}
