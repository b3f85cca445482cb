using System.Collections;
using System.Globalization;
using DuckDB.NET.Data;
using Kadali.Cells;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>C# sequences as tables under their variable's name: copied when a statement names one, and dropped when the next cell begins.</summary>
internal sealed class VariableTables(IVariables variables)
{
    private readonly HashSet<string> _tables = new(StringComparer.OrdinalIgnoreCase);

    public void Drop(DuckDBConnection connection)
    {
        foreach (var table in _tables)
        {
            Execute(connection, $"DROP TABLE IF EXISTS temp.{Quote(table)}");
        }

        _tables.Clear();
    }

    /// <summary>Makes a table of the variable; false where there is no such sequence.</summary>
    public bool TryCreate(DuckDBConnection connection, string name, CancellationToken cancellationToken)
    {
        var exact = variables.List().Select(variable => variable.Name).FirstOrDefault(known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
        if (exact is null || _tables.Contains(exact) || !variables.TryGet(exact, out var variable, out var value) || value is string || value is not IEnumerable sequence)
        {
            return false;
        }

        var table = value as ITable ?? Table(sequence, variable.Type);
        var reading = table.ReadAsync(new(0, int.MaxValue), cancellationToken);
        var rows = reading.IsCompletedSuccessfully ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
        var types = table.Columns.Select((_, i) => TypeOf(rows, i)).ToArray();
        var columns = string.Join(", ", table.Columns.Select((column, i) => $"{Quote(column.Name)} {types[i]}"));
        Execute(connection, $"CREATE OR REPLACE TEMP TABLE {Quote(exact)} ({columns})");
        _tables.Add(exact);
        using var appender = connection.CreateAppender("temp", "main", exact);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var into = appender.CreateRow();
            for (var i = 0; i < row.Length; i++)
            {
                Append(into, row[i], types[i]);
            }

            into.EndRow();
        }

        return true;
    }

    internal static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static ITable Table(IEnumerable sequence, Type type)
    {
        var element = (type.IsInterface ? [type, .. type.GetInterfaces()] : sequence.GetType().GetInterfaces())
            .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            .Select(face => face.GetGenericArguments()[0])
            .FirstOrDefault() ?? typeof(object);
        return SequenceTable.IsRow(element) ? new SequenceTable(sequence, element) : new SequenceTable(sequence.Cast<object?>().Select(item => new Single(item)).ToArray(), typeof(Single));
    }

    /// <summary>The one column of a sequence of plain values.</summary>
    public sealed record Single(object? Value);

    private static string TypeOf(IReadOnlyList<object?[]> rows, int column)
    {
        var types = rows.Select(row => row[column]).Where(value => value is not null).Select(value => value!.GetType()).Distinct().Take(2).ToArray();
        return types is not [var type] ? "VARCHAR"
            : type.IsEnum ? "VARCHAR"
            : Type.GetTypeCode(type) switch
            {
                TypeCode.Boolean => "BOOLEAN",
                TypeCode.SByte => "TINYINT",
                TypeCode.Byte => "UTINYINT",
                TypeCode.Int16 => "SMALLINT",
                TypeCode.UInt16 => "USMALLINT",
                TypeCode.Int32 => "INTEGER",
                TypeCode.UInt32 => "UINTEGER",
                TypeCode.Int64 => "BIGINT",
                TypeCode.UInt64 => "UBIGINT",
                TypeCode.Single => "FLOAT",
                TypeCode.Double => "DOUBLE",
                TypeCode.Decimal => "DECIMAL(38,10)",
                TypeCode.DateTime => "TIMESTAMP",
                _ => type == typeof(DateOnly) ? "DATE"
                    : type == typeof(TimeOnly) ? "TIME"
                    : type == typeof(DateTimeOffset) ? "TIMESTAMPTZ"
                    : type == typeof(TimeSpan) ? "INTERVAL"
                    : type == typeof(Guid) ? "UUID"
                    : type == typeof(byte[]) ? "BLOB"
                    : type == typeof(System.Numerics.BigInteger) ? "HUGEINT"
                    : "VARCHAR",
            };
    }

    private static void Append(IDuckDBAppenderRow row, object? value, string type)
    {
        switch (value)
        {
            case null:
                row.AppendNullValue();
                break;
            case var _ when type == "VARCHAR":
                row.AppendValue(ValueText.Of(value));
                break;
            case bool flag:
                row.AppendValue(flag);
                break;
            case sbyte number:
                row.AppendValue(number);
                break;
            case byte number:
                row.AppendValue(number);
                break;
            case short number:
                row.AppendValue(number);
                break;
            case ushort number:
                row.AppendValue(number);
                break;
            case int number:
                row.AppendValue(number);
                break;
            case uint number:
                row.AppendValue(number);
                break;
            case long number:
                row.AppendValue(number);
                break;
            case ulong number:
                row.AppendValue(number);
                break;
            case float number:
                row.AppendValue(number);
                break;
            case double number:
                row.AppendValue(number);
                break;
            case decimal number:
                row.AppendValue(number);
                break;
            case DateTime time:
                row.AppendValue(time);
                break;
            case DateOnly day:
                row.AppendValue(day);
                break;
            case TimeOnly time:
                row.AppendValue(time);
                break;
            case DateTimeOffset time:
                row.AppendValue(time);
                break;
            case TimeSpan span:
                row.AppendValue(span);
                break;
            case Guid id:
                row.AppendValue(id);
                break;
            case byte[] bytes:
                row.AppendValue(bytes);
                break;
            case System.Numerics.BigInteger number:
                row.AppendValue(number);
                break;
            default:
                row.AppendValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
