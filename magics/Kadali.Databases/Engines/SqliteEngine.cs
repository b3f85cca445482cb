using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Kadali.Sql;
using Microsoft.Data.Sqlite;

namespace Kadali.Databases;

/// <summary>SQLite files. A column has the type that it declares, where its values keep to it; else that of its first values.</summary>
internal sealed partial class SqliteEngine(string name, string connectionString) : AdoEngine(name)
{
    private const int Interrupted = 9;

    public override SqlDialect Dialect { get; } = new("SQLite", ':');

    protected override string CatalogQuery =>
        """
        SELECT m.name, p.name, p.type FROM sqlite_master m, pragma_table_info(m.name) p
        WHERE m.type IN ('table', 'view') ORDER BY m.name, p.cid
        """;

    public override async Task<PlanNode> PlanAsync(
        SqlStatement statement, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        var rows = await RowsAsync(statement with { Sql = "EXPLAIN QUERY PLAN " + statement.Sql }, parameters, cancellationToken);
        var roots = Below(0L);
        return roots is [var root] ? root : new("PLAN", [], null, roots);

        PlanNode[] Below(long parent) =>
            [.. rows.Where(row => Convert.ToInt64(row[1], CultureInfo.InvariantCulture) == parent)
                .Select(row => new PlanNode((string)row[3]!, [], null, Below(Convert.ToInt64(row[0], CultureInfo.InvariantCulture))))];
    }

    protected override DbConnection Create() => new SqliteConnection(connectionString);

    protected override SqlError Refused(DbException exception, SqlStatement statement)
    {
        var message = Message().Match(exception.Message) is { Success: true } found ? found.Groups[1].Value : exception.Message;
        var kind = message.Contains("syntax error", StringComparison.Ordinal)
                || message.Contains("incomplete input", StringComparison.Ordinal) ? SqlErrorKind.Syntax
            : message.StartsWith("no such table", StringComparison.Ordinal)
                || message.StartsWith("no such function", StringComparison.Ordinal) ? SqlErrorKind.Catalog
            : message.StartsWith("no such column", StringComparison.Ordinal)
                || message.StartsWith("ambiguous", StringComparison.Ordinal) ? SqlErrorKind.Binding
            : message.Contains("constraint failed", StringComparison.Ordinal) ? SqlErrorKind.Constraint
            : message.Contains("readonly", StringComparison.Ordinal) ? SqlErrorKind.Permission
            : SqlErrorKind.Other;
        var offset = Named().Match(message) is { Success: true } named
            ? statement.Sql.IndexOf(
                named.Groups[1].Success ? named.Groups[1].Value : named.Groups[2].Value.Split('.')[^1], StringComparison.OrdinalIgnoreCase)
            : -1;
        return new(kind, message, null, offset >= 0 ? offset : null);
    }

    internal override IReadOnlyList<(string Name, Type Type, int Scale)> Columns(DbDataReader reader) =>
        [.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), TypeOf(reader.GetDataTypeName(i)), 0))];

    internal override object? Value(DbDataReader reader, int column, Type type)
    {
        var value = reader.GetValue(column);
        return type == typeof(string) && value is not string
            ? value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture)
            : type == typeof(double) && value is long whole ? (double)whole
            : type == typeof(bool) && value is long flag ? flag != 0
            : value.GetType() == type || type == typeof(object) ? value
            : throw new InvalidCastException(
                $"the column '{reader.GetName(column)}' is declared {reader.GetDataTypeName(column)}, and holds '{value}'.");
    }

    internal override void Cancel(DbCommand command)
    {
        if (command.Connection is SqliteConnection { Handle: { } handle })
        {
            SQLitePCL.raw.sqlite3_interrupt(handle);
        }
    }

    // SQLite's own rules of affinity, in its order.
    private static Type TypeOf(string declared) => declared.ToUpperInvariant() switch
    {
        var name when name.StartsWith("BOOL", StringComparison.Ordinal) => typeof(bool),
        var name when name.Contains("INT", StringComparison.Ordinal) => typeof(long),
        var name when name.Contains("CHAR", StringComparison.Ordinal) || name.Contains("CLOB", StringComparison.Ordinal)
            || name.Contains("TEXT", StringComparison.Ordinal) => typeof(string),
        "BLOB" => typeof(byte[]),
        var name when name.Contains("REAL", StringComparison.Ordinal) || name.Contains("FLOA", StringComparison.Ordinal)
            || name.Contains("DOUB", StringComparison.Ordinal) => typeof(double),
        _ => typeof(object),
    };

    [GeneratedRegex(@"^SQLite Error \d+: '(.*)'\.$", RegexOptions.Singleline)]
    private static partial Regex Message();

    [GeneratedRegex("near \"([^\"]+)\"|no such \\w+: (\\S+)")]
    private static partial Regex Named();
}
