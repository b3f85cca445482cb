using System.Text;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Kadali.Benchmarks;

/// <summary>A record of the kind that <c>#!sql --name</c> makes from a schema.</summary>
internal sealed record Reading(long Id, double Value, string Label);

/// <summary>
/// The baselines: DuckDB as one would drive it by hand for this one query, with nothing between its vectors and the result.
/// </summary>
internal sealed unsafe class HandWritten : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public HandWritten() => _connection.Open();

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public object? Scalar(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Starts a query and takes its first chunk; the number of rows in it.</summary>
    public int FirstChunk(string sql)
    {
        var rows = 0;
        Stream(sql, (_, size) => { rows = size; return false; });
        return rows;
    }

    /// <summary>Reads three columns (BIGINT, DOUBLE, VARCHAR, without nulls) into records.</summary>
    public List<Reading> Readings(string sql)
    {
        var readings = new List<Reading>();
        Stream(sql, (chunk, size) =>
        {
            var ids = (long*)Vector(chunk, 0);
            var values = (double*)Vector(chunk, 1);
            var labels = (DuckDBString*)Vector(chunk, 2);
            for (var i = 0; i < size; i++)
            {
                readings.Add(new(ids[i], values[i], Encoding.UTF8.GetString((byte*)labels[i].Data, labels[i].Length)));
            }

            return true;
        });
        return readings;
    }

    /// <summary>Makes a table of records with DuckDB's appender, and gives the sum that a query finds in it.</summary>
    public object? Append(IReadOnlyList<Reading> readings)
    {
        Execute("CREATE OR REPLACE TABLE appended (Id BIGINT, Value DOUBLE, Label VARCHAR)");
        using (var appender = _connection.CreateAppender("appended"))
        {
            foreach (var reading in readings)
            {
                appender.CreateRow().AppendValue(reading.Id).AppendValue(reading.Value).AppendValue(reading.Label).EndRow();
            }
        }

        return Scalar("SELECT sum(Id) FROM appended");
    }

    public void Dispose() => _connection.Dispose();

    private static void* Vector(DuckDBDataChunk chunk, int column) =>
        NativeMethods.Vectors.DuckDBVectorGetData(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column));

    private void Stream(string sql, Func<DuckDBDataChunk, int, bool> take)
    {
        Check(NativeMethods.PreparedStatements.DuckDBPrepare(_connection.NativeConnection, sql, out var statement));
        using (statement)
        {
            Check(NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(statement, out var result));
            try
            {
                while (true)
                {
                    using var chunk = NativeMethods.StreamingResult.DuckDBStreamFetchChunk(result);
                    if (chunk.IsInvalid || NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk) is var size && size == 0
                        || !take(chunk, (int)size))
                    {
                        return;
                    }
                }
            }
            finally
            {
                result.Close();
            }
        }
    }

    private static void Check(DuckDBState state)
    {
        if (state != DuckDBState.Success)
        {
            throw new InvalidOperationException("DuckDB refused a baseline's query.");
        }
    }
}
