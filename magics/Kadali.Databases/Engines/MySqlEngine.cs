using System.Data.Common;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kadali.Sql;
using MySqlConnector;

namespace Kadali.Databases;

/// <summary>MySQL and MariaDB, by MySqlConnector.</summary>
internal sealed partial class MySqlEngine(string name, string product, string connectionString) : AdoEngine(name)
{
    public override SqlDialect Dialect { get; } = new(product, '@');

    protected override string CatalogQuery =>
        """
        SELECT table_name, column_name, column_type FROM information_schema.columns
        WHERE table_schema = database() ORDER BY 1, ordinal_position LIMIT 10000
        """;

    public override async Task<PlanNode> PlanAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync(statement with { Sql = "EXPLAIN " + statement.Sql }, parameters, cancellationToken);
        var steps = rows.Select(row => new PlanNode($"{row[1]} {row[2]}".Trim(),
            [KeyValuePair.Create("access", string.Join(", ", row.Skip(3).OfType<object>()))], null, [])).ToArray();
        return steps is [var only] ? only : new("PLAN", [], null, steps);
    }

    protected override DbConnection Create() => new MySqlConnection(connectionString);

    protected override SqlError Refused(DbException exception, SqlStatement statement)
    {
        var code = (exception as MySqlException)?.ErrorCode ?? MySqlErrorCode.None;
        var kind = code switch
        {
            MySqlErrorCode.ParseError => SqlErrorKind.Syntax,
            MySqlErrorCode.NoSuchTable or MySqlErrorCode.UnknownTable or MySqlErrorCode.UnknownDatabase => SqlErrorKind.Catalog,
            MySqlErrorCode.BadFieldError => SqlErrorKind.Binding,
            MySqlErrorCode.DuplicateKeyEntry or MySqlErrorCode.NoReferencedRow2 or MySqlErrorCode.ColumnCannotBeNull =>
                SqlErrorKind.Constraint,
            MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied => SqlErrorKind.Permission,
            _ => SqlErrorKind.Other,
        };
        var near = Near().Match(exception.Message) is { Success: true } found ? found.Groups[1].Value
            : Quoted().Match(exception.Message) is { Success: true } named ? named.Groups[1].Value.Split('.')[^1]
            : null;
        var offset = string.IsNullOrEmpty(near) ? -1 : statement.Sql.IndexOf(near, StringComparison.OrdinalIgnoreCase);
        return new(kind, exception.Message, null, offset >= 0 ? offset : null);
    }

    internal override IReadOnlyList<(string Name, Type Type, int Scale)> Columns(DbDataReader reader)
    {
        var schema = reader.GetColumnSchema();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(i => (
            reader.GetName(i), reader.GetDataTypeName(i) == "JSON" ? typeof(JsonElement) : reader.GetFieldType(i),
            schema[i].NumericScale ?? 0))];
    }

    internal override object? Value(DbDataReader reader, int column, Type type) => type == typeof(JsonElement)
        ? JsonElement.Parse(reader.GetString(column))
        // A zero date is no day: MySQL itself shows it where a NULL is not allowed.
        : reader.GetValue(column) is var value && value is DateTime day && day == DateTime.MinValue ? null : value;

    [GeneratedRegex(@"near '((?:[^']|'(?! at line))*)")]
    private static partial Regex Near();

    [GeneratedRegex(@"(?:column|Table|table) '([^']+)'")]
    private static partial Regex Quoted();
}
