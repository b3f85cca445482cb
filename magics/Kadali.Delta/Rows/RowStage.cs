using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;

namespace Kadali.Delta;

/// <summary>
/// C# objects in a table of DuckDB's own, from which they are written. It is filled on a connection of its own, so that the sequence may
/// take its time, and may ask tables of the same engine.
/// </summary>
internal sealed class RowStage<T> : IDisposable
{
    private readonly DuckDBConnection _connection;
    private readonly DuckDb _duckDb;
    private readonly IReadOnlyList<RowMember> _members;
    private readonly Action<IDuckDBAppenderRow, object>[] _append;
    private readonly DuckDBAppender _appender;
    private bool _isFilled;
    private long _count;

    /// <param name="connection">A connection of its own, which ends with this.</param>
    /// <param name="members">The columns, in the types of the table that the rows are for.</param>
    /// <exception cref="DeltaException">Two columns have the same name.</exception>
    public RowStage(DuckDBConnection connection, IReadOnlyList<RowMember> members)
    {
        (_connection, _members, _duckDb) = (connection, members, new(connection));
        _append = [.. members.Select(Append)];
        var columns = members.Select(member =>
            $"{DuckDb.Name(member.Field.Name)} {(member.Value.IsNested ? "VARCHAR" : DuckTypes.Of(member.Field.Type))}");
        try
        {
            _duckDb.Execute($"CREATE TABLE {Table} ({string.Join(", ", columns)})", CancellationToken.None);
            _appender = connection.CreateAppender(Table);
        }
        catch (DuckDBException exception)
        {
            connection.Dispose();
            throw EngineFailure.Of(exception);
        }
    }

    private string Table { get; } = $"__delta_rows_{Guid.NewGuid():N}";

    /// <summary>A query of the rows, with the types of their columns.</summary>
    public string Sql => $"SELECT {string.Join(", ", _members.Select(Value))} FROM {Table}";

    /// <summary>Takes a row.</summary>
    /// <exception cref="DeltaException">It is null, or a value of it is none of its column.</exception>
    public void Add(T row)
    {
        _count++;
        if (row is null)
        {
            throw new DeltaException(DeltaErrorKind.Argument, $"Row {_count} is null.", "Leave it out.");
        }

        var line = _appender.CreateRow();
        foreach (var append in _append)
        {
            append(line, row);
        }

        line.EndRow();
    }

    /// <summary>No row comes any more: other connections see them all.</summary>
    public void Complete()
    {
        _isFilled = true;
        _appender.Close();
    }

    public void Dispose()
    {
        try
        {
            if (!_isFilled)
            {
                _appender.Clear();
                _appender.Dispose();
            }

            _duckDb.Execute($"DROP TABLE IF EXISTS {Table}", CancellationToken.None);
        }
        finally
        {
            _connection.Dispose();
        }
    }

    // A text is cast to anything; a JSON string would go into BLOB as it stands.
    private static string Value(RowMember member)
    {
        var name = DuckDb.Name(member.Field.Name);
        var type = member.Field.Type;
        return member.Value.IsNested
            ? $"CAST(CAST(CAST({name} AS JSON) AS {DuckTypes.Of(DuckTypes.Texts(type))}) AS {DuckTypes.Of(type)}) AS {name}"
            : name;
    }

    private Action<IDuckDBAppenderRow, object> Append(RowMember member)
    {
        Action<IDuckDBAppenderRow, object> append = member.Value switch
        {
            { IsNested: true } => (line, value) => line.AppendValue(Json(member.Value, value)),
            { Source: var type } when type == typeof(long) => (line, value) => line.AppendValue((long)value),
            { Source: var type } when type == typeof(int) => (line, value) => line.AppendValue((int)value),
            { Source: var type } when type == typeof(uint) => (line, value) => line.AppendValue((long)(uint)value),
            { Source: var type } when type == typeof(ushort) => (line, value) => line.AppendValue((int)(ushort)value),
            { Source: var type } when type == typeof(short) => (line, value) => line.AppendValue((short)value),
            { Source: var type } when type == typeof(byte) => (line, value) => line.AppendValue((short)(byte)value),
            { Source: var type } when type == typeof(sbyte) => (line, value) => line.AppendValue((sbyte)value),
            { Source: var type } when type == typeof(double) => (line, value) => line.AppendValue((double)value),
            { Source: var type } when type == typeof(float) => (line, value) => line.AppendValue((float)value),
            { Source: var type } when type == typeof(bool) => (line, value) => line.AppendValue((bool)value),
            { Source: var type, Type: DeltaType.Decimal number } when type == typeof(decimal) =>
                (line, value) => line.AppendValue(Places((decimal)value, number, member.Field.Name)),
            { Source: var type } when type == typeof(ulong) => (line, value) => line.AppendValue((decimal)(ulong)value),
            { Source: var type } when type == typeof(DateTimeOffset) =>
                (line, value) => line.AppendValue(((DateTimeOffset)value).UtcDateTime),
            { Source: var type, Type: var column } when type == typeof(DateTime) => (line, value) =>
                line.AppendValue(column == DeltaType.Timestamp ? ScalarText.Instant((DateTime)value) : (DateTime)value),
            { Source: var type } when type == typeof(DateOnly) => (line, value) => line.AppendValue((DateOnly)value),
            { Source: var type } when type == typeof(byte[]) => (line, value) => line.AppendValue((byte[])value),
            { Type: var column } => (line, value) => Text(line, ScalarText.Of(value, column)),
        };
        return (line, row) =>
        {
            if (member.Get(row) is { } value)
            {
                append(line, value);
            }
            else
            {
                line.AppendNullValue();
            }
        };
    }

    /// <summary>A text with U+0000 in it goes as bytes: as a text it would end there.</summary>
    private static void Text(IDuckDBAppenderRow line, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            line.AppendValue(Encoding.UTF8.GetBytes(text));
        }
        else
        {
            line.AppendValue(text);
        }
    }

    /// <summary>A number with as many places as its column has.</summary>
    private static decimal Places(decimal value, DeltaType.Decimal type, string column)
    {
        var rounded = decimal.Round(value, Math.Min(type.Scale, 28), MidpointRounding.AwayFromZero);
        return type.Precision - type.Scale >= 29 || Math.Abs(rounded) < Limit(type.Precision - type.Scale) ? rounded
            : throw new DeltaException(
                DeltaErrorKind.Argument, string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"{value} is too large for column '{column}', which is {type}."));

        static decimal Limit(int digits)
        {
            var limit = 1m;
            for (var i = 0; i < digits; i++)
            {
                limit *= 10;
            }

            return limit;
        }
    }

    private static string Json(RowValue value, object held)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            value.Write(json, held);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
