using System.Globalization;
using System.Linq.Expressions;
using System.Numerics;
using System.Reflection;
using System.Text.Json;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// Makes objects of a query's rows: of the columns that have the names of constructor parameters or properties, or a single value of the
/// only column.
/// </summary>
internal sealed class RowReader<T>
{
    private readonly IReadOnlyList<SourceColumn> _columns;
    private readonly List<int> _needed = [];

    /// <param name="columns">Of the query.</param>
    /// <exception cref="DeltaException">The type wants a column that the query has not.</exception>
    public RowReader(IReadOnlyList<SourceColumn> columns)
    {
        _columns = columns;
        var reader = Expression.Parameter(typeof(DuckDBDataReader));
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (ScalarText.TypeOf(type) is not null)
        {
            if (columns.Count != 1)
            {
                throw new DeltaException(
                    DeltaErrorKind.Schema, $"{type.Name} is a single value, and the rows have {columns.Count} columns.",
                    "Select one column, or read into a record.");
            }

            var body = Value(reader, 0, typeof(T), columns[0].Name, isNeverNull: typeof(T).IsValueType && type == typeof(T));
            Make = Expression.Lambda<Func<DuckDBDataReader, T>>(body, reader).Compile();
            return;
        }

        Make = Expression.Lambda<Func<DuckDBDataReader, T>>(
            RowConstruction.Of(typeof(T), [.. columns.Select(column => column.Name)])
                .Build(slot => Value(reader, Place(slot.Column), slot.Type, slot.Column, slot.IsNeverNull)), reader).Compile();
    }

    /// <summary>Makes the object of a row of the query that <see cref="Query"/> gives.</summary>
    public Func<DuckDBDataReader, T> Make { get; }

    /// <summary>The query of the columns that objects take, in the form in which they are read.</summary>
    public string Query(string sql) => _needed.Count == 0
        ? $"SELECT 1 FROM ({sql})"
        : $"SELECT {string.Join(", ", _needed.Select(i => Readable(_columns[i])))} FROM ({sql})";

    private int Place(string name)
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            if (string.Equals(_columns[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        throw new InvalidOperationException($"There is no column '{name}'.");
    }

    private Expression Value(Expression reader, int column, Type type, string name, bool isNeverNull)
    {
        var place = _needed.Count;
        _needed.Add(column);
        var get = (Delegate)typeof(RowReader<T>).GetMethod(nameof(Getter), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, [place, _columns[column], isNeverNull])!;
        return Expression.Invoke(Expression.Constant(get), reader);
    }

    /// <summary>Lists, maps and structs come as JSON with a text for each value in them, which loses nothing.</summary>
    private static string Readable(SourceColumn column)
    {
        var name = DuckDb.Name(column.Name);
        if (!IsNested(column.Type))
        {
            return name;
        }

        var value = name;
        if (column.Type != "VARIANT")
        {
            try
            {
                value = $"CAST({name} AS {DuckTypes.Of(DuckTypes.Texts(DuckTypes.ToDelta(column.Name, column.Type)))})";
            }
            catch (DeltaException)
            {
                // A type of DuckDB alone stands in it.
            }
        }

        return $"CAST(to_json({value}) AS VARCHAR) AS {name}";
    }

    private static bool IsNested(string type) => type.EndsWith(']') || type.StartsWith("STRUCT", StringComparison.Ordinal)
        || type.StartsWith("MAP", StringComparison.Ordinal) || type == "VARIANT";

    private static Func<DuckDBDataReader, TValue> Getter<TValue>(int place, SourceColumn column, bool isNeverNull)
    {
        var type = Nullable.GetUnderlyingType(typeof(TValue)) ?? typeof(TValue);
        var read = Read<TValue>(place, column, type);
        return reader =>
        {
            if (!reader.IsDBNull(place))
            {
                try
                {
                    return read(reader);
                }
                catch (Exception exception) when (exception is InvalidCastException or FormatException or OverflowException
                    or ArgumentException or JsonException or InvalidOperationException)
                {
                    throw new DeltaException(
                        DeltaErrorKind.Schema,
                        $"A value of column '{column.Name}', which is {column.Type}, cannot be read as {type.Name}: {exception.Message}",
                        inner: exception);
                }
            }

            return !isNeverNull ? default! : throw new DeltaException(
                DeltaErrorKind.Schema, $"A row has no value in column '{column.Name}', and what it is read into cannot be null.",
                $"Declare it as {type.Name}?.");
        };
    }

    private static Func<DuckDBDataReader, TValue> Read<TValue>(int place, SourceColumn column, Type type)
    {
        if (IsNested(column.Type))
        {
            return type == typeof(string)
                ? reader => (TValue)(object)reader.GetString(place)
                : reader =>
                {
                    using var json = JsonDocument.Parse(reader.GetString(place), new() { MaxDepth = 1000 });
                    return (TValue)JsonRows.Read(json.RootElement, type, column.Name)!;
                };
        }

        if (type == typeof(DateTime) && column.Type == "TIMESTAMP WITH TIME ZONE")
        {
            return reader => (TValue)(object)DateTime.SpecifyKind(reader.GetDateTime(place), DateTimeKind.Utc);
        }

        if (type == typeof(DateTimeOffset) && column.Type.StartsWith("TIMESTAMP", StringComparison.Ordinal))
        {
            return reader => (TValue)(object)new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(place), DateTimeKind.Utc));
        }

        return reader => reader.GetFieldType(place) == type && type != typeof(Stream)
            ? reader.GetFieldValue<TValue>(place)
            : (TValue)Converted(reader, place, type);
    }

    private static object Converted(DuckDBDataReader reader, int place, Type type) => reader.GetValue(place) switch
    {
        Stream stream when type == typeof(byte[]) => Bytes(stream),
        string text when type.IsEnum || type == typeof(Guid) || type == typeof(char) => ScalarText.Parse(text, type),
        Guid id when type == typeof(string) => id.ToString(),
        DateOnly day when type == typeof(DateTime) => day.ToDateTime(default),
        BigInteger whole when type == typeof(double) => (double)whole,
        BigInteger whole => Number((decimal)whole, type),
        ValueType number and (float or double or decimal or long or int or short or sbyte or byte or ushort or uint or ulong) =>
            Number(number, type),
        var other => throw new InvalidCastException($"{other.GetType().Name} is no {type.Name}."),
    };

    /// <summary>A number of another type: exact, but for what a double cannot hold of a decimal.</summary>
    private static object Number(object number, Type type) => number switch
    {
        _ when type == typeof(double) => Convert.ToDouble(number, CultureInfo.InvariantCulture),
        _ when type == typeof(float) && number is not double => Convert.ToSingle(number, CultureInfo.InvariantCulture),
        float or double => throw new InvalidCastException($"{number.GetType().Name} is no {type.Name}."),
        _ when type == typeof(decimal) => Convert.ToDecimal(number, CultureInfo.InvariantCulture),
        _ when type.IsPrimitive && type != typeof(char) && type != typeof(bool) =>
            ScalarText.Whole(Convert.ToDecimal(number, CultureInfo.InvariantCulture), type),
        _ => throw new InvalidCastException($"{number.GetType().Name} is no {type.Name}."),
    };

    private static byte[] Bytes(Stream stream)
    {
        using (stream)
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}
