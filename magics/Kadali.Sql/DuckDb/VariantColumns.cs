using DuckDB.NET.Data;

namespace Kadali.Sql;

/// <summary>VARIANT columns as JSON: DuckDB's Arrow has no form for them.</summary>
internal static class VariantColumns
{
    /// <summary>Whether a statement failed for them.</summary>
    public static bool Are(DuckDBException exception) =>
        exception.Message.Contains("Unsupported Arrow type VARIANT", StringComparison.Ordinal);

    /// <summary>The same query with its VARIANT columns as JSON, or null where it has none at the top.</summary>
    /// <param name="sql">The query as it is written.</param>
    /// <param name="bound">The same for DuckDB.</param>
    public static string? AsJson(DuckDBConnection connection, string sql, string bound, IReadOnlyList<SqlParameter> parameters)
    {
        var casts = new List<string>();
        using var command = connection.CreateCommand();
        command.CommandText = $"DESCRIBE {bound}";
        command.Parameters.AddRange(parameters.Select(DuckDbParameters.Of).ToArray());
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (reader.GetString(1) == "VARIANT")
            {
                var name = SequenceTables.Quote(reader.GetString(0));
                casts.Add($"{name}::JSON AS {name}");
            }
        }

        return casts.Count == 0 ? null : $"SELECT * REPLACE ({string.Join(", ", casts)}) FROM (\n{sql}\n)";
    }
}
