using System.Numerics;
using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using Kadali.Formatting;

namespace Kadali.Sql;

/// <summary>
/// Tables as Parquet files, written by a database of their own: a download neither waits for a query that runs nor sees its settings. The
/// rows go through it page by page, and the file through a temporary folder.
/// </summary>
public sealed class ParquetExport : ITableExport
{
    private const int Piece = 1 << 20;

    private static readonly (Type Type, string Name)[] Types =
    [
        (typeof(bool), "BOOLEAN"), (typeof(sbyte), "TINYINT"), (typeof(short), "SMALLINT"), (typeof(int), "INTEGER"),
        (typeof(long), "BIGINT"), (typeof(byte), "UTINYINT"), (typeof(ushort), "USMALLINT"), (typeof(uint), "UINTEGER"),
        (typeof(ulong), "UBIGINT"), (typeof(float), "FLOAT"), (typeof(double), "DOUBLE"), (typeof(decimal), "DECIMAL(38, 10)"),
        (typeof(DateTime), "TIMESTAMP"), (typeof(DateTimeOffset), "TIMESTAMPTZ"), (typeof(DateOnly), "DATE"), (typeof(TimeOnly), "TIME"),
        (typeof(Guid), "UUID"), (typeof(byte[]), "BLOB"),
    ];

    public string Format => "parquet";

    public string MimeType => "application/vnd.apache.parquet";

    public async IAsyncEnumerable<byte[]> WriteAsync(
        ITable table, TableRequest order, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("kadali-parquet-").FullName;
        try
        {
            var file = Path.Combine(folder, "table.parquet");
            await WriteFileAsync(table, order, folder, file, cancellationToken);
            await using var stream = File.OpenRead(file);
            var piece = new byte[Piece];
            while (await stream.ReadAtLeastAsync(piece, Piece, throwOnEndOfStream: false, cancellationToken) is > 0 and var read)
            {
                yield return piece[..read];
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WriteFileAsync(
        ITable table, TableRequest order, string folder, string file, CancellationToken cancellationToken)
    {
        var types = await TypesAsync(table, cancellationToken);
        using var connection = new DuckDBConnection(
            new DuckDBConnectionStringBuilder { DataSource = Path.Combine(folder, "rows.db") }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        var columns = Names(table.Columns).Zip(types, (name, type) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" {type}");
        Execute(connection, $"CREATE TABLE rows ({string.Join(", ", columns)})");
        using (var appender = connection.CreateAppender("rows"))
        {
            await foreach (var page in table.PagesAsync(order, cancellationToken))
            {
                foreach (var values in page)
                {
                    var row = appender.CreateRow();
                    for (var i = 0; i < types.Length; i++)
                    {
                        Append(row, values[i], types[i]);
                    }

                    row.EndRow();
                }
            }
        }

        Execute(connection, $"COPY rows TO '{file.Replace("'", "''", StringComparison.Ordinal)}' (FORMAT parquet, COMPRESSION zstd)");
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The type of each column by the values that are in it: the one they share, a wider number, or text.</summary>
    private static async Task<string[]> TypesAsync(ITable table, CancellationToken cancellationToken)
    {
        var types = new string?[table.Columns.Count];
        await foreach (var page in table.PagesAsync(new(0, 0), cancellationToken))
        {
            foreach (var values in page)
            {
                for (var i = 0; i < types.Length; i++)
                {
                    if (values[i] is { } value)
                    {
                        types[i] = Shared(types[i], TypeOf(value));
                    }
                }
            }
        }

        return [.. types.Select(type => type ?? "VARCHAR")];
    }

    private static string TypeOf(object value) => value is decimal exact && (Math.Abs(exact) >= 1e27m || exact.Scale > 10) ? "DOUBLE"
        : value is BigInteger whole && BigInteger.Abs(whole) < BigInteger.Pow(2, 126) ? "HUGEINT"
        : Array.Find(Types, pair => pair.Type == value.GetType()).Name ?? "VARCHAR";

    private static string Shared(string? one, string other) => one is null || one == other ? other
        : IsNumber(one) && IsNumber(other) ? "DOUBLE" : "VARCHAR";

    private static bool IsNumber(string type) =>
        type is "DOUBLE" or "FLOAT" or "HUGEINT" or "DECIMAL(38, 10)"
            || type.EndsWith("INT", StringComparison.Ordinal) || type.EndsWith("INTEGER", StringComparison.Ordinal);

    private static void Append(IDuckDBAppenderRow row, object? value, string type)
    {
        _ = value switch
        {
            null => row.AppendNullValue(),
            _ when type == "VARCHAR" => row.AppendValue(ValueText.Of(value, int.MaxValue)),
            _ when type == "DOUBLE" => row.AppendValue(value is BigInteger whole
                ? (double)whole
                : Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture)),
            bool it => row.AppendValue(it),
            sbyte it => row.AppendValue(it),
            short it => row.AppendValue(it),
            int it => row.AppendValue(it),
            long it => row.AppendValue(it),
            byte it => row.AppendValue(it),
            ushort it => row.AppendValue(it),
            uint it => row.AppendValue(it),
            ulong it => row.AppendValue(it),
            float it => row.AppendValue(it),
            decimal it => row.AppendValue(it),
            DateTime it => row.AppendValue(it),
            DateTimeOffset it => row.AppendValue(it),
            DateOnly it => row.AppendValue(it),
            TimeOnly it => row.AppendValue(it),
            Guid it => row.AppendValue(it),
            byte[] it => row.AppendValue(it),
            BigInteger it => row.AppendValue(it),
            _ => throw new InvalidOperationException(
                $"A value of the column is {TypeNames.Of(value.GetType())}, where {type} was before: run the cell again."),
        };
    }

    /// <summary>The columns' names, each once: a Parquet file has no two columns of one name.</summary>
    private static IEnumerable<string> Names(IReadOnlyList<TableColumn> columns)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var column in columns)
        {
            var name = column.Name;
            for (var i = 1; !taken.Add(name); i++)
            {
                name = $"{column.Name}_{i}";
            }

            yield return name;
        }
    }
}
