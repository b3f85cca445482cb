using System.Linq.Expressions;
using System.Text.Json;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>C# objects as a temporary table of DuckDB, and rows of DuckDB as C# objects.</summary>
internal static class RowTable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    /// <summary>Puts objects into a temporary table; disposing drops it.</summary>
    public static Filled<T> Fill<T>(DuckDb duckDb, IEnumerable<T> rows, CancellationToken cancellationToken)
    {
        var type = RowType.Of(typeof(T));
        var name = $"__delta_rows_{Guid.NewGuid():N}";
        var columns = type.Members.Select(
            member => $"{DuckDb.Name(member.Field.Name)} {(member.IsJson ? "VARCHAR" : DuckTypes.Of(member.Field.Type))}");
        duckDb.Execute($"CREATE TEMP TABLE {name} ({string.Join(", ", columns)})", cancellationToken);
        try
        {
            using var appender = duckDb.Connection.CreateAppender("temp", "main", name);
            var append = type.Members.Select(Append<T>).ToArray();
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var line = appender.CreateRow();
                foreach (var value in append)
                {
                    value(line, row);
                }

                line.EndRow();
            }
        }
        catch
        {
            duckDb.Execute($"DROP TABLE {name}", CancellationToken.None);
            throw;
        }

        return new(duckDb, name, type);
    }

    /// <summary>Objects of a query's rows, by the names of constructor parameters or properties.</summary>
    public static Func<DuckDBDataReader, T> Reader<T>(IReadOnlyList<SourceColumn> columns)
    {
        var reader = Expression.Parameter(typeof(DuckDBDataReader));
        var constructor = typeof(T).GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).FirstOrDefault()
            ?? (typeof(T).IsValueType ? null : throw new DeltaException(DeltaErrorKind.Schema, $"{typeof(T)} has no public constructor."));
        var parameters = constructor?.GetParameters() ?? [];
        var made = constructor is null
            ? Expression.New(typeof(T))
            : Expression.New(constructor, parameters.Select(parameter => Value(parameter.Name!, parameter.ParameterType, required: true)));
        var settable = typeof(T).GetProperties().Where(property => property.SetMethod is { IsPublic: true }
            && !parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase))
            && Find(property.Name) >= 0);
        var body = Expression.MemberInit(
            made, settable.Select(property => Expression.Bind(property, Value(property.Name, property.PropertyType, required: false))));
        return Expression.Lambda<Func<DuckDBDataReader, T>>(body, reader).Compile();

        int Find(string name)
        {
            for (var i = 0; i < columns.Count; i++)
            {
                if (string.Equals(columns[i].Name, name, StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }

            return -1;
        }

        Expression Value(string name, Type type, bool required)
        {
            var place = Find(name);
            if (place < 0)
            {
                return required && columns.Count > 0
                    ? throw new DeltaException(
                        DeltaErrorKind.Schema, $"{typeof(T).Name} wants a column '{name}', which the table has not.",
                        $"Its columns are {string.Join(", ", columns.Select(column => column.Name))}.")
                    : Expression.Default(type);
            }

            return Expression.Call(typeof(RowTable), nameof(Get), [type], reader, Expression.Constant(place), Expression.Constant(name));
        }
    }

    /// <summary>A query's columns in the form in which <see cref="Reader{T}"/> takes them: lists, maps and structs as JSON.</summary>
    public static string Readable(string sql, IReadOnlyList<SourceColumn> columns) =>
        $"SELECT {string.Join(", ", columns.Select(column => IsNested(column.Type)
            ? $"CAST(to_json({DuckDb.Name(column.Name)}) AS VARCHAR) AS {DuckDb.Name(column.Name)}"
            : DuckDb.Name(column.Name)))} FROM ({sql})";

    private static bool IsNested(string type) => type.EndsWith(']') || type.StartsWith("STRUCT", StringComparison.Ordinal)
        || type.StartsWith("MAP", StringComparison.Ordinal) || type == "VARIANT";

    private static T Get<T>(DuckDBDataReader reader, int column, string name)
    {
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (reader.IsDBNull(column))
        {
            return default(T) is null
                ? default!
                : throw new DeltaException(
                    DeltaErrorKind.Schema,
                    $"A row has no value in column '{name}', and {typeof(T).Name} cannot be null.", $"Declare it as {typeof(T).Name}?.");
        }

        if (type.IsEnum)
        {
            return (T)Enum.Parse(type, reader.GetString(column), ignoreCase: true);
        }

        if (type == typeof(byte[]))
        {
            using var stream = reader.GetStream(column);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return (T)(object)bytes.ToArray();
        }

        if (type == typeof(DateTimeOffset))
        {
            return (T)(object)new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(column), DateTimeKind.Utc));
        }

        if (type == typeof(Guid))
        {
            return (T)(object)Guid.Parse(reader.GetString(column));
        }

        return IsNested(reader.GetDataTypeName(column)) || (type != typeof(string) && reader.GetFieldType(column) == typeof(string))
            ? JsonSerializer.Deserialize<T>(reader.GetString(column), Json)!
            : reader.GetFieldValue<T>(column);
    }

    private static Action<IDuckDBAppenderRow, T> Append<T>(RowType.Member member)
    {
        var get = member.Property;
        var type = Nullable.GetUnderlyingType(get.PropertyType) ?? get.PropertyType;
        return member switch
        {
            { IsJson: true } =>
                (line, row) => Put(line, get.GetValue(row), value => line.AppendValue(JsonSerializer.Serialize(value, Json))),
            _ when type == typeof(long) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((long)value)),
            _ when type == typeof(int) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((int)value)),
            _ when type == typeof(uint) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((long)(uint)value)),
            _ when type == typeof(ushort) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((int)(ushort)value)),
            _ when type == typeof(short) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((short)value)),
            _ when type == typeof(byte) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((short)(byte)value)),
            _ when type == typeof(sbyte) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((sbyte)value)),
            _ when type == typeof(double) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((double)value)),
            _ when type == typeof(float) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((float)value)),
            _ when type == typeof(bool) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((bool)value)),
            _ when type == typeof(decimal) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((decimal)value)),
            _ when type == typeof(ulong) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((decimal)(ulong)value)),
            _ when type == typeof(DateTimeOffset) =>
                (line, row) => Put(line, get.GetValue(row), value => line.AppendValue(((DateTimeOffset)value).UtcDateTime)),
            _ when type == typeof(DateTime) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((DateTime)value)),
            _ when type == typeof(DateOnly) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((DateOnly)value)),
            _ when type == typeof(byte[]) => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue((byte[])value)),
            _ => (line, row) => Put(line, get.GetValue(row), value => line.AppendValue(value.ToString())),
        };
    }

    private static void Put(IDuckDBAppenderRow line, object? value, Action<object> append)
    {
        if (value is null)
        {
            line.AppendNullValue();
        }
        else
        {
            append(value);
        }
    }

    /// <summary>Objects in a temporary table.</summary>
    internal sealed class Filled<T>(DuckDb duckDb, string name, RowType type) : IDisposable
    {
        /// <summary>A query of them with the types of their columns.</summary>
        public string Sql { get; } = $"SELECT {string.Join(", ", type.Members.Select(member => member.IsJson
            ? $"CAST(CAST({DuckDb.Name(member.Field.Name)} AS JSON) AS {DuckTypes.Of(member.Field.Type)}) "
                + $"AS {DuckDb.Name(member.Field.Name)}"
            : DuckDb.Name(member.Field.Name)))} FROM {name}";

        public void Dispose() => duckDb.Drop(name);
    }
}
